"""What goes out with a letter: the report whose result it tells, where its file is kept (§6)."""

import logging
from dataclasses import dataclass

from evidence.keyring import NoRootKey
from evidence.objects import ObjectMissing
from evidence.profiles import SealBroken
from evidence.room import EvidenceRoom
from store.documents.outbox import Outgoing
from store.evidence import kept

_log = logging.getLogger(__name__)
# Mail servers take some 20 MiB, and in a mail four bytes stand for three.
LARGEST = 10 * 1024 * 1024
_REPORT = "report"


@dataclass(frozen=True)
class Enclosure:
    """A kept file that a letter names, ``title`` is its field's; ``content`` None: it cannot go along."""

    title: str
    filename: str
    media_type: str
    sha256: str
    size: int
    content: bytes | None

    @property
    def in_words(self) -> str:
        """What the letter says of it; a digest is told so that whatever is had later can be compared."""
        named = f"{self.filename}（{self.size:,} 字节，SHA-256 {self.sha256}）"
        if self.content is not None:
            return f"随附{self.title}：{named}"
        return f"{self.title}：{named}未能随本邮件附送，请持本通知书向我局索取，取得后可以核对摘要"


class Enclosures:
    """Finds them, and reads those that are small enough to be mailed."""

    def __init__(self, room: EvidenceRoom) -> None:
        self._room = room

    async def of(self, document: Outgoing) -> Enclosure | None:
        """None where the letter names no file, or its batch does not have it."""
        sha256 = (document.fields.get(_REPORT) or {}).get("file", {}).get("sha256")
        if sha256 is None:
            return None
        for one in await kept.by_digest(self._room.engine, sha256):
            if one.batch_no == document.batch_no and not one.is_disposed:
                content = await self._content(one) if one.size <= LARGEST else None
                title = document.field_titles[_REPORT]
                return Enclosure(title, one.filename, one.media_type, one.sha256, one.size, content)
        return None

    async def _content(self, one: kept.KeptEvidence) -> bytes | None:
        """None where it cannot be read: a term depends on the letter, which does not wait for it."""
        try:
            return b"".join([piece async for piece in self._room.opened(one, 0, one.size)])
        except (ObjectMissing, SealBroken, NoRootKey) as error:
            _log.error(
                "report %s of %s not enclosed: %s", one.evidence_id, one.batch_no, type(error).__name__
            )
            return None
