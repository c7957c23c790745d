"""A workflow that no worker can carry on: ended, and its batch taken up from its record."""

import asyncio

import pytest

from local.scenarios.courses import BOTH_SERVED, OFFICER
from messages.records import TimelineKind
from messages.steps import StepName
from signalling import visit
from store.reads import read_model
from temporal import running
from tests.procedure.conftest import QUEUE, Crew, Table
from workflows.batch.loop import Batch


async def _broken(*_: object) -> None:
    raise RuntimeError("a defect")


async def test_a_batch_whose_workflow_fails_again_and_again_goes_on_from_its_record(
    table: Table, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect, since mended, or a history that no longer replays: visited, it goes on where it stood."""
    batch_no = await table.opened(BOTH_SERVED)
    before = (await table.snapshot(batch_no)).waits
    client = table.skipper.client
    assert not await running.end_if_stuck(client, batch_no)
    await crew.leave()
    with monkeypatch.context() as defect:
        defect.setattr(Batch, "until", _broken)
        await crew.come()
        await running.compare_with_record(client, batch_no)
        async with asyncio.timeout(60):
            while not await _fails(table, batch_no):  # noqa: ASYNC110 (the server's doing)
                await asyncio.sleep(0.5)
        await crew.leave()
    await crew.come()
    await visit(table.engine, client, batch_no, task_queue=QUEUE)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)  # it has an answer
    lines = await read_model.timeline(table.engine, batch_no)
    assert any(line.kind == TimelineKind.RESTORED for line in lines)
    assert {wait.id for wait in before} == {wait.id for wait in (await table.snapshot(batch_no)).waits}


async def _fails(table: Table, batch_no: str) -> bool:
    described = await table.handle(batch_no).describe()
    return described.raw_description.pending_workflow_task.attempt >= 4
