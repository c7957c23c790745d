"""Delivery reports (RFC 3464): what a mail server says has become of a letter. Pure: bytes in, values out."""

import email
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from enum import StrEnum
from itertools import islice

from messages.text import legible

_SPACE = re.compile(r"\s+")
# Of what people read of a report.
_LONGEST = 1000
_LONGEST_ADDRESS = 320
# A letter goes to one address; where that stands for several people, the first of them will do.
_MOST_FATES = 10


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
    """A message as a report on a letter; None for anything else, and for a report that names no letter."""
    message = email.message_from_bytes(raw)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    blocks = [block for part in parts for block in _blocks(part)]
    fates = tuple(islice(filter(None, map(_fate, blocks)), _MOST_FATES))
    named = [_text(block, "Original-Envelope-Id") for block in blocks]
    named += [_without_host(_text(headers, "Message-ID")) for part in parts for headers in _returned(part)]
    letter_ids = tuple(dict.fromkeys(filter(None, named)))
    return LetterReport(letter_ids, fates) if letter_ids and fates else None


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of the report's second part: one of the message, one of each recipient."""
    if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
        return []
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _returned(part: Message) -> Iterator[Message]:
    """The letter's own headers: of the letter returned whole, or alone."""
    kind = part.get_content_type()
    if kind in ("message/rfc822", "message/global") and part.is_multipart():
        yield from (letter for letter in part.get_payload() if isinstance(letter, Message))
    elif kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield email.message_from_bytes(content)
        else:  # parsed as a message within
            yield from (inner for inner in part.get_payload() if isinstance(inner, Message))


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
    bare = str(found[0]).encode("utf-8", "surrogateescape")
    try:
        text = bare.decode("utf-8")
    except UnicodeDecodeError:
        text = bare.decode("gb18030", "replace")
    with suppress(HeaderParseError, LookupError, ValueError):  # no encoded words: as it stands
        text = str(make_header(decode_header(text)))
    return _SPACE.sub(" ", legible(text)).strip()
