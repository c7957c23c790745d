"""PostgreSQL and Temporal really start, keep what they were told, and are gone afterwards."""

import asyncio
import contextlib
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from temporalio import workflow
from temporalio.client import Client
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from local.embedded.parts import start_postgres, start_temporal
from local.embedded.ports import free_port
from store.roles import OWNER


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="choujian-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def ask(url: str, *statements: str) -> object:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            for statement in statements:
                result = await connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        await engine.dispose()


async def test_postgres_keeps_its_data_over_a_kill_and_a_new_start(folder: Path) -> None:
    """A server killed with SIGKILL after a commit has the row when it is started again."""
    postgres = start_postgres(folder)
    await ask(postgres.url_as(OWNER), "create table kept (word text)", "insert into kept values ('抽检')")
    os.kill(postgres.child.pid, signal.SIGKILL)
    postgres.child.process.wait()
    again = start_postgres(folder)
    try:
        assert await ask(again.url_as(OWNER), "select word from kept") == "抽检"
    finally:
        again.stop()
    assert not psutil.pid_exists(again.child.pid)


async def test_postgres_in_a_folder_with_a_long_chinese_name(folder: Path) -> None:
    """The path of a Unix socket is limited; the folder's is not."""
    postgres = start_postgres(folder / ("很长的文件夹名" * 8))
    try:
        assert await ask(postgres.url, "select current_database()") == "choujian"
    finally:
        postgres.stop()


async def test_a_second_start_takes_over_from_a_server_left_behind(folder: Path) -> None:
    """Two servers must never share one data folder."""
    first = start_postgres(folder)
    second = start_postgres(folder)
    try:
        assert first.child.process.wait(10) == 0
        assert await ask(second.url, "select 1") == 1
    finally:
        second.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes an account for PostgreSQL")
def test_two_first_starts_make_its_account_once() -> None:
    """Two that make it at once make two of one name, and the first server has no account any more."""
    name = "choujian-two"
    start = (
        "import time; from pathlib import Path; from local.embedded import postgres\n"
        f"postgres._SYSTEM_ACCOUNT = {name!r}\n"
        f"while time.time() < {time.time() + 2}: pass\n"
        "print(postgres._account(Path('/nowhere'))['user'])\n"
    )
    try:
        starts = [subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE) for _ in range(3)]
        assert {process.communicate()[0].decode().strip() for process in starts} == {
            str(pwd.getpwnam(name).pw_uid)
        }
    finally:
        subprocess.run(["userdel", name], check=True, capture_output=True)


async def test_temporal_keeps_its_state_over_a_kill(folder: Path) -> None:
    """A workflow started just before the server is killed is there afterwards."""
    port = free_port()
    log = folder / "temporal.log"
    server = start_temporal(folder, port, None, time_skipping=False, log=log)
    client = await Client.connect(server.address)
    await client.start_workflow("nobody", id="kept", task_queue="nobody")
    os.kill(server.child.pid, signal.SIGKILL)
    server.child.process.wait()
    server = start_temporal(folder, port, None, time_skipping=False, log=log)
    try:
        client = await Client.connect(server.address)
        assert (await client.get_workflow_handle("kept").describe()).id == "kept"
    finally:
        server.stop()
    assert server.child.exit_code == 0


@workflow.defn(sandboxed=False)
class FifteenDays:
    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(days=15))
        return workflow.now().isoformat()


async def test_time_can_be_skipped(skipper: TimeSkipper) -> None:
    """The flag in ``local.temporal`` is the one this server knows."""
    async with Worker(skipper.client, task_queue="skipping", workflows=[FifteenDays]):
        handle = await skipper.client.start_workflow(FifteenDays.run, id="skipping", task_queue="skipping")
        await skipper.fast_forward(handle, timedelta(days=16))
        async with asyncio.timeout(10):
            await handle.result()


@pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel ends children for us")
def test_nothing_survives_a_parent_that_is_killed(folder: Path) -> None:
    """Also after SIGKILL of whoever started it, PostgreSQL shuts down cleanly."""
    program = (
        "import sys, time; from pathlib import Path; from local.embedded.parts import start_postgres;"
        "print(start_postgres(Path(sys.argv[1])).child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(15)
    assert "database system is shut down" in (folder / "logs" / "postgres.log").read_text()
