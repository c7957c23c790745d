"""Lists and the inbox: filtered, in order, page by page, with an index."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai, end_of_day
from law.vocabulary import Outcome, Phase, Role, WaitKind
from store.errors import BatchUnknown, CursorInvalid
from store.ledger import record
from store.reads import read_model, tasks
from store.reads.part import SeenPart
from store.reads.tasks import Falls, Whose
from store.reads.waits import waits
from store.reads.wanted import WantedBatches
from tests.databases import tamper
from tests.store.builders import change, duty, open_one, order, snapshot, wait

NOW = datetime.now(UTC)


async def listed(
    engine: AsyncEngine, *, limit: int = 50, cursor: str | None = None, **wanted: Any
) -> read_model.Page[read_model.BatchRow]:
    return await read_model.list_batches(engine, WantedBatches(**wanted), limit=limit, cursor=cursor)


async def put(engine: AsyncEngine, *waits: Any, **fields: Any) -> str:
    opening = await open_one(engine)
    to = snapshot(opening.batch_no, 1, *waits, **fields)
    await record.write(engine, change(to), time_skipping=False)
    return opening.batch_no


def numbers(page: read_model.Page[read_model.BatchRow]) -> list[str]:
    return [row.snapshot.batch_no for row in page.items]


async def test_batches_come_newest_first_page_by_page(engine: AsyncEngine) -> None:
    """Each batch once, whatever is opened in between."""
    opened = [(await open_one(engine)).batch_no for _ in range(5)]
    first = await listed(engine, limit=2)
    await open_one(engine)
    second = await listed(engine, limit=2, cursor=first.next_cursor)
    third = await listed(engine, limit=2, cursor=second.next_cursor)
    assert numbers(first) + numbers(second) + numbers(third) == opened[::-1]
    assert third.next_cursor is None


async def test_batches_are_filtered(engine: AsyncEngine) -> None:
    """By phase, outcome, lateness and laboratory, also together."""
    late = await put(engine, duty(deadline=NOW - timedelta(days=1)), phase=Phase.TESTING)
    due = await put(engine, duty(deadline=NOW + timedelta(days=1)), laboratory="LAB-02")
    closed = await put(engine, phase=Phase.CLOSED, outcome=Outcome.RETEST_UPHELD, retest_laboratory="LAB-02")
    assert numbers(await listed(engine, phase=Phase.TESTING)) == [late]
    assert numbers(await listed(engine, outcome=Outcome.RETEST_UPHELD)) == [closed]
    assert numbers(await listed(engine, overdue=True)) == [late]
    assert numbers(await listed(engine, overdue=False)) == [closed, due]
    of_lab = SeenPart(laboratory="LAB-02")
    assert numbers(await listed(engine, part=of_lab)) == [closed, due]
    assert numbers(await listed(engine, part=of_lab, phase=Phase.CLOSED)) == [closed]
    assert [row.overdue for row in (await listed(engine)).items] == [False, False, True]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("电水壶", True),
        ("水", True),
        ("水壶", True),
        ("ａｂｃ-９", True),
        ("ABC", True),
        ("壶水", False),
        ("电壶", False),
        ("电%壶", False),
        ("", True),
    ],
)
async def test_batches_are_found_by_a_piece_of_text(engine: AsyncEngine, q: str, found: bool) -> None:
    """A character, a word, whatever width and case; never more than was asked for."""
    opening = await open_one(engine, order(name="电水壶", trademark="abc-9"))
    assert numbers(await listed(engine, q=q)) == ([opening.batch_no] if found else [])
    assert numbers(await listed(engine, q=opening.batch_no[-6:])) == [opening.batch_no]


async def test_tasks_come_most_urgent_first_page_by_page(engine: AsyncEngine) -> None:
    """Equal deadlines and none at all included, each wait once."""
    same = NOW + timedelta(days=3)
    past = NOW - timedelta(days=1)
    a = await put(engine, wait("lapsing", deadline=past), duty("late", deadline=past), wait("whenever"))
    b = await put(engine, wait("x", deadline=same), wait("y", deadline=same), wait("whenever"))
    seen, cursor = [], None
    while True:
        page = await tasks.tasks(engine, limit=1, cursor=cursor)
        seen += [(row.batch_no, row.wait.id, row.overdue) for row in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [
        (a, "lapsing", False),
        (a, "late", True),
        (b, "x", False),
        (b, "y", False),
        (a, "whenever", False),
        (b, "whenever", False),
    ]


async def test_a_right_is_never_overdue(engine: AsyncEngine) -> None:
    """Past its deadline a right lapses; only a duty is late, also when a fast-forward made it so."""
    past = NOW - timedelta(days=1)
    batch_no = await put(engine, wait("right", deadline=past))
    assert numbers(await listed(engine, overdue=True)) == []
    assert [row.overdue for row in (await listed(engine, overdue=False)).items] == [False]
    assert (await tasks.tasks(engine, overdue=True)).items == ()
    assert [row.overdue for row in (await tasks.tasks(engine, overdue=False)).items] == [False]

    soon = NOW + timedelta(days=10)
    to = snapshot(batch_no, 2, wait("right", deadline=soon), duty("duty", deadline=soon), duty("open"))
    now = NOW + timedelta(days=11)
    await record.write(engine, change(to, now=now), time_skipping=True)
    assert [row.wait.id for row in (await tasks.tasks(engine, overdue=True)).items] == ["duty"]
    assert [row.wait.id for row in (await tasks.tasks(engine, overdue=False)).items] == ["right", "open"]
    assert [row.overdue for row in (await listed(engine, overdue=True)).items] == [True]
    assert [row.wait.id for row in (await waits(engine, batch_no, limit=200)).items if row.overdue] == [
        "duty"
    ]
    found = (await read_model.batch(engine, batch_no)).snapshot
    assert [found.is_overdue(one, now) for one in found.waits] == [False, True, False]


def test_a_duty_is_late_from_the_very_end_of_its_last_day() -> None:
    """At 24:00 it is late, not a moment before."""
    late = duty(deadline=NOW)
    batch = snapshot("CJ2026-000001", 1, late)
    assert batch.is_overdue(late, NOW)
    assert not batch.is_overdue(late, NOW - timedelta(microseconds=1))


async def test_during_a_stay_nothing_is_overdue(engine: AsyncEngine) -> None:
    """Wherever it is asked for: of the batch, of all batches, of its waits, of what is owed."""
    batch_no = await put(engine, duty(deadline=NOW - timedelta(days=1)), suspended=True)
    (of_all,) = (await listed(engine)).items
    found = (await read_model.batch(engine, batch_no)).snapshot
    (of_waits,) = (await waits(engine, batch_no, limit=200)).items
    (owed,) = (await tasks.tasks(engine)).items
    late = (of_all.overdue, found.is_overdue(found.waits[0], NOW), of_waits.overdue, owed.overdue)
    assert late == (False, False, False, False)
    assert (await listed(engine, overdue=True)).items == ()


async def test_tasks_are_filtered(engine: AsyncEngine) -> None:
    """By who owes them, lateness, deadline and laboratory."""
    await put(
        engine,
        duty("a", owed_by="officer", deadline=NOW - timedelta(days=1)),
        duty("received", deadline=NOW + timedelta(days=1)),
        duty("report_submitted"),
    )
    later = {"deadline": NOW + timedelta(days=9)}
    await put(engine, duty("sealed", **later), duty("retest_report_received", **later), laboratory="LAB-02")

    async def ids(whose: Whose | None = None, **filters: Any) -> list[str]:
        return [row.wait.id for row in (await tasks.tasks(engine, whose, **filters)).items]

    of_other = ["retest_report_received", "sealed"]
    assert await ids() == ["a", "received", *of_other, "report_submitted"]
    assert await ids(Whose(owed_by="lab")) == ["received", *of_other, "report_submitted"]
    assert await ids(overdue=True) == ["a"]
    assert await ids(overdue=False) == ["received", *of_other, "report_submitted"]
    assert await ids(due_before=NOW + timedelta(days=2)) == ["a", "received"]
    assert await ids(Whose(part=SeenPart(laboratory="LAB-02"))) == ["sealed"], (
        "what another one retests is that one's"
    )
    own = Whose(owed_by="lab", part=SeenPart(laboratory="LAB-01"))
    assert await ids(own, overdue=False) == ["received", "report_submitted"]


async def test_what_falls_due_is_counted(engine: AsyncEngine) -> None:
    """What is late, what ends today, what ends by Sunday; a day's end is the first moment of the next."""
    today = day_in_shanghai(NOW)
    sunday = today + timedelta(days=6 - today.weekday())
    await put(
        engine,
        duty("late", deadline=end_of_day(today - timedelta(days=1))),
        duty("today", deadline=end_of_day(today)),
        duty("sunday", deadline=end_of_day(sunday)),
        duty("monday", deadline=end_of_day(sunday + timedelta(days=1))),
        duty("some day"),
        wait("right", kind=WaitKind.RIGHT, role=None, deadline=end_of_day(today)),
    )

    async def ids(falls: Falls) -> set[str]:
        page = await tasks.tasks(engine, Whose(kind=WaitKind.DUTY), falls=falls)
        return {row.wait.id for row in page.items}

    of_today = {"today", "sunday"} if sunday == today else {"today"}
    assert await ids(Falls.TODAY) == of_today
    assert await ids(Falls.THIS_WEEK) == {"today", "sunday"}
    counts = await tasks.counts(engine, Whose(kind=WaitKind.DUTY))
    assert counts == tasks.Counts(open=5, late=1, today=len(of_today), this_week=2)
    assert await tasks.counts(engine, Whose(kind=WaitKind.RIGHT)) == tasks.Counts(1, 0, 1, 1)
    assert (await tasks.counts(engine, Whose(held_by="nobody"))).open == 0


@pytest.mark.parametrize(
    "cursor", ["x", "W10=", "é", "bnVsbA==", "WyJub3QgYSBkYXRlIiwgImIiLCAiYyJd", "WyJcdTAwMDAiLCJiIiwiYyJd"]
)
async def test_an_invalid_cursor_is_refused(engine: AsyncEngine, cursor: str) -> None:
    """Whatever a client made up is refused in words."""
    with pytest.raises(CursorInvalid):
        await tasks.tasks(engine, cursor=cursor)


async def test_an_unknown_batch_is_unknown(engine: AsyncEngine) -> None:
    """It is not an empty one."""
    with pytest.raises(BatchUnknown):
        await read_model.batch(engine, "CJ1999-000001")


FILTERS: list[dict[str, Any]] = [
    {},
    {"phase": Phase.RETEST},
    {"outcome": Outcome.VOIDED},
    {"part": SeenPart(laboratory="LAB-07")},
    {"part": SeenPart(bureau="QX-07")},
    {"scheme_id": "FA1990-7"},
    {"commission_id": "WT1990-7"},
    {"q": "保温杯 3333"},
    {"overdue": True},
    {"held_by": "u-7"},
]


async def test_lists_of_many_batches_need_no_sequential_scan(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 20,000 batches, the plan of each common filter goes by an index."""
    await _fill(engine)
    for filters in FILTERS:
        plans = await _plans(monkeypatch, read_model, lambda f=filters: listed(engine, **f))
        assert not _read_whole(plans), (filters, plans)


INBOXES: dict[str, tuple[Whose, dict[str, Any]]] = {
    "all": (Whose(), {}),
    "owed by": (Whose(owed_by="lab"), {}),
    "role": (Whose(role=Role.LAB), {}),
    "late of a role": (Whose(role=Role.OFFICER, kind=WaitKind.DUTY), {"overdue": True}),
    "rights this week": (Whose(kind=WaitKind.RIGHT), {"falls": Falls.THIS_WEEK}),
    "late": (Whose(), {"overdue": True}),
    "held": (Whose(held_by="u-7"), {}),
    "bureau": (Whose(part=SeenPart(bureau="QX-07")), {}),
    "due before": (Whose(), {"due_before": datetime.now(UTC)}),
}


async def test_the_inbox_needs_no_sequential_scan(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 20,000 open waits, the plan of each common filter goes by an index."""
    await _fill(engine)
    for named, (whose, filters) in INBOXES.items():
        plans = await _plans(monkeypatch, tasks, lambda w=whose, f=filters: tasks.tasks(engine, w, **f))
        assert not _read_whole(plans), (named, plans)


def _read_whole(plans: list[str]) -> list[str]:
    """Which tables; that of who holds a batch has short rows, and may be."""
    return [found for plan in plans for found in re.findall(r"Seq Scan on (?!holders)\w+", plan)]


_ROWS_OF = read_model.rows_of


async def _plans(monkeypatch: pytest.MonkeyPatch, of: Any, read: Any) -> list[str]:
    """The plans of what ``read`` executes."""
    plans: list[str] = []

    async def explain(engine: Any, statement: Any, parameters: Any, limit: int) -> Any:
        plan = await _ROWS_OF(engine, text(f"explain {statement.text}"), parameters, limit)
        plans.append("\n".join(row[0] for row in plan))
        return await _ROWS_OF(engine, statement, parameters, limit)

    monkeypatch.setattr(of, "rows_of", explain)
    await read()
    assert plans
    return plans


_PLANNED = (
    """
    insert into planned (id, matter, year, number, sample)
    select kind || '1990-' || n, matter, 1990, n, false from generate_series(0, 199) n,
        (values ('FA', 'scheme'), ('WT', 'commission')) as k (kind, matter)
    """,
    """
    insert into scheme_uses (batch_no, scheme_id, scheme_version, kind, kind_key, cost, laboratory,
        commission_id, bureau)
    select batch_no, 'FA1990-' || (number % 200), 1, '保温杯', '保温杯', 1, 'LAB-01',
        case when number % 3 = 0 then 'WT1990-' || (number % 200) end,
        case when number % 3 = 0 then 'QX-' || lpad((number % 99)::text, 2, '0') end
    from batches where year = 1990
    """,
)


async def _fill(engine: AsyncEngine) -> None:
    """Copies of one batch under other numbers, with other phases and laboratories; a hundred are late."""
    pattern = await put(engine, duty(deadline=NOW))
    async with engine.begin() as connection:
        await connection.execute(
            text("""
            with numbers as (
                select n, 'CJ1990-' || lpad(n::text, 6, '0') as batch_no from generate_series(1, 20000) n),
            copied as (
                insert into batches (batch_no, year, number, order_sha256, opening, opened_at, version,
                    snapshot, phase, outcome, laboratory)
                select numbers.batch_no, 1990, n, '', '{}', opened_at, 1, snapshot,
                    case when n % 50 = 0 then 'retest' else 'closed' end,
                    case when n % 100 = 1 then 'voided' else 'conforming' end, 'LAB-' || (n % 97)
                from batches b, numbers where b.batch_no = :pattern),
            found as (
                insert into batch_search select batch_no, 'goods', '儿童保温杯' || n, '', '儿童保温杯' || n
                from numbers),
            held as (
                insert into holders (batch_no, sub, name)
                select batch_no, 'u-' || (n % 97), '李执法' from numbers)
            insert into waits (batch_no, wait_id, state, wait, kind, owed_by, role, due, overdue_from,
                provisional, rests_on, opened_at)
            select numbers.batch_no, 'w', 'open', w.wait, 'duty', o.role, nullif(o.role, 'seller'),
                o.due, o.due, false, '§6', w.opened_at
            from waits w, numbers, lateral (select case when n % 200 = 0 then 'lab'
                    when n % 200 = 1 then 'seller' else 'officer' end as role,
                    statement_timestamp() + (n - 100) * interval '1 hour' as due) o
            where w.batch_no = :pattern
            """),
            {"pattern": pattern},
        )
        for statement in _PLANNED:
            await connection.execute(text(statement))
    # Only who owns the tables may.
    await tamper(engine, "analyze batches, batch_search, holders, waits, planned, scheme_uses")
