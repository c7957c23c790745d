"""The data folder: which stack runs on it, and how commands in another terminal find that stack."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from local.embedded.process import Child, end_leftover
from local.errors import CommandError
from settings import Settings

_STACK_FILE = "stack.json"
_LOCK_FILE = "up.lock"
_RESTART_FILE = "restart"


class Part(BaseModel):
    """One process of the stack; the command line proves later that the pid is still the same program."""

    name: str
    pid: int
    argv: list[str]
    stop_signal: signal.Signals


class Stack(BaseModel):
    """What ``choujian up`` writes down for the other commands, and for the next ``up`` if it is killed."""

    up_pid: int
    api_host: str
    api_port: int
    temporal_port: int
    ui_port: int
    temporal_namespace: str
    task_queue: str
    time_skipping: bool
    database_url: str | None = None
    migration_database_url: str | None = None
    temporal_address: str | None = None
    parts: list[Part] = Field(default_factory=list)

    def started(self, child: Child) -> None:
        """Note a part; one started again takes the place of the one before it."""
        part = Part(name=child.name, pid=child.pid, argv=child.argv, stop_signal=child.stop_signal)
        names = [other.name for other in self.parts]
        if child.name in names:
            self.parts[names.index(child.name)] = part
        else:
            self.parts.append(part)


def prepare(home: Path) -> None:
    """Make the data folder, closed to others, or say why that cannot be done."""
    try:
        for folder in (home, home / "logs"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        if not os.access(home, os.W_OK):
            raise PermissionError(f"no write access to {home}")
    except OSError as error:
        raise CommandError(
            f"无法使用数据文件夹 {home}：{error.strerror or error}。可用 CHOUJIAN_HOME 换一个。"
        ) from error


@contextlib.contextmanager
def hold(home: Path) -> Iterator[None]:
    """Keep the data folder for this ``up`` alone; the kernel gives it back however the process ends."""
    with (home / _LOCK_FILE).open("a") as lock:
        for attempt in range(10):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(0.05 * (attempt > 0))  # a command may be looking, see ``running``
        else:
            raise CommandError(_already_running(home))
        yield


def _already_running(home: Path) -> str:
    stack = read(home)
    where = f"（进程 {stack.up_pid}，API 端口 {stack.api_port}）" if stack else ""
    return (
        f"数据文件夹 {home} 的系统已在运行{where}。要另起一套，请同时改 CHOUJIAN_HOME 和 "
        "CHOUJIAN_API_PORT、CHOUJIAN_TEMPORAL_PORT、CHOUJIAN_UI_PORT。"
    )


def read(home: Path) -> Stack | None:
    """What the last ``up`` wrote, whether it still runs or not."""
    try:
        return Stack.model_validate_json((home / _STACK_FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def write(home: Path, stack: Stack) -> None:
    """Whole or not at all: other commands may read at any moment."""
    unfinished = home / f".{_STACK_FILE}.{os.getpid()}"
    unfinished.write_text(stack.model_dump_json(indent=2), encoding="utf-8")
    unfinished.replace(home / _STACK_FILE)


def forget(home: Path) -> None:
    (home / _STACK_FILE).unlink(missing_ok=True)
    forget_restart(home)


def ask_restart(home: Path, name: str) -> None:
    """Leave word for the running ``up`` to start a part again; it takes the word away when that is done."""
    (home / _RESTART_FILE).write_text(name, encoding="utf-8")


def restart_asked(home: Path) -> str | None:
    """The part that somebody wants started again."""
    try:
        return (home / _RESTART_FILE).read_text(encoding="utf-8")
    except OSError:
        return None


def forget_restart(home: Path) -> None:
    (home / _RESTART_FILE).unlink(missing_ok=True)


def end_leftovers(home: Path) -> list[str]:
    """End what a killed ``up`` left running, last started first; gives the names of what was ended."""
    stack = read(home)
    parts = reversed(stack.parts) if stack else ()
    return [part.name for part in parts if end_leftover(part.pid, part.argv, part.stop_signal)]


def running(home: Path) -> Stack | None:
    """The stack that runs on this folder now; a file left by a killed ``up`` does not count."""
    try:
        with (home / _LOCK_FILE).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return read(home)
    except OSError:
        return None
    return None


def resolve(settings: Settings) -> Settings:
    """Fill in from the running stack whatever the environment does not say.

    A database named in the environment is another installation: then nothing is taken from the stack.
    """
    if settings.database_url is not None:
        return settings
    stack = running(settings.home_dir)
    if stack is None or stack.database_url is None:
        raise CommandError(
            f"没有找到正在运行的系统（数据文件夹 {settings.home_dir}）：请先在另一个终端运行 choujian up，"
            "CHOUJIAN_HOME 要一致；或者设置 DATABASE_URL 和 TEMPORAL_ADDRESS。"
        )
    found = {name: getattr(stack, name) for name in Stack.model_fields if name in Settings.model_fields}
    return settings.model_copy(
        update={name: value for name, value in found.items() if name not in settings.model_fields_set}
    )
