"""The product, asked as its users ask it: over HTTP, with a token of the role that does the step."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from bench.http import Http
from law.vocabulary import Role
from local.commands.tokens import ensure_keys, issue
from local.scenarios.courses import COURSES, Course, Do, example_order
from messages.envelope import Decision
from messages.names import workflow_id
from messages.snapshot import Snapshot
from messages.steps import StepName
from settings import Settings
from store.engine import make_engine
from store.reads import read_model

_LOOK_AGAIN_SECONDS = 0.05
_PATIENCE_SECONDS = 60
_BATCHES_OF_ONE = 100


def course(name: str) -> Course:
    return next(course for course in COURSES if course.name == name)


def steps_of(course: Course) -> tuple[Do, ...]:
    """What people do in a course; the days between are left out, everything happens today."""
    return tuple(act for act in course.acts if isinstance(act, Do))


class Product:
    """Opens batches and does steps through the API."""

    def __init__(self, http: Http, settings: Settings) -> None:
        self._http = http
        self.decided_later = 0
        ensure_keys(settings.home_dir)
        self._settings = settings
        self._tokens: dict[Role, str] = {}
        self._opened = 0
        self._tokens_of: dict[str, dict[Role, str]] = {}
        self._models: dict[str, str] = {}

    def _tokens_now(self) -> dict[Role, str]:
        """Other people after every hundred batches: what one account may file within an hour is limited."""
        nth, again = divmod(self._opened, _BATCHES_OF_ONE)
        self._opened += 1
        if not again:
            self._tokens = {
                role: issue(self._settings, role.value, subject=f"{role.value}-{nth}-{uuid4().hex[:8]}")
                for role in (Role.OFFICER, Role.LAB, Role.APPROVER, Role.SUPERVISOR)
            }
        return self._tokens

    async def open(self) -> str:
        """A batch of goods nobody has sampled yet."""
        order = example_order(datetime.now(UTC), goods={"spec_model": f"BENCH-{uuid4().hex}"})
        tokens = self._tokens_now()
        status, answer = await self._http.post("/batches", tokens[Role.OFFICER], order)
        if status != 201:
            raise RuntimeError(f"order answered {status}: {answer}")
        batch_no: str = answer["batch_no"]
        self._tokens_of[batch_no] = tokens
        self._models[batch_no] = order["goods"]["spec_model"]
        return batch_no

    async def do(self, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Decision:
        path = f"/batches/{batch_no}/steps"
        token = self._tokens_of[batch_no][role]
        if step is StepName.SEALED:
            body = {**body, "spec_model": self._models[batch_no]}
        status, answer = await self._http.post(f"{path}/{step}", token, body)
        if status == 202:
            self.decided_later += 1
            status, answer = await self._decided(f"{path}/{answer['step_id']}", token)
        if status != 200:
            raise RuntimeError(f"{step} of {batch_no} answered {status}: {answer}")
        return Decision.model_validate(answer["decision"])

    async def _decided(self, path: str, token: str) -> tuple[int, Any]:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                status, answer = await self._http.get(path, token)
                if status != 200 or answer["decision"] is not None:
                    return status, answer
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def step(self, batch_no: str, act: Do, body: dict[str, Any]) -> None:
        await self.do(batch_no, act.role, act.step, body)


class FastForwarded:
    """A table for ``local.player`` on the running stack: steps over HTTP, time skipped on the real server."""

    def __init__(self, product: Product, settings: Settings, client: Client) -> None:
        assert settings.database_url is not None
        self._product = product
        self._engine = make_engine(settings.database_url, pool_size=2)
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))

    def handle(self, batch_no: str) -> WorkflowHandle[Any, Any]:
        return self._skipper.client.get_workflow_handle(workflow_id(batch_no))

    async def do(self, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Decision:
        return await self._product.do(batch_no, role, step, body)

    async def snapshot(self, batch_no: str) -> Snapshot:
        await self._settled(batch_no)
        return (await read_model.batch(self._engine, batch_no)).snapshot

    async def begun(self, batch_no: str) -> None:
        """Return once the batch's opening is on record; asked of the record, for a query costs a task."""
        while (await read_model.batch(self._engine, batch_no)).snapshot.version == 0:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def clock(self, batch_no: str) -> datetime:
        return await self._skipper.get_current_time(self.handle(batch_no))

    async def closed(self, batch_no: str) -> None:
        await self.handle(batch_no).result()

    async def fast_forward(self, batch_no: str, by: timedelta) -> None:
        await self._settled(batch_no)
        await self._skipper.fast_forward(self.handle(batch_no), by)

    async def dispose(self) -> None:
        await self._engine.dispose()

    async def _settled(self, batch_no: str) -> None:
        """A query waits for the workflow task under way."""
        await self.handle(batch_no).query("snapshot")
