"""Whatever is down, the answer comes, soon, and says so."""

import asyncio
import os
import time
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.watching import look as look_outside
from health import machine
from health.watch import Watch
from local.embedded.ports import free_port
from settings import Settings
from store.engine import make_engine
from tests.health.conftest import Looking


async def _nothing_answers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await asyncio.sleep(60)
    finally:
        writer.close()


@pytest.mark.parametrize("hanging", [False, True], ids=["refused", "hanging"])
async def test_with_everything_down_the_answer_comes_within_three_seconds(
    tmp_path: Path, hanging: bool
) -> None:
    """Connections that are refused, and servers that take them and say nothing: every part is told, twice."""
    port = free_port()
    server = await asyncio.start_server(_nothing_answers, "127.0.0.1", port) if hanging else None
    settings = Settings(
        home=tmp_path / "not" / "there",
        database_url=f"postgresql://nobody@127.0.0.1:{port}/nothing",
        temporal_address=f"127.0.0.1:{port}",
    )
    engine = make_engine(settings.database_url or "")
    watch = Watch(settings, engine)
    for _ in range(2):
        began = time.monotonic()
        report = await watch.report()
        assert time.monotonic() - began < 3
        parts = {part.name: part for part in report.parts}
        assert report.status == "down"
        assert (parts["database"].status, parts["temporal"].status) == ("down", "down")
        assert parts["disk"].status == "ok"
        assert all(part.what_to_do for part in parts.values() if part.status != "ok")
        watch._told = None
    await watch.close()
    await engine.dispose()
    if server is not None:
        server.close()


async def test_a_look_that_raises_is_a_part_that_is_down(
    look: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(_folder: Path) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(machine, "disk", fault)
    assert await look.status("disk") == "down"


async def test_many_who_ask_are_one_look(
    settings: Settings, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer holds for some seconds."""
    looks = []
    disk = machine.disk
    monkeypatch.setattr(machine, "disk", lambda folder: (looks.append(folder), disk(folder))[1])
    watch = Watch(settings, engine)
    reports = await asyncio.gather(*(watch.report() for _ in range(20)))
    assert len(looks) == 1
    assert len({id(report) for report in reports}) == 1
    await watch.close()


async def test_servers_outside_are_looked_at_by_the_worker(
    look: Looking, engine: AsyncEngine, settings: Settings
) -> None:
    """Not configured is said, one that does not answer is degraded, one that greets is fine."""
    assert await look.status("mail") == "degraded"
    await look_outside(engine, settings)
    part = await look.at("mail")
    assert (part.status, "未设置" in part.detail) == ("ok", True)

    port = free_port()
    configured = settings.model_copy(
        update={
            "smtp_url": f"smtp://user:secret@127.0.0.1:{port}",
            "bounces_url": f"imap://user:secret@127.0.0.1:{free_port()}",
        }
    )
    await look_outside(engine, configured)
    for name, setting in (("mail", "CHOUJIAN_SMTP_URL"), ("mailbox", "CHOUJIAN_BOUNCES_URL")):
        part = await look.at(name)
        assert part.status == "degraded"
        assert setting in part.what_to_do
        assert "secret" not in part.detail
    server = Controller(Sink(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        await look_outside(engine, configured)
    finally:
        server.stop()
    assert await look.status("mail") == "ok"


def test_an_old_backup_is_told(tmp_path: Path) -> None:
    """Its age is that of the newest file below the folder; a backup nobody knows of is said too."""
    assert machine.backup(None).status == "degraded"
    assert "CHOUJIAN_BACKUP" in machine.backup(None).what_to_do
    assert machine.backup(tmp_path / "missing").status == "down"
    assert machine.backup(tmp_path).status == "down"
    (tmp_path / "failed.dump").touch()
    assert machine.backup(tmp_path).status == "down", "nothing is in it"
    (tmp_path / "base").mkdir()
    for name, hours in (("base/old", 300), ("base/new", 30)):
        (tmp_path / name).write_bytes(b"PGDMP")
        os.utime(tmp_path / name, (time.time() - hours * 3600,) * 2)
    told = machine.backup(tmp_path)
    assert (told.status, told.detail) == ("degraded", "最近一次在30小时前")
    os.utime(tmp_path / "base/new")
    assert machine.backup(tmp_path).status == "ok"
    assert machine.backup(tmp_path / "base/old").status == "degraded"


@pytest.mark.parametrize(
    ("free", "status"), [(100 * 1024**2, "down"), (1024**3, "degraded"), (50 * 1024**3, "ok")]
)
def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: str) -> None:
    usage = type(machine.shutil.disk_usage(tmp_path))(100 * 1024**3, 0, free)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: usage)
    assert machine.disk(tmp_path).status == status
