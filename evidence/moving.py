"""Moving all files to another place; at every moment each lies whole in one of the two, where it is read.

A file is copied, read again in its new place, and only then deleted from the old one. Interrupted, it goes
on where it stopped; what comes in meanwhile is moved by the next round, or by the next run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from evidence.checking import Pace, copy, look
from evidence.keyring import NoRootKey
from evidence.objects import SealedFiles, size_there
from evidence.profiles import SealBroken
from evidence.room import EvidenceRoom
from messages.evidence import EvidenceCondition
from messages.words import CONDITIONS
from store.evidence import checks, kept, places
from store.evidence.kept import KeptEvidence

_AT_ONCE = 100


@dataclass
class Moved:
    """How many files were moved, and why others were not; ``is_over`` once the old places are empty."""

    moved: int = 0
    left: dict[UUID, str] = field(default_factory=dict)
    is_over: bool = False


async def move(room: EvidenceRoom, target: SealedFiles, progress: Callable[[], None] = lambda: None) -> Moved:
    """``progress`` hears of each file. Raises ``PlaceAway`` and ``AlreadyMoving``."""
    await room.in_thread(target.require_there)
    async with places.moving(room.engine):
        sources = [files for files in [room.files, *await room.elsewhere()] if files.name != target.name]
        # Known before the first file lies there, so that whoever reads finds it.
        await places.note(room.engine, [target.name, *(files.name for files in sources)])
        moved = Moved()
        while await _round(room, sources, target, moved, progress):
            continue
        if target.name == room.files.name and not moved.left:
            moved.is_over = all([await room.in_thread(_is_empty, files) for files in sources])
        if moved.is_over:
            await places.forget(room.engine, [target.name, *(files.name for files in sources)])
        return moved


async def _round(
    room: EvidenceRoom,
    sources: Sequence[SealedFiles],
    target: SealedFiles,
    moved: Moved,
    progress: Callable[[], None],
) -> bool:
    """Once through all files; whether any was moved."""
    before, last = moved.moved, None
    while ids := await kept.after(room.engine, last, _AT_ONCE):
        for evidence_id in ids:
            one = await kept.by_id(room.engine, evidence_id)
            if one is not None and not one.is_disposed and evidence_id not in moved.left:
                trouble = await _move_one(room, one, sources, target, moved)
                if trouble is not None:
                    moved.left[evidence_id] = f"{one.batch_no} 的“{one.filename}”{trouble}"
            progress()
        last = ids[-1]
    return moved.moved > before


async def _move_one(
    room: EvidenceRoom,
    one: KeptEvidence,
    sources: Sequence[SealedFiles],
    target: SealedFiles,
    moved: Moved,
) -> str | None:
    """Why a file stays where it is, if it does."""
    lying = [files for files in sources if await _lies_in(room, files, one)]
    if not lying:
        return None if await _lies_in(room, target, one) else "缺失"
    try:
        sealer = await room.in_thread(room.sealer, one.evidence_id, one)
    except (NoRootKey, SealBroken):
        return "的密钥打不开"
    pace = Pace()
    found = await room.in_thread(look, one, sealer, target, pace)
    if found is not EvidenceCondition.WHOLE:
        for files in lying:
            found = await room.in_thread(look, one, sealer, files, pace)
            if found is EvidenceCondition.WHOLE:
                found = await room.in_thread(copy, one, sealer, files, target, pace)
                break
    if found is not EvidenceCondition.WHOLE:
        return CONDITIONS[found]
    await checks.note(room.engine, one, target.name, found, f"证据“{one.filename}”移存后读取完整")
    for files in lying:
        await room.in_thread(files.delete, one.evidence_id)
    await checks.forget(room.engine, one.evidence_id, [files.name for files in lying])
    moved.moved += 1
    return None


async def _lies_in(room: EvidenceRoom, files: SealedFiles, one: KeptEvidence) -> bool:
    return await room.in_thread(size_there, files, one.evidence_id) is not None


def _is_empty(files: SealedFiles) -> bool:
    return next(iter(files.listed()), None) is None
