"""Passing on what only the store may hold: batches not started, steps not signalled, new years, alerts."""

import asyncio
import logging
import time
from contextlib import suppress

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError

from activities.alerts import Alerting
from messages.envelope import StepEnvelope
from signalling import NotStarted, signal_step
from store.calendars import arrangements
from store.calendars.in_force import AnnouncedCalendar
from store.ledger import batches, filings
from store.watched import heartbeats
from temporal import running

_log = logging.getLogger(__name__)
# Younger ones are in the hands of the API that filed them.
_OLDER_THAN_SECONDS = 3.0
_AT_A_TIME = 200
_EVERY_SECONDS = 4.0
_FOR_SECONDS = 3600.0
_FIRST_REST_SECONDS = 60.0
_LONGEST_REST_SECONDS = 3600.0


class Told:
    """Which batches were told of a calendar lately; those told again and again rest longer each time.

    A batch counts again within a second. One that does not (a worker of another release, a defect) is not
    to fill its history with signals.
    """

    def __init__(self) -> None:
        self._until: dict[str, tuple[float, float]] = {}

    def lately(self) -> list[str]:
        now = time.monotonic()
        return [batch_no for batch_no, (until, _) in self._until.items() if now < until]

    def note(self, batch_no: str) -> None:
        now = time.monotonic()
        # One that has been quiet for as long again as it had to rest starts afresh.
        self._until = {b: (until, rest) for b, (until, rest) in self._until.items() if now < until + rest}
        _, before = self._until.get(batch_no, (now, _FIRST_REST_SECONDS / 2))
        rest = min(before * 2, _LONGEST_REST_SECONDS)
        self._until[batch_no] = (now + rest, rest)


class Relaying:
    def __init__(self, engine: AsyncEngine, client: Client, task_queue: str, alerting: Alerting) -> None:
        self._engine = engine
        self._client = client
        self._task_queue = task_queue
        self._calendar = AnnouncedCalendar(engine)
        self._told = Told()
        self._alerting = alerting

    @activity.defn(name="keep_relaying")
    async def keep_relaying(self) -> int:
        """Relay every few seconds, for an hour or until the worker stops; how many in all."""
        relayed = 0
        alerting = asyncio.create_task(self._keep_alerting())
        until = time.monotonic() + _FOR_SECONDS
        try:
            while time.monotonic() < until:
                try:
                    relayed += await self.relay()
                    await heartbeats.beat(self._engine, heartbeats.RELAY)
                except (OSError, DBAPIError, RPCError) as error:
                    _log.warning("could not relay just now: %s", error)
                activity.heartbeat(relayed)
                with suppress(TimeoutError):
                    await asyncio.wait_for(activity.wait_for_worker_shutdown(), _EVERY_SECONDS)
                    break
        finally:
            alerting.cancel()
        return relayed

    async def _keep_alerting(self) -> None:
        """Beside the relay, so that a messenger that does not answer holds up no step."""
        while True:
            try:
                await self._alerting.send_due()
            except Exception:  # whatever it is, the next round may do better
                _log.exception("could not tell staff just now")
            await asyncio.sleep(_EVERY_SECONDS)

    async def relay(self) -> int:
        """Start and signal what is due, in the order it came; how many. Doing so twice is harmless."""
        return await self._start_batches() + await self._send_steps() + await self._announce_calendar()

    async def _announce_calendar(self) -> int:
        """Have batches count again whose open deadlines rest on arrangements that are not in force any more.

        Whoever was missed, whatever died meanwhile, or counted on an old calendar at the very moment of an
        import, is found here until it has counted again.
        """
        revision = await arrangements.revision(self._engine)
        stale = await arrangements.stale_batches(
            self._engine,
            (await self._calendar(revision)).calendar,
            resting=self._told.lately(),
            limit=_AT_A_TIME,
        )
        for batch_no in stale:
            with suppress(running.NoSuchWorkflow):
                await running.announce_calendar(self._client, batch_no, revision)
            self._told.note(batch_no)
        return len(stale)

    async def _start_batches(self) -> int:
        openings = await batches.unstarted(self._engine, _OLDER_THAN_SECONDS, _AT_A_TIME)
        for opening in openings:
            await running.start_batch(self._client, opening, task_queue=self._task_queue)
            await batches.mark_started(self._engine, opening.batch_no)
        return len(openings)

    async def _send_steps(self) -> int:
        sent = []
        left = set()
        for envelope in await filings.unsignalled(self._engine, _OLDER_THAN_SECONDS, _AT_A_TIME):
            # Once a step of a batch stays behind, so do those after it: they keep their order.
            if envelope.batch_no not in left and await self._send(envelope):
                sent.append(envelope.step_id)
            else:
                left.add(envelope.batch_no)
        await filings.mark_signalled(self._engine, sent)
        return len(sent)

    async def _send(self, envelope: StepEnvelope) -> bool:
        """True when the step is settled: signalled, or refused because the batch's workflow has ended."""
        try:
            await signal_step(self._engine, self._client, envelope, task_queue=self._task_queue)
        except NotStarted:
            _log.warning("%s: no workflow to signal yet", envelope.batch_no)
            return False
        return True
