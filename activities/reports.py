"""Delivery reports (RFC 3464): what a mail server says has become of a letter. Pure: bytes in, values out."""

import email
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from enum import StrEnum
from itertools import islice

from messages.text import legible
from store.mails.unread import MailHead

_SPACE = re.compile(r"\s+")
_EMPTY_LINES = re.compile(rb"(?:\r?\n[ \t]*){2,}")
# Parts that the library would parse on its own, and wrongly where they are wrapped for their way.
_PARSED_WITHIN = re.compile(rb"^(content-type:\s*)message/([a-z0-9.-]+)", re.IGNORECASE | re.MULTILINE)
_RETURNED = {
    f"{kind}/{name}"
    for kind in ("application", "text")
    for name in ("x-rfc822", "x-global", "x-rfc822-headers", "x-global-headers", "rfc822-headers")
}
# Of what people read of a report.
_LONGEST = 1000
_LONGEST_ADDRESS = 320
# A letter goes to one address; where that stands for several people, the first of them will do.
_MOST_FATES = 10
_MOST_BLOCKS = 100
_MOST_PARTS = 50
_LONGEST_FIELD = 300
_LONGEST_EXCERPT = 2000


class Action(StrEnum):
    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True)
class Fate:
    """What became of a letter for one recipient; ``said`` is the server's status and its own words."""

    recipient: str
    action: Action
    said: str


@dataclass(frozen=True)
class LetterReport:
    """``letter_ids``: what the letter was named, by its envelope and by its Message-ID without the host."""

    letter_ids: tuple[str, ...]
    fates: tuple[Fate, ...]


def read_report(raw: bytes) -> LetterReport | None:
    """A message as a report on a letter; None for anything else, and for a report that names no letter.

    The report may stand within another message, as what scanners add their notes to. Two reports in one
    message are for a person: which of the letters is meant is not guessed.
    """
    message = email.message_from_bytes(_PARSED_WITHIN.sub(rb"\1application/x-\2", raw))
    reports = [part for part in _nested(message) if part.get_content_type() == "multipart/report"]
    if len(reports) != 1:
        return None
    parts = list(_nested(reports[0]))
    blocks = [block for part in parts for block in _blocks(part)]
    fates = tuple(islice(filter(None, map(_fate, blocks)), _MOST_FATES))
    named = [_text(block, "Original-Envelope-Id") for block in blocks]
    named += [_without_host(_text(headers, "Message-ID")) for headers in map(_returned, parts) if headers]
    letter_ids = tuple(dict.fromkeys(filter(None, named)))
    return LetterReport(letter_ids, fates) if letter_ids and fates else None


def read_head(raw: bytes) -> MailHead:
    """What a person needs to see what a message is about: a message of any kind, however faulty."""
    fields = BytesHeaderParser().parsebytes(raw)
    sender, subject, mailed_at = (
        _text(fields, name)[:_LONGEST_FIELD] for name in ("From", "Subject", "Date")
    )
    try:
        parts = _nested(email.message_from_bytes(raw))
        content = next(filter(None, (_content(part) for part in parts if _is_text(part))), raw)
    except Exception:  # whatever a library says of what is no message
        content = raw
    excerpt = legible(_decoded(content[: 4 * _LONGEST_EXCERPT])).strip()[:_LONGEST_EXCERPT]
    return MailHead(hashlib.sha256(raw).hexdigest(), sender, subject, mailed_at, excerpt)


def _is_text(part: Message) -> bool:
    return part.get_content_type() == "text/plain"


def _nested(message: Message) -> Iterator[Message]:
    """The message and its parts, but not those of messages within it. Bounded, for depth costs nothing."""
    return islice(message.walk(), _MOST_PARTS)


def _content(part: Message) -> bytes:
    """What a part holds, whatever it is wrapped in for its way."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of the report's second part: one of the message, one of each recipient."""
    if part.get_content_type() not in (
        "application/x-delivery-status",
        "application/x-global-delivery-status",
    ):
        return []
    groups = _EMPTY_LINES.split(_content(part).strip(), _MOST_BLOCKS)[:_MOST_BLOCKS]
    return [email.message_from_bytes(group + b"\n\n") for group in groups]


def _returned(part: Message) -> Message | None:
    """The letter's own headers: of the letter returned whole, or alone."""
    return email.message_from_bytes(_content(part)) if part.get_content_type() in _RETURNED else None


def _fate(block: Message) -> Fate | None:
    """Of one recipient; None for the group about the message, and for an action nobody has heard of."""
    recipient = _address(_text(block, "Final-Recipient") or _text(block, "Original-Recipient"))
    word = re.match(r"[a-z]*", _text(block, "Action").lower())
    if not recipient or word is None or word[0] not in set(Action):
        return None
    status = _text(block, "Status").partition(" ")[0]
    words = _typed(_text(block, "Diagnostic-Code"))
    said = words if status in words else f"{status} {words}".strip()
    return Fate(recipient, Action(word[0]), said[:_LONGEST])


def _typed(field: str) -> str:
    """The value of a field that begins with its type: ``smtp; 550 no such user``."""
    kind, semicolon, value = field.partition(";")
    return value.strip() if semicolon and " " not in kind.strip() else field


def _address(field: str) -> str:
    return _typed(field).strip("<> ").lower()[:_LONGEST_ADDRESS]


def _without_host(message_id: str) -> str:
    return message_id.strip("<> ").rpartition("@")[0]


def _text(block: Message, name: str) -> str:
    """A field on one line, printable, decoded; servers in China also send bare GBK."""
    found = [value for key, value in block.raw_items() if key.lower() == name.lower()]
    if not found:
        return ""
    text = _decoded(str(found[0]).encode("utf-8", "surrogateescape"))
    with suppress(HeaderParseError, LookupError, ValueError):  # no encoded words: as it stands
        text = str(make_header(decode_header(text)))
    return _SPACE.sub(" ", legible(text)).strip()


def _decoded(bare: bytes) -> str:
    try:
        return bare.decode("utf-8")
    except UnicodeDecodeError:
        return bare.decode("gb18030", "replace")
