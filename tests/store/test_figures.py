"""Progress and statistics, beside batches counted by hand; read by their indexes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.figures import Punctuality
from law.quality import SubjectKind
from law.vocabulary import Outcome, Role, Term, Verdict
from messages.approvals import Matter
from messages.base import Actor
from messages.order import OrderKind
from messages.planning import PlanContent, SchemeContent
from messages.quality import tally_of_order
from store.engine import autocommit
from store.ledger import record
from store.plans import drafting
from store.plans.drafting import Under
from store.quality import figures, reading, weights
from store.quality.figures import Chosen, Counted, Dimension
from tests.store.builders import change, duty, open_one, order, snapshot

DRAFTER = Actor(sub="u-8", name="起草人", role=Role.OFFICER)
BOUGHT: dict[str, Any] = {"bought": True}
SEALED: dict[str, Any] = {**BOUGHT, "sealed": True}
FAILED: dict[str, Any] = {**SEALED, "tested": True, "first_verdict": Verdict.NONCONFORMING}
SILENT: dict[str, Any] = {
    **FAILED,
    "final": True,
    "verdict": Verdict.NONCONFORMING,
    "outcome": Outcome.ACCEPTED_BY_SILENCE,
}
OVERTURNED: dict[str, Any] = {
    **SILENT,
    "verdict": Verdict.CONFORMING,
    "outcome": Outcome.RETEST_OVERTURNED,
    "retested": True,
}
GOOD: dict[str, Any] = {
    **SILENT,
    "first_verdict": Verdict.CONFORMING,
    "verdict": Verdict.CONFORMING,
    "outcome": Outcome.CONFORMING,
}


async def scheme(engine: AsyncEngine) -> tuple[str, str]:
    """A plan and a scheme under it, as drafts: orders are not what is tested here."""
    plan = await drafting.create(engine, Matter.PLAN, PlanContent(title="计划", year=2026), DRAFTER)
    content = SchemeContent(title="方案")
    return plan, await drafting.create(engine, Matter.SCHEME, content, DRAFTER, under=Under(plan_id=plan))


async def batch(engine: AsyncEngine, counts: dict[str, Any], *waits: Any) -> str:
    opening = await open_one(engine, order())
    tally = tally_of_order(opening).model_copy(update=counts)
    told = replace(change(snapshot(opening.batch_no, 1, *waits)), tally=tally)
    await record.write(engine, told, time_skipping=False)
    return opening.batch_no


async def under(engine: AsyncEngine, superuser: AsyncEngine, scheme_id: str, *counts: dict[str, Any]) -> None:
    """Batches of a scheme, at 100 yuan each."""
    for one in counts:
        batch_no = await batch(engine, one)
        async with superuser.begin() as connection:
            await connection.execute(
                text("update tallies set scheme_id = :scheme, cost = 100 where batch_no = :batch_no"),
                {"scheme": scheme_id, "batch_no": batch_no},
            )


async def test_a_plans_batches_are_counted_stage_by_stage(
    engine: AsyncEngine, superuser: AsyncEngine
) -> None:
    """Seven of the plan, by hand; one of another plan is not among them."""
    plan, first = await scheme(engine)
    _, elsewhere = await scheme(engine)
    abandoned = {**BOUGHT, "outcome": Outcome.ABANDONED}
    await under(
        engine, superuser, first, {"bought": False}, BOUGHT, SEALED, SILENT, OVERTURNED, GOOD, abandoned
    )
    await under(engine, superuser, elsewhere, SILENT)
    found = await figures.counted(engine, Chosen(plan_id=plan))
    expected = Counted(
        ordered=7,
        bought=6,
        sealed=4,
        tested=3,
        final=3,
        ended=1,
        first_nonconforming=2,
        nonconforming=1,
        retested=1,
        overturned=1,
        spent=Decimal(700),
    )
    assert found.total == expected
    assert [(line.key, line.counted) for line in found.lines[Dimension.SCHEME]] == [(first, expected)]


async def test_figures_are_told_apart_along_each_dimension(engine: AsyncEngine) -> None:
    """Those with most batches first; the bureau's own have no other bureau's name."""
    await batch(engine, {"laboratory": "LAB-1", "laboratory_name": "甲院", "platform": "平台甲"})
    await batch(engine, {"laboratory": "LAB-1", "laboratory_name": "甲院", "platform": None})
    await batch(engine, {"laboratory": "LAB-2", "laboratory_name": "乙院", "bureau": "西湖局", **SILENT})
    lines = (await figures.counted(engine, Chosen())).lines
    assert [(one.key, one.name, one.counted.ordered) for one in lines[Dimension.LABORATORY]] == [
        ("LAB-1", "甲院", 2),
        ("LAB-2", "乙院", 1),
    ]
    assert [(one.key, one.counted.nonconforming) for one in lines[Dimension.BUREAU]] == [
        (None, 0),
        ("西湖局", 1),
    ]
    assert {one.key for one in lines[Dimension.PLATFORM]} == {"平台甲", "示例电商平台", None}


@pytest.mark.parametrize(
    ("chosen", "ordered"),
    [
        (Chosen(), 2),
        (Chosen(laboratory="LAB-2"), 1),
        (Chosen(platform="平台乙"), 1),
        (Chosen(product="电水壶"), 1),
        (Chosen(district="余杭区"), 1),
        (Chosen(kind=OrderKind.ROUTINE), 2),
        (Chosen(kind=OrderKind.EMERGENCY), 0),
        (Chosen(ordered_from=date(2100, 1, 1)), 0),
        (Chosen(ordered_to=date(2100, 1, 1), laboratory="LAB-2"), 1),
    ],
)
async def test_figures_are_asked_for_by_what_batches_are(
    engine: AsyncEngine, chosen: Chosen, ordered: int
) -> None:
    await batch(engine, BOUGHT)
    other = {"laboratory": "LAB-2", "platform": "平台乙", "product": "电水壶", "district": "余杭区"}
    await batch(engine, other)
    assert (await figures.counted(engine, chosen)).total.ordered == ordered


async def test_duties_are_summed_and_those_late_now_beside_them(engine: AsyncEngine) -> None:
    kept = {Term.RESULT_NOTICE: Punctuality(on_time=2, late=1), Term.TEST_REPORT: Punctuality(on_time=1)}
    for _ in range(2):
        await batch(engine, {"duties": kept})
    yesterday = datetime.now(UTC) - timedelta(days=1)
    await batch(engine, {}, duty(term=Term.PUBLICATION, deadline=yesterday, last_day=yesterday.date()))
    found = await figures.counted(engine, Chosen())
    assert [(one.term, one.done.on_time, one.done.late, one.late_now) for one in found.duties] == [
        (Term.TEST_REPORT, 2, 0, 0),
        (Term.RESULT_NOTICE, 4, 2, 0),
        (Term.PUBLICATION, 0, 0, 1),
    ]


async def test_nothing_is_counted_where_there_is_nothing(engine: AsyncEngine) -> None:
    found = await figures.counted(engine, Chosen(plan_id="JH2026-999"))
    assert (found.total, found.duties) == (Counted(), [])
    assert not any(found.lines.values())


_CROWD = text("""
    with numbers as (select n, 'CJ1990-' || lpad(n::text, 6, '0') as no from generate_series(1, 20000) n),
    copied as (
        insert into batches (batch_no, year, number, order_sha256, opening, opened_at, version, snapshot,
            phase, laboratory)
        select no, 1990, n, '', '{}', opened_at, 1, snapshot, 'closed', 'LAB-1' from batches b, numbers
        where b.batch_no = :pattern),
    entered as (
        insert into quality_entries select no, 1, '{}', '', false, now() from numbers),
    named as (
        insert into quality_subjects select 'seller', 'k' || n % 5000, no, 1, true,
            case when n % 20 = 0 then 'nonconforming' else 'conforming' end, date '2026-01-01' from numbers),
    known as (
        insert into quality_known select distinct 'seller', 'k' || n % 5000, 'k' || n % 5000, '店' || n % 5000
        from numbers)
    insert into tallies select no, date '2026-01-01' + n / 100, 'FA-' || n % 200, 'routine', '儿童保温杯',
        'LAB-1', '甲院', null, '平台', '西湖区', 100, true, true, true, true, 'conforming', 'conforming',
        'conforming', false, '{}', md5('FA-' || n % 200)::uuid
    from numbers
""")


async def test_progress_of_one_plan_and_one_record_read_no_table_through(
    engine: AsyncEngine, superuser: AsyncEngine
) -> None:
    """With 20,000 batches on record every part goes by an index, and none looks at the batches' own rows."""
    pattern = await batch(engine, {})
    plan, of_plan = await scheme(engine)
    async with superuser.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(_CROWD, {"pattern": pattern})
        await connection.execute(
            text("update tallies set scheme_id = :scheme where scheme_id = 'FA-7'"), {"scheme": of_plan}
        )
    async with superuser.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("analyze"))
    chosen = Chosen(plan_id=plan)
    asked: Sequence[str] = (
        *(chosen.asked(one).text for one in (figures._COUNTED, figures._LATE)),
        reading._TOTALS.text,
        reading._SAID.text,
        weights._FAILED.text,
        f"select {reading._RESULTS} where s.kind = :kind and s.key = any(:keys) order by s.batch_no desc",
    )
    values = {
        "plan_id": plan,
        "kind": "seller",
        "keys": ["k7"],
        "batch_nos": ["CJ1990-000007"],
        "since": date(2026, 1, 1),
    }
    large = ("tallies", "batches", "quality_entries", "quality_subjects", "quality_known")
    async with autocommit(engine) as connection:
        for statement in asked:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            rows = await connection.execute(text(f"explain {statement}"), named)
            plan_of_query = "\n".join(rows.scalars())
            assert not any(f"Seq Scan on {name}" in plan_of_query for name in large), plan_of_query
    assert (await figures.counted(engine, chosen)).total.ordered == 100
    assert (await reading.head(engine, SubjectKind.SELLER, "k7")) is not None
