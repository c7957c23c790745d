"""The mailbox that bounces come back to: IMAP, as far as it takes to read what is new and mark it as read."""

import base64
import imaplib
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from settings import SettingFaulty, on_this_machine

MailError = imaplib.IMAP4.error
_TIMEOUT_SECONDS = 20.0
# A report returns the headers of a letter; some servers return the letter, whose PDF nobody needs here.
_READ_BYTES = 1024 * 1024
_NOT_ASCII = re.compile(r"&|[^\x20-\x7e]+")


@dataclass(frozen=True)
class Mailbox:
    """Where the bounces are."""

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    folder: str


def mailbox_at(url: str) -> Mailbox:
    """``imaps://user:password@host:port/FOLDER``; ``imap://`` is STARTTLS, or plain on this machine.

    Parts are percent-encoded where need be; without a folder it is INBOX. Raises ``SettingFaulty``, which
    never says the password.
    """
    faulty = SettingFaulty(
        "CHOUJIAN_BOUNCES_URL 应为 imaps://用户:密码@主机:端口/文件夹（特殊字符按%编码）。"
    )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise faulty from None
    user, password = (unquote(part or "") for part in (parts.username, parts.password))
    sayable = all(part and part.isascii() and part.isprintable() for part in (user, password))
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not sayable:
        raise faulty
    tls = parts.scheme == "imaps"
    folder = unquote(parts.path.removeprefix("/")) or "INBOX"
    return Mailbox(parts.hostname, port or (993 if tls else 143), tls, user, password, folder)


class OpenMailbox:
    """A connection with the folder selected; all of it blocks, and raises ``OSError`` or ``MailError``."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._imap = _connected(mailbox)
        try:
            self._imap.login(mailbox.user, mailbox.password)
            if "ID" in self._imap.capabilities:
                # NetEase's servers (163.com, 126.com) open no folder to a client that does not say its name.
                self._imap.xatom("ID", '("name" "choujian")')
            self._done(self._imap.select(_quoted(mailbox.folder)))
        except BaseException:
            self.close()
            raise

    def unseen(self, limit: int) -> list[str]:
        """The oldest messages that nobody has read, by their UIDs."""
        (found,) = self._done(self._imap.uid("SEARCH", "UNSEEN", "UNDELETED"))
        return [uid.decode() for uid in (found or b"").split()[:limit]]

    def read(self, uid: str) -> bytes:
        """A message from its beginning, left unread; empty when it has gone meanwhile."""
        parts = self._done(self._imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{_READ_BYTES}>)"))
        return b"".join(part[1] for part in parts if isinstance(part, tuple))

    def settle(self, uid: str, *, understood: bool) -> None:
        """Mark as read, so that it is not looked at again; with a flag too what people should look at."""
        flags = r"(\Seen)" if understood else r"(\Seen \Flagged)"
        self._done(self._imap.uid("STORE", uid, "+FLAGS.SILENT", flags))

    def close(self) -> None:
        """Take leave, whether the server is still there or not."""
        with suppress(OSError, MailError):
            self._imap.logout()
        with suppress(OSError):
            self._imap.shutdown()

    @staticmethod
    def _done(answer: tuple[str, list[Any]]) -> list[Any]:
        status, data = answer
        if status != "OK":
            raise MailError(f"{status} {data!r}")
        return data


def _connected(mailbox: Mailbox) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if mailbox.tls:
        return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=_TIMEOUT_SECONDS)
    plain = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=_TIMEOUT_SECONDS)
    if not on_this_machine(mailbox.host):
        plain.starttls(context)
    return plain


def _quoted(folder: str) -> str:
    """A folder's name as IMAP writes it: other than ASCII in its own kind of UTF-7 (RFC 3501, 5.1.3)."""

    def encoded(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        inner = base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=")
        return f"&{inner.replace('/', ',')}-"

    name = _NOT_ASCII.sub(encoded, folder).replace("\\", r"\\").replace('"', r"\"")
    return f'"{name}"'
