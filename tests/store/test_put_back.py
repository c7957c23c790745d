"""A record that a restored backup has lost: what follows on nothing is refused, what is known is put back."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.approvals import Matter
from messages.names import batch_number
from messages.opening import UnderScheme
from messages.planning import PlanContent, SchemeContent
from messages.standing import Displaced, StandingInput
from store.ledger import batches, filings, record, timeline
from store.ledger.record import Behind, Lacking
from store.plans import drafting, uses
from store.reads import read_model
from store.watched import displaced
from tests.store.builders import OFFICER, Kept, accepted, change, entry, open_one, snapshot, step, wait


async def test_a_change_that_follows_on_nothing_on_record_is_refused(engine: AsyncEngine) -> None:
    """There is nothing to write to, the changes before it are missing, or another's batch has its number."""
    opening = await open_one(engine)
    other = opening.model_copy(update={"opened_at": opening.opened_at - timedelta(days=1)})
    anothers = replace(change(snapshot(opening.batch_no, 1)), opening=other)
    for follows_on_nothing in (
        change(snapshot("CJ1999-000001", 1)),
        change(snapshot(opening.batch_no, 2)),
        anothers,
        replace(anothers, puts_back=True),
    ):
        with pytest.raises(Lacking):
            await record.write(engine, follows_on_nothing, time_skipping=False)
    assert await read_model.timeline(engine, opening.batch_no) == ()


async def test_a_batch_is_put_on_record_again_with_its_number(engine: AsyncEngine) -> None:
    """Row, case, waits and line in one transaction, once; the next order has the next number."""
    lost = (await open_one(engine)).model_copy(update={"batch_no": batch_number(2026, 987)})
    known = change(snapshot(lost.batch_no, 31, wait()), entry("restored"), kept=Kept({"version": 31}))
    back = replace(known, opening=lost, puts_back=True, position=7)
    await record.write(engine, back, time_skipping=False)
    with pytest.raises(Behind):
        await record.write(engine, back, time_skipping=False)
    assert await batches.opening_of(engine, lost.batch_no) == lost
    assert (await batches.on_record(engine, lost.batch_no)).case == {"version": 31}
    (open_wait,) = (await read_model.batch(engine, lost.batch_no)).snapshot.waits
    assert open_wait == wait()
    assert [line.key for line in await read_model.timeline(engine, lost.batch_no)] == ["restored"]
    assert await timeline.verify(engine) == []
    assert (await filings.file_step(engine, step(lost.batch_no))).envelope.position == 8
    async with engine.connect() as connection:
        last = await connection.execute(text("select last from counters where year = 2026"))
        assert last.scalar_one() >= 987


async def test_what_it_takes_of_its_scheme_is_put_back_where_there_is_one(engine: AsyncEngine) -> None:
    """Where the restored database has lost that too, the batch is put back all the same."""
    plan = PlanContent(title="计划", year=2026)
    plan_id = await drafting.create(engine, Matter.PLAN, plan, OFFICER)
    scheme = SchemeContent(title="方案")
    known = await drafting.create(
        engine, Matter.SCHEME, scheme, OFFICER, under=drafting.Under(plan_id=plan_id)
    )
    for number, scheme_id in ((988, known), (989, "FA1999-0001")):
        under = UnderScheme(
            scheme_id=scheme_id,
            scheme_version=1,
            kind="保温杯",
            cost=Decimal("2900.00"),
            laboratory="LAB-01",
            commission="WT1999-0001",
            bureau="QX-03",
        )
        named = {"batch_no": batch_number(2026, number), "under": under}
        lost = (await open_one(engine)).model_copy(update=named)
        change_ = change(snapshot(lost.batch_no, 3), entry("restored"), kept=Kept({"version": 3}))
        await record.write(engine, replace(change_, opening=lost, puts_back=True), time_skipping=False)
        assert (await batches.opening_of(engine, lost.batch_no)).under == under
        # The commission is lost with it; who carries the batch out is told all the same.
        found = await uses.executing_bureau(engine, lost.batch_no)
        assert found == ("QX-03" if scheme_id == known else None)


async def test_what_the_record_has_lost_is_told(engine: AsyncEngine) -> None:
    """Nothing of a batch, another's batch, or some of its steps."""
    opening = await open_one(engine)
    kept = (await filings.file_step(engine, step(opening.batch_no))).envelope.step_id
    asked = StandingInput(
        batch_no=opening.batch_no, taken=(), accepted=(kept, UUID(int=7)), opened_at=opening.opened_at
    )
    found = await filings.standing(engine, asked)
    assert (found.lost, found.is_missing, found.is_anothers) == ((UUID(int=7),), False, False)
    missing = await filings.standing(engine, asked.model_copy(update={"batch_no": "CJ1999-000001"}))
    assert (missing.lost, missing.is_missing) == (asked.accepted, True)
    elsewhen = asked.model_copy(update={"opened_at": opening.opened_at - timedelta(days=1)})
    assert (await filings.standing(engine, elsewhen)).is_anothers


async def test_lost_answers_are_given_again(engine: AsyncEngine) -> None:
    """Once; an answer that is on record stands."""
    opening = await open_one(engine)
    one, two = [(await filings.file_step(engine, step(opening.batch_no))).envelope for _ in range(2)]
    decided = change(snapshot(opening.batch_no, 1), envelope=one, decision=accepted(one))
    await record.write(engine, decided, time_skipping=False)
    others = tuple(accepted(each).model_copy(update={"accepted": False}) for each in (one, two))
    back = replace(change(snapshot(opening.batch_no, 9)), puts_back=True, answered=others)
    await record.write(engine, back, time_skipping=False)
    answers = [await filings.decision_of(engine, each.step_id) for each in (one, two)]
    assert [answer and answer.accepted for answer in answers] == [True, False]


async def test_a_batch_whose_number_is_anothers_is_kept_until_somebody_has_dealt_with_it(
    engine: AsyncEngine,
) -> None:
    """Once, with all that its workflow knew; it stays to be read afterwards."""
    opening = await open_one(engine)
    for _ in range(2):
        await displaced.keep(engine, Displaced(opening, 31, Kept({"phase": "objection"})))
    (found,) = await displaced.waiting(engine, 10)
    assert (found.batch_no, found.opened_at, found.version) == (opening.batch_no, opening.opened_at, 31)
    assert found.kept == {"phase": "objection"}
    assert found.opening == opening.model_dump(mode="json")
    assert await displaced.deal_with(engine, opening.batch_no, "张三：已重新下达")
    assert not await displaced.deal_with(engine, opening.batch_no, "再来")
    assert await displaced.waiting(engine, 10) == []
    (read,) = await displaced.of_number(engine, opening.batch_no)
    assert (read.kept, read.note) == (found.kept, "张三：已重新下达")
