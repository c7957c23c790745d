"""Taking files in, part by part, until they are whole and kept.

What a client is told has come is on the disk and on record. Whatever is killed in between, the record
decides: bytes beyond it are cut off, and a file whose last byte is on record is kept, by whoever comes next.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from evidence.errors import DigestDiffers, DiskLow, Interrupted, OffsetDiffers
from evidence.incoming import Arrived, HeldFile, Incoming, IncomingBusy, IncomingLost
from evidence.kinds import KindRefused, form_served_as
from evidence.objects import SealedFiles, size_there
from evidence.profiles import Digests, Profile
from evidence.room import EvidenceRoom
from evidence.sealing import sealed_size
from evidence.taking import PartChecksum, Taking, free_bytes
from messages.base import Actor
from store.errors import UploadUnknown
from store.evidence import kept, uploads
from store.evidence.kept import KeptEvidence
from store.evidence.uploads import NewUpload, Upload

# What is left once every upload that was begun is whole; else none begins.
RESERVE_BYTES = 2 * 1024**3
_BUSY_SECONDS = 5.0
_BUSY_PAUSE_SECONDS = 0.05
_MOST_DIGESTS = 100
# For each MiB: some 100 MB/s in all.
_GIVE_WAY_SECONDS = 0.01


@dataclass(frozen=True)
class Offered:
    """What somebody wants to upload."""

    batch_no: str
    filename: str
    size: int
    sha256: str | None
    keeper: str
    actor: Actor


class Uploads:
    """The uploads that this process takes in; others may take the same ones in beside it."""

    def __init__(
        self,
        room: EvidenceRoom,
        free: Callable[[Path], int] = free_bytes,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """``is_busy``: whether others of this process wait for something that must not wait for uploads."""
        self._room = room
        self._free = free
        self._is_busy = is_busy
        self._turn = asyncio.Lock()
        self._waiting: dict[UUID, asyncio.Timeout] = {}
        self._digests: dict[UUID, tuple[int, Digests]] = {}

    async def begin(self, offered: Offered, most: int) -> Upload:
        """Raises ``DiskLow``, ``NoRootKey`` and ``TooManyUploads``."""
        to_come = await uploads.bytes_to_come(self._room.engine)
        free = await self._room.in_thread(self._free, self._room.incoming)
        if free - to_come - offered.size < RESERVE_BYTES:
            raise DiskLow
        upload_id = uuid4()
        key = await self._room.in_thread(self._room.keys.new_key, upload_id, self._room.profile)
        new = NewUpload(
            upload_id=upload_id,
            batch_no=offered.batch_no,
            filename=offered.filename,
            size=offered.size,
            declared_sha256=offered.sha256,
            keeper=offered.keeper,
            actor=offered.actor,
            profile=key.profile,
            root_key=key.root,
            sealed_key=key.sealed,
        )
        return await uploads.create(self._room.engine, new, most)

    async def find(self, upload_id: UUID, actor: Actor) -> Upload | KeptEvidence:
        """How a person's upload stands; one that is whole is kept with this. Raises ``UploadUnknown``."""
        upload = await uploads.upload(self._room.engine, upload_id)
        if upload is None:
            one = await kept.by_id(self._room.engine, upload_id)
            if one is None or one.uploaded_by.sub != actor.sub:
                raise UploadUnknown
            return one
        if upload.actor.sub != actor.sub:
            raise UploadUnknown
        return upload if upload.sha256 is None else await self.keep_whole(upload_id)

    async def receive(
        self,
        upload_id: UUID,
        actor: Actor,
        offset: int,
        pieces: AsyncIterator[bytes],
        checksum: PartChecksum | None = None,
    ) -> Upload | KeptEvidence:
        """Take the next bytes; the evidence, once all have come.

        Raises ``UploadUnknown``, ``IncomingBusy``, ``OffsetDiffers``, ``TooLong``, ``ChecksumDiffers``,
        ``DiskLow`` and ``Interrupted``, after which the upload may be gone on with, and ``KindRefused``,
        ``IncomingLost`` and ``DigestDiffers``, with which it has been given up.
        """
        if isinstance(await self.find(upload_id, actor), KeptEvidence):
            raise UploadUnknown
        async with self._held(upload_id) as held:
            upload = await uploads.upload(self._room.engine, upload_id)
            if upload is None:
                await self._room.in_thread(held.path.unlink, missing_ok=True)
                raise UploadUnknown
            if upload.received != offset:
                raise OffsetDiffers(upload.received)
            try:
                incoming = await self._room.in_thread(self._incoming, held, upload)
                try:
                    taking = Taking(self._room, upload, incoming, checksum, self._free, self._give_way)
                    await taking.take(pieces, self._waiting)
                except Interrupted:
                    if checksum is None:
                        self._remember(upload_id, incoming)
                    raise
                self._remember(upload_id, incoming)
                if incoming.received < upload.size:
                    return await self._standing(upload_id)
                return await self._whole(upload, incoming, held.path)
            except (KindRefused, IncomingLost, DigestDiffers):
                await self._give_up(upload_id, held.path)
                raise

    async def _give_way(self) -> None:
        """While others wait, all uploads together take their next MiB no faster than so."""
        if self._is_busy():
            async with self._turn:
                await asyncio.sleep(_GIVE_WAY_SECONDS)

    async def end(self, upload_id: UUID) -> None:
        """Give an upload up. Raises ``IncomingBusy``."""
        async with self._held(upload_id) as held:
            await self._give_up(upload_id, held.path)

    async def keep_whole(self, upload_id: UUID) -> KeptEvidence:
        """Keep a file that is whole. Raises ``UploadUnknown``, ``IncomingBusy`` and ``IncomingLost``."""
        async with self._held(upload_id) as held:
            upload = await uploads.upload(self._room.engine, upload_id)
            if upload is not None:
                return await self._keep(upload, held.path)
            await self._room.in_thread(held.path.unlink, missing_ok=True)
            # Somebody else was quicker.
            one = await kept.by_id(self._room.engine, upload_id)
        if one is None:
            raise UploadUnknown
        return one

    def _incoming(self, held: HeldFile, upload: Upload) -> Incoming:
        sealer = self._room.sealer(upload.upload_id, upload)
        form = None if upload.media_type is None else form_served_as(upload.media_type)
        received, digests = self._digests.pop(upload.upload_id, (None, None))
        known = digests if received == upload.received else None
        arrived = Arrived(upload.received, upload.rest, form)
        return Incoming(held, sealer, Profile(upload.profile), upload.size, arrived, known)

    def _remember(self, upload_id: UUID, incoming: Incoming) -> None:
        """Spares the next part, in this process, to take the digests of all before it anew."""
        if len(self._digests) >= _MOST_DIGESTS:
            self._digests.pop(next(iter(self._digests)))
        self._digests[upload_id] = incoming.received, incoming.digests

    async def _standing(self, upload_id: UUID) -> Upload:
        upload = await uploads.upload(self._room.engine, upload_id)
        if upload is None:
            raise UploadUnknown
        return upload

    async def _whole(self, upload: Upload, incoming: Incoming, path: Path) -> KeptEvidence:
        digests = incoming.digests
        if upload.declared_sha256 not in (None, digests.sha256):
            raise DigestDiffers
        assert incoming.form is not None
        await uploads.arrived(
            self._room.engine,
            upload.upload_id,
            received=incoming.received,
            rest=None,
            media_type=incoming.form.media_type,
            sha256=digests.sha256,
            sm3=digests.sm3,
        )
        self._digests.pop(upload.upload_id, None)
        return await self._keep(await self._standing(upload.upload_id), path)

    async def _keep(self, upload: Upload, path: Path) -> KeptEvidence:
        """Into its place, and then on record: the other way round there could be a row without a file."""
        places = await self._room.everywhere()
        await self._room.in_thread(self._put, upload, path, places)
        one = await kept.keep(self._room.engine, upload)
        if one.evidence_id != upload.upload_id:
            await self._room.delete(upload.upload_id)
        return one

    def _put(self, upload: Upload, path: Path, places: Sequence[SealedFiles]) -> None:
        expected = sealed_size(upload.size)
        if any(size_there(files, upload.upload_id) == expected for files in places):
            path.unlink(missing_ok=True)
        elif path.stat().st_size != expected:
            raise IncomingLost
        else:
            self._room.files.put(upload.upload_id, path)

    async def _give_up(self, upload_id: UUID, path: Path) -> None:
        await uploads.end(self._room.engine, upload_id)
        await self._room.in_thread(path.unlink, missing_ok=True)
        self._digests.pop(upload_id, None)

    @asynccontextmanager
    async def _held(self, upload_id: UUID) -> AsyncIterator[HeldFile]:
        """The upload's file. A request that holds it on a line that broke is ended: its client is here."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _BUSY_SECONDS
        while True:
            try:
                held = await self._room.in_thread(HeldFile, self._room.incoming, upload_id)
                break
            except IncomingBusy:
                if loop.time() > end:
                    raise
            if (patience := self._waiting.get(upload_id)) is not None and not patience.expired():
                patience.reschedule(loop.time())
            await asyncio.sleep(_BUSY_PAUSE_SECONDS)
        with held:
            yield held
