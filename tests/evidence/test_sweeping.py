"""What is kept is read again: what is missing or altered is found, and told as long as it is so."""

from datetime import timedelta

import pytest

from evidence.keyring import NoRootKey
from evidence.room import EvidenceRoom
from evidence.sealing import CHUNK
from evidence.sweeping import damage_of, sweep
from health import record
from store.evidence import checks, kept
from store.evidence.checks import Damage
from store.evidence.kept import KeptEvidence
from tests.databases import tamper
from tests.evidence.uploads import begun, gone_on_with

NOW = timedelta(0)


@pytest.fixture
async def one(room: EvidenceRoom) -> KeptEvidence:
    return await gone_on_with(room, await begun(room))


async def test_a_sound_file_is_read_once_a_cycle(room: EvidenceRoom, one: KeptEvidence) -> None:
    """Not before its time, and not twice."""
    assert await sweep(room, 60) == 0
    assert await sweep(room, 60, NOW) >= 1
    assert await damage_of(room, one) is None
    assert await checks.next_due(room.engine) is None
    assert (await record.evidence(room.engine)).status == "ok"
    late = "update evidence_checks set checked_at = now() - interval '61 days'"
    await tamper(room.engine, late)
    assert await checks.next_due(room.engine) == one.evidence_id
    assert (await record.evidence(room.engine)).status == "degraded"


@pytest.mark.parametrize("place", [100, CHUNK + 100, -1])
async def test_an_altered_byte_is_found(room: EvidenceRoom, one: KeptEvidence, place: int) -> None:
    """Wherever it is; put back, the file is sound."""
    (path,) = room.incoming.parent.rglob("*.sealed")
    sound = path.read_bytes()
    altered = bytearray(sound)
    altered[place] ^= 1
    path.write_bytes(altered)
    assert await damage_of(room, one) is Damage.ALTERED
    await checks.note(room.engine, one.evidence_id, Damage.ALTERED)
    found = await record.evidence(room.engine)
    assert found.status == "down"
    assert one.batch_no in found.detail
    path.write_bytes(sound)
    assert await damage_of(room, one) is None
    await checks.note(room.engine, one.evidence_id, None)
    assert (await record.evidence(room.engine)).status == "ok"


async def test_a_missing_file_is_found(room: EvidenceRoom, one: KeptEvidence) -> None:
    room.files.delete(one.evidence_id)
    assert await damage_of(room, one) is Damage.MISSING


@pytest.mark.usefixtures("one")
async def test_a_digest_that_was_changed_on_record_is_found(room: EvidenceRoom) -> None:
    """By whoever may do anything in the database."""
    await tamper(room.engine, "update evidence set sha256 = repeat('0', 64)")
    (changed,) = await kept.by_digest(room.engine, "0" * 64)
    assert await damage_of(room, changed) is Damage.ALTERED


async def test_a_missing_root_key_is_no_files_fault(room: EvidenceRoom, one: KeptEvidence) -> None:
    path = room.incoming.parent / "keys" / f"root-{one.root_key}.key"
    path.unlink()
    with pytest.raises(NoRootKey):
        await sweep(room, 60, NOW)
    assert (await checks.summary(room.engine)).damaged == 0
