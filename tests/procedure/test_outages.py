"""The worker is away over a deadline: what the report says meanwhile, and what it says afterwards."""

import asyncio
from datetime import timedelta

import pytest

from law.judgements import FilingMeans
from law.vocabulary import Party, Role
from local.scenarios.courses import BOTH_SERVED, example_body
from messages.steps import StepName
from proof.outages.models import Became, OutageReport, PassedDeadline
from store.ledger import filings
from store.reads.on_record import LONGEST
from tests.procedure import certified_late
from tests.procedure.certified import Play
from tests.procedure.test_silence import the_timer_fires
from tests.proof.builders import outage

SELLER, PRODUCER = "objection_filed:seller", "objection_filed:producer"


async def test_one_party_files_while_the_worker_is_away_and_one_is_silent(table, crew) -> None:
    """Undecided while the worker is away; then the filing counts, the silence rests on the ledger."""
    batch_no = await table.opened(BOTH_SERVED)
    window = await table.wait(batch_no, SELLER)
    deadline = window.heard_until
    assert (await table.wait(batch_no, PRODUCER)).heard_until == deadline > window.deadline
    await table.fast_forward(batch_no, deadline - timedelta(seconds=4) - await table.clock(batch_no))
    await crew.leave()
    body = example_body(StepName.OBJECTION_FILED, window.deadline - timedelta(days=1))
    objection = await table.file(batch_no, Role.OFFICER, StepName.OBJECTION_FILED, body)
    await table.signal(objection)
    await the_timer_fires(table, batch_no)
    while await filings.clock(table.engine, batch_no) <= deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # it had followed Temporal's, and is behind by the time that took

    async def report() -> OutageReport:
        begin, end = deadline - timedelta(hours=1), deadline + timedelta(hours=1)
        return await outage(table.engine, begin, end, answered_within=timedelta(milliseconds=1))

    meanwhile = {one.wait.id: one for one in (await report()).deadlines}
    assert {wait_id: meanwhile[wait_id].became for wait_id in (SELLER, PRODUCER)} == {
        SELLER: Became.UNDECIDED,
        PRODUCER: Became.UNDECIDED,
    }
    assert meanwhile[SELLER].filings[0].counts, "and a filing made in time is said to lie there"
    assert [one.decision for one in (await report()).held] == [None]

    await crew.come()
    assert (await table.decision(objection.step_id)).accepted
    await table.snapshot(batch_no)
    afterwards = await report()
    found = {one.wait.id: one for one in afterwards.deadlines}
    seller, producer = found[SELLER], found[PRODUCER]
    assert (seller.became, seller.step) == (Became.EXERCISED, StepName.OBJECTION_FILED)
    (filing,) = seller.filings
    assert (filing.step_id, filing.means, filing.received_at) == (
        str(objection.step_id),
        FilingMeans.COUNTER,
        objection.received_at,
    )
    assert seller.settled_at == objection.received_at
    assert (producer.became, producer.wait.party, producer.filings) == (Became.LAPSED, Party.PRODUCER, ())
    assert producer.ledger_asked_at is not None
    assert producer.ledger_asked_at > deadline
    assert afterwards.faults == ()
    (held,) = afterwards.held
    assert held.decision is not None
    assert held.waited > timedelta(seconds=1)


async def passed(table, batch_no: str, wait_id: str) -> list[PassedDeadline]:
    """What the report of the whole time says of one of the batch's waits."""
    now = await table.clock(batch_no)
    report = await outage(table.engine, now - LONGEST, now, answered_within=timedelta(days=1))
    assert report.faults == ()
    return [one for one in report.deadlines if (one.batch_no, one.wait.id) == (batch_no, wait_id)]


@pytest.mark.parametrize("play", [certified_late.set_aside, certified_late.not_abandoned])
async def test_a_silence_set_aside_rested_on_facts_all_the_same(table, play: Play) -> None:
    """What was filed in time and recorded later was not overlooked; it is said what became of it."""
    (one,) = await passed(table, *await play(table))
    assert one.became is Became.SET_ASIDE
    assert one.ledger_asked_at is not None
    (filing,) = one.filings
    assert not filing.counts
    assert one.ledger_asked_at < filing.received_at < one.set_aside_at
    assert "按期提交" in one.words


@pytest.mark.parametrize("play", [certified_late.examined, certified_late.not_reopened])
async def test_a_silence_stands_while_an_application_is_examined_and_after_its_refusal(
    table, play: Play
) -> None:
    """Recorded late and not found timely: named, and no fault."""
    (one,) = await passed(table, *await play(table))
    assert (one.became, one.set_aside_at, len(one.filings)) == (Became.LAPSED, None, 1)


@pytest.mark.parametrize("play", [certified_late.silent_again, certified_late.stayed_after])
async def test_of_a_window_that_ran_on_after_the_way_back_both_silences_hold(table, play: Play) -> None:
    """The first was set aside; the second came after the party withdrew, also where a stay lay between."""
    first, second = await passed(table, *await play(table))
    assert (first.became, second.became) == (Became.SET_ASIDE, Became.LAPSED)
    assert first.ledger_asked_at < second.ledger_asked_at
