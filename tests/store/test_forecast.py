"""Looking ahead: what falls due until when, what is past, and by which index it is found."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai, end_of_day
from store.ledger import record
from store.reads import forecast as ahead
from store.reads.forecast import DueWait, forecast
from store.reads.part import SeenPart
from tests.store.builders import change, duty, snapshot, wait
from tests.store.test_reads import _fill, put

TODAY = day_in_shanghai(datetime.now(UTC))


def on(days: int) -> dict[str, Any]:
    """A deadline at the end of the day so many days from today."""
    day = TODAY + timedelta(days=days)
    return {"last_day": day, "deadline": end_of_day(day)}


async def due(engine: AsyncEngine, days: int, **fields: Any) -> list[tuple[str, int, bool]]:
    seen = await forecast(engine, **{"days": days, "most": 100, "time_skipping": False, **fields})
    assert (seen.first_day, seen.last_day) == (TODAY, TODAY + timedelta(days=days - 1))
    return [(one.wait.id, (one.falls_on - TODAY).days, one.past) for one in seen.due]


async def test_the_days_asked_for_end_with_the_last_one(engine: AsyncEngine) -> None:
    """What is past comes first, then day by day; a wait without a deadline falls on no day."""
    await put(engine, duty("third", **on(2)), duty("fourth", **on(3)), duty("whenever"))
    await put(engine, wait("lapsing", **on(-1)), duty("late", **on(-9)), duty("today", **on(0)))
    assert await due(engine, 3) == [
        ("late", -9, True),
        ("lapsing", -1, True),
        ("today", 0, False),
        ("third", 2, False),
    ]
    assert [found for found, *_ in await due(engine, 1)] == ["late", "lapsing", "today"]
    assert [found for found, *_ in await due(engine, 4)][-1] == "fourth"


async def test_of_many_the_first_are_told_and_all_are_counted(engine: AsyncEngine) -> None:
    """By whose they are and on which day; duties and rights that are past are apart."""
    await put(engine, *(duty(f"d{nth}", **on(1)) for nth in range(5)), duty("later", **on(2)))
    await put(engine, *(duty(f"late{nth}", **on(-1 - nth)) for nth in range(3)), wait("lapsing", **on(-1)))
    ahead = (await forecast(engine, days=5, most=2, time_skipping=False)).due
    assert [(one.wait.id, one.duties, one.rights) for one in ahead] == [
        ("late2", 3, 0),
        ("late1", 3, 0),
        ("lapsing", 0, 1),
        ("d0", 5, 0),
        ("d1", 5, 0),
        ("later", 1, 0),
    ]


async def test_what_has_ended_falls_due_no_more(engine: AsyncEngine) -> None:
    """Only what is still awaited is ahead."""
    batch_no = await put(engine, duty("done", **on(1)), duty("left", **on(1)))
    await record.write(engine, change(snapshot(batch_no, 2, duty("left", **on(1)))), time_skipping=False)
    assert await due(engine, 5) == [("left", 1, False)]


async def test_a_laboratory_looks_ahead_for_itself(engine: AsyncEngine) -> None:
    """What it tests, and what it retests of another's; what others owe in its batches is not its matter."""
    tested = (duty("report_submitted", **on(1)), duty("report_received", **on(1)))
    await put(engine, *tested, laboratory="LAB-01")
    await put(engine, duty("report_submitted", **on(2)), laboratory="LAB-02")
    retested = (duty("retest_report_received", **on(3)), duty("report_submitted", **on(4)))
    await put(engine, *retested, laboratory="LAB-02", retest_laboratory="LAB-01")
    ahead = [found for found, *_ in await due(engine, 9, part=SeenPart(laboratory="LAB-01"))]
    assert ahead == ["report_submitted", "retest_report_received"]


async def test_a_fast_forwarded_batch_comes_on_its_own_day(engine: AsyncEngine) -> None:
    """A month ahead by its clock, its deadline in thirty-two days is two days away."""
    batch_no = await put(engine, duty("report", **on(32)))
    now = datetime.now(UTC) + timedelta(days=30)
    await record.write(
        engine, change(snapshot(batch_no, 2, duty("report", **on(32))), now=now), time_skipping=True
    )
    assert await due(engine, 5, time_skipping=True) == [("report", 2, False)]


async def test_many_open_waits_are_read_by_the_index(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 20,000 open waits over two years, a fortnight of them is read by their deadlines.

    By which of two indexes is PostgreSQL's choice: it can also skip through the one led by ``owed_by``.
    """
    await _fill(engine)
    statements: list[str] = []
    made = ahead.text
    monkeypatch.setattr(ahead, "text", lambda statement: statements.append(statement) or made(statement))
    found: tuple[DueWait, ...] = (await forecast(engine, days=14, most=1000, time_skipping=False)).due
    assert 300 < len(found) < 1000
    async with engine.connect() as connection:
        rows = await connection.execute(
            text(f"explain {statements[-1]}"),
            {"as_of": datetime.now(UTC), "until": end_of_day(TODAY + timedelta(days=13)), "most": 1000},
        )
        plan = "\n".join(row[0] for row in rows)
    assert re.search("ix_waits_open_(owed_by_)?due", plan), plan
    assert "Seq Scan" not in plan, plan
