"""``choujian api`` in a process of its own, to be killed."""

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass

import psutil

from law.vocabulary import Role
from local.commands.tokens import issue
from local.commands.transfers import ApiLine
from settings import Settings


@dataclass
class Served:
    """``choujian api`` in a process of its own; Temporal is away and is not missed."""

    settings: Settings
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert self.settings.database_url
        environment = os.environ | {
            "CHOUJIAN_HOME": str(self.settings.home),
            "CHOUJIAN_API_PORT": str(self.settings.api_port),
            "CHOUJIAN_EVIDENCE_KEYS": str(self.settings.evidence_keys_folder),
            "CHOUJIAN_EVIDENCE_SECOND": self.settings.evidence_second or "",
            "DATABASE_URL": self.settings.database_url,
            "TEMPORAL_ADDRESS": "127.0.0.1:9",
        }
        argv = [sys.executable, "-m", "local.commands.cli", "api"]
        with (self.settings.home / "api.log").open("ab") as log:
            self.process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while not is_alive(self.settings.api_port):
            assert self.process.poll() is None, (self.settings.home / "api.log").read_text()
            assert time.monotonic() < end
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def memory(self) -> int:
        assert self.process is not None
        return int(psutil.Process(self.process.pid).memory_info().rss)

    @property
    def line(self) -> ApiLine:
        return ApiLine(self.settings.api_url, issue(self.settings, Role.OFFICER))


def is_alive(port: int) -> bool:
    with (
        suppress(OSError, http.client.HTTPException),
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection,
    ):
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    return False
