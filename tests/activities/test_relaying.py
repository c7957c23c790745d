"""What only the store holds reaches Temporal, once, in order; and nobody waits for ever."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import ActivityEnvironment

from activities import relay
from activities.relay import Relaying
from law.vocabulary import Outcome
from messages.envelope import RefusalCode
from messages.names import workflow_id
from messages.opening import Opening
from messages.steps import StepName
from settings import Settings
from store.engine import make_engine
from store.ledger import batches, filings, record
from store.watched import heartbeats, set_aside
from temporal import connecting, running, schedules
from tests.store.builders import change, ended, open_one, step, until
from worker import run_worker

QUEUE = "nobody-works-here"


@pytest.fixture
async def client(temporal_client: Client) -> Client:
    await connecting.ensure_search_attributes(temporal_client)
    return temporal_client


@pytest.fixture
def relaying(engine: AsyncEngine, client: Client, monkeypatch: pytest.MonkeyPatch) -> Relaying:
    """A relay that takes up at once what it finds."""
    monkeypatch.setattr(relay, "_OLDER_THAN_SECONDS", 0.0)
    return Relaying(engine, client, QUEUE)


@pytest.fixture
async def started(engine: AsyncEngine, client: Client) -> Opening:
    """A batch whose workflow runs, with no worker to advance it."""
    opening = await open_one(engine)
    await running.start_batch(client, opening, task_queue=QUEUE)
    await batches.mark_started(engine, opening.batch_no)
    return opening


async def run(relaying: Relaying) -> int:
    relayed: int = await ActivityEnvironment().run(relaying.relay)
    return relayed


async def signals(client: Client, batch_no: str) -> list[str]:
    history = await client.get_workflow_handle(workflow_id(batch_no)).fetch_history()
    return [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    ]


async def test_a_batch_that_was_not_started_is(
    engine: AsyncEngine, client: Client, relaying: Relaying
) -> None:
    """Its workflow runs afterwards, under its title; the next run has nothing to do."""
    opening = await open_one(engine)
    assert await run(relaying) == 1
    assert await run(relaying) == 0
    description = await client.get_workflow_handle(workflow_id(opening.batch_no)).describe()
    assert description.status is WorkflowExecutionStatus.RUNNING
    assert description.workflow_type == "Batch"
    assert await description.static_summary() == f"{opening.batch_no} 儿童保温杯 · 示例旗舰店"


async def test_starting_twice_is_harmless(client: Client, started: Opening) -> None:
    """Neither a running batch nor one that has ended is started again."""
    handle = client.get_workflow_handle(workflow_id(started.batch_no))
    run_id = (await handle.describe()).run_id
    await running.start_batch(client, started, task_queue=QUEUE)
    await handle.terminate()
    await running.start_batch(client, started, task_queue=QUEUE)
    description = await handle.describe()
    assert (description.run_id, description.status) == (run_id, WorkflowExecutionStatus.TERMINATED)


async def test_steps_are_signalled_in_the_order_of_filing(
    engine: AsyncEngine, client: Client, relaying: Relaying, started: Opening
) -> None:
    """Each once, named as the step."""
    names = ["purchased", "received", "sealed"]
    for name in names:
        await filings.file_step(engine, step(started.batch_no, name))  # type: ignore[arg-type]
    assert await run(relaying) == 3
    assert await run(relaying) == 0
    assert await signals(client, started.batch_no) == names


async def test_a_step_after_the_end_is_refused(
    engine: AsyncEngine, client: Client, relaying: Relaying, started: Opening
) -> None:
    """A step that found its batch closed gets an answer, and is not relayed again."""
    await client.get_workflow_handle(workflow_id(started.batch_no)).terminate()
    closed = change(ended(started.batch_no, 1, Outcome.CONFORMING))
    await record.write(engine, closed, time_skipping=False)
    filed = await filings.file_step(engine, step(started.batch_no, StepName.SEALED))
    assert await run(relaying) == 1
    assert await run(relaying) == 0
    decision = await filings.decision_of(engine, filed.envelope.step_id)
    assert decision is not None
    assert decision.code is RefusalCode.BATCH_CLOSED


async def test_a_step_waits_for_its_batch_to_be_started(
    engine: AsyncEngine, client: Client, relaying: Relaying
) -> None:
    """No workflow yet is not an end: the step stays until it can be signalled."""
    opening = await open_one(engine)
    await batches.mark_started(engine, opening.batch_no)  # wrongly: Temporal knows nothing of it
    filed = await filings.file_step(engine, step(opening.batch_no))
    assert await run(relaying) == 0
    assert await filings.decision_of(engine, filed.envelope.step_id) is None
    await running.start_batch(client, opening, task_queue=QUEUE)
    assert await run(relaying) == 1
    assert await signals(client, opening.batch_no) == ["objection_filed"]


async def test_a_batch_that_temporal_has_forgotten_is_closed_all_the_same(
    engine: AsyncEngine, relaying: Relaying
) -> None:
    """After Temporal's retention the read model still knows that the batch has ended."""
    opening = await open_one(engine)
    await batches.mark_started(engine, opening.batch_no)
    await record.write(engine, change(ended(opening.batch_no, 1, Outcome.CONFORMING)), time_skipping=False)
    await filings.file_step(engine, step(opening.batch_no, StepName.SEALED))
    assert await run(relaying) == 1


async def test_preparing_a_namespace_twice_is_harmless(client: Client) -> None:
    """Two workers may start together."""
    await asyncio.gather(*(connecting.ensure_search_attributes(client) for _ in range(2)))
    await asyncio.gather(*(schedules.ensure_relay_schedule(client, task_queue="somewhere") for _ in range(2)))
    handle = client.get_schedule_handle(schedules.RELAY_ID)
    assert (await handle.describe()).schedule.spec.intervals[0].every == timedelta(seconds=5)
    await handle.delete()


async def test_the_worker_relays_by_itself_and_ends_when_told(
    engine: AsyncEngine, client: Client, database_url: str
) -> None:
    """The whole worker: started, it takes up a batch nobody started, says that it did, and ends cleanly."""
    opening = await open_one(engine)
    settings = Settings(
        database_url=database_url,
        temporal_address=client.service_client.config.target_host,
        task_queue="whole-worker",
    )
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(settings, stop))
    try:
        await until(lambda: _all_started(engine), patience_seconds=30)
        await until(lambda: _is_heard_of(engine), patience_seconds=10)
    finally:
        stop.set()
        await working
        await client.get_schedule_handle(schedules.RELAY_ID).delete()
    assert opening.batch_no in await running.running_batches(client, "whole-worker")


async def _is_heard_of(engine: AsyncEngine) -> bool:
    """Of the relay's round, and of the servers outside, of which none is configured here.

    Of the sweep only where no other test's worker has made its schedule.
    """
    heard = {name: one.state for name, one in (await heartbeats.heard(engine)).items()}
    heard.pop(heartbeats.EVIDENCE, None)
    none = heartbeats.Beating.NOT_CONFIGURED
    return heard == {"relay": heartbeats.Beating.WORKING, "mail": none, "mailbox": none}


async def _all_started(engine: AsyncEngine) -> bool:
    return await batches.unstarted(engine, -60, 10) == []


async def test_what_temporal_does_not_take_for_one_batch_holds_up_no_other(
    engine: AsyncEngine, client: Client, relaying: Relaying, started: Opening
) -> None:
    """A step too large for Temporal: its batch is set aside with the reason, the others' steps go out."""
    poisoned = await open_one(engine)
    await running.start_batch(client, poisoned, task_queue=QUEUE)
    await batches.mark_started(engine, poisoned.batch_no)
    await filings.file_step(engine, step(poisoned.batch_no, grounds="长" * 1_500_000))
    await filings.file_step(engine, step(started.batch_no))
    assert await run(relaying) == 1
    assert await signals(client, started.batch_no) == ["objection_filed"]
    (aside,) = await set_aside.standing_aside(engine, 10)
    assert aside.batch_no == poisoned.batch_no
    assert aside.reason
    assert await run(relaying) == 0


async def test_the_relay_goes_on_though_the_database_takes_nobody_in(
    client: Client, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is starting up, or being restored: the driver says so in its own words, and the next round asks."""
    monkeypatch.setattr(relay, "_EVERY_SECONDS", 0.05)
    nowhere = make_url(database_url).set(database="restored_later").render_as_string(hide_password=False)
    engine = make_engine(nowhere, pool_size=2)
    goes_on = Relaying(engine, client, QUEUE)
    environment, beats = ActivityEnvironment(), list[object]()
    environment.on_heartbeat = lambda *said: beats.append(said)
    relaying = asyncio.ensure_future(environment.run(goes_on.keep_relaying))
    await until(lambda: len(beats) > 2)
    environment.worker_shutdown()
    assert await relaying == 0
    await engine.dispose()
