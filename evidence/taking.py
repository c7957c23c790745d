"""The bytes of one request: sealed while the next come in, and told to the record every second."""

import asyncio
import errno
import hashlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from evidence.errors import ChecksumDiffers, DiskLow, Interrupted, TooLong
from evidence.incoming import Arrived, Incoming
from evidence.objects import LEAST_BYTES
from evidence.room import CHUNKS_AT_ONCE, EvidenceRoom
from evidence.sealing import CHUNK
from store.errors import UploadUnknown
from store.evidence import uploads
from store.evidence.uploads import Upload

PIECE_SECONDS = 30.0
_AT_ONCE = CHUNKS_AT_ONCE * CHUNK
# Of a line that brings next to nothing at a time no more than so many pieces are gathered.
_MOST_PIECES = 256
_SAVE_SECONDS = 1.0
_RENEWED_SECONDS = 1.0


@dataclass(frozen=True)
class PartChecksum:
    """What the sender says of one part; ``algorithm`` is one of ``hashlib``'s."""

    algorithm: str
    digest: bytes


def free_bytes(folder: Path) -> int:
    """How much room there is for files in a folder, which need not be there yet."""
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free


class Taking:
    """Takes the bytes of one request into a file."""

    def __init__(
        self,
        room: EvidenceRoom,
        upload: Upload,
        incoming: Incoming,
        checksum: PartChecksum | None,
        free: Callable[[Path], int],
        give_way: Callable[[], Awaitable[None]],
    ) -> None:
        self._room = room
        self._upload = upload
        self._incoming = incoming
        self._free = free
        self._give_way = give_way
        self._expected = checksum.digest if checksum else None
        self._part = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._pieces: list[bytes] = []
        self._gathered = 0
        self._missing = upload.size - upload.received
        self._sealing: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None
        self._saved_at = asyncio.get_running_loop().time()

    async def take(
        self, pieces: AsyncIterator[bytes], waiting: MutableMapping[UUID, asyncio.Timeout]
    ) -> None:
        """A part with a checksum is taken whole or not at all; of any other whatever comes.

        ``waiting``: by what stands there under the upload's id another request can end this one's patience.
        Raises ``Interrupted``, ``TooLong``, ``ChecksumDiffers``, ``DiskLow`` and ``KindRefused``.
        """
        broke = False
        try:
            try:
                await self._take_all(pieces, waiting)
            except (TimeoutError, Interrupted):
                broke = True
                if self._part is not None:
                    raise Interrupted from None
            await self._seal()
            await self._sealed()
            if self._part is not None and self._part.digest() != self._expected:
                raise ChecksumDiffers
            await self._saved()
            await self._save(self._incoming.arrived())
        finally:
            # Nobody may close the file under a thread that still writes to it.
            if under_way := [task for task in (self._sealing, self._saving) if task is not None]:
                await asyncio.wait(under_way)
        if broke:
            raise Interrupted

    async def _take_all(
        self, pieces: AsyncIterator[bytes], waiting: MutableMapping[UUID, asyncio.Timeout]
    ) -> None:
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(PIECE_SECONDS) as patience:
            waiting[self._upload.upload_id], renewed = patience, now()
            try:
                async for piece in pieces:
                    if now() > renewed + _RENEWED_SECONDS:
                        renewed = now()
                        patience.reschedule(renewed + PIECE_SECONDS)
                    await self._add(piece)
            finally:
                del waiting[self._upload.upload_id]

    async def _add(self, piece: bytes) -> None:
        self._missing -= len(piece)
        if self._missing < 0:
            raise TooLong
        self._pieces.append(piece)
        self._gathered += len(piece)
        if self._gathered < _AT_ONCE and len(self._pieces) < _MOST_PIECES:
            return
        await self._give_way()
        await self._seal()
        if self._part is None and asyncio.get_running_loop().time() - self._saved_at > _SAVE_SECONDS:
            await self._sealed()
            await self._saved()
            self._saved_at = asyncio.get_running_loop().time()
            self._saving = asyncio.create_task(self._save(self._incoming.arrived()))

    async def _seal(self) -> None:
        """Begin with what has come, once what came before is done; the next may come meanwhile."""
        await self._sealed()
        pieces, self._pieces, self._gathered = self._pieces, [], 0
        self._sealing = asyncio.create_task(self._room.in_thread(self._write, pieces))

    def _write(self, pieces: Sequence[bytes]) -> None:
        if self._part is not None:
            for piece in pieces:
                self._part.update(piece)
        self._incoming.write(*pieces)

    async def _sealed(self) -> None:
        """Until what was begun is done."""
        if self._sealing is None:
            return
        await asyncio.wait([self._sealing])
        sealing, self._sealing = self._sealing, None
        with _room_on_the_disk():
            sealing.result()

    async def _saved(self) -> None:
        """Until what was begun is on record."""
        if self._saving is not None:
            await asyncio.wait([self._saving])
            saving, self._saving = self._saving, None
            saving.result()

    async def _save(self, arrived: Arrived) -> None:
        """Onto the disk, then on record; the last byte goes on record with the digests, by whoever asks."""
        with _room_on_the_disk():
            await self._room.in_thread(self._incoming.flush)
        if arrived.received == self._upload.size:
            return
        is_noted = await uploads.arrived(
            self._room.engine,
            self._upload.upload_id,
            received=arrived.received,
            rest=arrived.rest,
            media_type=None if arrived.form is None else arrived.form.media_type,
        )
        if not is_noted:
            raise UploadUnknown
        if await self._room.in_thread(self._free, self._room.incoming) < LEAST_BYTES:
            raise DiskLow


@contextmanager
def _room_on_the_disk() -> Iterator[None]:
    """Raises ``DiskLow`` where the disk has none left."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskLow from None
        raise
