"""Workflows that no record knows of, and numbers that are another's: both are told to look."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from activities.mending import Mending
from messages.names import workflow_id
from messages.opening import COMPARE_WITH_RECORD
from store.watched import set_aside
from temporal import connecting, running
from tests.store.builders import open_one

QUEUE = "nobody-works-here"


async def test_a_workflow_that_no_record_knows_of_is_told_to_look(
    engine: AsyncEngine, temporal_client: Client
) -> None:
    """A database older than its order was restored. One that is on record is left alone."""
    await connecting.ensure_search_attributes(temporal_client)
    known = await open_one(engine)
    lost = known.model_copy(update={"batch_no": "CJ2026-900001"})
    for opening in (known, lost):
        await running.start_batch(temporal_client, opening, task_queue=QUEUE)
    async with asyncio.timeout(30):
        both = {known.batch_no, lost.batch_no}
        while not both <= await running.running_batches(temporal_client, QUEUE):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    mending = Mending(engine, temporal_client, QUEUE)
    await mending.round()
    assert await _signals(temporal_client, lost.batch_no) == [COMPARE_WITH_RECORD]
    assert await _signals(temporal_client, known.batch_no) == []
    assert await set_aside.standing_aside(engine, 10) == []


async def test_a_start_that_meets_a_running_workflow_has_it_look(
    engine: AsyncEngine, temporal_client: Client
) -> None:
    """It may be another's, ordered under this number before the database was restored."""
    await connecting.ensure_search_attributes(temporal_client)
    opening = await open_one(engine)
    await running.start_batch(temporal_client, opening, task_queue=QUEUE)
    await running.start_batch(temporal_client, opening, task_queue=QUEUE)
    assert await _signals(temporal_client, opening.batch_no) == [COMPARE_WITH_RECORD]


async def _signals(client: Client, batch_no: str) -> list[str]:
    history = await client.get_workflow_handle(workflow_id(batch_no)).fetch_history()
    return [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    ]
