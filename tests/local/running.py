"""``choujian up`` in a process of its own, on free ports and a new data folder."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.embedded import home
from local.embedded.ports import free_port

COMMAND = (sys.executable, "-m", "local.commands.cli")


@dataclass
class Running:
    """An ``up`` that has said it is ready, or has ended."""

    process: subprocess.Popen[bytes]
    home: Path
    environment: dict[str, str]

    @property
    def said(self) -> str:
        return (self.home / "up.txt").read_text()

    def wait_until_said(self, words: str, times: int = 1) -> None:
        deadline = time.monotonic() + 120
        while self.said.count(words) < times:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    def pid_of(self, name: str) -> int:
        stack = home.read(self.home)
        assert stack is not None
        return next(part.pid for part in stack.parts if part.name == name)

    def pids(self) -> list[int]:
        stack = home.read(self.home)
        return [part.pid for part in stack.parts] if stack else []

    def command(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMAND, *words], env=self.environment, start_new_session=True, stderr=subprocess.PIPE
        )

    def wait_for(self, *words: str) -> dict[str, object]:
        """What a command prints as JSON, whatever its exit code."""
        done = subprocess.run(
            [*COMMAND, *words], env=self.environment, capture_output=True, timeout=60, check=False
        )
        printed: dict[str, object] = json.loads(done.stdout)
        return printed

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while not self.is_ready():
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(
            "127.0.0.1", int(self.environment["CHOUJIAN_API_PORT"]), timeout=5
        )
        with contextlib.closing(connection):
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200


@contextlib.contextmanager
def a_stack() -> Iterator[Running]:
    """A stack that has said it is ready; ended afterwards, however the test ended."""
    with tempfile.TemporaryDirectory(prefix="choujian-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        ports = ("CHOUJIAN_API_PORT", "CHOUJIAN_TEMPORAL_PORT", "CHOUJIAN_UI_PORT")
        environment = os.environ | {port: str(free_port()) for port in ports} | {"CHOUJIAN_HOME": name}
        with (folder / "up.txt").open("wb") as output:
            process = subprocess.Popen(
                [*COMMAND, "up"],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        up = Running(process, folder, environment)
        try:
            up.wait_until_said("Ctrl-C")
            yield up
        finally:
            process.terminate()
            process.wait(60)
