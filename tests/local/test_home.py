"""How a command in another terminal finds the running stack, and what it says if there is none."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local.embedded import home
from local.embedded.process import end_leftover, running
from local.errors import CommandError
from settings import Settings

URL = "postgresql+asyncpg://postgres@/choujian?host=/somewhere"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("CHOUJIAN_", "TEMPORAL_", "DATABASE_URL"))]:
        monkeypatch.delenv(name)


def a_stack() -> home.Stack:
    return home.Stack(
        up_pid=os.getpid(),
        api_host="127.0.0.1",
        api_port=8100,
        temporal_port=7333,
        ui_port=8333,
        temporal_namespace="default",
        task_queue="choujian",
        time_skipping=True,
        database_url=URL,
        temporal_address="127.0.0.1:7333",
    )


def test_everything_comes_from_the_running_stack(tmp_path: Path) -> None:
    home.prepare(tmp_path)
    with home.hold(tmp_path):
        home.write(tmp_path, a_stack())
        found = home.resolve(Settings(home=tmp_path))
    assert found.database_url == URL
    assert found.temporal_target == "127.0.0.1:7333"
    assert found.api_port == 8100
    assert found.time_skipping is True


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOUJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("CHOUJIAN_API_PORT", "8200")
    home.prepare(tmp_path)
    with home.hold(tmp_path):
        home.write(tmp_path, a_stack())
        assert home.resolve(Settings()).api_port == 8200
        monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://elsewhere/db")
        assert home.resolve(Settings()).temporal_address is None


def test_a_file_left_by_a_killed_up_is_no_running_stack(tmp_path: Path) -> None:
    """The kernel gives the lock back when its holder dies; the file stays."""
    home.prepare(tmp_path)
    home.write(tmp_path, a_stack())
    with pytest.raises(CommandError, match="没有找到正在运行的系统"):
        home.resolve(Settings(home=tmp_path))


def test_two_stacks_cannot_share_a_data_folder(tmp_path: Path) -> None:
    home.prepare(tmp_path)
    with (
        home.hold(tmp_path),
        pytest.raises(CommandError, match=r"已在运行.*CHOUJIAN_HOME"),
        home.hold(tmp_path),
    ):
        pytest.fail("held twice")


def test_leftovers_are_known_by_pid_and_command_line(tmp_path: Path) -> None:
    """A pid that now belongs to another program is left alone."""
    argv = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(argv) as left:
        assert not end_leftover(left.pid, ["postgres", "-D", str(tmp_path)])
        assert left.poll() is None
        stack = a_stack()
        stack.parts.append(home.Part(name="worker", pid=left.pid, argv=argv, stop_signal=signal.SIGTERM))
        home.prepare(tmp_path)
        home.write(tmp_path, stack)
        assert home.end_leftovers(tmp_path) == ["worker"]
        assert not psutil.pid_exists(left.pid)
    assert home.end_leftovers(tmp_path) == []


def test_a_program_just_started_is_known_at_once() -> None:
    """While the kernel still loads it, it has no command line; asked then, every third would be missed."""
    argv = ["sleep", "60"]
    for _ in range(20):
        with subprocess.Popen(argv) as process:
            found = running(process.pid, argv)
            process.kill()
        assert found is not None


def test_home_is_not_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``HOME`` is set everywhere; only the documented names count."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("API_PORT", "1")
    assert Settings().home_dir == Path("var").resolve()
    assert Settings().api_port == 8000
