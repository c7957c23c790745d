"""``choujian up``: the whole stack on one machine, started in order and ended in reverse."""

import http.client
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, MappingProxyType

from rich.console import Console

from local.commands.terminal import in_foreground
from local.commands.tokens import ensure_keys
from local.embedded import home as home_folder
from local.embedded.parts import EmbeddedTemporal, start_postgres, start_temporal
from local.embedded.ports import require_free, stack_ports
from local.embedded.process import Child, spawn
from local.errors import CommandError
from settings import Settings
from signing.keys import Keyring
from store.roles import OWNER

_READY_LIMIT_SECONDS = 90
_LOOK_EVERY_SECONDS = 0.2
# Without these nothing goes on; worker and API may be started again by hand.
_INDISPENSABLE = ("PostgreSQL", "Temporal")
# The part and the command that it is.
STARTED_AGAIN = {"worker": "worker", "API": "api"}


def up(settings: Settings) -> int:
    """Run the stack until Ctrl-C; the exit code is 0 only for an end that was asked for."""
    console = Console(highlight=False, soft_wrap=True)
    home_folder.prepare(settings.home_dir)
    try:
        with in_foreground(), home_folder.hold(settings.home_dir):
            return _Up(settings, console).run()
    except CommandError as error:
        console.print(f"[red]✗[/] {error.sentence}")
        if error.detail:
            console.print(error.detail, style="dim", markup=False)
        return error.exit_code


class _Ended(Exception):
    """Somebody asked for the end while the stack was being started."""


class _Up:
    """One run of the stack: what was started, in order, and what is written down about it."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings = settings
        self._console = console
        self._home = settings.home_dir
        self._children: list[Child] = []
        self._end_asked = False
        self._stack = home_folder.Stack(
            up_pid=os.getpid(),
            api_host=settings.api_host,
            api_port=settings.api_port,
            temporal_port=settings.temporal_port,
            ui_port=settings.ui_port,
            temporal_namespace=settings.temporal_namespace,
            task_queue=settings.task_queue,
            # On unless switched off by name: the demonstration needs it.
            time_skipping=settings.time_skipping or "time_skipping" not in settings.model_fields_set,
        )

    def run(self) -> int:
        # Set, not chained: a second Ctrl-C, or make passing on the signal, must not cut the ending short.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_end)
        for name in home_folder.end_leftovers(self._home):
            self._console.print(f"[yellow]·[/] 已结束上次留下的 {name}")
        home_folder.forget_restart(self._home)
        require_free(stack_ports(self._settings))
        try:
            self._start()
            self._announce()
            return self._watch()
        except _Ended:
            return 0
        finally:
            self._end()

    def _ask_end(self, _number: int, _frame: FrameType | None) -> None:
        self._end_asked = True

    def _start(self) -> None:
        for name in ("DATABASE_URL", "TEMPORAL_ADDRESS"):
            if os.environ.get(name):
                self._console.print(f"[yellow]·[/] 环境变量 {name} 对 up 不起作用：up 只用自带的部分。")
        ensure_keys(self._home)
        Keyring(self._settings.signing_folder).ensure(self._settings.signer_name)
        with self._step("PostgreSQL"):
            postgres = start_postgres(self._home)
            self._stack.database_url = postgres.url
            self._stack.migration_database_url = postgres.url_as(OWNER)
            self._keep(postgres.child)
        with self._step("Temporal 和它的网页"):
            self._temporal = self._start_temporal()
            self._stack.temporal_address = self._temporal.address
            self._keep(self._temporal.child)
        with self._step("数据库结构"):
            self._migrate()
        # Both at once: most of their start is reading their own code.
        both = [self._spawn_command(name, command) for name, command in STARTED_AGAIN.items()]
        for child in both:
            self._keep(child)
        for child in both:
            with self._step(child.name):
                self._wait(child, self._is_at_work)
        both[0].require_alive()

    def _start_temporal(self) -> EmbeddedTemporal:
        return start_temporal(
            self._home,
            self._settings.temporal_port,
            self._settings.ui_port,
            time_skipping=self._stack.time_skipping,
            log=self._home / "logs" / "temporal.log",
            namespace=self._settings.temporal_namespace,
        )

    def _migrate(self) -> None:
        owner = {"MIGRATION_DATABASE_URL": self._stack.migration_database_url or ""}
        child = self._spawn_command("数据库结构更新", "migrate", owner)
        try:
            self._wait(child, lambda migration: migration.exit_code == 0)
        finally:
            child.stop()

    def _spawn_command(
        self, name: str, command: str, more: Mapping[str, str] = MappingProxyType({})
    ) -> Child:
        """One of our own commands as its own process, told where the parts of this stack are."""
        environment = os.environ | {
            "CHOUJIAN_HOME": str(self._home),
            "CHOUJIAN_API_HOST": self._stack.api_host,
            "CHOUJIAN_API_PORT": str(self._stack.api_port),
            "CHOUJIAN_TASK_QUEUE": self._stack.task_queue,
            "CHOUJIAN_TIME_SKIPPING": "1" if self._stack.time_skipping else "0",
            "DATABASE_URL": self._stack.database_url or "",
            "MIGRATION_DATABASE_URL": "",
            "TEMPORAL_ADDRESS": self._stack.temporal_address or "",
            "TEMPORAL_NAMESPACE": self._stack.temporal_namespace,
            "PYTHONUNBUFFERED": "1",
            **more,
        }
        argv = [sys.executable, "-m", "local.commands.cli", command]
        return spawn(name, argv, self._home / "logs" / f"{command}.log", env=environment)

    def _keep(self, child: Child) -> None:
        self._children.append(child)
        self._stack.started(child)
        home_folder.write(self._home, self._stack)
        self._go_on()

    def _wait(self, child: Child, is_ready: Callable[[Child], bool]) -> None:
        deadline = time.monotonic() + _READY_LIMIT_SECONDS
        while not is_ready(child):
            child.require_alive()
            self._go_on()
            if time.monotonic() > deadline:
                raise CommandError(f"{child.name} 迟迟没有就绪，日志：{child.log}", detail=child.last_words)
            time.sleep(_LOOK_EVERY_SECONDS)

    def _go_on(self) -> None:
        if self._end_asked:
            raise _Ended

    def _is_at_work(self, child: Child) -> bool:
        if child.name == "worker":
            return self._temporal.has_worker(self._settings.task_queue, child.pid)
        return self._api_is_ready()

    def _api_is_ready(self) -> bool:
        host = self._settings.api_host
        reachable = "127.0.0.1" if host in ("0.0.0.0", "::", "localhost") else host
        connection = http.client.HTTPConnection(reachable, self._settings.api_port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        if not self._console.is_terminal:
            self._console.print(f"  正在启动 {what} …")
        with self._console.status(f"正在启动 {what} …"):
            yield
        self._console.print(f"[green]✓[/] {what} 已就绪（{time.monotonic() - began:.1f} 秒）")

    def _announce(self) -> None:
        settings, command = self._settings, command_name()
        lines = [
            ("接口页面", f"http://127.0.0.1:{settings.api_port}/docs"),
            ("流程页面", f"http://127.0.0.1:{settings.ui_port}（Temporal）"),
            ("数据文件夹", str(self._home)),
            ("日志文件夹", str(self._home / "logs")),
            ("取得令牌", f"{command} token officer"),
            ("演示", f"{command} demo"),
            ("结束", "按 Ctrl-C"),
        ]
        self._console.print("\n抽检系统已启动。")
        for title, text in lines:
            self._console.print(f"  {title}：{text}")
        self._console.print()

    def _watch(self) -> int:
        """Look after the parts until the end is asked for, or something indispensable dies."""
        reported: set[int] = set()
        while not self._end_asked:
            time.sleep(_LOOK_EVERY_SECONDS)
            if (name := home_folder.restart_asked(self._home)) in STARTED_AGAIN:
                self._restart(name)
            for child in self._children:
                if child.exit_code is None or child.pid in reported or self._end_asked:
                    continue
                reported.add(child.pid)
                if child.name in _INDISPENSABLE:
                    raise CommandError(
                        f"{child.name} 意外退出了（退出码 {child.exit_code}），整个系统随之结束。"
                        f"日志：{child.log}",
                        detail=child.last_words,
                    )
                again = f"{command_name()} restart {child.name}"
                self._console.print(
                    f"[yellow]![/] {child.name} 退出了（退出码 {child.exit_code}），其余部分照常运行；"
                    f"重新启动它：{again}（日志：{child.log}）"
                )
        return 0

    def _restart(self, name: str) -> None:
        """End a part if it runs and start it again; where that fails the rest runs on."""
        before = next(child for child in self._children if child.name == name)
        before.stop()
        self._children.remove(before)
        child = self._spawn_command(name, STARTED_AGAIN[name])
        try:
            self._keep(child)
            with self._step(name):
                self._wait(child, self._is_at_work)
        except CommandError as error:
            self._console.print(f"[red]✗[/] {error.sentence}")
        finally:
            home_folder.forget_restart(self._home)

    def _end(self) -> None:
        if self._children:
            self._console.print("正在结束 …")
        for child in reversed(self._children):
            was_running = child.exit_code is None
            child.stop()
            if was_running:
                self._console.print(f"[green]✓[/] {child.name} 已结束")
        home_folder.forget(self._home)
        if self._children:
            self._console.print("已全部结束，数据保留在 " + str(self._home))


def command_name() -> str:
    """How the reader's own shell calls us: by name where that works, else by the path it was called with."""
    ours = Path(sys.executable).parent / "choujian"
    found = shutil.which("choujian")
    if not ours.exists() or (found and Path(found).resolve() == ours.resolve()):
        return "choujian"
    try:
        return shlex.quote(str(ours.relative_to(Path.cwd())))
    except ValueError:
        return shlex.quote(str(ours))
