"""The product's real processes, each of which may be killed and started again while clients go on."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy import make_url

from evidence.keyring import RootKeys
from local.commands.tokens import ensure_keys
from local.embedded.parts import start_postgres, start_temporal
from local.embedded.ports import free_port
from local.embedded.postgres import SUPERUSER, programs
from local.embedded.process import Child, spawn
from settings import Settings
from signing.keys import Keyring
from store.roles import OWNER

_PATIENCE_SECONDS = 30

Test = Callable[..., Awaitable[None]]


def bounded(seconds: float) -> Callable[[Test], Test]:
    """A test that must come to its end: the parts' own patience adds up."""

    def bind(test: Test) -> Test:
        @wraps(test)
        async def within(**fixtures: Any) -> None:
            async with asyncio.timeout(seconds):
                await test(**fixtures)

        return within

    return bind


class Part(StrEnum):
    POSTGRES = "PostgreSQL"
    TEMPORAL = "Temporal"
    WORKER = "worker"
    API = "API"


class Stack:
    """PostgreSQL, Temporal on a file, worker and API, as processes of their own on free ports."""

    def __init__(self, home: Path, smtp_url: str) -> None:
        self.home = home
        self._smtp_url = smtp_url
        self._temporal_port, self._api_port = free_port(), free_port()
        self._children: dict[Part, Child] = {}
        self._database_url, self._owner_url, self.superuser_url = "", "", ""
        # Parts end with the thread that started them (``local.process``), so it is one that stays.
        self._hands = ThreadPoolExecutor(1)

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.home,
            api_port=self._api_port,
            database_url=self._database_url,
            temporal_address=f"127.0.0.1:{self._temporal_port}",
            time_skipping=True,
        )

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._api_port}"

    async def start(self, *parts: Part) -> None:
        """Start what is not running; PostgreSQL and Temporal are ready on return, the others soon after."""
        for part in parts or Part:
            await asyncio.get_running_loop().run_in_executor(self._hands, self._start, part)

    def _start(self, part: Part) -> None:
        if self.is_running(part):
            return
        if part is Part.POSTGRES:
            postgres = start_postgres(self.home)
            self._children[part], self._database_url = postgres.child, postgres.url
            self._owner_url, self.superuser_url = postgres.url_as(OWNER), postgres.url_as(SUPERUSER)
            self._migrate()
            ensure_keys(self.home)
            Keyring(self.settings.signing_folder).ensure(self.settings.signer_name)
            RootKeys(self.settings.evidence_keys_folder).ensure()
        elif part is Part.TEMPORAL:
            log = self.home / "logs" / "temporal.log"
            temporal = start_temporal(self.home, self._temporal_port, None, time_skipping=True, log=log)
            self._children[part] = temporal.child
        else:
            self._children[part] = self.command(part.lower(), part)

    def command(self, word: str, name: str) -> Child:
        """One of the product's own commands as a process."""
        environment = os.environ | {
            "CHOUJIAN_HOME": str(self.home),
            "CHOUJIAN_API_PORT": str(self._api_port),
            "CHOUJIAN_TIME_SKIPPING": "1",
            "CHOUJIAN_DECISION_TIMEOUT": "1",
            "CHOUJIAN_SMTP_URL": self._smtp_url,
            "DATABASE_URL": self._database_url,
            "MIGRATION_DATABASE_URL": self._owner_url if word == "migrate" else "",
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self._temporal_port}",
            "PYTHONUNBUFFERED": "1",
        }
        argv = [sys.executable, "-m", "local.commands.cli", word]
        return spawn(name, argv, self.home / "logs" / f"{word}.log", env=environment)

    def _migrate(self) -> None:
        if (self.home / "logs" / "migrate.log").exists():
            return
        migration = self.command("migrate", "migrate")
        assert migration.process.wait(60) == 0, migration.last_words

    def is_running(self, part: Part) -> bool:
        return part in self._children and self._children[part].exit_code is None

    def kill(self, part: Part) -> None:
        """End a part as a power cut would; PostgreSQL by its immediate shutdown, which saves nothing."""
        child = self._children[part]
        if part is Part.POSTGRES:
            child.process.send_signal(signal.SIGQUIT)
        else:
            os.killpg(child.pid, signal.SIGKILL)
        child.process.wait(30)

    def kill_9(self, part: Part) -> None:
        """End a part without a word, PostgreSQL too; what it leaves behind its next start has to bear."""
        child = self._children[part]
        os.killpg(child.pid, signal.SIGKILL)
        child.process.wait(30)

    def lose_temporal(self) -> None:
        """Temporal ends as in a power cut, and its disk is gone."""
        if self.is_running(Part.TEMPORAL):
            self.kill(Part.TEMPORAL)
        for file in self._temporals_files():
            file.unlink()

    def temporals_files(self) -> dict[str, bytes]:
        """A backup; taken while Temporal is down, as a careful operator does."""
        return {file.name: file.read_bytes() for file in self._temporals_files()}

    def restore_temporal(self, backup: dict[str, bytes]) -> None:
        for name, content in backup.items():
            (self.home / name).write_bytes(content)

    def dump(self, file: Path) -> None:
        """A backup of PostgreSQL, as docs/health.md has it."""
        self._with("pg_dump", "--format=custom", f"--file={file}", self._addressed(self.superuser_url))

    def restore(self, file: Path) -> None:
        """The backup is put in place of what is there; whoever is connected is cut off."""
        target, server = self._addressed(self.superuser_url), self._addressed(self.superuser_url, "postgres")
        name = make_url(self.superuser_url).database
        for statement in (f"drop database {name} with (force)", f"create database {name} owner {OWNER}"):
            self._with("psql", "-Xq", "-c", statement, server)
        self._with("pg_restore", "--exit-on-error", f"--dbname={target}", str(file))

    @staticmethod
    def _with(program: str, *arguments: str) -> None:
        subprocess.run([str(programs() / program), *arguments], check=True, capture_output=True)

    @staticmethod
    def _addressed(url: str, database: str | None = None) -> str:
        """As PostgreSQL's own programs are told where to connect."""
        parts = make_url(url)
        return f"host={parts.query['host']} user={parts.username} dbname={database or parts.database}"

    def _temporals_files(self) -> list[Path]:
        files = list(self.home.rglob("temporal.db*"))
        assert files, "Temporal has kept nothing"
        return files

    async def worker_at_work(self) -> None:
        """Wait until the worker says so; only from then on does it end politely when asked."""
        worker = self._children[Part.WORKER]
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while b"working on task queue" not in worker.log.read_bytes()[worker.log_start :]:
                worker.require_alive()
                await asyncio.sleep(0.1)

    def terminate(self, part: Part) -> int:
        """End a part politely; its exit code."""
        child = self._children[part]
        child.process.terminate()
        return child.process.wait(30)

    @contextmanager
    def frozen(self, part: Part) -> Iterator[None]:
        """A part that hangs: it takes connections and answers nothing."""
        # PostgreSQL's children are in groups of their own.
        whole = psutil.Process(self._children[part].pid)
        stopped = [whole, *whole.children(recursive=True)]
        try:
            for process in stopped:
                with suppress(psutil.NoSuchProcess):
                    process.suspend()
            yield
        finally:
            for process in stopped:
                with suppress(psutil.NoSuchProcess):  # killed meanwhile
                    process.resume()

    def stop(self) -> None:
        for part in reversed(Part):
            if part in self._children:
                self._children[part].stop()
        self._hands.shutdown()

    def fault(self, answer: httpx.Response) -> str:
        """What the API's log says of an answer that is a fault of its own; what it answered otherwise."""
        if answer.status_code != 500:
            return answer.text[:300]
        _, _, logged = self.log(Part.API).rpartition(answer.json()["error_id"])
        return logged.partition("unhandled error")[0][:20_000][-1_500:]

    def log(self, part: Part) -> str:
        return self._children[part].log.read_text("utf-8", errors="replace")
