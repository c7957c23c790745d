"""``choujian up``: the whole stack on one machine, started in order and ended in reverse."""

import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from evidence.keyring import RootKeys
from local.commands.terminal import in_foreground
from local.commands.tokens import ensure_keys
from local.embedded import home as home_folder
from local.embedded.launching import COMMANDS, PARTS, POSTGRES, TEMPORAL, TITLES, Launcher
from local.embedded.ports import require_free, stack_ports
from local.embedded.process import Child
from local.embedded.restarts import MOST, Restarts
from local.errors import CommandError
from settings import Settings
from signing.keys import Keyring

_READY_LIMIT_SECONDS = 90
_LOOK_EVERY_SECONDS = 0.2


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
    """One run of the stack: what was started, what is written down about it, what has died since."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings = settings
        self._console = console
        self._home = settings.home_dir
        self._children: dict[str, Child] = {}
        self._restarts = Restarts()
        # From when on a part that died is to be started again; until when one started again is waited for.
        self._due: dict[str, float] = {}
        self._awaited: dict[str, float] = {}
        self._given_up: set[str] = set()
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
        self._launcher = Launcher(settings, self._stack)

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
        ensure_keys(self._home, self._settings.issuer_private_key)
        Keyring(self._settings.signing_folder).ensure(self._settings.signer_name)
        RootKeys(self._settings.evidence_keys_folder).ensure()
        for name in (POSTGRES, TEMPORAL):
            with self._step(name):
                self._keep(self._launcher.start(name))
        with self._step("数据库结构"):
            self._migrate()
        sample = self._launcher.sample()
        try:
            for name in COMMANDS:
                self._keep(self._launcher.start(name))
            for name in COMMANDS:
                with self._step(TITLES.get(name, name)):
                    self._wait(self._children[name], self._launcher.is_at_work)
            self._wait(sample, lambda command: command.exit_code is not None)
            if sample.exit_code:
                self._console.print(f"[yellow]·[/] 示例数据没有装入，日志：{sample.log}")
        finally:
            sample.stop()
        for name in COMMANDS:
            self._children[name].require_alive()

    def _migrate(self) -> None:
        child = self._launcher.migration()
        try:
            self._wait(child, lambda migration: migration.exit_code == 0)
        finally:
            child.stop()

    def _keep(self, child: Child) -> None:
        self._children[child.name] = child
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
            ("流程页面", f"http://127.0.0.1:{settings.ui_port}（Temporal，只供查看）"),
            ("数据文件夹", str(self._home)),
            ("日志文件夹", str(self._home / "logs")),
            ("登录工作台", f"{command} sign-in officer"),
            ("取得令牌", f"{command} token officer"),
            ("示例数据", f"{command} sample remove 移除，{command} sample load 装入"),
            ("演示", f"{command} demo"),
            ("结束", "按 Ctrl-C"),
        ]
        self._console.print("\n抽检系统已启动。")
        for title, text in lines:
            self._console.print(f"  {title}：{text}")
        self._console.print()
        own = self._launcher.own_pages
        if not own.is_hidden:
            self._console.print(
                f"[yellow]·[/] 这个操作系统只有一个回环地址：Temporal 自己的网页（{own.url}，可以办理）"
                "只能靠随机端口隐藏。"
            )

    def _watch(self) -> int:
        """Look after the parts until the end is asked for; one that dies is started again."""
        while True:
            self._go_on()
            time.sleep(_LOOK_EVERY_SECONDS)
            if (name := home_folder.restart_asked(self._home)) in PARTS and name not in self._awaited:
                self._restart_by_hand(name)
            for name, child in list(self._children.items()):
                self._go_on()
                if name in self._due:
                    self._start_again_when_due(name)
                elif child.exit_code is not None and name not in self._given_up:
                    self._has_died(child)
                elif name in self._awaited:
                    self._look_whether_at_work(child)

    def _has_died(self, child: Child) -> None:
        """Have a part started again that ended by itself, unless that has not helped."""
        name, now = child.name, time.monotonic()
        self._no_longer_awaited(name)
        pause = self._restarts.pause(name, now)
        if pause is None:
            self._given_up.add(name)
            self._console.print(
                f"[red]✗[/] {name} 又退出了（退出码 {child.exit_code}）：十分钟内已重新启动{MOST}次，"
                f"不再自动启动，其余部分照常运行。请看日志 {child.log}，"
                f"排除原因后运行 {command_name()} restart {name}。"
            )
            self._console.print(child.last_words, style="dim", markup=False)
            return
        self._due[name] = now + pause
        later = f"{pause:.0f} 秒后" if pause else "立即"
        self._console.print(
            f"[yellow]![/] {name} 退出了（退出码 {child.exit_code}），{later}重新启动；"
            f"其余部分照常运行（日志：{child.log}）"
        )

    def _start_again_when_due(self, name: str) -> None:
        now = time.monotonic()
        if now < self._due[name]:
            return
        del self._due[name]
        self._restarts.note(name, now)
        self._start_again(name)

    def _start_again(self, name: str) -> None:
        """Start a part that has ended; where that fails it counts as having died again."""
        try:
            child = self._launcher.start(name)
        except CommandError as error:
            self._console.print(f"[red]✗[/] {error.sentence}")
            self._no_longer_awaited(name)
            return
        self._awaited[name] = time.monotonic() + _READY_LIMIT_SECONDS
        self._keep(child)

    def _look_whether_at_work(self, child: Child) -> None:
        if self._launcher.is_at_work(child):
            self._console.print(f"[green]✓[/] {child.name} 已重新启动，进程号 {child.pid}")
        elif time.monotonic() < self._awaited[child.name]:
            return
        else:
            self._console.print(f"[red]✗[/] {child.name} 迟迟没有就绪，日志：{child.log}")
        self._no_longer_awaited(child.name)

    def _restart_by_hand(self, name: str) -> None:
        """End a part if it runs and start it again: somebody has looked after it."""
        self._restarts.forget(name)
        self._given_up.discard(name)
        self._due.pop(name, None)
        self._children[name].stop()
        self._start_again(name)

    def _no_longer_awaited(self, name: str) -> None:
        """Whoever asked for the part by hand is told."""
        self._awaited.pop(name, None)
        if home_folder.restart_asked(self._home) == name:
            home_folder.forget_restart(self._home)

    def _end(self) -> None:
        if self._children:
            self._console.print("正在结束 …")
        for child in reversed(self._children.values()):
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
