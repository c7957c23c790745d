"""``choujian doctor``: one line a part, what to do, and an exit code for monitors."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.watching import look as look_outside
from health.report import HealthPart, Standing, report_of
from law.calendar import CalendarYear
from local.commands import doctor
from settings import Settings
from store.watched import heartbeats
from tests.store.builders import put_in_force


async def command(settings: Settings, *words: str, **environment: str) -> tuple[int, str]:
    """The command as its own process; its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.commands.cli", "doctor", *words),
        env=os.environ
        | {
            "CHOUJIAN_HOME": str(settings.home_dir),
            "CHOUJIAN_API_PORT": str(settings.api_port),
            "CHOUJIAN_TASK_QUEUE": settings.task_queue,
            "DATABASE_URL": settings.database_url or "",
            "TEMPORAL_ADDRESS": settings.temporal_address or "",
            **environment,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


@pytest.mark.usefixtures("stack")
async def test_all_is_well(settings: Settings, engine: AsyncEngine, tmp_path: Path) -> None:
    """Everything at work, a backup of today, the coming year announced: nothing to do, exit code 0."""
    year = CalendarYear(
        year=2027, version="国办发明电〔2026〕1号", announced=True, holidays={}, makeup_days=()
    )
    await put_in_force(engine, year)
    await look_outside(engine, settings)
    await heartbeats.beat(engine, heartbeats.RELAY)
    (tmp_path / "choujian.dump").write_bytes(b"PGDMP")
    exit_code, printed = await command(settings, CHOUJIAN_BACKUP=str(tmp_path))
    assert exit_code == 0, printed
    assert printed.count("✓") == len(printed.splitlines()) == 19
    assert "→" not in printed


async def test_what_is_down_is_told_with_what_to_do(settings: Settings, engine: AsyncEngine) -> None:
    """Nobody at work: exit code 1, and as JSON the same parts as ``GET /health`` and the API beside them."""
    assert engine
    exit_code, printed = await command(
        settings, "--json", CHOUJIAN_TASK_QUEUE=f"{settings.task_queue}-nobody"
    )
    assert exit_code == 1
    told = json.loads(printed)
    assert told["status"] == "down"
    parts = {part["name"]: part for part in told["parts"]}
    assert {name for name, part in parts.items() if part["status"] == "down"} == {"api", "workers", "relay"}
    assert "choujian restart API" in parts["api"]["what_to_do"]


def test_a_line_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets in what a server said are not taken for markup."""
    part = HealthPart(
        name="mail", title="邮件服务器", status=Standing.DEGRADED, detail="[red]554", what_to_do="请核对。"
    )
    doctor.show(report_of((part,)))
    assert capsys.readouterr().out == "! 邮件服务器：[red]554 → 请核对。\n"


def test_without_a_stack_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from local.commands import cli

    monkeypatch.setenv("CHOUJIAN_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr("sys.argv", ["choujian", "doctor"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "没有找到正在运行的系统" in "".join(capsys.readouterr())
