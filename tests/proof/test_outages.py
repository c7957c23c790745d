"""What became of each deadline that passed in an outage, and whether its silences rest on facts."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.judgements import FilingMeans
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.records import TimelineEntry, TimelineKind
from messages.steps import StepName
from proof.outages.models import Became, PassedDeadline
from store.errors import PeriodInvalid
from store.ledger import record
from tests.proof.builders import (
    NOW,
    TODAY,
    WINDOW,
    batch_with,
    counted,
    decided,
    due,
    ended,
    filed,
    line,
    outage,
    silent,
    written,
)
from tests.store.builders import accepted, change, duty, open_one, snapshot, step


async def passed(engine: AsyncEngine, first: int = -3, last: int = 3) -> list[PassedDeadline]:
    """The deadlines in a period of days around today."""
    begin, end = NOW + timedelta(days=first), NOW + timedelta(days=last)
    return list((await outage(engine, begin, end)).deadlines)


async def became(engine: AsyncEngine, **period: int) -> list[Became]:
    return [one.became for one in await passed(engine, **period)]


async def test_a_silence_with_nothing_filed_rests_on_facts(engine: AsyncEngine) -> None:
    """What is said of it: whose, until when, when the ledger was asked, and that it holds nothing."""
    batch_no = await batch_with(engine, counted(WINDOW, -1), *silent(-1))
    (one,) = await passed(engine)
    assert (one.batch_no, one.became, one.whose) == (batch_no, Became.LAPSED, "示例旗舰店 示例旗舰店")
    assert (one.last_day, one.deadline) == due(-1)
    assert one.ledger_asked_at == one.deadline + timedelta(minutes=1)
    assert (one.filings, one.faults, one.settled_before) == ((), (), False)


async def test_a_silence_beside_a_timely_row_that_was_overlooked_does_not_hold(engine: AsyncEngine) -> None:
    """Neither seen when the ledger was asked nor ever decided: both are said, with the step's number."""
    batch_no = await batch_with(engine, counted(WINDOW, 0))
    objection = await filed(engine, batch_no)
    await filed(engine, batch_no, party="producer")
    await written(engine, batch_no, silent(0), 2)
    (one,) = await passed(engine)
    assert [(filing.step_id, filing.counts) for filing in one.filings] == [(str(objection.step_id), True)]
    unseen, unhandled = one.faults
    assert str(objection.step_id) in unseen
    assert "没有看到" in unseen
    assert "没有处理" in unhandled


@pytest.mark.parametrize(
    ("code", "withdrawn", "sound"),
    [
        (RefusalCode.DATE_BEFORE_EVENT, False, True),
        (RefusalCode.FILED_LATE, False, False),
        (RefusalCode.RECORDED_AFTER_SILENCE, False, False),
        (None, True, True),
        (None, False, False),
    ],
    ids=[
        "refused for another reason",
        "refused as late",
        "refused as recorded late",
        "withdrawn",
        "accepted",
    ],
)
async def test_a_timely_row_must_have_been_dealt_with_before(
    engine: AsyncEngine, code: RefusalCode | None, withdrawn: bool, sound: bool
) -> None:
    """A silence beside it holds only if it was refused for another reason, or accepted and withdrawn."""
    batch_no = await batch_with(engine, counted(WINDOW, 0))
    objection = await filed(engine, batch_no)
    before = [decided(objection, code)]
    if withdrawn:
        before.append(decided(step(batch_no, StepName.OBJECTION_WITHDRAWN)))
    await written(engine, batch_no, [*before, *silent(0, objection)], 2)
    (one,) = await passed(engine)
    assert one.became is Became.LAPSED
    assert (one.faults == ()) == sound, one.faults


async def test_a_row_decided_only_after_the_silence_was_overlooked(engine: AsyncEngine) -> None:
    """However it was decided then."""
    batch_no = await batch_with(engine, counted(WINDOW, 0))
    objection = await filed(engine, batch_no)
    await written(engine, batch_no, [*silent(0, objection), decided(objection, RefusalCode.ALREADY_DONE)], 2)
    assert len((await passed(engine))[0].faults) == 1


async def test_a_row_filed_late_is_named_and_does_not_count(engine: AsyncEngine) -> None:
    """Stamped after the close: the silence stands, the filing is shown beside it."""
    batch_no = await batch_with(engine, counted(WINDOW, -2), *silent(-2))
    await filed(engine, batch_no, how="post", postmark=str(TODAY - timedelta(days=4)))
    (one,) = await passed(engine)
    assert [(filing.counts, filing.means, filing.filing_day) for filing in one.filings] == [
        (False, FilingMeans.POST, TODAY - timedelta(days=4))
    ]
    assert one.faults == ()


async def test_a_silence_declared_before_the_end_does_not_hold(engine: AsyncEngine) -> None:
    """The ledger's own clock had not come so far."""
    await batch_with(engine, counted(WINDOW, -1), *silent(-1, asked_at=due(-1)[1] - timedelta(hours=1)))
    (one,) = await passed(engine)
    assert "早于期限届满" in one.faults[0]


async def test_a_right_that_was_exercised_names_its_filing(engine: AsyncEngine) -> None:
    """The step that ended the window, the day it counts from, the ledger's stamp."""
    batch_no = await batch_with(engine, counted(WINDOW, 0))
    objection = await filed(engine, batch_no)
    because = {"step_id": str(objection.step_id)}
    await written(engine, batch_no, [decided(objection), ended(WINDOW, NOW, how="met", because=because)], 2)
    (one,) = await passed(engine)
    assert (one.became, one.step, one.faults) == (Became.EXERCISED, StepName.OBJECTION_FILED, ())
    assert [(filing.received_at, filing.counts) for filing in one.filings] == [(objection.received_at, True)]


async def test_a_right_not_yet_decided_is_said(engine: AsyncEngine) -> None:
    """The worker is away still; before its end a window simply runs, and a stay holds it."""
    await batch_with(engine, counted(WINDOW, -1))
    assert await became(engine) == [Became.UNDECIDED]
    await batch_with(engine, counted(WINDOW, 1))
    assert await became(engine, first=0) == [Became.RUNNING]
    await stayed_since(9, engine, counted(WINDOW, -2))
    assert await became(engine, last=0) == [Became.STAYED, Became.UNDECIDED]


async def test_a_right_that_is_still_heard_is_running(engine: AsyncEngine) -> None:
    """Its close has passed, and what was posted by then may still arrive; after that it is undecided.

    It is listed where either moment lies in the time that is asked about.
    """
    await batch_with(engine, counted(WINDOW, -5, heard=7))
    assert await became(engine) == [Became.RUNNING]
    assert await became(engine, first=-6, last=-3) == [Became.RUNNING]
    assert await became(engine, first=-3, last=0) == []
    await batch_with(engine, counted(WINDOW, -9, heard=7))
    assert await became(engine, last=0) == [Became.UNDECIDED]


async def test_a_silence_declared_while_the_right_was_heard_does_not_hold(engine: AsyncEngine) -> None:
    """After its close and too early: what was posted on the last day was still on its way."""
    early = due(-5)[1] + timedelta(hours=1)
    await batch_with(engine, counted(WINDOW, -5, heard=4), *silent(-5, asked_at=early))
    (one,) = await passed(engine, first=-6)
    assert "早于期限届满" in one.faults[0]


async def stayed_since(days: int, engine: AsyncEngine, *entries: TimelineEntry) -> None:
    batch_no = (await open_one(engine)).batch_no
    began = {"at": NOW - timedelta(days=days)}
    stay = decided(step(batch_no, StepName.SUSPENDED)).model_copy(update=began)
    await written(engine, batch_no, [*entries, stay], 1)


async def test_a_stay_holds_every_duty_and_no_right_that_had_closed(engine: AsyncEngine) -> None:
    """As in the certificate and in the inbox: a duty that was late when it began is held too."""
    await stayed_since(1, engine, counted(duty("report_received"), -2), counted(WINDOW, -2))
    assert await became(engine) == [Became.STAYED, Became.UNDECIDED]


async def test_duties_are_done_in_time_or_late_or_owed(engine: AsyncEngine) -> None:
    """By the ledger's stamp of what ended them; a wait that lost its object was never done."""
    in_time, late, owed, dropped = (duty(name) for name in ("in_time", "late", "owed", "dropped"))
    closes_at = due(-1)[1]
    await batch_with(
        engine,
        *(counted(of, -1) for of in (in_time, late, owed, dropped)),
        ended(in_time, closes_at - timedelta(seconds=1), how="met"),
        ended(late, closes_at, how="met"),
        ended(dropped, closes_at, how="dropped"),
    )
    found = {one.wait.id: one.became for one in await passed(engine)}
    assert found == {
        "in_time": Became.DONE_IN_TIME,
        "late": Became.DONE_LATE,
        "owed": Became.OWED,
        "dropped": Became.ENDED,
    }


async def test_alarms_of_a_duty_that_went_out_late_are_listed(engine: AsyncEngine) -> None:
    """Those due in the outage; one in time, or of another deadline, is not."""
    report = duty("report_received")
    last_day, closes_at = due(-1)

    def alarm(level: int, at: datetime, day: date = last_day) -> TimelineEntry:
        data = {"wait_id": report.id, "level": level, "to": f"第{level}级", "due": closes_at.isoformat()}
        return line(f"alarm:{report.id}:{day}:{level}", TimelineKind.ESCALATED, at, **data)

    out_at = closes_at + timedelta(hours=3)
    await batch_with(
        engine,
        counted(report, -1),
        alarm(0, closes_at + timedelta(seconds=1)),
        alarm(1, out_at),
        alarm(1, out_at, last_day - timedelta(days=9)),
    )
    (one,) = await passed(engine)
    assert [(late.to, late.due, late.at) for late in one.late_alarms] == [("第1级", closes_at, out_at)]


async def test_a_deadline_that_moved_is_told_with_both(engine: AsyncEngine) -> None:
    """It was in force when the outage began; where the new one lies in it too, it has its own entry."""
    await batch_with(engine, counted(WINDOW, -1), counted(WINDOW, 1, TimelineKind.DEADLINE_MOVED))
    assert await became(engine, last=0) == [Became.MOVED]
    assert await became(engine) == [Became.MOVED, Became.RUNNING]


async def test_what_was_over_before_the_outage_is_told_apart(engine: AsyncEngine) -> None:
    """A duty done before it began is marked; a deadline that had moved away by then did not pass in it."""
    done, moved = duty("done"), duty("moved")
    await batch_with(
        engine,
        counted(done, 2),
        ended(done, NOW, how="met"),
        counted(moved, 2),
        counted(moved, 9, TimelineKind.DEADLINE_MOVED),
    )
    found = await passed(engine, first=1)
    assert [(one.wait.id, one.became, one.settled_before) for one in found] == [
        ("done", Became.DONE_IN_TIME, True)
    ]


async def test_the_ends_of_the_period_belong_to_it(engine: AsyncEngine) -> None:
    """24:00 is the last moment of a day, and the first of the next."""
    await batch_with(engine, counted(WINDOW, -1))
    closes_at = due(-1)[1]
    moment = timedelta(microseconds=1)
    for begin, end, found in (
        (closes_at, closes_at, 1),
        (closes_at - timedelta(hours=1), closes_at - moment, 0),
        (closes_at + moment, closes_at + timedelta(hours=1), 0),
    ):
        report = await outage(engine, begin, end)
        assert len(report.deadlines) == found


async def test_steps_that_had_to_wait_are_listed(engine: AsyncEngine) -> None:
    """Those decided late, or not yet, with how long; one answered at once is only counted."""
    batch_no = await batch_with(engine)
    at_once, late, never = [await filed(engine, batch_no) for _ in range(3)]

    async def decide(envelope: StepEnvelope, after: timedelta, version: int) -> Decision:
        assert envelope.received_at is not None
        decision = accepted(envelope).model_copy(update={"decided_at": envelope.received_at + after})
        to = change(snapshot(batch_no, version), envelope=envelope, decision=decision)
        await record.write(engine, to, time_skipping=False)
        return decision

    await decide(at_once, timedelta(seconds=1), 2)
    decision = await decide(late, timedelta(minutes=7), 3)
    assert late.received_at is not None
    begin, end = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    report = await outage(engine, begin, end)
    assert report.steps_received == 3
    held = {one.step_id: one for one in report.held}
    assert held.keys() == {str(late.step_id), str(never.step_id)}
    assert (held[str(late.step_id)].waited, held[str(late.step_id)].decision) == (
        timedelta(minutes=7),
        decision,
    )
    assert held[str(never.step_id)].decision is None


async def test_a_period_must_run_forwards_and_not_too_long(engine: AsyncEngine) -> None:
    """Refused in words."""
    for begin, end in ((NOW, NOW - timedelta(seconds=1)), (NOW - timedelta(days=93), NOW)):
        with pytest.raises(PeriodInvalid):
            await outage(engine, begin, end)
