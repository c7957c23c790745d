"""Silence is decided by the ledger, under the lock that filing takes (procedure section 5)."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai, end_of_day
from law.judgements import FilingMeans
from law.vocabulary import Party
from messages.envelope import StepEnvelope
from messages.records import SilenceInput
from messages.steps import StepName
from store.errors import BatchUnknown
from store.ledger import filings, record, silence
from store.reads import read_model, tasks
from tests.store.builders import change, duty, open_one, snapshot, step, wait


def question(batch_no: str, last_day: date, **fields: Any) -> SilenceInput:
    values: dict[str, Any] = {
        "batch_no": batch_no,
        "wait_id": "objection_filed:seller",
        "step": StepName.OBJECTION_FILED,
        "party": Party.SELLER,
        "last_day": last_day,
        "closes_at": end_of_day(last_day),
        "now": datetime.now(UTC),
    }
    asked = values | fields
    return SilenceInput.model_validate({"heard_until": asked["closes_at"], **asked})


def today() -> date:
    return day_in_shanghai(datetime.now(UTC))


async def filed(engine: AsyncEngine, envelope: StepEnvelope) -> StepEnvelope:
    return (await filings.file_step(engine, envelope)).envelope


async def test_before_the_end_it_is_too_early(engine: AsyncEngine) -> None:
    """Only the ledger's own clock ends a window; the workflow is told how long it still has to wait."""
    opening = await open_one(engine)
    asked = question(opening.batch_no, today(), now=datetime.now(UTC) + timedelta(days=30))
    result = await silence.ask(engine, asked, time_skipping=False)
    assert result.verdict == "too_early"
    assert result.wait_seconds == pytest.approx((asked.closes_at - result.ledger_now).total_seconds())
    assert (await read_model.batch(engine, opening.batch_no)).clock < asked.closes_at


async def test_what_is_on_its_way_is_waited_for(engine: AsyncEngine) -> None:
    """A window that closed yesterday is not asked about while what was posted by then may still arrive."""
    opening = await open_one(engine)
    yesterday = today() - timedelta(days=1)
    open_still = question(opening.batch_no, yesterday, heard_until=end_of_day(today()))
    assert (await silence.ask(engine, open_still, time_skipping=False)).verdict == "too_early"
    assert (
        await silence.ask(engine, question(opening.batch_no, yesterday), time_skipping=False)
    ).verdict == "asked"


async def test_with_time_skipping_the_window_ends_by_the_batchs_clock(engine: AsyncEngine) -> None:
    """A fast-forwarded batch's window ends, and what is filed after it is stamped after it."""
    opening = await open_one(engine)
    deadline = end_of_day(today())
    report = duty(deadline=deadline, last_day=today())
    await record.write(
        engine,
        change(snapshot(opening.batch_no, 1, wait(deadline=deadline, last_day=today()), report)),
        time_skipping=True,
    )
    in_time = await filed(engine, step(opening.batch_no, filed_on=str(today()), postmark=None))
    asked = question(opening.batch_no, today(), now=deadline + timedelta(days=2))
    result = await silence.ask(engine, asked, time_skipping=True)
    assert result.verdict == "asked"
    assert [(one.envelope, one.counts) for one in result.considered] == [(in_time, True)]
    late = await filed(engine, step(opening.batch_no, filed_on=str(today())))
    assert late.received_at is not None
    assert late.received_at > deadline
    assert [one.counts for one in (await silence.ask(engine, asked, time_skipping=True)).considered] == [
        True,
        False,
    ]
    page = await tasks.tasks(engine, overdue=True)
    assert [(row.batch_no, row.wait.id) for row in page.items] == [(opening.batch_no, report.id)]


async def test_what_was_posted_on_the_last_day_counts_when_it_arrives(engine: AsyncEngine) -> None:
    """Stamped after the close, and before all that is on its way was heard: its postmark decides."""
    opening = await open_one(engine)
    yesterday = today() - timedelta(days=1)
    posted = {"how": "post", "filed_on": str(today())}
    last = await filed(engine, step(opening.batch_no, **posted, postmark=str(yesterday)))
    after = await filed(engine, step(opening.batch_no, **posted, postmark=str(today())))
    now = end_of_day(today() + timedelta(days=4))
    asked = question(opening.batch_no, yesterday, heard_until=now, now=now + timedelta(minutes=1))
    result = await silence.ask(engine, asked, time_skipping=True)
    assert [(one.envelope, one.counts) for one in result.considered] == [(last, True), (after, False)]


async def test_what_was_looked_at_is_said(engine: AsyncEngine) -> None:
    """Every filing of the party is named, with the day it counts from; others' filings are not."""
    opening = await open_one(engine)
    last_day = today()
    by_post = {"how": "post", "filed_on": str(last_day), "postmark": str(last_day - timedelta(days=3))}
    post = await filed(engine, step(opening.batch_no, **by_post))
    tomorrow = await filed(engine, step(opening.batch_no, filed_on=str(last_day + timedelta(days=1))))
    await filed(engine, step(opening.batch_no, party="producer"))
    unreadable = await filed(engine, step(opening.batch_no, how="pigeon"))
    now = end_of_day(last_day) + timedelta(days=1)
    result = await silence.ask(engine, question(opening.batch_no, last_day, now=now), time_skipping=True)
    assert [(one.envelope, one.filing_day, one.counts, one.means) for one in result.considered] == [
        (post, last_day - timedelta(days=3), True, FilingMeans.POST),
        (tomorrow, last_day + timedelta(days=1), False, FilingMeans.COUNTER),
        (unreadable, None, False, None),
    ]


async def test_formalities_count_from_their_completion(engine: AsyncEngine) -> None:
    """Retest formalities count from the day they were completed; the applicant may go unnamed."""
    opening = await open_one(engine)
    last_day = today()
    done = step(opening.batch_no, StepName.RETEST_FORMALITIES_COMPLETED, completed_on=str(last_day))
    del done.body["party"]
    await filed(engine, done)
    asked = question(
        opening.batch_no,
        last_day,
        step=StepName.RETEST_FORMALITIES_COMPLETED,
        now=end_of_day(last_day) + timedelta(days=1),
    )
    (found,) = (await silence.ask(engine, asked, time_skipping=True)).considered
    assert (found.filing_day, found.counts, found.means) == (last_day, True, None)


async def test_of_an_unknown_batch_nothing_can_be_asked(engine: AsyncEngine) -> None:
    """There is no ledger to ask."""
    with pytest.raises(BatchUnknown):
        await silence.ask(engine, question("CJ1999-000001", today()), time_skipping=False)


async def test_a_filing_that_races_is_counted_or_stamped_after(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the very close: a filing is either seen by the one who asks, or stamped after the window's end."""
    monkeypatch.setattr(filings, "MOST_UNDECIDED", 10_000)
    monkeypatch.setattr(filings, "MOST_WITHIN_AN_HOUR", 10_000)
    opening = await open_one(engine)
    for _ in range(40):
        closes_at = datetime.now(UTC) + timedelta(milliseconds=15)
        asked = question(opening.batch_no, today() + timedelta(days=1), closes_at=closes_at)
        envelopes = [step(opening.batch_no, filed_on=str(today())) for _ in range(4)]

        async def ask_when_closed(asked: SilenceInput = asked) -> set[object]:
            result = await silence.ask(engine, asked, time_skipping=False)
            while result.verdict == "too_early":
                result = await silence.ask(engine, asked, time_skipping=False)
            return {one.envelope.step_id for one in result.considered if one.counts}

        async def file_at_the_close(number: int, envelope: StepEnvelope) -> StepEnvelope:
            await asyncio.sleep(0.013 + 0.001 * number)
            return await filed(engine, envelope)

        counted, *rows = await asyncio.gather(
            ask_when_closed(), *(file_at_the_close(n, envelope) for n, envelope in enumerate(envelopes))
        )
        for row in rows:
            assert row.received_at is not None
            assert (row.step_id in counted) == (row.received_at <= closes_at)


async def test_what_the_workflow_has_not_taken_is_handed_to_it(engine: AsyncEngine) -> None:
    """Every step of the batch stamped by the end, whoever's and of whatever kind, that has no answer yet."""
    opening = await open_one(engine)
    taken = await filed(engine, step(opening.batch_no))
    other = await filed(engine, step(opening.batch_no, party="producer"))
    refused = await filed(engine, step(opening.batch_no, StepName.SUSPENDED))
    await filings.refuse_closed(engine, refused)
    asked = question(opening.batch_no, today(), now=end_of_day(today()) + timedelta(days=1))
    result = await silence.ask(
        engine, asked.model_copy(update={"taken": (taken.step_id,)}), time_skipping=True
    )
    assert result.untaken == (other,)
