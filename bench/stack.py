"""The stack that is measured: ``choujian up`` in a folder of its own, each part in its own process."""

import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.sides import READY, as_superuser
from local.embedded import home
from local.embedded.home import Stack
from local.embedded.ports import free_port
from settings import Settings

_START_LIMIT_SECONDS = 120
_END_LIMIT_SECONDS = 60


@dataclass(frozen=True)
class Running:
    """A stack that is ready; ``settings`` reach it as the product's own commands would."""

    folder: Path
    stack: Stack
    settings: Settings

    def process(self, part: str) -> psutil.Process:
        return psutil.Process(next(p.pid for p in self.stack.parts if p.name == part))

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time used so far, by part."""
        return {part.name: cpu_seconds(psutil.Process(part.pid)) for part in self.stack.parts}


@contextmanager
def running_stack(*, time_skipping: bool) -> Iterator[Running]:
    """``choujian up`` with ports and a data folder of its own, on disk; ended and removed afterwards.

    ``time_skipping``: as for the demonstration, or else as it is deployed.
    """
    # A short path: PostgreSQL's socket is in it.
    with tempfile.TemporaryDirectory(prefix="choujian-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        environment = os.environ | _free_ports() | {"CHOUJIAN_HOME": name}
        environment["CHOUJIAN_TIME_SKIPPING"] = "1" if time_skipping else "0"
        with (folder / "up.txt").open("wb") as output:
            up = subprocess.Popen(
                [sys.executable, "-m", "local.commands.cli", "up"],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            port = int(environment["CHOUJIAN_API_PORT"])
            _wait_until(lambda: _is_ready(port), up, folder / "up.txt")
            stack = home.read(folder)
            assert stack is not None
            yield Running(folder, stack, _settings(folder, stack))
        finally:
            _end(up)


@contextmanager
def child(module: str, running: Running) -> Iterator[psutil.Process]:
    """``python -m module`` beside the stack, once it has printed ``READY``."""
    log = running.folder / f"{module}.txt"
    environment = os.environ | {
        # What is compared makes tables of its own, which the services' role may not.
        "DATABASE_URL": as_superuser(running.stack.database_url or ""),
        "TEMPORAL_ADDRESS": running.stack.temporal_address or "",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until(lambda: READY in log.read_text(), process, log)
        yield psutil.Process(process.pid)
    finally:
        _end(process)


def _free_ports() -> dict[str, str]:
    """A port for each part; asked for one by one, two would now and then be the same."""
    names = ("CHOUJIAN_API_PORT", "CHOUJIAN_TEMPORAL_PORT", "CHOUJIAN_UI_PORT")
    free: set[int] = set()
    while len(free) < len(names):
        free.add(free_port())
    return dict(zip(names, map(str, free), strict=True))


def _settings(folder: Path, stack: Stack) -> Settings:
    return Settings(
        home=folder,
        api_port=stack.api_port,
        temporal_port=stack.temporal_port,
        ui_port=stack.ui_port,
        database_url=stack.database_url,
        temporal_address=stack.temporal_address,
        temporal_namespace=stack.temporal_namespace,
        task_queue=stack.task_queue,
        time_skipping=stack.time_skipping,
    )


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)


def _is_ready(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_END_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def resident_bytes(process: psutil.Process) -> int:
    resident: int = process.memory_info().rss
    return resident


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time used so far, with that of the processes it forked."""
    used = process.cpu_times()
    # Of children that have ended the kernel keeps the sum, those that run are asked.
    total = used.user + used.system + used.children_user + used.children_system
    for forked in process.children(recursive=True):
        times = forked.cpu_times()
        total += times.user + times.system
    return float(total)
