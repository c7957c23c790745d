"""Reading again what is kept: what no longer fits its digest is found before anybody needs it."""

import logging
import time
from datetime import timedelta

from evidence.objects import ObjectMissing
from evidence.profiles import Digests, Profile, SealBroken
from evidence.room import EvidenceRoom
from store.evidence import checks, kept
from store.evidence.checks import CYCLE, Damage
from store.evidence.kept import KeptEvidence

_log = logging.getLogger(__name__)


async def sweep(room: EvidenceRoom, seconds: float, cycle: timedelta = CYCLE) -> int:
    """Read what is due again, for so long; how many files. Raises ``NoRootKey``: that is no file's fault."""
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end and (evidence_id := await checks.next_due(room.engine, cycle)) is not None:
        one = await kept.by_id(room.engine, evidence_id)
        assert one is not None
        finding = await damage_of(room, one)
        if finding is not None:
            _log.error("evidence %s of %s is %s", one.sha256, one.batch_no, finding)
        await checks.note(room.engine, evidence_id, finding)
        done += 1
    return done


async def damage_of(room: EvidenceRoom, one: KeptEvidence) -> Damage | None:
    """None where the file is what was kept. Raises ``NoRootKey``."""
    digests = Digests(Profile(one.profile))
    try:
        async for piece in room.opened(one, 0, one.size):
            await room.in_thread(digests.add, piece)
    except ObjectMissing:
        return Damage.MISSING
    except SealBroken:
        return Damage.ALTERED
    return None if (digests.sha256, digests.sm3) == (one.sha256, one.sm3) else Damage.ALTERED
