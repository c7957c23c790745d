"""``choujian status`` and ``restart``: which parts of the embedded stack run, and starting one again."""

import time
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from local.embedded import home as home_folder
from local.embedded.home import Part, Stack
from local.embedded.process import running
from local.errors import CommandError

_PATIENCE_SECONDS = 120
_LOOK_EVERY_SECONDS = 0.2


def show(home: Path) -> bool:
    """The parts as a table; False where one of them has ended."""
    parts = _stack(home).parts
    table = Table(box=SIMPLE_HEAD)
    for heading in ("部分", "进程号", "状态"):
        table.add_column(heading)
    for part in parts:
        table.add_row(part.name, str(part.pid), "运行中" if _runs(part) else "[red]已退出[/]")
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    ended = {part.name for part in parts if not _runs(part)}
    for name in sorted(ended):
        console.print(f"重新启动：choujian restart {name}")
    console.print("各部分是否正常办理：choujian doctor")
    return not ended


def pid_of(home: Path, name: str) -> int:
    """Raises ``CommandError`` where the part does not run."""
    part = _part(_stack(home), name)
    if not _runs(part):
        raise CommandError(f"{part.name} 没有在运行。")
    return part.pid


def restart(home: Path, name: str) -> None:
    """Have ``choujian up`` start a part again, and wait until it is at work; raises ``CommandError``."""
    before = _part(_stack(home), name)
    home_folder.ask_restart(home, before.name)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while home_folder.restart_asked(home) is not None:
        _stack(home)
        if time.monotonic() > deadline:
            raise CommandError(f"{before.name} 迟迟没有重新启动：请看 choujian up 的窗口。")
        time.sleep(_LOOK_EVERY_SECONDS)
    after = _part(_stack(home), name)
    if not _runs(after):
        raise CommandError(
            f"{after.name} 没有启动成功：请看 choujian up 的窗口和日志文件夹 {home / 'logs'}。"
        )
    Console(highlight=False).print(f"{after.name} 已重新启动，进程号 {after.pid}。")


def _stack(home: Path) -> Stack:
    stack = home_folder.running(home)
    if stack is None:
        raise CommandError(f"没有找到正在运行的系统（数据文件夹 {home}）：choujian up 没有运行。")
    return stack


def _part(stack: Stack, name: str) -> Part:
    for part in stack.parts:
        if part.name.lower() == name.lower():
            return part
    known = "、".join(part.name for part in stack.parts)
    raise CommandError(f"没有“{name}”这个部分。在运行的部分：{known}。", exit_code=2)


def _runs(part: Part) -> bool:
    return running(part.pid, part.argv) is not None
