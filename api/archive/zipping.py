"""A ZIP that goes out as it is made: never whole in memory or on the disk, and as large as it comes."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from zipfile import ZIP64_LIMIT, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_FILE_FOR_ALL_TO_READ = 0o100644 << 16


@dataclass(frozen=True)
class Member:
    """A file of the archive: its content at once, or of ``size`` bytes piece by piece."""

    name: str
    content: bytes | AsyncIterator[bytes]
    size: int = 0


class _Outgoing:
    """What ``zipfile`` writes to; it is told of no way back, so it never asks for one."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._written.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """There is nothing to wait for."""

    def taken(self) -> bytes:
        written, self._written = b"".join(self._written), []
        return written


class ZipStream:
    """``digests`` are those of the files that have gone out, by their names: SHA-256, hexadecimal."""

    def __init__(self, made_at: datetime) -> None:
        self.digests: dict[str, str] = {}
        self._made_at = made_at.timetuple()[:6]

    async def packed(self, members: AsyncIterator[Member]) -> AsyncIterator[bytes]:
        """The archive's bytes; a member is asked for when the one before has gone out.

        What comes piece by piece, recordings mostly, is stored as it is: it would not become smaller.
        """
        out = _Outgoing()
        # Closed only where all went well: an archive that breaks off has no end and opens nowhere.
        packed = ZipFile(out, "w")  # type: ignore[call-overload]
        async for member in members:
            info = ZipInfo(member.name, self._made_at)
            info.external_attr = _FILE_FOR_ALL_TO_READ
            taken = hashlib.sha256()
            is_small = isinstance(member.content, bytes)
            info.compress_type = ZIP_DEFLATED if is_small else ZIP_STORED
            with packed.open(info, "w", force_zip64=member.size >= ZIP64_LIMIT) as file:
                async for piece in _pieces(member.content):
                    taken.update(piece)
                    file.write(piece)
                    yield out.taken()
            self.digests[member.name] = taken.hexdigest()
        packed.close()
        yield out.taken()


async def _pieces(content: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    async for piece in content:
        yield piece
