"""The midnight herd: many windows that close at the same 24:00, and as many bare timers, side by side.

Every batch stands in its seller's objection window; then the clock of all of them is moved past its end.
A window is done when its silence is on record: the ledger asked under the lock, all of it written.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import asyncpg
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from bench import plain
from bench.load import play_many
from bench.memory import TO_OBJECTION
from bench.plain_workflow import BareTimer
from bench.product import Product
from messages.names import workflow_id
from settings import Settings
from store.engine import driver_url

_IN_FLIGHT = 50
# Past the 15 days, the rest days they may end on, and the working day before that somebody is reminded.
_BEYOND = timedelta(days=30)
_LAPSED = """
    select count(*) from waits
    where batch_no = any($1) and wait_id = 'objection_filed:seller' and state = 'ended'
"""
_LOOK_AGAIN_SECONDS = 0.2
_LONGEST_SECONDS = 300


@dataclass(frozen=True)
class Herd:
    """So many windows, and how many a second were decided; bare timers beside them."""

    windows: int
    windows_per_second: float
    timers_per_second: float


async def drained(product: Product, settings: Settings, client: Client, windows: int) -> Herd:
    """Open the windows, then let all of them, and as many timers, end at once."""
    assert settings.database_url is not None
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    opened: list[str] = []

    async def one() -> list[float]:
        batch_no = await product.open()
        taken = await product.timed(batch_no, TO_OBJECTION)
        opened.append(workflow_id(batch_no))
        return taken

    await play_many(one, windows, min(_IN_FLIGHT, windows))
    timers = [f"TIMER-{uuid4().hex}" for _ in range(windows)]
    for timer in timers:
        await skipper.client.start_workflow(BareTimer.run, id=timer, task_queue=plain.QUEUE)
    connection = await asyncpg.connect(driver_url(settings.database_url))
    try:
        numbers = [name.removeprefix("batch-") for name in opened]

        async def lapsed() -> int:
            count: int = await connection.fetchval(_LAPSED, numbers)
            return count

        async def rung() -> int:
            query = "WorkflowType = 'BareTimer' and ExecutionStatus = 'Completed'"
            return (await skipper.client.count_workflows(query)).count

        timers_took = await _all_at_once(skipper, timers, rung)
        windows_took = await _all_at_once(skipper, opened, lapsed)
    finally:
        await connection.close()
    return Herd(windows, windows / windows_took, windows / timers_took)


async def _all_at_once(skipper: TimeSkipper, ids: Sequence[str], done: Callable[[], Awaitable[int]]) -> float:
    """Move every workflow's clock on; the seconds until as many are done."""
    began = time.perf_counter()
    handles = iter([skipper.client.get_workflow_handle(name) for name in ids])

    async def one_after_the_other() -> None:
        for handle in handles:
            await skipper.fast_forward(handle, _BEYOND)

    async with asyncio.TaskGroup() as group, asyncio.timeout(_LONGEST_SECONDS):
        for _ in range(_IN_FLIGHT):
            group.create_task(one_after_the_other())
        while await done() < len(ids):  # noqa: ASYNC110 (it happens in other processes)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return time.perf_counter() - began
