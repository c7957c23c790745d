"""The whole stack as ``choujian up`` runs it, in processes of its own."""

import http.client
import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from local.embedded import home
from tests.local.running import Running, a_stack


@pytest.fixture
def running() -> Iterator[Running]:
    with a_stack() as up:
        yield up


def test_ctrl_c_ends_everything_with_exit_code_0(running: Running) -> None:
    """Also when the key is pressed twice; and nothing the next ``up`` would stumble over is left."""
    assert running.is_ready()
    pids = running.pids()
    assert len(pids) == 4
    running.process.send_signal(signal.SIGINT)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(60) == 0
    assert "已全部结束" in running.said
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert home.read(running.home) is None


@pytest.mark.faults
def test_a_worker_may_be_killed_and_started_by_hand(running: Running) -> None:
    """The rest runs on; a worker in another terminal finds the stack and ends cleanly, every time."""
    os.kill(running.pid_of("worker"), signal.SIGKILL)
    running.wait_until_said("worker 退出了")
    assert "choujian restart worker" in running.said
    assert running.is_ready()
    for _ in range(3):
        worker = running.command("worker")
        assert worker.stderr is not None
        assert any(b"working on task queue" in line for line in worker.stderr)
        worker.send_signal(signal.SIGINT)
        worker.stderr.read()
        assert worker.wait(30) == 0
    assert running.process.poll() is None


@pytest.mark.faults
@pytest.mark.parametrize("name", ["PostgreSQL", "Temporal"])
def test_the_end_of_an_indispensable_part_ends_all(running: Running, name: str) -> None:
    pids = running.pids()
    os.kill(running.pid_of(name), signal.SIGKILL)
    assert running.process.wait(60) == 1
    assert f"{name} 意外退出了" in running.said
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.faults
def test_a_killed_up_leaves_nothing_in_the_way_of_the_next(running: Running) -> None:
    """What was there before the kill is there after it."""
    running.process.kill()
    running.process.wait()
    again = running.command("up")
    try:
        deadline = time.monotonic() + 120
        while not _answers(running):
            assert again.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        again.send_signal(signal.SIGINT)
        assert again.wait(60) == 0


def _answers(running: Running) -> bool:
    """Whether the new ``up`` has its API ready; the old one may still be ending."""
    stack = home.running(running.home)
    if stack is None or stack.up_pid == running.process.pid:
        return False
    try:
        return running.is_ready()
    except (OSError, http.client.HTTPException):
        return False
