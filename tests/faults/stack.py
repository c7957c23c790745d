"""The product's real processes, each of which may be killed and started again while clients go on."""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

import temporal_port
from law.vocabulary import Role
from local.courses import example_body, example_order
from local.embedded import start_postgres, start_temporal
from local.ports import free_port
from local.process import Child, spawn
from local.tokens import issue
from messages.envelope import Decision
from messages.opening import workflow_id
from messages.snapshot import Snapshot, Wait
from messages.steps import StepName
from settings import Settings
from store import timeline

Test = Callable[..., Awaitable[None]]
_PATIENCE_SECONDS = 60.0
# What a client may be told while a part is away; anything else is a defect.
_COME_AGAIN = {503}


def bounded(seconds: float) -> Callable[[Test], Test]:
    """A test that must come to its end: the parts' own patience adds up."""

    def bind(test: Test) -> Test:
        @wraps(test)
        async def within(**fixtures: Any) -> None:
            async with asyncio.timeout(seconds):
                await test(**fixtures)

        return within

    return bind


class Part(StrEnum):
    POSTGRES = "PostgreSQL"
    TEMPORAL = "Temporal"
    WORKER = "worker"
    API = "API"


class Stack:
    """PostgreSQL, Temporal on a file, worker and API, as processes of their own on free ports."""

    def __init__(self, home: Path, smtp_url: str) -> None:
        self.home = home
        self._smtp_url = smtp_url
        self._temporal_port, self._api_port = free_port(), free_port()
        self._children: dict[Part, Child] = {}
        self._database_url = ""
        # Parts end with the thread that started them (``local.process``), so it is one that stays.
        self._hands = ThreadPoolExecutor(1)

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.home,
            api_port=self._api_port,
            database_url=self._database_url,
            temporal_address=f"127.0.0.1:{self._temporal_port}",
            time_skipping=True,
        )

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._api_port}"

    async def start(self, *parts: Part) -> None:
        """Start what is not running; PostgreSQL and Temporal are ready on return, the others soon after."""
        for part in parts or Part:
            await asyncio.get_running_loop().run_in_executor(self._hands, self._start, part)

    def _start(self, part: Part) -> None:
        if self.is_running(part):
            return
        if part is Part.POSTGRES:
            postgres = start_postgres(self.home)
            self._children[part], self._database_url = postgres.child, postgres.url
            self._migrate()
        elif part is Part.TEMPORAL:
            log = self.home / "logs" / "temporal.log"
            temporal = start_temporal(self.home, self._temporal_port, None, time_skipping=True, log=log)
            self._children[part] = temporal.child
        else:
            self._children[part] = self.command(part.lower(), part)

    def command(self, word: str, name: str) -> Child:
        """One of the product's own commands as a process."""
        environment = os.environ | {
            "CHOUJIAN_HOME": str(self.home),
            "CHOUJIAN_API_PORT": str(self._api_port),
            "CHOUJIAN_TIME_SKIPPING": "1",
            "CHOUJIAN_DECISION_TIMEOUT": "1",
            "CHOUJIAN_SMTP_URL": self._smtp_url,
            "DATABASE_URL": self._database_url,
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self._temporal_port}",
            "PYTHONUNBUFFERED": "1",
        }
        argv = [sys.executable, "-m", "local.cli", word]
        return spawn(name, argv, self.home / "logs" / f"{word}.log", env=environment)

    def _migrate(self) -> None:
        if (self.home / "logs" / "migrate.log").exists():
            return
        migration = self.command("migrate", "migrate")
        assert migration.process.wait(60) == 0, migration.last_words

    def is_running(self, part: Part) -> bool:
        return part in self._children and self._children[part].exit_code is None

    def kill(self, part: Part) -> None:
        """End a part as a power cut would; PostgreSQL by its immediate shutdown, which saves nothing."""
        child = self._children[part]
        if part is Part.POSTGRES:
            child.process.send_signal(signal.SIGQUIT)
        else:
            os.killpg(child.pid, signal.SIGKILL)
        child.process.wait(30)

    def terminate(self, part: Part) -> int:
        """End a part politely; its exit code."""
        child = self._children[part]
        child.process.terminate()
        return child.process.wait(30)

    @contextmanager
    def frozen(self, part: Part) -> Iterator[None]:
        """A part that hangs: it takes connections and answers nothing."""
        os.killpg(self._children[part].pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):  # killed meanwhile
                os.killpg(self._children[part].pid, signal.SIGCONT)

    def stop(self) -> None:
        for part in reversed(Part):
            if part in self._children:
                self._children[part].stop()
        self._hands.shutdown()

    def log(self, part: Part) -> str:
        return self._children[part].log.read_text("utf-8", errors="replace")


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

    def __init__(self, stack: Stack, http: httpx.AsyncClient) -> None:
        self._stack = stack
        self._http = http
        self._tokens = {role: issue(stack.settings, role.value) for role in Role if role is not Role.SYSTEM}
        self.answers: Counter[int] = Counter()
        self.unreachable = 0

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
        assert answer.status_code < 500 or answer.status_code in _COME_AGAIN, answer.text
        if answer.status_code in _COME_AGAIN:
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json()["code"] in {"database_unavailable", "temporal_unavailable"}, answer.text
        return answer

    async def until_answered(
        self, method: str, path: str, role: Role = Role.OFFICER, key: UUID | None = None, body: Any = None
    ) -> httpx.Response:
        """Again and again, until there is an answer other than "come back later"."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                answer = await self.call(method, path, role, key, body)
                if answer is not None and answer.status_code not in _COME_AGAIN:
                    return answer
                await asyncio.sleep(0.1)

    async def open(self) -> str:
        """Order a batch of goods nobody has sampled."""
        order = example_order(datetime.now(UTC), goods={"spec_model": f"F-{uuid4().hex[:8]}"})
        answer = await self.until_answered("POST", "/batches", key=uuid4(), body=order)
        assert answer.status_code == 201, answer.text
        batch_no: str = answer.json()["batch_no"]
        return batch_no

    def prepare(self, batch_no: str, role: Role, step: StepName, **changes: Any) -> Sent:
        return Sent(batch_no, step, role, example_body(step, datetime.now(UTC), changes))

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
        async with asyncio.timeout(_PATIENCE_SECONDS):
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
            client = await temporal_port.connect(self._stack.settings)
            self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        return self._skipper

    @staticmethod
    def _handle(skipper: TimeSkipper, batch_no: str) -> WorkflowHandle[Any, Any]:
        return skipper.client.get_workflow_handle(workflow_id(batch_no))


async def history(engine: AsyncEngine, batch_no: str) -> dict[str, Any]:
    """What happened to a batch, without its number, its moments and its ids: two equal courses are equal."""
    async with engine.connect() as connection:
        kinds = await connection.execute(
            text("select kind, count(*) from timeline where batch_no = :no group by kind order by kind"),
            {"no": batch_no},
        )
        papers = await connection.execute(
            text("""
            select kind, recipient, o.state, o.channel, count(*) from documents d
            join outbox o using (document_id) where batch_no = :no group by 1, 2, 3, 4 order by 1, 2, 3, 4
            """),
            {"no": batch_no},
        )
        alerts = await connection.execute(
            text("select title, level, count(*) from alerts where batch_no = :no group by 1, 2 order by 1"),
            {"no": batch_no},
        )
        return {
            "timeline": [tuple(row) for row in kinds],
            "documents": [tuple(row) for row in papers],
            "alerts": [tuple(row) for row in alerts],
        }


async def assert_whole(engine: AsyncEngine, *batch_nos: str) -> None:
    """Every step of these batches is decided once and on record once, and the record's chain is intact."""
    numbers = {"numbers": list(batch_nos)}
    async with engine.connect() as connection:

        async def ask(question: str) -> list[Any]:
            return [tuple(row) for row in await connection.execute(text(question), numbers)]

        assert (
            await ask("""
            select l.batch_no, l.step from ledger l left join decisions d using (step_id)
            where l.batch_no = any(:numbers) and d.step_id is null
        """)
            == []
        ), "filed and never decided"
        assert (
            await ask("""
            select l.batch_no, l.step, count(t.key) from ledger l
            left join timeline t on t.batch_no = l.batch_no and t.data ->> 'step_id' = cast(l.step_id as text)
                and t.kind in ('step_accepted', 'step_refused')
            where l.batch_no = any(:numbers) group by l.step_id, l.batch_no, l.step having count(t.key) <> 1
        """)
            == []
        ), "not once on record"
        assert (
            await ask("""
            select batch_no, key from timeline where batch_no = any(:numbers)
            group by batch_no, key having count(*) > 1
        """)
            == []
        ), "twice on record"
        assert (
            await ask("""
            select batch_no, kind, recipient, count(*) from documents where batch_no = any(:numbers)
            and kind <> 'publication' group by batch_no, kind, recipient having count(*) > 1
        """)
            == []
        ), "made out twice"
        assert (
            await ask("""
            select document_id from documents d left join outbox o using (document_id)
            where batch_no = any(:numbers) group by document_id having count(o.no) <> 1
        """)
            == []
        ), "not once in the outbox"
        assert await ask("""
            select step_id from ledger where batch_no = any(:numbers) and signalled_at is null
        """) == [] or await _signalled_soon(engine, numbers), "the relay has left something"
    for batch_no in batch_nos:
        assert await timeline.verify(engine, batch_no) == []


async def _signalled_soon(engine: AsyncEngine, numbers: dict[str, list[str]]) -> bool:
    """A step whose signal was not noted is signalled again by the relay, which changes nothing."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        async with engine.connect() as connection:
            left = await connection.execute(
                text("select 1 from ledger where batch_no = any(:numbers) and signalled_at is null"), numbers
            )
            if left.first() is None:
                return True
        await asyncio.sleep(0.5)
    return False
