"""Passing on what only the store may hold: batches not started, steps not signalled, new years, alerts."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError

from activities.mending import Mending
from activities.resting import Resting, stand_aside
from activities.retention import Retaining
from messages.envelope import StepEnvelope
from signalling import NotStarted, signal_step
from store.calendars import arrangements
from store.calendars.in_force import AnnouncedCalendar
from store.engine import DATABASE_AWAY
from store.ledger import batches, filings
from store.watched import heartbeats, set_aside
from temporal import running

_log = logging.getLogger(__name__)
# Younger ones are in the hands of the API that filed them.
_OLDER_THAN_SECONDS = 3.0
_AT_A_TIME = 200
_EVERY_SECONDS = 4.0
_FOR_SECONDS = 3600.0
_WATCHES_EVERY_SECONDS = 60.0
Keeping = Callable[[], Coroutine[Any, Any, None]]


class Relaying:
    def __init__(
        self, engine: AsyncEngine, client: Client, task_queue: str, beside: Sequence[Keeping] = ()
    ) -> None:
        """``beside``: what goes on by itself while this relays, and holds up no step."""
        self._engine = engine
        self._client = client
        self._task_queue = task_queue
        self._calendar = AnnouncedCalendar(engine)
        self._told = Resting()
        self._mending = Mending(engine, client, task_queue)
        self._beside = beside
        self._retaining = Retaining(engine, client, task_queue)
        self._watches_started_at = float("-inf")

    @activity.defn(name="keep_relaying")
    async def keep_relaying(self) -> int:
        """Relay every few seconds, for an hour or until the worker stops; how many in all."""
        relayed = 0
        beside = [asyncio.create_task(keep()) for keep in self._beside]
        until = time.monotonic() + _FOR_SECONDS
        try:
            while time.monotonic() < until:
                try:
                    relayed += await self.relay() + await self._mending.round()
                    relayed += await self._start_watches()
                    await heartbeats.beat(self._engine, heartbeats.RELAY)
                except (*DATABASE_AWAY, RPCError) as error:
                    _log.warning("could not relay just now: %s", error)
                activity.heartbeat(relayed)
                with suppress(TimeoutError):
                    await asyncio.wait_for(activity.wait_for_worker_shutdown(), _EVERY_SECONDS)
                    break
        finally:
            for task in beside:
                task.cancel()
        return relayed

    async def relay(self) -> int:
        """Start and signal what is due, in the order it came; how many. Doing so twice is harmless."""
        return await self._start_batches() + await self._send_steps() + await self._announce_calendar()

    async def _start_watches(self) -> int:
        """Over the evidence of batches that have closed: there are years, so a minute is soon enough."""
        if time.monotonic() - self._watches_started_at < _WATCHES_EVERY_SECONDS:
            return 0
        self._watches_started_at = time.monotonic()
        return await self._retaining.start_watches()

    async def _announce_calendar(self) -> int:
        """Have batches count again whose open deadlines rest on arrangements that are not in force any more.

        Whoever was missed, whatever died meanwhile, or counted on an old calendar at the very moment of an
        import, is found here until it has counted again.
        """
        revision = await arrangements.revision(self._engine)
        stale = await arrangements.stale_batches(
            self._engine,
            (await self._calendar(revision)).calendar,
            resting=self._told.now(),
            limit=_AT_A_TIME,
        )
        for batch_no in stale:
            with suppress(running.NoSuchWorkflow, running.NotTaken):
                await running.announce_calendar(self._client, batch_no, revision)
            self._told.note(batch_no)
        return len(stale)

    async def _start_batches(self) -> int:
        openings = await batches.unstarted(self._engine, _OLDER_THAN_SECONDS, _AT_A_TIME)
        for opening in openings:
            try:
                await running.start_batch(self._client, opening, task_queue=self._task_queue)
            except running.NotTaken as refusal:
                await stand_aside(self._engine, refusal)
                continue
            await batches.mark_started(self._engine, opening.batch_no)
        return len(openings)

    async def _send_steps(self) -> int:
        sent = []
        left = set()
        for envelope in await filings.unsignalled(self._engine, _OLDER_THAN_SECONDS, _AT_A_TIME):
            # Once a step of a batch stays behind, so do those after it: they keep their order.
            if envelope.batch_no not in left and await self._send(envelope):
                sent.append(envelope)
            else:
                left.add(envelope.batch_no)
        await filings.mark_signalled(self._engine, [envelope.step_id for envelope in sent])
        if sent:
            await set_aside.forget(self._engine, [envelope.batch_no for envelope in sent])
        return len(sent)

    async def _send(self, envelope: StepEnvelope) -> bool:
        """True when the step is settled: signalled, or refused because the batch's workflow has ended."""
        try:
            await signal_step(self._engine, self._client, envelope, task_queue=self._task_queue)
        except NotStarted:
            _log.warning("%s: no workflow to signal yet", envelope.batch_no)
            return False
        except running.NotTaken as refusal:
            await stand_aside(self._engine, refusal)
            return False
        return True
