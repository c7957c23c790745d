"""Watch over evidence on the real servers: asleep for years, heard when the term is over."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from activities.retention import Retaining
from law.calendar import day_in_shanghai
from law.vocabulary import Outcome
from messages.names import retention_id
from store.evidence import retention
from store.ledger import alerts, record
from tests.databases import tamper
from tests.store.builders import change, ended, open_one, until
from workflows.retention import RetentionWorkflow

QUEUE = "retention"
_FILE = """
    insert into evidence (evidence_id, batch_no, sha256, size, filename, media_type, profile, root_key,
        sealed_key, uploaded_by, received_at)
    values (:evidence_id, :batch_no, :sha256, 1, 'a.png', 'image/png', 'standard', 'r', '', '{}', now())
"""


@pytest.fixture
async def retaining(engine: AsyncEngine, skipper: TimeSkipper) -> AsyncIterator[Retaining]:
    """With a worker that watches; started workflows can be fast-forwarded."""
    made = Retaining(engine, skipper.client, QUEUE)
    worker = Worker(skipper.client, task_queue=QUEUE, workflows=[RetentionWorkflow], activities=[made.look])
    async with worker:
        yield made


async def closed(engine: AsyncEngine, keep_for: timedelta) -> str:
    """A closed batch with a file, to be kept so long from today on."""
    batch_no = (await open_one(engine)).batch_no
    until_day = day_in_shanghai(datetime.now(UTC) + keep_for)
    of_the_end = ended(batch_no, 1, Outcome.CONFORMING).model_copy(update={"keep_evidence_until": until_day})
    await record.write(engine, change(of_the_end), time_skipping=False)
    async with engine.begin() as connection:
        parameters = {"evidence_id": uuid4(), "batch_no": batch_no, "sha256": uuid4().hex * 2}
        await connection.execute(text(_FILE), parameters)
    return batch_no


async def told(engine: AsyncEngine) -> list[str]:
    return [alert.title for alert in await alerts.due(engine, 10)]


async def asleep(handle: WorkflowHandle[object, object]) -> bool:
    history = await handle.fetch_history()
    return history.events[-1].HasField("workflow_task_completed_event_attributes") or any(
        event.HasField("timer_started_event_attributes") for event in history.events[-2:]
    )


async def test_the_custodian_is_told_when_the_term_is_over(engine: AsyncEngine, retaining: Retaining) -> None:
    """Once a month; whoever watches already is not started twice."""
    batch_no = await closed(engine, timedelta(days=-1))
    assert await retaining.start_watches() == 1
    assert await retaining.start_watches() == 0
    await until(lambda: _is_told(engine))
    assert await told(engine) == [f"{batch_no} 的证据保存期届满"]
    await retention.look(engine, batch_no)
    assert len(await told(engine)) == 1


async def _is_told(engine: AsyncEngine) -> bool:
    return bool(await told(engine))


async def test_until_then_nothing_is_told(
    engine: AsyncEngine, retaining: Retaining, skipper: TimeSkipper
) -> None:
    """It looks each month, by the record's clock, and ends where the batch was taken up again."""
    batch_no = await closed(engine, timedelta(days=730))
    await retaining.start_watches()
    handle = skipper.client.get_workflow_handle(retention_id(batch_no))
    await until(lambda: asleep(handle))
    await skipper.fast_forward(handle, timedelta(days=31))
    assert await told(engine) == []
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    reopened = "update batches set phase = 'objection' where batch_no = :batch_no"
    await tamper(engine, reopened, batch_no=batch_no)
    await until(lambda: asleep(handle))
    await skipper.fast_forward(handle, timedelta(days=31))
    await handle.result()
    await tamper(engine, "update batches set phase = 'closed' where batch_no = :batch_no", batch_no=batch_no)
    assert await retention.unwatched(engine, 10) == [batch_no]


async def test_how_long_is_slept(engine: AsyncEngine) -> None:
    """To the day after the last one, and never longer than a month."""
    near, far = await closed(engine, timedelta(days=3)), await closed(engine, timedelta(days=700))
    standing = await retention.look(engine, near)
    assert timedelta(days=2) < timedelta(seconds=standing.look_again_seconds) <= timedelta(days=4)
    standing = await retention.look(engine, far)
    assert timedelta(seconds=standing.look_again_seconds) == retention.AGAIN


async def test_what_is_held_or_gone_is_not_told(engine: AsyncEngine) -> None:
    held, gone = await closed(engine, timedelta(days=-1)), await closed(engine, timedelta(days=-1))
    hold = """
        insert into evidence_holds (batch_no, reason, placed_by, placed_at)
        values (:batch_no, '诉讼', '{}', now())
    """
    await tamper(engine, hold, batch_no=held)
    await tamper(engine, "delete from evidence where batch_no = :batch_no", batch_no=gone)
    assert not (await retention.look(engine, held)).ended
    assert (await retention.look(engine, gone)).ended
    assert await told(engine) == []


async def test_a_lost_watch_is_started_again(engine: AsyncEngine) -> None:
    """As with Temporal's database: a month and ten days without a look."""
    batch_no = await closed(engine, timedelta(days=700))
    await retention.watched(engine, batch_no)
    assert await retention.unwatched(engine, 10) == []
    await tamper(engine, "update evidence_watches set looked_at = now() - interval '41 days'")
    assert await retention.unwatched(engine, 10) == [batch_no]
