"""``choujian status`` and ``restart``, on what ``up`` has written down about its parts."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.commands import status
from local.embedded import home
from local.errors import CommandError
from tests.local.test_home import a_stack

SLEEPING = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A part that runs, of a stack that runs, beside PostgreSQL, which has ended."""
    stack = a_stack()
    with subprocess.Popen(SLEEPING) as process:
        for name, pid in (("PostgreSQL", 2**22 + 1), ("worker", process.pid)):
            part = home.Part(name=name, pid=pid, argv=SLEEPING, stop_signal=signal.SIGTERM)
            stack.parts.append(part)
        home.prepare(tmp_path)
        with home.hold(tmp_path):
            home.write(tmp_path, stack)
            yield process
        process.kill()


def test_every_part_is_listed(
    tmp_path: Path, worker: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """One that has ended is named, and makes the exit code 1."""
    assert not status.show(tmp_path)
    said = capsys.readouterr().out
    assert f"worker       {worker.pid}" in said
    assert said.count("已退出") == 1
    assert "重新启动：choujian restart PostgreSQL" in said


def test_a_pid_is_given_only_of_what_runs(tmp_path: Path, worker: subprocess.Popen[bytes]) -> None:
    """``kill $(choujian status worker)`` must never meet another program."""
    assert status.pid_of(tmp_path, "Worker") == worker.pid
    with pytest.raises(CommandError, match="PostgreSQL 没有在运行"):
        status.pid_of(tmp_path, "PostgreSQL")
    with pytest.raises(CommandError, match="没有“redis”这个部分"):
        status.pid_of(tmp_path, "redis")


def test_without_a_stack_there_are_no_parts(tmp_path: Path) -> None:
    for ask in (status.show, lambda folder: status.restart(folder, "worker")):
        with pytest.raises(CommandError, match="choujian up 没有运行"):
            ask(tmp_path)
