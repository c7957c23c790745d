"""How each part of the stack is started, and by what it is seen to be at work."""

import http.client
import os
import sys
from collections.abc import Callable
from pathlib import Path

from local.embedded.home import Stack
from local.embedded.parts import EmbeddedTemporal, hidden_pages, start_postgres, start_temporal
from local.embedded.process import Child, spawn
from settings import Settings
from store.roles import OWNER

POSTGRES, TEMPORAL, PAGES, WORKER, API = PARTS = ("PostgreSQL", "Temporal", "pages", "worker", "API")
# Started all at once after the others: most of their start is reading their own code.
COMMANDS = (PAGES, WORKER, API)
TITLES = {PAGES: "pages（Temporal 的网页，只供查看）"}


class Launcher:
    """Starts the parts of one stack; started again, each has the ports and the data it had before."""

    def __init__(self, settings: Settings, stack: Stack) -> None:
        self._settings = settings
        self._stack = stack
        self._home: Path = settings.home_dir
        self._temporal: EmbeddedTemporal | None = None
        self.own_pages = hidden_pages()
        self._starts: dict[str, Callable[[], Child]] = {
            POSTGRES: self._start_postgres,
            TEMPORAL: self._start_temporal,
            PAGES: lambda: self.command(PAGES, "pages", self.own_pages.url),
            WORKER: lambda: self.command(WORKER, "worker"),
            API: lambda: self.command(API, "api"),
        }

    def start(self, name: str) -> Child:
        """PostgreSQL and Temporal are ready on return; the others are at work soon after.

        Raises ``CommandError``.
        """
        return self._starts[name]()

    def is_at_work(self, child: Child) -> bool:
        if child.name == WORKER:
            temporal = self._temporal
            return temporal is not None and temporal.has_worker(self._settings.task_queue, child.pid)
        if child.name == PAGES:
            return _answers("127.0.0.1", self._settings.ui_port, "/")
        if child.name == API:
            host = self._settings.api_host
            reachable = "127.0.0.1" if host in ("0.0.0.0", "::", "localhost") else host
            return _answers(reachable, self._settings.api_port, "/health/ready")
        return child.exit_code is None

    def migration(self) -> Child:
        """The one command that is told of the tables' owner."""
        owner = self._stack.migration_database_url or ""
        return self.command("数据库结构更新", "migrate", owner_url=owner)

    def sample(self) -> Child:
        """Puts the sample bureau into a database that holds nothing yet."""
        return self.command("示例数据", "sample", "load", "--fresh")

    def command(self, name: str, *words: str, owner_url: str = "") -> Child:
        """One of our own commands as its own process, told where the parts of this stack are."""
        environment = os.environ | {
            "CHOUJIAN_HOME": str(self._home),
            "CHOUJIAN_API_HOST": self._stack.api_host,
            "CHOUJIAN_API_PORT": str(self._stack.api_port),
            "CHOUJIAN_UI_PORT": str(self._stack.ui_port),
            "CHOUJIAN_TASK_QUEUE": self._stack.task_queue,
            "CHOUJIAN_TIME_SKIPPING": "1" if self._stack.time_skipping else "0",
            "DATABASE_URL": self._stack.database_url or "",
            "MIGRATION_DATABASE_URL": owner_url,
            "TEMPORAL_ADDRESS": self._stack.temporal_address or "",
            "TEMPORAL_NAMESPACE": self._stack.temporal_namespace,
            "PYTHONUNBUFFERED": "1",
        }
        argv = [sys.executable, "-m", "local.commands.cli", *words]
        return spawn(name, argv, self._home / "logs" / f"{words[0]}.log", env=environment)

    def _start_postgres(self) -> Child:
        postgres = start_postgres(self._home)
        self._stack.database_url = postgres.url
        self._stack.migration_database_url = postgres.url_as(OWNER)
        return postgres.child

    def _start_temporal(self) -> Child:
        self._temporal = temporal = start_temporal(
            self._home,
            self._settings.temporal_port,
            self.own_pages,
            time_skipping=self._stack.time_skipping,
            log=self._home / "logs" / "temporal.log",
            namespace=self._settings.temporal_namespace,
        )
        self._stack.temporal_address = temporal.address
        return temporal.child


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
