"""The whole stack as ``choujian up`` runs it, in processes of its own."""

import contextlib
import http.client
import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from local.embedded import home
from local.embedded.launching import PARTS
from tests.local.running import Running, a_stack


@pytest.fixture
def running() -> Iterator[Running]:
    with a_stack() as up:
        yield up


def test_ctrl_c_ends_everything_with_exit_code_0(running: Running) -> None:
    """Also when the key is pressed twice; and nothing the next ``up`` would stumble over is left."""
    assert running.is_ready()
    pids = running.pids()
    assert len(pids) == 5
    running.process.send_signal(signal.SIGINT)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(60) == 0
    assert "已全部结束" in running.said
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert home.read(running.home) is None


@pytest.mark.faults
def test_a_part_that_is_killed_is_started_again(running: Running) -> None:
    """Each of them, on its old port and its old data; the others run on, and the stack is ready again."""
    stack = home.read(running.home)
    assert stack is not None
    for name in PARTS:
        others = {part: running.pid_of(part) for part in PARTS if part != name}
        killed = running.pid_of(name)
        os.kill(killed, signal.SIGKILL)
        running.wait_until_said(f"{name} 已重新启动")
        assert running.pid_of(name) != killed
        assert {part: running.pid_of(part) for part in others} == others
        assert all(psutil.pid_exists(pid) for pid in others.values())
    again = home.read(running.home)
    assert again is not None
    assert again.model_copy(update={"parts": []}) == stack.model_copy(update={"parts": []})
    running.wait_until_ready()
    assert running.wait_for("doctor", "--json").keys() == {"status", "parts"}
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(60) == 0
    assert not any(psutil.pid_exists(part.pid) for part in again.parts)


@pytest.mark.faults
def test_a_part_that_dies_again_and_again_is_given_up(running: Running) -> None:
    """Three times within ten minutes, then it says what to do; by hand it comes back. The rest runs on."""
    for times in range(1, 4):
        os.kill(running.pid_of("worker"), signal.SIGKILL)
        running.wait_until_said("worker 已重新启动", times)
    os.kill(running.pid_of("worker"), signal.SIGKILL)
    running.wait_until_said("worker 又退出了")
    assert "choujian restart worker" in running.said
    assert running.is_ready()
    assert running.command("status").wait(30) == 1
    assert running.command("restart", "worker").wait(90) == 0
    running.wait_until_said("worker 已重新启动", 4)
    assert running.command("status").wait(30) == 0


@pytest.mark.faults
def test_a_part_that_dies_during_the_end_is_not_started_again(running: Running) -> None:
    """However the keys and the deaths fall together, the end is clean."""
    pids = running.pids()
    running.process.send_signal(signal.SIGINT)
    for name in ("API", "worker", "Temporal"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid_of(name), signal.SIGKILL)
    assert running.process.wait(60) == 0
    assert "重新启动" not in running.said
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.faults
def test_a_worker_may_be_started_beside(running: Running) -> None:
    """A worker in another terminal finds the stack and ends cleanly, every time."""
    for _ in range(3):
        worker = running.command("worker")
        assert worker.stderr is not None
        assert any(b"working on task queue" in line for line in worker.stderr)
        worker.send_signal(signal.SIGINT)
        worker.stderr.read()
        assert worker.wait(30) == 0
    assert running.process.poll() is None


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
