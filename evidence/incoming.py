"""A file that is still coming in: sealed as it comes, and whole only when its last chunk is on the disk.

How much has come is what was last told to the record, after it was flushed to the disk. What lies in the file
beyond that, as after a process was killed, is cut off when the next bytes come. All of it blocks: call it in
a thread.
"""

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from evidence.kinds import FileForm, form_of
from evidence.objects import flush_folder
from evidence.profiles import Digests, Profile, SealBroken
from evidence.sealing import CHUNK, HEAD, SEALED_CHUNK, Sealer, spans

_CHUNKS_AT_ONCE = 16


class IncomingBusy(Exception):
    """Another request, here or in another process, is writing to the file."""


class IncomingLost(Exception):
    """The file does not hold what the record says has come: it has to be sent again from its beginning."""


@dataclass(frozen=True)
class Arrived:
    """What has come for certain; ``rest`` is the sealed beginning of a chunk that is not whole yet."""

    received: int
    rest: bytes | None
    form: FileForm | None


class HeldFile:
    """The file of one upload, held against every other writer, until the end of the process at the latest."""

    def __init__(self, folder: Path, file_id: UUID) -> None:
        """Raises ``IncomingBusy``."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / f"{file_id}.part"
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self.descriptor)
            raise IncomingBusy from None

    def __enter__(self) -> "HeldFile":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)


class Incoming:
    """Takes the bytes of one file in their order."""

    def __init__(
        self,
        held: HeldFile,
        sealer: Sealer,
        profile: Profile,
        size: int,
        arrived: Arrived,
        digests: Digests | None,
    ) -> None:
        """``digests`` of what has come, where they are at hand; else they are taken anew from the file.

        Raises ``IncomingLost``.
        """
        self._file = held.descriptor
        self._folder = held.path.parent
        self._sealer = sealer
        self._size = size
        self.received = arrived.received
        self.form = arrived.form
        self._number, rest = divmod(arrived.received, CHUNK)
        self._rest = bytearray()
        # Used again and again: memory that is asked for anew costs more than sealing what goes there.
        self._sealed = bytearray(_CHUNKS_AT_ONCE * SEALED_CHUNK)
        try:
            self._cut()
            if rest:
                self._rest += sealer.open_rest(arrived.rest or b"", self._number)
            self.digests = digests or self._digested(profile)
        except SealBroken:
            raise IncomingLost from None

    def write(self, *pieces: bytes | memoryview) -> None:
        """Take the next bytes; no more than are missing. Raises ``KindRefused``."""
        room = memoryview(self._sealed)
        for piece in pieces:
            self.digests.add(piece)
            self.received += len(piece)
            for chunk, is_last in self._chunks(memoryview(piece)):
                if len(room) < SEALED_CHUNK:
                    self._written(room)
                    room = memoryview(self._sealed)
                room = self._sealer.close_into(room, chunk, self._number, last=is_last)
                self._number += 1
        self._written(room)

    def _written(self, room: memoryview) -> None:
        _write_all(self._file, memoryview(self._sealed)[: len(self._sealed) - len(room)])

    def _chunks(self, plain: memoryview) -> Iterator[tuple[bytes | memoryview, bool]]:
        """What can be sealed by now, and whether it is the last; the beginning of another is kept."""
        while plain:
            part = plain[: CHUNK - len(self._rest)]
            plain = plain[len(part) :]
            is_last = not plain and self.received == self._size
            if len(self._rest) + len(part) < CHUNK and not is_last:
                self._rest += part
                return
            chunk = b"".join((self._rest, part)) if self._rest else part
            self._rest.clear()
            if self._number == 0:
                self.form = form_of(bytes(chunk))
            yield chunk, is_last

    def arrived(self) -> Arrived:
        """What has been written by now, and counts once it is flushed; no other thread may be writing."""
        rest = self._sealer.close_rest(bytes(self._rest), self._number) if self._rest else None
        return Arrived(self.received, rest, self.form)

    def flush(self) -> None:
        """All that has been written before goes to the disk; meanwhile more may be written."""
        os.fdatasync(self._file)

    def _cut(self) -> None:
        """Back to what is on record, or begin."""
        if self._number == 0:
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            _write_all(self._file, self._sealer.head)
            flush_folder(self._folder)
            return
        end = HEAD + self._number * SEALED_CHUNK
        if os.fstat(self._file).st_size < end:
            raise IncomingLost
        self._sealer.require_head(os.pread(self._file, HEAD, 0))
        os.ftruncate(self._file, end)
        os.lseek(self._file, end, os.SEEK_SET)

    def _digested(self, profile: Profile) -> Digests:
        digests = Digests(profile)
        for span in spans(0, self._number * CHUNK, self._number * CHUNK, _CHUNKS_AT_ONCE):
            sealed = os.pread(self._file, span.end - span.begin, span.begin)
            for chunk in self._sealer.open_span(sealed, span, self._size):
                digests.add(chunk)
        digests.add(bytes(self._rest))
        return digests


def _write_all(file: int, content: bytes | memoryview) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]
