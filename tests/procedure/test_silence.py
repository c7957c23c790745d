"""Silence is decided by facts, not by wake order (procedure section 5).

Every order of {filed, recorded, timer, worker away}, under both settings of the SDK's flag that changes how a
timer and a signal of one workflow task are ordered.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio.api.enums.v1 import EventType

from law.vocabulary import Outcome, Role
from local.scenarios.courses import BOTH_SERVED, PRODUCER_ACCEPTS, RETEST_NOTIFIED, Lapse, example_body
from messages.envelope import RefusalCode, StepEnvelope
from messages.steps import StepName
from store.ledger import filings
from store.reads import read_model

OFFICER = Role.OFFICER
SELLER_WINDOW = "objection_filed:seller"
ONE_WINDOW = (*BOTH_SERVED, PRODUCER_ACCEPTS)


either_flag = pytest.mark.usefixtures("flag")


@pytest.fixture(scope="module", params=[False, True], ids=["as_today", "single_batch"])
async def flag(crew, request) -> AsyncIterator[None]:
    """Both orders in which the SDK may hand over what one workflow task brings."""
    await crew.leave()
    crew.single_batch = request.param
    await crew.come()
    yield
    await crew.leave()
    crew.single_batch = False
    await crew.come()


async def file_objection(table, batch_no: str, last_day: date | None = None) -> StepEnvelope:
    """Handed in today, or on the last day and entered now."""
    changes = {"filed_on": str(last_day)} if last_day else {}
    body = example_body(StepName.OBJECTION_FILED, await table.clock(batch_no), changes)
    return await table.file(batch_no, OFFICER, StepName.OBJECTION_FILED, body)


async def on_the_last_evening(table) -> tuple[str, date]:
    """A batch whose only window is heard for three more seconds of real time, and the window's last day.

    With no worker, no time is skipped.
    """
    batch_no = await table.opened(ONE_WINDOW)
    window = await table.wait(batch_no, SELLER_WINDOW)
    assert window.heard_until > window.deadline
    await table.fast_forward(
        batch_no, window.heard_until - timedelta(seconds=3) - await table.clock(batch_no)
    )
    return batch_no, window.last_day


async def the_timer_fires(table, batch_no: str) -> None:
    async for event in table.handle(batch_no).fetch_history_events(wait_new_event=True):
        if event.event_type == EventType.EVENT_TYPE_TIMER_FIRED:
            return
    raise AssertionError("the timer did not fire")


async def standing(table, batch_no: str) -> str | None:
    return {p.party: p.standing for p in (await table.snapshot(batch_no)).parties}["seller"]


@either_flag
async def test_nothing_filed_is_silence(table) -> None:
    """timer: with an empty ledger the window lapses, and the record says that it was asked."""
    batch_no = await table.opened(ONE_WINDOW)
    await table.at(batch_no, [Lapse(SELLER_WINDOW)])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE
    silence = next(
        line for line in await read_model.timeline(table.engine, batch_no) if line.kind == "silence"
    )
    assert silence.data["considered"] == []
    moments = [datetime.fromisoformat(silence.data[at]) for at in ("closes_at", "heard_until", "ledger_now")]
    assert moments == sorted(moments)
    assert moments[1] - moments[0] >= timedelta(days=7)


@either_flag
async def test_what_was_posted_on_the_last_day_is_waited_for(table) -> None:
    """The close is past and nobody is silent: the envelope of the last day comes within five working days."""
    batch_no = await table.opened(ONE_WINDOW)
    window = await table.wait(batch_no, SELLER_WINDOW)
    await table.fast_forward(batch_no, window.heard_until - timedelta(hours=1) - await table.clock(batch_no))
    assert await standing(table, batch_no) is None
    posted = {"how": "post", "postmark": str(window.last_day)}
    late = {"how": "post", "postmark": str(window.last_day + timedelta(days=1))}
    refused = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, **late)
    assert refused.code is RefusalCode.FILED_LATE
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, **posted)).accepted
    await table.fast_forward(batch_no, timedelta(days=2))
    lines = await read_model.timeline(table.engine, batch_no)
    assert not [line for line in lines if line.kind == "silence"]


@either_flag
async def test_filed_recorded_timer(table) -> None:
    """filed, recorded, timer: the objection ended the window; the timer has nothing left to decide."""
    batch_no = await table.opened(ONE_WINDOW)
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)).accepted
    await table.fast_forward(batch_no, timedelta(days=30))
    assert (await table.snapshot(batch_no)).outcome is None


@either_flag
async def test_filed_timer_recorded(table) -> None:
    """filed, timer, recorded: in the ledger but never signalled, it is found there and counts."""
    batch_no = await table.opened(ONE_WINDOW)
    envelope = await file_objection(table, batch_no)
    await table.at(batch_no, [Lapse(SELLER_WINDOW)])
    decision = await table.decision(envelope.step_id)
    assert decision.accepted
    assert (await table.snapshot(batch_no)).outcome is None


@either_flag
async def test_away_filed_recorded_timer(table, crew) -> None:
    """worker away, filed, signalled, timer: what was filed in time counts when the worker is back."""
    batch_no, last_day = await on_the_last_evening(table)
    await crew.leave()
    envelope = await file_objection(table, batch_no, last_day)
    await table.signal(envelope)
    await the_timer_fires(table, batch_no)
    await crew.come()
    assert (await table.decision(envelope.step_id)).accepted
    assert (await table.snapshot(batch_no)).outcome is None


@either_flag
async def test_away_timer_then_signal_of_a_step_filed_in_time(table, crew) -> None:
    """worker away, filed, timer, signalled: history holds the timer first, and still the filing counts."""
    batch_no, last_day = await on_the_last_evening(table)
    await crew.leave()
    envelope = await file_objection(table, batch_no, last_day)
    await the_timer_fires(table, batch_no)
    await table.signal(envelope)
    await crew.come()
    assert (await table.decision(envelope.step_id)).accepted
    assert (await table.snapshot(batch_no)).outcome is None


@either_flag
async def test_away_filed_timer_and_the_signal_long_after(table, crew) -> None:
    """worker away, filed, timer, worker back, signalled by the relay later: the same outcome."""
    batch_no, last_day = await on_the_last_evening(table)
    await crew.leave()
    envelope = await file_objection(table, batch_no, last_day)
    await the_timer_fires(table, batch_no)
    await crew.come()
    assert (await table.decision(envelope.step_id)).accepted
    await table.signal(envelope)
    decided = [
        line
        for line in await read_model.timeline(table.engine, batch_no)
        if line.key == f"step:{envelope.step_id}"
    ]
    assert len(decided) == 1


async def stamp_after_the_deadline(table, batch_no: str) -> None:
    """Let the ledger's clock of this batch run past its window, as it does outside of tests."""
    async with table.engine.begin() as connection:
        await connection.execute(
            text("update batches set clock_ahead = clock_ahead + interval '40 days' where batch_no = :no"),
            {"no": batch_no},
        )


@either_flag
@pytest.mark.parametrize("signalled_first", [True, False], ids=["signal_then_timer", "timer_then_signal"])
async def test_away_and_stamped_after_the_end(table, crew, signalled_first: bool) -> None:
    """worker away, stamped after the deadline: it does not count in any order."""
    batch_no, last_day = await on_the_last_evening(table)
    await crew.leave()
    await stamp_after_the_deadline(table, batch_no)
    envelope = await file_objection(table, batch_no, last_day)
    if signalled_first:
        await table.signal(envelope)
    await the_timer_fires(table, batch_no)
    if not signalled_first:
        await table.signal(envelope)
    await crew.come()
    assert (await table.decision(envelope.step_id)).code is RefusalCode.RECORDED_AFTER_SILENCE
    assert await standing(table, batch_no) == "silent"


async def test_the_same_step_signalled_twice_is_decided_once(table) -> None:
    """A duplicate of a signal changes nothing."""
    batch_no = await table.opened(ONE_WINDOW)
    envelope = await file_objection(table, batch_no)
    await asyncio.gather(table.signal(envelope), table.signal(envelope))
    assert (await table.decision(envelope.step_id)).accepted
    lines = await read_model.timeline(table.engine, batch_no)
    assert [line.key for line in lines].count(f"step:{envelope.step_id}") == 1


async def test_silence_on_the_formalities_asks_the_ledger_too(table) -> None:
    """Formalities recorded in time but not signalled keep the retest alive."""
    batch_no = await table.opened(RETEST_NOTIFIED)
    body = example_body(StepName.RETEST_FORMALITIES_COMPLETED, await table.clock(batch_no))
    envelope = await table.file(batch_no, OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, body)
    await table.at(batch_no, [Lapse("retest_formalities_completed:seller")])
    assert (await table.decision(envelope.step_id)).accepted


async def test_a_signal_past_the_api_changes_nothing(table) -> None:
    """A signal from the Temporal UI has no ledger row, whoever it says it is from: it is noted, no more."""
    batch_no = await table.opened(ONE_WINDOW)
    step_id = uuid4()
    body = example_body(StepName.OBJECTION_FILED, await table.clock(batch_no))
    actor = {"sub": "ops", "name": "值班", "role": "officer"}
    for place in ({}, {"position": 2**31 - 1}, {"position": 1, "received_at": "2026-01-01T00:00:00Z"}):
        signal = {"step_id": str(step_id), "body": body, "actor": actor, **place}
        await table.handle(batch_no).signal(StepName.OBJECTION_FILED, signal)
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)).accepted
    assert await filings.decision_of(table.engine, step_id) is None
    lines = [line.text for line in await read_model.timeline(table.engine, batch_no)]
    assert lines.count("收到的信号与登记簿不符，未予采用") == 1


async def test_nonsense_signals_do_not_wedge_the_batch(table) -> None:
    """An unknown signal, an unreadable envelope, an empty one: on the timeline, and the batch goes on."""
    batch_no = await table.opened(ONE_WINDOW)
    handle = table.handle(batch_no)
    await handle.signal("no_such_step", {"x": 1})
    await handle.signal(StepName.OBJECTION_FILED, "not an envelope")
    await handle.signal(StepName.OBJECTION_FILED)
    await handle.signal(StepName.OBJECTION_FILED, {"body": {"party": 7}})
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)).accepted
    await table.snapshot(batch_no)
    lines = [line.text for line in await read_model.timeline(table.engine, batch_no)]
    assert any(line.startswith("收到无法识别的信号“no_such_step”") for line in lines)
    assert lines.count("收到的信号与登记簿不符，未予采用") == 2
