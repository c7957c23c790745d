"""What was left behind: whole files not kept yet, uploads given up, files that nobody knows."""

import asyncio
import logging
import time
from pathlib import Path
from uuid import UUID

from evidence.incoming import IncomingBusy, IncomingLost
from evidence.objects import SealedFiles
from evidence.room import EvidenceRoom
from evidence.uploading import Uploads
from store.errors import StoreError
from store.evidence import kept, uploads

_log = logging.getLogger(__name__)
_AN_HOUR = 3600.0
_A_DAY = 24 * 3600.0


async def keep_tidy(room: EvidenceRoom, taking_in: Uploads) -> None:
    """Every hour, beginning with the process; for ever."""
    while True:
        try:
            await tidy(room, taking_in)
        except Exception:
            _log.warning("evidence could not be tidied up", exc_info=True)
        await asyncio.sleep(_AN_HOUR)


async def tidy(room: EvidenceRoom, taking_in: Uploads) -> None:
    """Keep what is whole; give up what has expired; delete what was disposed of.

    A day after, delete what no row of the record stands for: it is nobody's, its key was there and nowhere
    else.
    """
    for upload in await uploads.whole(room.engine):
        try:
            await taking_in.keep_whole(upload.upload_id)
        except (IncomingBusy, IncomingLost, StoreError):
            _log.exception("upload %s is whole and cannot be kept", upload.upload_id)
    for upload_id in await uploads.expired(room.engine):
        try:
            await taking_in.end(upload_id)
        except IncomingBusy:
            continue
    incoming = await room.in_thread(_old_parts, room.incoming)
    for upload_id in incoming.keys() - await uploads.known(room.engine, incoming):
        await room.in_thread(incoming[upload_id].unlink, missing_ok=True)
    for files in await room.everywhere():
        await _tidy_place(room, files)


async def _tidy_place(room: EvidenceRoom, files: SealedFiles) -> None:
    before = time.time() - _A_DAY
    await room.in_thread(files.forget_copies, before)
    objects = await room.in_thread(lambda: dict(files.listed()))
    gone = await kept.disposed_of(room.engine, objects)
    for file_id in gone:
        await room.in_thread(files.delete, file_id)
    old = {file_id for file_id, put_at in objects.items() if put_at < before} - gone
    for file_id in old - await kept.known(room.engine, old) - await uploads.known(room.engine, old):
        _log.warning("sealed file %s stands for nothing on record and is deleted", file_id)
        await room.in_thread(files.delete, file_id)


def _old_parts(folder: Path) -> dict[UUID, Path]:
    before = time.time() - _A_DAY
    return {UUID(path.stem): path for path in folder.glob("*.part") if path.stat().st_mtime < before}
