"""The sweep as a schedule starts it: it says that it is at work, and what keeps it from it."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities import sweeping
from activities.sweeping import Sweeping
from evidence.room import EvidenceRoom
from health import record
from health.report import Found, Standing
from messages.evidence import EvidenceCondition
from store.evidence import checks
from store.evidence.checks import Places
from store.watched import heartbeats
from temporal import schedules
from tests.evidence.uploads import begun, gone_on_with
from tests.store.builders import until
from workflows.sweep import EvidenceSweepWorkflow

QUEUE = "sweeping"


async def swept(room: EvidenceRoom) -> int:
    looked: int = await ActivityEnvironment().run(Sweeping(room).sweep)
    return looked


async def health(room: EvidenceRoom) -> Found:
    return await record.evidence(room.engine, Places(room.files.name, None))


async def test_how_the_evidence_is_can_be_seen(room: EvidenceRoom, tmp_path: Path) -> None:
    """None there; not read yet; whole; not reached; and missing."""
    assert (await health(room)).status is Standing.OK
    one = await gone_on_with(room, await begun(room))
    assert (await health(room)).status is Standing.DEGRADED
    assert await swept(room) == 1
    assert (await health(room)).status is Standing.OK
    (tmp_path / "keys").rename(tmp_path / "lost")
    assert await swept(room) == 0
    found = await health(room)
    assert found.status is Standing.DEGRADED
    assert "keys/current" in found.detail
    (tmp_path / "lost").rename(tmp_path / "keys")
    room.files.delete(one.evidence_id)
    await checks.forget(room.engine, one.evidence_id, [room.files.name])
    assert await swept(room) == 1
    found = await health(room)
    assert found.status is Standing.DOWN
    assert one.batch_no in found.detail


async def test_a_disk_that_is_gone_is_told_by_a_few_files(room: EvidenceRoom) -> None:
    """The others follow: nobody is told a thousand times at once."""
    for _ in range(7):
        one = await gone_on_with(room, await begun(room))
        room.files.delete(one.evidence_id)
    assert await swept(room) == 5
    assert await swept(room) == 2


async def test_a_worker_that_stops_does_not_wait_for_a_file(
    room: EvidenceRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was reading is read from its beginning by the next."""
    await gone_on_with(room, await begun(room))
    monkeypatch.setattr(sweeping, "_BYTES_PER_SECOND", 1.0)
    monkeypatch.setattr(sweeping, "_BEAT_SECONDS", 0.05)
    environment = ActivityEnvironment()
    running = asyncio.create_task(environment.run(Sweeping(room).sweep))
    await asyncio.sleep(0.3)
    assert not running.done()
    environment.worker_shutdown()
    assert await asyncio.wait_for(running, 5) == 0
    assert heartbeats.EVIDENCE not in await heartbeats.heard(room.engine)


async def test_the_schedule_has_it_done(room: EvidenceRoom, temporal_client: Client) -> None:
    """The first time at once; asked for twice it is one."""
    one = await gone_on_with(room, await begun(room))
    with suppress(RPCError):  # another test's worker made one, for another queue
        await temporal_client.get_schedule_handle(schedules.SWEEP_ID).delete()
    for _ in range(2):
        await schedules.ensure_sweep_schedule(temporal_client, task_queue=QUEUE)

    async def is_whole() -> bool:
        found = await checks.condition(room.engine, one.evidence_id, room.files.name)
        return found is EvidenceCondition.WHOLE

    try:
        async with Worker(
            temporal_client,
            task_queue=QUEUE,
            workflows=[EvidenceSweepWorkflow],
            activities=[Sweeping(room).sweep],
        ):
            await until(is_whole, 20)
    finally:
        await temporal_client.get_schedule_handle(schedules.SWEEP_ID).delete()
