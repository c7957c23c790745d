"""Honest staff who play batch after batch while all else goes wrong: nothing makes them give up early."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError

from law.vocabulary import Role
from local.scenarios.courses import Act, Do, Lapse, Pass
from messages.envelope import Decision
from store.ledger import filings
from tests.faults.clients import Clients, Sent, Table
from tests.faults.plan import Task
from tests.faults.stack import Stack

# What one thing may take while parts are killed every few seconds.
PATIENCE_SECONDS = 240.0
_SKIPPED_WITHIN_SECONDS = 20.0
_ONE_ATTEMPT_SECONDS = 15.0
_JUST_AFTER = timedelta(minutes=1)
_AWAY = (RPCError, OSError, RuntimeError, DBAPIError, InterfaceError, TimeoutError)
_TWICE = 0.2

Found = TypeVar("Found")


class Stuck(Exception):
    """Something was waited for, and never came."""


@asynccontextmanager
async def patiently(what: str, seconds: float = PATIENCE_SECONDS) -> AsyncIterator[None]:
    """Raises ``Stuck`` with what was waited for."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Stuck(f"waited {seconds:.0f} s for {what}") from None


async def again_and_again(what: str, ask: Callable[[], Awaitable[Found | None]]) -> Found:
    """Until it is answered with something, whatever part is away meanwhile. Raises ``Stuck``."""
    async with patiently(what):
        while True:
            with suppress(*_AWAY):
                async with asyncio.timeout(_ONE_ATTEMPT_SECONDS):
                    if (found := await ask()) is not None:
                        return found
            await asyncio.sleep(0.2)


class Staff(Clients):
    """Clients that note what they may not be told, and go on."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient) -> None:
        super().__init__(stack, http, PATIENCE_SECONDS)
        self.found: list[str] = []

    def judge(self, answer: httpx.Response) -> None:
        try:
            super().judge(answer)
        except AssertionError:
            request = answer.request
            said = f"{answer.status_code} {self._stack.fault(answer)}"
            self.found.append(f"{request.method} {request.url.path}: {said}")


@dataclass
class Played:
    """A batch, what was filed for it by honest staff, and what they were told of each step."""

    batch_no: str
    task: Task
    told: list[tuple[Sent, Decision]] = field(default_factory=list)
    stuck: str | None = None


class Desk(Table):
    """One clerk's: plays a batch act by act, each once what it needs is there."""

    def __init__(self, staff: Staff, stack: Stack, engine: AsyncEngine) -> None:
        super().__init__(staff, stack)
        self._staff = staff
        self._engine = engine

    async def play(self, played: Played) -> None:
        """To its end, or until something is waited for in vain or refused."""
        dice = random.Random(played.task.seed)
        try:
            for act in played.task.acts:
                await self._act(played, act, dice)
            await self._view(played.batch_no, "its closing", lambda view: view["phase"] == "closed" or None)
        except (Stuck, TimeoutError) as stuck:
            played.stuck = str(stuck) or "no answer"

    async def _act(self, played: Played, act: Act, dice: random.Random) -> None:
        batch_no = played.batch_no
        if isinstance(act, Do):
            await self._do(played, act, dice)
        elif isinstance(act, Pass):
            await self.go_to(batch_no, await self._now(batch_no) + timedelta(days=act.days))
        else:
            end = await self._view(batch_no, act.wait_id, lambda view: _end(view, act))
            await self.go_to(batch_no, end + _JUST_AFTER)
            await self._view(
                batch_no, f"the end of {act.wait_id}", lambda view: _end(view, act) is None or None
            )

    async def _do(self, played: Played, act: Do, dice: random.Random) -> None:
        now = await self._now(played.batch_no)
        sent = self._staff.prepared(played.batch_no, act.role, act.step, now, act.changes)
        times = 2 if dice.random() < _TWICE else 1
        async with patiently(f"{act.step} to be filed"):
            answers = await asyncio.gather(*(self._staff.file(sent) for _ in range(times)))
        assert all(answer.status_code in {200, 202, 409} for answer in answers)
        async with patiently(f"{act.step} ({sent.step_id}) to be decided"):
            decision = await self._staff.decision(sent)
        played.told.append((sent, decision))
        if not decision.accepted:
            raise Stuck(f"{act.step} was refused: {decision.code} {decision.reason}")

    async def go_to(self, batch_no: str, moment: datetime) -> None:
        """Let days go by, again where the server lost it; the ledger follows, though no step is filed."""
        async with patiently(f"the batch's clock to reach {moment}"):
            while (left := moment - await self._clock(batch_no)) > timedelta(seconds=1):
                if await self._is_closed(batch_no):  # its clock stands still
                    return
                with suppress(*_AWAY):
                    async with asyncio.timeout(_SKIPPED_WITHIN_SECONDS):
                        await self.fast_forward(batch_no, left)
        now = await self._clock(batch_no)

        async def follow() -> bool:
            await filings.follow_clock(self._engine, batch_no, now)
            return True

        await again_and_again("the ledger's clock to follow", follow)

    async def _is_closed(self, batch_no: str) -> bool:
        return await self._view(batch_no, "its phase", lambda view: bool(view["phase"] == "closed"))

    async def _now(self, batch_no: str) -> datetime:
        """The batch's moment. A workflow that was lost begins where it was, or a moment later gets there."""

        now = await self._ledgers_clock(batch_no)
        if now - await self._clock(batch_no) > _JUST_AFTER:
            await self.go_to(batch_no, now)
        return max(now, await self._clock(batch_no))

    async def _clock(self, batch_no: str) -> datetime:
        """The workflow's; the ledger's once the batch is closed, for its workflow may be gone for good."""

        async def workflows() -> datetime:
            if await self._is_closed(batch_no):
                return await self._ledgers_clock(batch_no)
            return await self.clock(batch_no)

        return await again_and_again("the batch's clock", workflows)

    async def _ledgers_clock(self, batch_no: str) -> datetime:
        return await again_and_again("the ledger's clock", lambda: filings.clock(self._engine, batch_no))

    async def _view(self, batch_no: str, what: str, of: Callable[[dict[str, Any]], Found | None]) -> Found:
        """What is looked for on the batch's page, once it is there. Raises ``Stuck``."""
        async with patiently(f"{what} on the batch's page"):
            while True:
                answer = await self._staff.until_answered("GET", f"/batches/{batch_no}", Role.AUDITOR)
                if (found := of(answer.json())) is not None:
                    return found
                await asyncio.sleep(0.3)


def _end(view: dict[str, Any], act: Lapse) -> datetime | None:
    """When silence may be declared: what was on its way by the last day has been heard."""
    for wait in view["waiting_for"]:
        if wait["id"] == act.wait_id and wait["heard_until"] is not None:
            return datetime.fromisoformat(wait["heard_until"])
    return None
