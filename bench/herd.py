"""The midnight herd: many windows that close at the same 24:00, and as many bare timers, side by side.

Every batch stands in its seller's objection window, and every clock is moved on to shortly before silence is
declared on it; what falls due on the way, reminders and climbing duties, is done before the time is taken.
Then the clocks are moved over that moment. A window is done when its silence is on record: the ledger asked
under the lock, all of it written.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from bench.load import play_many, timed
from bench.product import Product
from bench.rest import TO_OBJECTION
from bench.sdk_workflows import BareTimer
from bench.sides import SDK_QUEUE
from messages.names import workflow_id
from settings import Settings
from store.engine import driver_url

_IN_FLIGHT = 50
# Longer than all of it takes, for the moved clocks go on by themselves; and nothing else is due in it.
_BEFORE = timedelta(minutes=30)
_TIMER = timedelta(days=15)
# Silence is declared once what was on its way can have come, some days after the window's last.
_CLOSES = """select batch_no, state, cast(wait->>'heard_until' as timestamptz) as decided
             from waits where batch_no = any($1) and wait_id = 'objection_filed:seller'"""
_LAPSED = f"select count(*) from ({_CLOSES}) as windows where state = 'ended'"
_LINES = "select count(*) from timeline where batch_no = any($1)"
_UNTOLD = "select count(*) from alerts where state = 'waiting'"
_LOOK_AGAIN_SECONDS = 0.2
_QUIET_SECONDS = 5
_LONGEST_SECONDS = 600


@dataclass(frozen=True)
class Herd:
    """So many windows, and how many a second were decided; bare timers beside them."""

    windows: int
    windows_per_second: float
    timers_per_second: float

    @property
    def ratio(self) -> float:
        return self.windows_per_second / self.timers_per_second


class Clocks:
    """Moves the clocks of many workflows, fifty at a time."""

    def __init__(self, client: Client) -> None:
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        self.client = self._skipper.client

    async def until(self, moments: dict[str, datetime]) -> None:
        """To a moment of each workflow's own, by its id."""

        async def one(name: str) -> None:
            handle = self.client.get_workflow_handle(name)
            now = await self._skipper.get_current_time(handle)
            await self._skipper.fast_forward(handle, moments[name] - now)

        await _fifty_at_a_time(tuple(moments), one)

    async def by(self, names: Sequence[str], duration: timedelta) -> None:
        async def one(name: str) -> None:
            await self._skipper.fast_forward(self.client.get_workflow_handle(name), duration)

        await _fifty_at_a_time(names, one)


async def drained(product: Product, settings: Settings, client: Client, windows: int) -> Herd:
    """Open the windows, then let all of them, and as many timers, end at once."""
    assert settings.database_url is not None
    clocks = Clocks(client)
    numbers = await _opened(product, windows)
    timers = [f"TIMER-{uuid4().hex}" for _ in range(windows)]
    for timer in timers:
        await clocks.client.start_workflow(
            BareTimer.run, _TIMER.total_seconds(), id=timer, task_queue=SDK_QUEUE
        )
    connection = await asyncpg.connect(driver_url(settings.database_url))

    async def lapsed() -> int:
        count: int = await connection.fetchval(_LAPSED, numbers)
        return count

    async def rung() -> int:
        query = "WorkflowType = 'BareTimer' and ExecutionStatus = 'Completed'"
        return (await clocks.client.count_workflows(query)).count

    try:
        closes = {row["batch_no"]: row["decided"] for row in await connection.fetch(_CLOSES, numbers)}
        await clocks.by(timers, _TIMER - _BEFORE)
        await clocks.until({workflow_id(no): closes[no] - _BEFORE for no in numbers})
        await _quiet(connection, numbers)
        if await lapsed() or await rung():
            raise RuntimeError("windows or timers ended before their time was taken")
        timers_took = await _over(clocks, timers, rung)
        windows_took = await _over(clocks, [workflow_id(no) for no in numbers], lapsed)
    finally:
        await connection.close()
    return Herd(windows, windows / windows_took, windows / timers_took)


async def _opened(product: Product, windows: int) -> list[str]:
    numbers: list[str] = []

    async def one() -> list[float]:
        batch_no = await product.open()
        numbers.append(batch_no)
        return await timed(product, batch_no, TO_OBJECTION)

    await play_many(one, windows, min(_IN_FLIGHT, windows))
    return numbers


async def _quiet(connection: Any, numbers: Sequence[str]) -> None:
    """Return once nothing more comes into the record, and everybody has been told."""
    lines, since = -1, time.monotonic()
    async with asyncio.timeout(_LONGEST_SECONDS):
        while time.monotonic() - since < _QUIET_SECONDS:
            now = await connection.fetchval(_LINES, numbers)
            if now != lines or await connection.fetchval(_UNTOLD):
                lines, since = now, time.monotonic()
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def _over(clocks: Clocks, names: Sequence[str], done: Callable[[], Awaitable[int]]) -> float:
    """Move every clock over the end; the seconds until as many are done."""
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group, asyncio.timeout(_LONGEST_SECONDS):
        group.create_task(clocks.by(names, _BEFORE))
        while await done() < len(names):  # noqa: ASYNC110 (it happens in other processes)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return time.perf_counter() - began


async def _fifty_at_a_time(names: Sequence[str], move: Callable[[str], Awaitable[None]]) -> None:
    left = iter(names)

    async def one_after_the_other() -> None:
        for name in left:
            await move(name)

    async with asyncio.TaskGroup() as group:
        for _ in range(_IN_FLIGHT):
            group.create_task(one_after_the_other())
