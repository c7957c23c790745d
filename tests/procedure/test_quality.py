"""Records and figures on the real server: written with each batch's record, and equal to the rebuild."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from judging.quality import judged
from law.vocabulary import OVER, Outcome, Role
from local.scenarios.courses import (
    COURSES,
    NONCONFORMING,
    Course,
    DaysAgo,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from local.scenarios.player import play
from messages.steps import StepName
from messages.told import ToldKind
from store.engine import autocommit
from store.quality.rebuilding import Rebuilt, rebuild
from tests.procedure.conftest import Table

_SAID = text("""
    select content ->> 'state' as state, content ->> 'outcome' as outcome from quality_entries
    where batch_no = :batch_no order by no
""")
_TOLD = text("""
    select sequence, kind, content ->> 'outcome' as outcome from told
    where source = :batch_no order by sequence
""")
OFFICER, APPROVER = Role.OFFICER, Role.APPROVER


async def said(engine: AsyncEngine, batch_no: str) -> list[tuple[str, str | None]]:
    async with autocommit(engine) as connection:
        return [tuple(row) for row in await connection.execute(_SAID, {"batch_no": batch_no})]


async def events(engine: AsyncEngine, batch_no: str) -> list[tuple[int, str, str | None]]:
    """What outside platforms are told of it, in sequence."""
    async with autocommit(engine) as connection:
        return [tuple(row) for row in await connection.execute(_TOLD, {"batch_no": batch_no})]


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
async def test_a_course_writes_what_the_rebuild_finds(table: Table, course: Course) -> None:
    """Every outcome: the rebuild has nothing to put right."""
    batch_no = await table.open()
    await play(table, batch_no, course, lambda _: None)
    told = await events(table.engine, batch_no)
    found = await rebuild(table.engine, judged)
    assert (found.tallies, found.entries) == (0, 0)
    assert await events(table.engine, batch_no) == told, "the rebuild has nothing to tell either"
    assert [sequence for sequence, *_ in told] == list(range(1, len(told) + 1))
    assert [outcome for _, kind, outcome in told if kind == ToldKind.TASK][-1] == course.outcome
    has_result = course.outcome not in OVER
    assert [outcome for _, kind, outcome in told if kind == ToldKind.RESULT] == [
        outcome for _, outcome in await said(table.engine, batch_no)
    ]
    assert [outcome for _, outcome in await said(table.engine, batch_no)][-1:] == (
        [course.outcome] if has_result else []
    )


async def test_a_correction_reopens_the_record_and_what_was_said_stays(table: Table) -> None:
    """The seller's delivery was typed too early: silence is set aside, later declared anew."""
    batch_no = await table.opened(
        (
            *NONCONFORMING[:-2],
            *posted("result_notice", "seller"),
            Pass(25),
            delivered("result_notice", "producer"),
            Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "producer"}),
            delivered("result_notice", "platform"),
            Do(OFFICER, StepName.NOTICE_DELIVERED, {"delivered_on": DaysAgo(24)}),
            Lapse("objection_filed:seller"),
        )
    )
    served = await _last(table, batch_no, StepName.NOTICE_DELIVERED)
    true_day = date.fromisoformat(served["body"]["delivered_on"]) + timedelta(days=24)
    proposal = {
        "corrects": str(served["step_id"]),
        "body": served["body"] | {"delivered_on": str(true_day)},
        "reason": "与回执原件不符",
        "evidence": [{"reference": "GZ-01", "sha256": "0" * 64, "keeper": "市局档案室"}],
    }
    proposed = await table.do(batch_no, OFFICER, StepName.RECORD_CORRECTED, proposal)
    assert proposed.accepted, proposed.reason
    word = {"correction": str(proposed.step_id), "confirmed": True, "reason": "属实"}
    assert (await table.do(batch_no, APPROVER, StepName.CORRECTION_CONFIRMED, word)).accepted
    told = await said(table.engine, batch_no)
    assert told[0] == ("final", Outcome.ACCEPTED_BY_SILENCE)
    assert told[-1] == ("open_again", None)
    assert (await rebuild(table.engine, judged)).entries == 0
    await table.at(batch_no, [Lapse("objection_filed:seller")])
    assert (await said(table.engine, batch_no))[-1] == ("final", Outcome.ACCEPTED_BY_SILENCE)
    assert (await rebuild(table.engine, judged)).entries == 0


async def test_what_is_wrong_is_put_right_by_the_rebuild(table: Table, superuser: AsyncEngine) -> None:
    """And what was said wrongly stays, with the right entry behind it."""
    batch_no = await table.open()
    conforming = next(course for course in COURSES if course.outcome is Outcome.CONFORMING)
    await play(table, batch_no, conforming, lambda _: None)
    before = await said(table.engine, batch_no)
    async with superuser.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        for statement in (
            "update tallies set sealed = false, duties = '{}' where batch_no = :batch_no",
            "update quality_entries set content = content || '{\"outcome\": null}', sha256 = ''"
            " where batch_no = :batch_no",
            "delete from quality_subjects where batch_no = :batch_no",
        ):
            await connection.execute(text(statement), {"batch_no": batch_no})
    found = await rebuild(table.engine, judged)
    assert (found.tallies, found.entries) == (1, 1)
    assert await said(table.engine, batch_no) == [(before[-1][0], None), before[-1]]
    assert await rebuild(table.engine, judged) == Rebuilt(found.batches, 0, 0)


async def _last(table: Table, batch_no: str, step: StepName) -> dict[str, Any]:
    asked = text(
        "select step_id, body from ledger where batch_no = :b and step = :s order by no desc limit 1"
    )
    async with autocommit(table.engine) as connection:
        row = (await connection.execute(asked, {"b": batch_no, "s": step})).one()
    return {"step_id": row.step_id, "body": row.body}
