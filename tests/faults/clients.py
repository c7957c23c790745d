"""Staff at work over HTTP, and a batch played by them, while parts of the stack are killed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from law.vocabulary import Role
from local.commands.tokens import issue
from local.scenarios.courses import example_body, example_order
from messages.envelope import Decision
from messages.names import workflow_id
from messages.snapshot import Snapshot, Wait
from messages.steps import StepName
from temporal import connecting
from tests.faults.stack import Stack

_PATIENCE_SECONDS = 150.0
# What a client may be told while a part is away; anything else is a defect.
_COME_AGAIN = {503}
_TOO_MANY = 429


@dataclass
class Sent:
    """A step as a client holds it: with its key it may be sent again and again."""

    batch_no: str
    step: StepName
    role: Role
    body: dict[str, Any]
    step_id: UUID = field(default_factory=uuid4)

    @property
    def path(self) -> str:
        return f"/batches/{self.batch_no}/steps/{self.step}"


class Clients:
    """Staff at their desks: they send a step again while they are told to come back.

    ``answers`` counts every status ever received. What is neither an answer of the procedure nor a plain 503
    fails the test at once.
    """

    def __init__(
        self, stack: Stack, http: httpx.AsyncClient, patience_seconds: float = _PATIENCE_SECONDS
    ) -> None:
        self._stack = stack
        self._http = http
        self.patience = patience_seconds
        self._tokens = {role: issue(stack.settings, role.value) for role in Role if role is not Role.SYSTEM}
        self.answers: Counter[int] = Counter()
        self.unreachable = 0
        self._models: dict[str, str] = {}

    async def call(
        self, method: str, path: str, role: Role = Role.OFFICER, key: UUID | None = None, body: Any = None
    ) -> httpx.Response | None:
        """One request; None when the API itself cannot be reached or dies over it."""
        headers = {"Authorization": f"Bearer {self._tokens[role]}"}
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        try:
            answer = await self._http.request(method, path, headers=headers, json=body)
        except httpx.TransportError:
            self.unreachable += 1
            return None
        self.answers[answer.status_code] += 1
        self.judge(answer)
        return answer

    def judge(self, answer: httpx.Response) -> None:
        """Whether a client may be told this at all."""
        assert answer.status_code < 500 or answer.status_code in _COME_AGAIN, answer.text
        if answer.status_code in _COME_AGAIN:
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json()["code"] in {"database_unavailable", "temporal_unavailable"}, answer.text

    async def until_answered(
        self, method: str, path: str, role: Role = Role.OFFICER, key: UUID | None = None, body: Any = None
    ) -> httpx.Response:
        """Again and again, until there is an answer other than "come back later"."""
        async with asyncio.timeout(self.patience):
            while True:
                answer = await self.call(method, path, role, key, body)
                if answer is not None and answer.status_code < 500 and answer.status_code != _TOO_MANY:
                    return answer
                await asyncio.sleep(0.1)

    async def open(self) -> str:
        """Order a batch of goods nobody has sampled."""
        order = example_order(datetime.now(UTC), goods={"spec_model": f"F-{uuid4().hex[:8]}"})
        answer = await self.until_answered("POST", "/batches", key=uuid4(), body=order)
        assert answer.status_code == 201, answer.text
        batch_no: str = answer.json()["batch_no"]
        self._models[batch_no] = order["goods"]["spec_model"]
        return batch_no

    def prepare(self, batch_no: str, role: Role, step: StepName, **changes: Any) -> Sent:
        return self.prepared(batch_no, role, step, datetime.now(UTC), changes)

    def prepared(
        self, batch_no: str, role: Role, step: StepName, now: datetime, changes: Mapping[str, Any]
    ) -> Sent:
        """A step's example as of a moment; what is sealed is what was ordered."""
        body = example_body(step, now, changes)
        if step is StepName.SEALED and batch_no in self._models:
            body["spec_model"] = self._models[batch_no]
        return Sent(batch_no, step, role, body)

    async def post(self, sent: Sent) -> httpx.Response | None:
        return await self.call("POST", sent.path, sent.role, sent.step_id, sent.body)

    async def file(self, sent: Sent) -> httpx.Response:
        """Send a step until it is answered: decided (200, 409) or recorded (202)."""
        answer = await self.until_answered("POST", sent.path, sent.role, sent.step_id, sent.body)
        assert answer.status_code in {200, 202, 409}, answer.text
        return answer

    async def decision(self, sent: Sent) -> Decision:
        """The answer of the procedure, however long it takes."""
        path = f"/batches/{sent.batch_no}/steps/{sent.step_id}"
        async with asyncio.timeout(self.patience):
            while True:
                answer = await self.until_answered("GET", path, sent.role)
                assert answer.status_code == 200, answer.text
                if (decision := answer.json()["decision"]) is not None:
                    return Decision.model_validate(decision)
                await asyncio.sleep(0.1)

    async def until_told_not_ready(self) -> httpx.Response:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            answer = await self._http.get("/health/ready")
            while answer.status_code == 200:
                await asyncio.sleep(0.1)
                answer = await self._http.get("/health/ready")
        assert answer.status_code == 503, answer.text
        return answer

    async def working(self) -> None:
        """Wait until the API is ready and a worker decides; a step it refuses will do."""
        await self.ready()
        sent = self.prepare(await self.open(), Role.APPROVER, StepName.OBJECTION_DECIDED)
        await self.file(sent)
        await self.decision(sent)

    async def ready(self) -> None:
        """Wait until the API says that all is there."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                with suppress(httpx.TransportError):
                    if (await self._http.get("/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.1)


Disturbance = Callable[[], Coroutine[Any, Any, None]]


async def _nothing() -> None:
    """A course left alone."""


class Table:
    """A batch played over HTTP while parts die (``local.player.Table``)."""

    def __init__(self, clients: Clients, stack: Stack) -> None:
        self._clients = clients
        self._stack = stack
        self._skipper: TimeSkipper | None = None
        # What happens while a step is on its way, and while time passes.
        self.disturb_step: Disturbance = _nothing
        self.disturb_time: Disturbance = _nothing

    async def do(self, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Decision:
        sent = Sent(batch_no, step, role, body)
        disturbance = asyncio.create_task(self.disturb_step())
        await self._clients.file(sent)
        await disturbance
        return await self._clients.decision(sent)

    async def snapshot(self, batch_no: str) -> Snapshot:
        await self._settled(batch_no)
        view = (await self._clients.until_answered("GET", f"/batches/{batch_no}", Role.AUDITOR)).json()
        waits = [{name: wait[name] for name in Wait.model_fields} for wait in view["waiting_for"]]
        same = Snapshot.model_fields.keys() - {"waits", "documents"}
        return Snapshot.model_validate({name: view[name] for name in same} | {"waits": waits})

    async def clock(self, batch_no: str) -> datetime:
        await self._settled(batch_no)
        skipper = await self._connected()
        return await skipper.get_current_time(self._handle(skipper, batch_no))

    async def closed(self, batch_no: str) -> None:
        skipper = await self._connected()
        await asyncio.wait_for(self._handle(skipper, batch_no).result(), _PATIENCE_SECONDS)

    async def fast_forward(self, batch_no: str, by: timedelta) -> None:
        await self._settled(batch_no)
        skipper = await self._connected()
        disturbance = asyncio.create_task(self.disturb_time())
        await skipper.fast_forward(self._handle(skipper, batch_no), by)
        await disturbance

    async def _settled(self, batch_no: str) -> None:
        """A query waits for the workflow task under way, and so for what it records."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                skipper = await self._connected()
                try:
                    await self._handle(skipper, batch_no).query("snapshot", rpc_timeout=timedelta(seconds=5))
                except RPCError:
                    await asyncio.sleep(0.2)
                else:
                    return

    async def _connected(self) -> TimeSkipper:
        if self._skipper is None:
            client = await connecting.connect(self._stack.settings)
            self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        return self._skipper

    @staticmethod
    def _handle(skipper: TimeSkipper, batch_no: str) -> WorkflowHandle[Any, Any]:
        return skipper.client.get_workflow_handle(workflow_id(batch_no))
