"""Child processes of the embedded stack: own session, own log, and none that outlives its parent."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import psutil

from local.errors import CommandError, last_lines

_LOG_LIMIT = 20 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
# Half a second in all: loading takes a millisecond, on a busy machine some more.
_LOADING_LOOKS = 50
_LOADING_LOOK_SECONDS = 0.01
# Loaded before any fork: a child of a process with threads must not take the loader's lock.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Account(TypedDict, total=False):
    """As whom a child runs; empty for "as we do" (keywords of ``subprocess``)."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Child:
    """A running part of the stack and how it is ended cleanly."""

    name: str
    argv: list[str]
    log: Path
    process: subprocess.Popen[bytes]
    log_start: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 15.0

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll()

    @property
    def last_words(self) -> str:
        """The end of its log, as far as this run of it wrote it."""
        return last_lines(self.log, self.log_start)

    def stop(self) -> None:
        """Ask, wait, and only then kill; returns when the process is gone."""
        if self.exit_code is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()

    def require_alive(self) -> None:
        """Raise with the last log lines if the part has ended while it was being started."""
        if self.exit_code is not None:
            raise CommandError(
                f"{self.name} 启动时退出了（退出码 {self.exit_code}），日志：{self.log}",
                detail=self.last_words,
            )


def spawn(
    name: str,
    argv: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    patience: float = 15.0,
) -> Child:
    """Start a part in its own session, so that Ctrl-C reaches only the command that started it.

    On Linux the kernel sends it ``stop_signal`` when our main thread ends, however it ends; call this from
    the main thread. Elsewhere the next ``choujian up`` ends what a killed one left (``end_leftover``).
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(log.name + ".1"))
    with log.open("ab") as output:
        log_start = output.tell()
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_tied_to_us(stop_signal),
            **(account or {}),
        )
    return Child(name, list(argv), log, process, log_start, stop_signal, patience)


def run(argv: Sequence[str], *, cwd: Path | None = None, account: Account | None = None) -> str:
    """Run a short helper program to its end and give what it printed."""
    done = subprocess.run(
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=_tied_to_us(signal.SIGTERM),
        check=False,
        **(account or {}),
    )
    output = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        raise CommandError(f"{Path(argv[0]).name} 失败（退出码 {done.returncode}）", detail=output)
    return output


def running(pid: int, argv: Sequence[str]) -> psutil.Process | None:
    """The process that was started as ``argv``, if it still runs.

    A pid alone proves nothing, it may have been given to another program: the command line must match too.
    """
    try:
        process = psutil.Process(pid)
        return process if command_line(process) == list(argv) else None
    except psutil.NoSuchProcess:
        return None


def command_line(process: psutil.Process) -> list[str]:
    """What a process was started as; empty for one of the kernel's own. Raises ``psutil.NoSuchProcess``.

    A program just started has none either while the kernel still loads it: it is asked again for a moment.
    """
    for _ in range(_LOADING_LOOKS):
        if argv := process.cmdline():
            return argv
        time.sleep(_LOADING_LOOK_SECONDS)
    return []


def end_leftover(
    pid: int, argv: Sequence[str], stop_signal: signal.Signals = signal.SIGTERM, patience: float = 30.0
) -> bool:
    """End a process that an earlier, killed ``up`` left; True if there was one."""
    try:
        process = running(pid, argv)
        if process is None:
            return False
        process.send_signal(stop_signal)
        try:
            process.wait(patience)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied as error:
        raise CommandError(f"进程 {pid} 是以前留下的，但属于别的用户，无法结束它。") from error
    return True


def _tied_to_us(death_signal: signal.Signals) -> Callable[[], None] | None:
    """What the child does before it becomes the program: ask the kernel to end it when we end."""
    libc = _libc
    if libc is None:
        return None
    parent = os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # we ended before the request was made
            os._exit(1)

    return tie
