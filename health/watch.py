"""All looks at once, each with its own patience, and none that can harm the answer."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from health import flows, machine, record
from health.report import Found, HealthPart, HealthReport, Standing, down, report_of
from settings import Settings
from store.engine import DATABASE_AWAY
from store.evidence.checks import Places
from temporal import connecting

_log = logging.getLogger(__name__)
_PATIENCE_SECONDS = 2.0
_FRESH_SECONDS = 5.0

Look = Callable[[], Awaitable[Found]]
_START_DATABASE = "请确认 PostgreSQL 在运行，DATABASE_URL 正确（choujian status）。恢复之前不受理。"


class Watch:
    """Looks at an installation's parts; holds the answer for some seconds, however often it is asked."""

    def __init__(self, settings: Settings, engine: AsyncEngine) -> None:
        self._settings = settings
        self._engine = engine
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._looking: dict[str, asyncio.Task[Found]] = {}
        self._lock = asyncio.Lock()
        self._told: tuple[float, HealthReport] | None = None

    async def report(self) -> HealthReport:
        """At most ``_FRESH_SECONDS`` old; within three seconds, with everything down as well."""
        async with self._lock:
            if self._told is None or time.monotonic() - self._told[0] > _FRESH_SECONDS:
                looks = self._looks()
                found = await asyncio.gather(*(self._found(name, look) for name, _, look in looks))
                parts = tuple(
                    HealthPart(
                        name=name,
                        title=title,
                        status=one.status,
                        detail=one.detail,
                        what_to_do=one.what_to_do,
                    )
                    for (name, title, _), one in zip(looks, found, strict=True)
                )
                self._told = time.monotonic(), report_of(parts)
            return self._told[1]

    async def close(self) -> None:
        """Give up what has not been answered yet."""
        for task in self._looking.values():
            task.cancel()
        await asyncio.gather(*self._looking.values(), return_exceptions=True)

    def _looks(self) -> list[tuple[str, str, Look]]:
        engine, settings = self._engine, self._settings
        places = Places(settings.evidence_place, settings.evidence_second_place)
        queue = settings.task_queue

        async def of_temporal(look: Callable[[Client], Awaitable[Found]]) -> Found:
            return await look(await self._temporal())

        def on_temporal(look: Callable[[Client], Awaitable[Found]]) -> Look:
            return lambda: of_temporal(look)

        def in_thread(look: Callable[[], Found]) -> Look:
            return lambda: asyncio.to_thread(look)

        return [
            ("database", "数据库", lambda: record.database(engine)),
            ("temporal", "流程引擎", on_temporal(flows.server)),
            ("workers", "worker", on_temporal(lambda client: flows.workers(client, queue))),
            ("relay", "补发", lambda: record.relay(engine)),
            ("steps", "步骤", lambda: record.steps(engine)),
            ("batches", "批次的流程", on_temporal(lambda client: flows.open_batches(client, engine, queue))),
            (
                "lost_records",
                "丢失的记录",
                on_temporal(lambda client: flows.lost_records(client, engine, queue)),
            ),
            ("workflow_tasks", "流程出错", on_temporal(flows.workflow_tasks)),
            ("letters", "信件", lambda: record.letters(engine)),
            ("alerts", "提醒", lambda: record.alerts(engine)),
            ("told", "对外报送", lambda: record.told(engine)),
            ("mail", "邮件服务器", lambda: record.mail(engine)),
            ("mailbox", "退信邮箱", lambda: record.mailbox(engine)),
            ("evidence", "证据", lambda: record.evidence(engine, places)),
            ("clocks", "时钟", on_temporal(lambda client: machine.clocks(client, engine))),
            ("disk", "磁盘", in_thread(lambda: machine.disk(settings.home_dir))),
            ("calendar", "放假安排", lambda: record.calendar(engine)),
            ("backup", "备份", in_thread(lambda: machine.backup(settings.backup))),
        ]

    async def _found(self, name: str, look: Look) -> Found:
        """One part's answer. A look that has not come back is not repeated beside itself."""
        task = self._looking.get(name)
        if task is None or task.done():
            task = self._looking[name] = asyncio.ensure_future(look())
            # One that fails after its time is nobody's to hear of.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait([task], timeout=_PATIENCE_SECONDS)
        if not task.done():
            return _unanswered(name)
        try:
            return task.result()
        except _Unreachable:
            return flows.unreachable()
        except (*DATABASE_AWAY, RPCError, RuntimeError) as error:
            _log.info("%s does not answer: %s", name, error)
            return _unanswered(name)
        except Exception:
            _log.exception("could not look at %s", name)
            return Found(Standing.DOWN, "查看时出错", "请看 API 的日志。")

    async def _temporal(self) -> Client:
        """A client of our own: what a look does to it is not felt by those who file steps."""
        async with self._connecting:
            if self._client is None:
                try:
                    self._client = await connecting.connect(self._settings)
                except (RuntimeError, RPCError) as error:
                    raise _Unreachable from error
            return self._client


class _Unreachable(Exception):
    """Temporal cannot be connected to."""


def _unanswered(name: str) -> Found:
    if name == "database":
        return down("连接不上", _START_DATABASE)
    if name == "temporal":
        return flows.unreachable()
    return down("无法查看：没有答复", "请先处理数据库和流程引擎；两者正常时请看 API 的日志。")
