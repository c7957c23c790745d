"""What a plan says is done to the running parts; how often, and what ended that nobody ended."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import make_engine
from tests.faults.plan import Disturbance, Kind
from tests.faults.stack import Part, Stack

# With every commit, also of one who is alone.
_SLOW = ("alter system set commit_delay = 100000", "alter system set commit_siblings = 0")
_QUICK = ("alter system reset commit_delay", "alter system reset commit_siblings")
_READ_ONLY = ("alter system set default_transaction_read_only = on",)
_WRITABLE = ("alter system reset default_transaction_read_only",)
_RELOAD = "select pg_reload_conf()"


class Disturber:
    """Does what is planned, one after the other; in the end every part runs and nothing is left changed."""

    def __init__(
        self, stack: Stack, signals: Callable[[], Awaitable[None]], rush: Callable[[], None]
    ) -> None:
        self._stack = stack
        self._signals = signals
        self._rush = rush
        self.counts: Counter[str] = Counter()
        self.found: list[str] = []

    async def do(self, one: Disturbance) -> None:
        await asyncio.sleep(one.pause)
        for part in Part:
            if not self._stack.is_running(part):
                self.found.append(f"{part} ended by itself: {self._stack.log(part)[-2000:]}")
        self.counts[one.kind] += max(1, len(one.parts))
        if one.kind is Kind.SIGNALS:
            self.counts[Kind.KILL] += len(one.parts)
        match one.kind:
            case Kind.KILL:
                await self._kill(one)
            case Kind.STOP:
                with ExitStack() as stopped:
                    for part in one.parts:
                        stopped.enter_context(self._stack.frozen(part))
                    await asyncio.sleep(one.lasts)
            case Kind.LOSE:
                self._stack.lose_temporal()
                await asyncio.sleep(one.lasts)
            case Kind.READ_ONLY:
                await self._otherwise(_READ_ONLY, _WRITABLE, one.lasts)
            case Kind.SLOW:
                await self._otherwise(_SLOW, _QUICK, one.lasts)
            case Kind.LOCKED:
                await self._lock(one.lasts)
            case Kind.SIGNALS:
                await self._kill(one)
                await self._signals()
            case Kind.RUSH:
                self._rush()
                await asyncio.sleep(one.lasts)
        await self._stack.start()

    async def _kill(self, one: Disturbance) -> None:
        for part in one.parts:
            self._stack.kill_9(part)
        await asyncio.sleep(one.lasts)

    async def _otherwise(self, begin: tuple[str, ...], end: tuple[str, ...], lasts: float) -> None:
        """PostgreSQL has other settings for a while, all its sessions at once."""
        await self._execute(*begin, _RELOAD)
        try:
            await asyncio.sleep(lasts)
        finally:
            await self._execute(*end, _RELOAD)

    async def _lock(self, lasts: float) -> None:
        """As a careless operator's work on a table would."""
        async with self._superuser() as connection, connection.begin():
            await connection.execute(text("lock table batches, ledger in access exclusive mode"))
            await asyncio.sleep(lasts)

    async def _execute(self, *statements: str) -> None:
        async with self._superuser() as connection:
            by_itself = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in statements:
                await by_itself.execute(text(statement))

    @asynccontextmanager
    async def _superuser(self) -> AsyncIterator[AsyncConnection]:
        engine = make_engine(self._stack.superuser_url, pool_size=1)
        try:
            async with asyncio.timeout(60), engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()
