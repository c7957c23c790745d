"""``choujian demo``: real batches through every outcome on the running stack, months in seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
from rich.console import Console
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from law.calendar import day_in_shanghai
from law.vocabulary import Role
from local.commands.tokens import issue
from local.embedded.stack import command_name
from local.errors import CommandError
from local.scenarios.beside import BESIDE, UNFINISHED
from local.scenarios.courses import COURSES, Course, example_order
from local.scenarios.player import CourseFailed, describe, play
from messages.envelope import Decision
from messages.names import workflow_id
from messages.opening import WORKFLOW_TYPE
from messages.records import TimelineKind
from messages.snapshot import Snapshot, Wait
from messages.steps import StepName
from settings import Settings
from temporal import connecting

# The stack's two cores are busy with this many; more would only wait for each other.
_AT_A_TIME = 4
_PATIENCE_SECONDS = 60
_ASK_AGAIN_SECONDS = 0.2
_ROLES = (Role.OFFICER, Role.LAB, Role.APPROVER, Role.SUPERVISOR, Role.AUDITOR)
_BY_ITSELF = (TimelineKind.REMINDED, TimelineKind.ESCALATED)


async def main(settings: Settings) -> int:
    """Play every course and tell of it. Raises ``CommandError`` where there is no stack to play on."""
    if not settings.time_skipping:
        raise CommandError(
            "这套系统没有打开时间快进，不能演示：请用 choujian up 启动，不要设置 CHOUJIAN_TIME_SKIPPING=0。"
        )
    console = Console(highlight=False, soft_wrap=True)
    try:
        async with on_stage(settings) as stage:
            played = await _Performance(stage, console).all()
    except CourseFailed as error:
        raise CommandError(f"演示中断：{error}。") from error
    except httpx.TransportError as error:
        raise CommandError(
            f"连接不上 API（{settings.api_url}）：请确认 choujian up 还在运行。", detail=str(error)
        ) from error
    except (RPCError, RuntimeError, TimeoutError, WorkflowFailureError) as error:
        raise CommandError(
            "Temporal 或 worker 没有回答：请看 choujian up 的窗口和日志文件夹。", detail=str(error)
        ) from error
    _sum_up(console, settings, played)
    return 0


@dataclass(frozen=True)
class _Played:
    course: Course
    batch_no: str
    snapshot: Snapshot


class Stage:
    """The running stack as ``local.player.Table``: steps through the API, time through Temporal."""

    def __init__(self, api: httpx.AsyncClient, tokens: dict[Role, str], skipper: TimeSkipper) -> None:
        self._api = api
        self._headers = {role: {"Authorization": f"Bearer {token}"} for role, token in tokens.items()}
        self._skipper = skipper
        self._heard: dict[str, int] = {}
        self._reminders: dict[str, list[str]] = {}

    async def open(self) -> str:
        """Order a batch of goods nobody has sampled this year."""
        order = example_order(datetime.now(UTC), goods={"spec_model": f"SL-{uuid4().hex[:8].upper()}"})
        answer = await self._api.post("/batches", json=order, headers=self._headers[Role.OFFICER])
        _require(answer, 201)
        batch_no: str = answer.json()["batch_no"]
        return batch_no

    async def do(self, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Decision:
        """One step; where the decision comes later, wait for it as the API says."""
        headers = self._headers[role]
        path = f"/batches/{batch_no}/steps/{step}"
        answer = await self._api.post(path, json=body, headers={**headers, "Idempotency-Key": str(uuid4())})
        _require(answer, 200, 202)
        return await self.decided(batch_no, role, answer.json()["step_id"])

    async def decided(self, batch_no: str, role: Role, step_id: str) -> Decision:
        """What was decided on a step that is on record, once it is."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                answer = await self._api.get(
                    f"/batches/{batch_no}/steps/{step_id}", headers=self._headers[role]
                )
                _require(answer, 200)
                if answer.json()["decision"] is not None:
                    return Decision.model_validate(answer.json()["decision"])
                await asyncio.sleep(_ASK_AGAIN_SECONDS)

    async def snapshot(self, batch_no: str) -> Snapshot:
        """What of the batch's page a player looks at."""
        await self._settled(batch_no)
        view = await self._get(f"/batches/{batch_no}")
        waits = [{name: wait[name] for name in Wait.model_fields} for wait in view["waiting_for"]]
        same = Snapshot.model_fields.keys() - {"waits", "documents"}
        return Snapshot.model_validate({name: view[name] for name in same} | {"waits": waits})

    async def clock(self, batch_no: str) -> datetime:
        return await self._skipper.get_current_time(self._handle(batch_no))

    async def closed(self, batch_no: str) -> None:
        await asyncio.wait_for(self._handle(batch_no).result(), _PATIENCE_SECONDS)

    async def fast_forward(self, batch_no: str, by: timedelta) -> None:
        await self._settled(batch_no)
        await self._skipper.fast_forward(self._handle(batch_no), by)
        await self._hear(batch_no)

    def take_reminders(self, batch_no: str) -> list[str]:
        """Who was reminded, and to whom it was reported, while days went by; nobody had to do anything."""
        return self._reminders.pop(batch_no, [])

    async def _hear(self, batch_no: str) -> None:
        await self._settled(batch_no)
        lines = await self._timeline(batch_no)
        new = [line for line in lines if line["seq"] > self._heard.get(batch_no, 0)]
        self._heard[batch_no] = max((line["seq"] for line in lines), default=0)
        reminders = [f"{_day(line['at'])}  {line['text']}" for line in new if line["kind"] in _BY_ITSELF]
        self._reminders.setdefault(batch_no, []).extend(reminders)

    async def _timeline(self, batch_no: str) -> list[dict[str, Any]]:
        path = f"/batches/{batch_no}/timeline?limit=500"
        page = await self._get(path)
        lines: list[dict[str, Any]] = page["entries"]
        while page["next_cursor"] is not None:
            page = await self._get(f"{path}&cursor={quote(page['next_cursor'])}")
            lines += page["entries"]
        return lines

    async def _get(self, path: str) -> dict[str, Any]:
        answer = await self._api.get(path, headers=self._headers[Role.AUDITOR])
        _require(answer, 200)
        found: dict[str, Any] = answer.json()
        return found

    async def _settled(self, batch_no: str) -> None:
        """A query waits for the workflow task under way, and so for what it records."""
        await self._handle(batch_no).query("snapshot")

    def _handle(self, batch_no: str) -> WorkflowHandle[Any, Any]:
        return self._skipper.client.get_workflow_handle(workflow_id(batch_no))


@asynccontextmanager
async def on_stage(settings: Settings) -> AsyncIterator[Stage]:
    """The running stack to play on. Raises ``CourseFailed`` where its API is not ready."""
    tokens = {role: issue(settings, role.value) for role in _ROLES}
    # Not through a proxy: the stack is on this machine.
    async with httpx.AsyncClient(
        base_url=settings.api_url, timeout=_PATIENCE_SECONDS, trust_env=False
    ) as api:
        _require(await api.get("/health/ready"), 200)
        client = await connecting.connect(settings)
        yield Stage(api, tokens, TimeSkipper(client, config=TimeSkippingConfig(enabled=False)))


def _require(answer: httpx.Response, *statuses: int) -> None:
    """Raises ``CourseFailed`` in the API's own words."""
    if answer.status_code in statuses:
        return
    try:
        words = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        words = answer.text[:300]
    where = f"{answer.request.method} {answer.request.url.path}"
    raise CourseFailed(f"{where} 答复 {answer.status_code}，{words}".rstrip("。"))


class _Performance:
    """Several courses at a time, told one after the other: the one being told is told as it happens."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self._stage = stage
        self._console = console
        self._room = asyncio.Semaphore(_AT_A_TIME)

    async def all(self) -> list[_Played]:
        courses = (*COURSES, *BESIDE, *UNFINISHED)
        stories: list[asyncio.Queue[str | None]] = [asyncio.Queue() for _ in courses]
        tasks = [
            asyncio.create_task(self._play(course, story))
            for course, story in zip(courses, stories, strict=True)
        ]
        try:
            for number, (course, story) in enumerate(zip(courses, stories, strict=True), 1):
                self._console.print(f"\n[bold]{number}/{len(courses)}  {course.title}[/]")
                while (line := await story.get()) is not None:
                    self._console.print(line)
                await tasks[number - 1]
            return [await task for task in tasks]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _play(self, course: Course, story: asyncio.Queue[str | None]) -> _Played:
        try:
            async with self._room:
                batch_no = await self._stage.open()
                story.put_nowait(f"  {day_in_shanghai(datetime.now(UTC))}  下达抽检批次 [cyan]{batch_no}[/]")

                def tell(*lines: str) -> None:
                    for reminder in self._stage.take_reminders(batch_no):
                        story.put_nowait(f"  [dim]{reminder}[/]")
                    for line in lines:
                        story.put_nowait(f"  {line}")

                snapshot = await play(self._stage, batch_no, course, tell)
                mark = "[green]✓ 结局：[/]" if snapshot.outcome else "[yellow]… 正在等待：[/]"
                tell(f"{mark}{describe(snapshot)}")
                return _Played(course, batch_no, snapshot)
        finally:
            story.put_nowait(None)


def _sum_up(console: Console, settings: Settings, played: list[_Played]) -> None:
    console.print("\n[bold]本次演示的批次[/]")
    for one in played:
        end = describe(one.snapshot)
        console.print(
            f"  [cyan]{one.batch_no}[/]  {one.course.title} → "
            + (f"[green]{end}[/]" if one.snapshot.outcome else f"[yellow]{end}[/]")
        )
        console.print(f"  {' ' * len(one.batch_no)}  {_link(_page(settings, one.batch_no))}")
    by_name = {one.course.name: one.batch_no for one in played}
    console.print("\n[bold]看什么[/]（批次页面上的 User Metadata 是案情和待办，Event History 是全过程）")
    for words, link in (
        ("走完全程的批次：每一步、每个期限怎样结束", _page(settings, by_name["accepted_by_silence"])),
        ("逐件跟踪送达的批次：交寄、退信、公告", _page(settings, by_name["followed"])),
        ("正在等待的批次：等谁、到哪一天、依据哪一条", _page(settings, by_name["waiting"])),
        ("已逾期的批次：提醒了谁、报告到哪一级", _page(settings, by_name["late"])),
        (
            "全部批次；右下角 Configure Columns 可加上 ChoujianPhase、ChoujianOverdue 等列",
            _search(settings, f'WorkflowType="{WORKFLOW_TYPE}"'),
        ),
        ("有逾期事项的批次", _search(settings, "ChoujianOverdue=true")),
        (f"接口；令牌用 {command_name()} token officer 取得", f"{settings.api_url}/docs"),
    ):
        console.print(f"  {words}\n    {_link(link)}")
    console.print(f"  核对办理记录没有被改动\n    {command_name()} timeline verify")


def _link(url: str) -> str:
    return f"[link={url}]{url}[/link]"


def _day(instant: str) -> str:
    return str(day_in_shanghai(datetime.fromisoformat(instant)))


def _workflows(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.ui_port}/namespaces/{settings.temporal_namespace}/workflows"


def _page(settings: Settings, batch_no: str) -> str:
    return f"{_workflows(settings)}/{workflow_id(batch_no)}"


def _search(settings: Settings, query: str) -> str:
    return f"{_workflows(settings)}?query={quote(query)}"
