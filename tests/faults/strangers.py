"""Hostile callers beside the honest ones, and whoever reaches Temporal's port and signals past the API."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4, uuid5

import httpx
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from law.vocabulary import Role
from local.commands.tokens import issue
from local.scenarios.courses import CONFORMING, example_body
from messages.base import Actor
from messages.envelope import StepEnvelope
from messages.names import workflow_id
from messages.steps import StepName
from store.ledger.filings import ENVELOPE, as_envelope
from temporal import connecting, running
from tests.faults.clients import Sent
from tests.faults.stack import Stack

_REFUSED = {400, 401, 403, 404, 408, 409, 413, 422, 429}
_MAY_BE_TOLD = _REFUSED | {202, 503}
_PAUSE_SECONDS = 1.5
_RUSHING = 8
_RUSH = 25
_LAST = text(f"select {ENVELOPE} from ledger l where batch_no = :no order by position desc limit 8")


def refused_report() -> dict[str, Any]:
    """Nearly as large as is read, and contradicting itself: refused wherever a batch stands."""
    body = example_body(StepName.REPORT_SUBMITTED, datetime.now(UTC), {})
    one = body["items"][0]
    items = [{**one, "name": f"项目{n}" + "长" * 130} for n in range(100)]
    return body | {"items": items, "verdict": CONFORMING["verdict"]}


class Strangers:
    """Everything they do follows from the seed, beside which batch is there to do it to."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient, engine: AsyncEngine, seed: int) -> None:
        self._stack = stack
        self._http = http
        self._engine = engine
        self._dice = random.Random(seed)
        self._report = refused_report()
        self._calling: list[asyncio.Task[None]] = []
        self.open_batches: list[str] = []
        self.filed: list[Sent] = []
        self.answers: Counter[int] = Counter()
        self.signals = 0
        self.found: list[str] = []

    async def _keep_calling(self) -> None:
        while True:
            await self._call()
            await asyncio.sleep(self._dice.uniform(0, _PAUSE_SECONDS))

    def rush(self) -> None:
        """Many at once, each with a token of its own; they go on beside what follows."""

        async def one_of_them() -> None:
            for _ in range(_RUSH):
                await self._call()

        self._calling += [asyncio.create_task(one_of_them()) for _ in range(_RUSHING)]

    def come(self, callers: int) -> None:
        """So many call now and then, until they all leave."""
        self._calling += [asyncio.create_task(self._keep_calling()) for _ in range(callers)]

    async def leave(self) -> None:
        """Raises what was wrong with them themselves."""
        for call in self._calling:
            call.cancel()
        for ended in await asyncio.gather(*self._calling, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def _call(self) -> None:
        if not self.open_batches:
            return
        dice, batch_no = self._dice, self._dice.choice(self.open_batches)
        name = f"hostile-{dice.getrandbits(16)}"
        token = issue(self._stack.settings, Role.LAB.value, subject=name)
        step, key, body = StepName.REPORT_SUBMITTED, uuid4(), self._report
        kind = dice.choice(("large", "large", "large", "claimed", "made", "unreadable", "no token"))
        if kind == "claimed" and self.filed:
            theirs = dice.choice(self.filed)
            token = issue(self._stack.settings, theirs.role.value, subject=name)
            batch_no, step, key, body = theirs.batch_no, theirs.step, theirs.step_id, theirs.body
        elif kind == "made":
            key = uuid5(uuid4(), batch_no)
        elif kind == "unreadable":
            body = {"items": "none", "verdict": ["conforming"]}
        elif kind == "no token":
            token = token[::-1]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(key)}
        try:
            answer = await self._http.post(f"/batches/{batch_no}/steps/{step}", json=body, headers=headers)
        except httpx.TransportError:
            return
        self.answers[answer.status_code] += 1
        if answer.status_code not in _MAY_BE_TOLD:
            said = f"{answer.status_code} {self._stack.fault(answer)}"
            self.found.append(f"{batch_no}: a hostile {step} ({kind}) was answered {said}")

    async def signal(self) -> None:
        """What a batch was sent before, twice and out of order, and what nobody filed."""
        with suppress(RuntimeError, OSError, DBAPIError):
            client = await connecting.connect(self._stack.settings)
            for batch_no in self._dice.sample(self.open_batches, min(4, len(self.open_batches))):
                async with self._engine.connect() as connection:
                    rows = await connection.execute(_LAST, {"no": batch_no})
                    steps = [as_envelope(row) for row in rows]
                await self._signal(client, batch_no, self._out_of_order(steps))

    def _out_of_order(self, steps: list[StepEnvelope]) -> list[StepEnvelope]:
        boss = Actor(sub="boss", name="冒名", role=Role.APPROVER)
        body = example_body(StepName.VOIDED, datetime.now(UTC), {})
        many = steps * 2
        for step in steps[:3]:
            another = {"step_id": uuid4(), "step": StepName.VOIDED, "body": body, "actor": boss}
            many.append(step.model_copy(update={**another, "position": (step.position or 0) + 1}))
            many.append(step.model_copy(update={**another, "position": None}))
            many.append(step.model_copy(update={"body": step.body | {"party": "producer"}, "actor": boss}))
        self._dice.shuffle(many)
        return many

    async def _signal(self, client: Client, batch_no: str, steps: list[StepEnvelope]) -> None:
        handle = client.get_workflow_handle(workflow_id(batch_no))
        with suppress(RPCError, running.NoSuchWorkflow, running.NotTaken):
            for step in steps:
                await running.send_step(client, step)
                self.signals += 1
            await handle.signal("purchased", "nothing that can be read")
            await handle.signal("no_such_step")
            await handle.cancel()
            self.signals += 3
