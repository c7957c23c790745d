"""What the routes work with: database, Temporal, decisions as they are made, and who may call."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from api.web.auth import Verifier
from api.web.credentials import SecondFactors
from api.web.limits import RateLimit
from api.web.provider import provider_of
from api.web.trees import Trees
from evidence.opening import evidence_room
from evidence.uploading import Uploads
from health.watch import Watch
from judging.apart import Apart
from letters.typesetting import Typesetter
from lists.carriers import Carriers
from settings import Settings
from signing.keys import Keyring
from store.calendars.in_force import AnnouncedCalendar
from store.ledger import filings
from store.listener import DecisionListener
from temporal import connecting

_log = logging.getLogger(__name__)
# Of letters, by one address: an office reads a few, and behind one address there may be several.
VERIFICATIONS_A_MINUTE = 60
# A trial plays a whole batch; by one account, and at once by everybody.
TRIALS_A_MINUTE = 30
# By one address, behind which a whole office may sit.
SIGN_INS_A_MINUTE = 30
MOST_TRIALS = 8
_PATIENCE_SECONDS = 2.0
_RETRY_AFTER_SECONDS = 1.0
_GATHER_SECONDS = 0.2  # the relay looks at a step after three


class TemporalDown(Exception):
    """Temporal cannot be reached now. Steps are filed all the same; the relay signals them later."""


class TemporalLink:
    """The Temporal client, connected when first needed and anew after a failure."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self._lock = asyncio.Lock()
        self._failed_at = float("-inf")

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[Client]:
        """A client for one call or two. Raises :class:`TemporalDown`, at once where it was down just now."""
        client = await self._connected()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                yield client
        except (TimeoutError, RPCError) as error:
            self._client, self._failed_at = None, time.monotonic()
            raise TemporalDown(str(error)) from error

    async def _connected(self) -> Client:
        async with self._lock:
            if self._client is None:
                if time.monotonic() - self._failed_at < _RETRY_AFTER_SECONDS:
                    raise TemporalDown("still unreachable")
                try:
                    async with asyncio.timeout(_PATIENCE_SECONDS):
                        self._client = await connecting.connect(self._settings)
                except (TimeoutError, RuntimeError, RPCError) as error:
                    self._failed_at = time.monotonic()
                    raise TemporalDown(str(error)) from error
            return self._client


class Runtime:
    """One per application; made and ended by its lifespan."""

    def __init__(
        self,
        settings: Settings,
        engine: AsyncEngine,
        listener: DecisionListener,
        temporal: TemporalLink,
        verifier: Verifier,
        carriers: Carriers,
    ) -> None:
        self.settings = settings
        self.engine = engine
        self.listener = listener
        self.temporal = temporal
        self.verifier = verifier
        self.calendar = AnnouncedCalendar(engine)
        self.watch = Watch(settings, engine)
        self.keyring = Keyring(settings.signing_folder)
        self.trees = Trees(engine)
        self.verifications = RateLimit(VERIFICATIONS_A_MINUTE)
        self.trials = RateLimit(TRIALS_A_MINUTE)
        self.sign_ins = RateLimit(SIGN_INS_A_MINUTE)
        self.second_factors = SecondFactors(settings.sign_in_folder)
        self.provider = provider_of(settings)
        self.judging = Apart(MOST_TRIALS)
        self.typesetter = Typesetter(settings.public_address, settings.more_fonts)
        self.carriers = carriers
        self.evidence = evidence_room(settings, engine)
        # Whoever files a step is served before files.
        self.uploads = Uploads(self.evidence, is_busy=lambda: listener.is_expecting)
        self._background: set[asyncio.Task[None]] = set()
        self._signalled: list[UUID] = []

    def later(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something after the answer that is made good if this process dies now, by the relay mostly."""
        task = asyncio.create_task(self._quietly(work))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def signalled(self, step_id: UUID) -> None:
        """Note that a step's signal went out; steps of the same moment share one statement."""
        self._signalled.append(step_id)
        if len(self._signalled) == 1:
            self.later(self._mark_signalled())

    async def _mark_signalled(self) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        step_ids, self._signalled = self._signalled, []
        await filings.mark_signalled(self.engine, step_ids)

    async def _quietly(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except Exception:
            _log.warning("left to the relay, or to whoever asks again", exc_info=True)

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.gather(*self._background)
        await self.watch.close()
        self.evidence.close()


async def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


Deps = Annotated[Runtime, Depends(_runtime)]
