"""``choujian outage`` on a real database: what is printed, and the exit code that a script sees."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import SHANGHAI
from tests.proof.builders import NOW, WINDOW, batch_with, counted, filed, silent, written

FROM, TO = (f"{(NOW + timedelta(days=n)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for n in (-3, 3))


def outage(database_url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, with nothing but the database."""
    return subprocess.run(
        [sys.executable, "-m", "local.commands.cli", "outage", *words],
        env=os.environ | {"DATABASE_URL": database_url, "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_a_sound_silence_is_printed_with_its_facts(engine: AsyncEngine, database_url: str) -> None:
    """Exit code 0; in JSON the same as the API."""
    batch_no = await batch_with(engine, counted(WINDOW, -1), *silent(-1))
    done = outage(database_url, FROM, TO)
    assert done.returncode == 0, done.stderr
    assert batch_no in done.stdout
    assert "逾期未行使" in done.stdout
    assert "1 项按事实决定" in done.stdout
    as_json = json.loads(outage(database_url, FROM, TO, "--json").stdout)
    assert [one["became"] for one in as_json["deadlines"]] == ["lapsed"]


async def test_what_does_not_hold_comes_first_and_fails(engine: AsyncEngine, database_url: str) -> None:
    """Exit code 1, also in JSON."""
    batch_no = await batch_with(engine, counted(WINDOW, 0))
    objection = await filed(engine, batch_no)
    await written(engine, batch_no, silent(0), 2)
    done = outage(database_url, FROM, TO)
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert first.startswith("核对不符")
    assert batch_no in first
    assert str(objection.step_id) in first
    assert outage(database_url, FROM, TO, "--json").returncode == 1


async def test_an_undecided_right_is_said_loudly(engine: AsyncEngine, database_url: str) -> None:
    """Nothing is wrong with it yet; the worker has to come back."""
    await batch_with(engine, counted(WINDOW, -1))
    done = outage(database_url, FROM, TO)
    assert done.returncode == 0
    assert "有 1 项权利的期限已经届满，尚未决定" in done.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        ("2026-11-20 18:00", "2026-11-20 17:00", "晚于"),
        ("2026-11-20T18:00:00+08:00", "2026-11-20T09:59:00Z", "晚于"),
        ("yesterday", "2026-11-20 17:00", "不是时刻"),
        ("2026-01-01", "2026-11-20", "最多"),
    ],
)
async def test_a_period_that_cannot_be_read_is_said(
    engine: AsyncEngine, database_url: str, begin: str, end: str, said: str
) -> None:
    """In one sentence; a time without offset is Shanghai's."""
    assert engine
    done = outage(database_url, begin, end)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
