"""Hears of decisions as they are committed, so that nobody has to poll for them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import asyncpg

from messages.envelope import Decision
from store.engine import UNREACHABLE, driver_url
from store.ledger.record import CHANNEL

_RETRY_SECONDS = 0.5
_LONGEST_UUID = 36
_LOOK_UP = "select step_id::text, decision::text from decisions where step_id = any($1::uuid[])"


class DecisionListener:
    """One connection that LISTENs; use as an async context manager, or ``start`` and ``stop``.

    Where the connection is lost it is made anew, and the decisions waited for are looked up then.
    """

    def __init__(self, database_url: str) -> None:
        self._address = driver_url(database_url)
        self._expected: dict[str, set[asyncio.Future[Decision]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    @property
    def listening(self) -> bool:
        """Whether decisions are heard of just now."""
        return self._listening.is_set()

    async def start(self) -> None:
        """Begin listening; returns at once, also while the database cannot be reached."""
        self._task = asyncio.create_task(self._listen(), name="decision listener")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def is_expecting(self) -> bool:
        """Whether anybody waits for a decision."""
        return bool(self._expected)

    @asynccontextmanager
    async def expect(self, step_id: UUID) -> AsyncIterator[asyncio.Future[Decision]]:
        """Gives a future of the step's decision; enter before the step is signalled, bring a time limit.

        A decision committed before this was entered is not told of: look it up.
        """
        key = str(step_id)
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._expected[key].add(future)
        try:
            yield future
        finally:
            future.cancel()
            self._expected[key].discard(future)
            if not self._expected[key]:
                del self._expected[key]

    async def _listen(self) -> None:
        while True:
            try:
                connection = await asyncpg.connect(
                    self._address, server_settings={"application_name": "choujian listener"}
                )
            except UNREACHABLE:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            try:
                await self._listen_on(connection)
            except UNREACHABLE:
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                self._listening.clear()
                connection.terminate()

    async def _listen_on(self, connection: Any) -> None:
        """Until the connection is lost; raises where it breaks under a look-up.

        Looks up one after the other: a connection does one thing at a time. An error must end this: asyncpg
        does not tell its termination listeners of a connection that it gave up itself.
        """
        to_look_up: asyncio.Queue[list[str] | None] = asyncio.Queue()
        connection.add_termination_listener(lambda _connection: to_look_up.put_nowait(None))
        await connection.add_listener(
            CHANNEL, lambda _connection, _pid, _channel, payload: self._told(str(payload), to_look_up)
        )
        self._listening.set()
        to_look_up.put_nowait(list(self._expected))
        while (step_ids := await to_look_up.get()) is not None:
            for step_id, decision in await connection.fetch(_LOOK_UP, step_ids):
                self._resolve(step_id, decision)

    def _told(self, payload: str, to_look_up: asyncio.Queue[list[str] | None]) -> None:
        """A payload is the step's id and its decision, or the id alone where the decision is too long."""
        step_id, decision = payload[:_LONGEST_UUID], payload[_LONGEST_UUID:].strip()
        if step_id not in self._expected:
            return
        if decision:
            self._resolve(step_id, decision)
        else:
            to_look_up.put_nowait([step_id])

    def _resolve(self, step_id: str, decision: str) -> None:
        for future in self._expected.get(step_id, ()):
            if not future.done():
                future.set_result(Decision.model_validate_json(decision))
