"""Batches that should have done something and did not: found in the record, and made to go on."""

import logging
import math
import time
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.resting import Resting, stand_aside
from signalling import visit
from store.ledger import batches
from temporal import running

_log = logging.getLogger(__name__)
_EVERY_SECONDS = 15.0
# A batch is given this long to do by itself what is due.
_LATE_AFTER_SECONDS = 30.0
_AT_A_TIME = 200
# Where as many batches run as are open, they are compared one by one no more often than this.
_COMPARED_EVERY_SECONDS = 600.0
# Where more run: Temporal's list is seconds behind, and a batch that has just closed may still be on it.
_SURPLUS_COMPARED_EVERY_SECONDS = 45.0


class Mending:
    """Finds batches without a workflow, and batches that lag behind their own record or deadlines.

    Whatever lost them (terminated by a click, failed, gone with Temporal's database or behind it after a
    backup was restored), each goes on from its record. One that does not get on rests longer each time.
    """

    def __init__(self, engine: AsyncEngine, client: Client, task_queue: str) -> None:
        self._engine = engine
        self._client = client
        self._task_queue = task_queue
        self._visited = Resting()
        self._next_round = 0.0
        self._compared_at = -math.inf

    async def round(self) -> int:
        """Visit what needs it, at most every few seconds; how many. Raises what Temporal's absence raises."""
        now = time.monotonic()
        if now < self._next_round:
            return 0
        self._next_round = now + _EVERY_SECONDS
        late = await batches.late(
            self._engine, _LATE_AFTER_SECONDS, resting=self._visited.now(), limit=_AT_A_TIME
        )
        without_workflow, without_record = await self._compared(now)
        lost = without_workflow.difference(late, self._visited.now())
        await self._put_back(without_record.difference(self._visited.now()))
        for batch_no in (*late, *sorted(lost)[:_AT_A_TIME]):
            self._visited.note(batch_no)
            try:
                await visit(self._engine, self._client, batch_no, task_queue=self._task_queue)
            except running.NotTaken as refusal:
                await stand_aside(self._engine, refusal)
        return len(late) + len(lost)

    async def _put_back(self, unrecorded: set[str]) -> None:
        """Have workflows that no record knows of find that out: each puts its batch on record again."""
        for batch_no in sorted(unrecorded)[:_AT_A_TIME]:
            self._visited.note(batch_no)
            _log.warning("%s runs and is not on record: a database older than it was restored", batch_no)
            with suppress(running.NoSuchWorkflow, running.NotTaken):
                await running.compare_with_record(self._client, batch_no)

    async def _compared(self, now: float) -> tuple[set[str], set[str]]:
        """Open batches that no workflow runs for, and running ones that no record knows of.

        They are counted, and compared where the counts differ.
        """
        carried = await running.running_count(self._client, self._task_queue)
        rest = _COMPARED_EVERY_SECONDS
        if await batches.open_count(self._engine, _LATE_AFTER_SECONDS) > carried:
            rest = 0
        elif await batches.open_count(self._engine, 0) < carried:
            rest = _SURPLUS_COMPARED_EVERY_SECONDS
        if now < self._compared_at + rest:
            return set(), set()
        self._compared_at = now
        running_ones = await running.running_batches(self._client, self._task_queue)
        unrecorded = await batches.unknown(self._engine, running_ones)
        return await batches.open_numbers(self._engine, _LATE_AFTER_SECONDS) - running_ones, unrecorded
