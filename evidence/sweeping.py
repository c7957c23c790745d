"""The sweep: every kept file is read again within its cycle; what is not what it was is told and repaired.

It deletes nothing. Where a second store is set, each file has a copy there, made by the first sweep that
meets it, and what is missing or altered in one of the two is written anew from the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from evidence.checking import Pace, copy, look
from evidence.keyring import NoRootKey
from evidence.objects import SealedFiles
from evidence.profiles import SealBroken
from evidence.room import EvidenceRoom
from evidence.sealing import Sealer
from messages.evidence import EvidenceCondition
from messages.words import CONDITIONS
from store.evidence import checks, kept
from store.evidence.checks import Places
from store.evidence.kept import KeptEvidence

_AT_ONCE = 100
# Well within the cycle, so that a worker may be away for a week.
AGAIN_AFTER = timedelta(days=20)
_WHOLE = EvidenceCondition.WHOLE


@dataclass(frozen=True)
class PlaceSwept:
    """A file in one of its places, how it was, and how it is now."""

    files: SealedFiles
    found: EvidenceCondition
    now: EvidenceCondition


@dataclass
class Swept:
    """How many files were read again; those that are not whole somewhere; how many places were repaired."""

    looked: int = 0
    damaged: int = 0
    mended: int = 0


async def sweep(
    room: EvidenceRoom,
    pace: Pace,
    *,
    goes_on: Callable[[Swept], bool],
    damaged_after: timedelta,
    again_after: timedelta = AGAIN_AFTER,
    told: Callable[[KeptEvidence, PlaceSwept], None] = lambda _one, _found: None,
) -> Swept:
    """Read what is due, read longest ago first, for as long as ``goes_on``.

    Damaged files come again after ``damaged_after``. Raises ``NoRootKey`` and ``PlaceAway`` where no file
    could be read at all, and ``CheckStopped``.
    """
    if await kept.count(room.engine):
        await room.in_thread(room.keys.current)
        for files in _own(room):
            await room.in_thread(files.require_there)
    places = Places(room.files.name, room.second.name if room.second else None)
    begun, swept = await checks.now(room.engine), Swept()
    while due := await checks.due(
        room.engine,
        places,
        begun,
        again_after=again_after,
        damaged_after=damaged_after,
        limit=_AT_ONCE,
    ):
        for evidence_id in due:
            if not goes_on(swept):
                return swept
            one = await kept.by_id(room.engine, evidence_id)
            if one is None or one.is_disposed:
                continue
            found = await sweep_one(room, one, pace)
            swept.looked += 1
            swept.damaged += any(place.now is not _WHOLE for place in found)
            swept.mended += sum(place.now is not place.found for place in found)
            for place in found:
                told(one, place)
    return swept


async def sweep_one(room: EvidenceRoom, one: KeptEvidence, pace: Pace) -> list[PlaceSwept]:
    """Read a file in its places, note how it is there, and repair one from the other."""
    try:
        sealer = await room.in_thread(room.sealer, one.evidence_id, one)
    except (NoRootKey, SealBroken):
        return [await _locked(room, one, files) for files in _own(room)]
    places = [await _main(room, one, sealer, pace)]
    if room.second is not None:
        places.append((room.second, await room.in_thread(look, one, sealer, room.second, pace)))
    source = next((files for files, found in places if found is _WHOLE), None)
    return [await _seen_to(room, one, sealer, files, found, source, pace) for files, found in places]


def _own(room: EvidenceRoom) -> list[SealedFiles]:
    return [room.files, *([room.second] if room.second else [])]


async def _locked(room: EvidenceRoom, one: KeptEvidence, files: SealedFiles) -> PlaceSwept:
    """Nothing can be said of a file whose key cannot be opened."""
    found = EvidenceCondition.UNREADABLE
    await checks.note(room.engine, one, files.name, found, f"{_about(room, one, files)}读不出来：密钥打不开")
    return PlaceSwept(files, found, found)


async def _main(
    room: EvidenceRoom, one: KeptEvidence, sealer: Sealer, pace: Pace
) -> tuple[SealedFiles, EvidenceCondition]:
    """Where the file lies beside the second store, and how it is there."""
    # Twice: it may be moved meanwhile, and to a place that is noted only now.
    for _ in range(2):
        places = [room.files, *await room.elsewhere()]
        for files in places:
            found = await room.in_thread(look, one, sealer, files, pace)
            if found is not EvidenceCondition.MISSING:
                others = [other.name for other in places if other is not files]
                await checks.forget(room.engine, one.evidence_id, others)
                return files, found
    return room.files, EvidenceCondition.MISSING


async def _seen_to(
    room: EvidenceRoom,
    one: KeptEvidence,
    sealer: Sealer,
    files: SealedFiles,
    found: EvidenceCondition,
    source: SealedFiles | None,
    pace: Pace,
) -> PlaceSwept:
    """Told first and repaired then: whoever dies in between leaves a word of what was found."""
    about = _about(room, one, files)
    if found is _WHOLE:
        await checks.note(room.engine, one, files.name, found, f"{about}再次读取时完整")
        return PlaceSwept(files, found, found)
    is_first_copy = (
        files is room.second
        and found is EvidenceCondition.MISSING
        and await checks.condition(room.engine, one.evidence_id, files.name) is None
    )
    if not is_first_copy:
        hope = "以另一份完整的副本修复" if source else "没有完整的副本，请从备份中找回"
        await checks.note(room.engine, one, files.name, found, f"{about}{CONDITIONS[found]}：{hope}")
    if source is None:
        return PlaceSwept(files, found, found)
    now = await room.in_thread(copy, one, sealer, source, files, pace)
    await checks.note(room.engine, one, files.name, now, _copied(about, now))
    return PlaceSwept(files, found, now)


def _about(room: EvidenceRoom, one: KeptEvidence, files: SealedFiles) -> str:
    return f"证据“{one.filename}”在{'第二存储' if files is room.second else '主存储'}中"


def _copied(about: str, now: EvidenceCondition) -> str:
    return (
        f"{about}已用另一份副本修复，读取完整" if now is _WHOLE else f"{about}没能写入副本：{CONDITIONS[now]}"
    )
