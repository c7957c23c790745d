"""The record activity writes what was counted, and only on the calendar that is in force."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities.outgoing import OutboxOnly
from activities.record import Recording
from law.calendar import CalendarYear
from law.counting import Deadline, count
from law.vocabulary import Term
from messages.opening import CalendarInForce
from messages.records import CalendarInput, RecordInput, RecordResult
from store.calendars import arrangements
from store.calendars.in_force import AnnouncedCalendar
from store.reads import read_model
from temporal.payloads import InMemory
from tests.letters.builders import TYPESETTER
from tests.store.builders import (
    CALENDAR,
    REGULATION,
    change,
    entry,
    open_one,
    put_in_force,
    snapshot,
    wait,
)

WAIT = "objection_filed:seller"
NEXT_YEAR = CalendarYear(year=2027, version="国办2027", announced=True, holidays={date(2027, 3, 16): "假日"})


@pytest.fixture
def recording(engine: AsyncEngine) -> Recording:
    return at_work(engine)


def at_work(engine: AsyncEngine, *, time_skipping: bool = False) -> Recording:
    return Recording(engine, AnnouncedCalendar(engine), OutboxOnly(), TYPESETTER, time_skipping=time_skipping)


async def record(recording: Recording, what: RecordInput) -> RecordResult:
    result: RecordResult = await ActivityEnvironment().run(recording.record, InMemory(what))
    return result


def window(start: date, calendar: CalendarInForce = CALENDAR) -> Deadline:
    return count(REGULATION.terms[Term.OBJECTION], start, calendar.calendar)


def opened(batch_no: str, deadline: Deadline, calendar: CalendarInForce = CALENDAR) -> RecordInput:
    """A change in which a window was counted."""
    running = wait(WAIT, last_day=deadline.last_day, deadline=deadline.closes_at)
    return change(
        snapshot(batch_no, 1, running),
        entry("opened", wait_id=WAIT, wait=running, deadline=deadline),
        deadlines={WAIT: deadline},
        calendar=calendar,
    )


async def test_a_deadline_is_kept_with_its_account(engine: AsyncEngine, recording: Recording) -> None:
    """Wait and timeline carry it, day by day, and the arrangements it was counted on are kept."""
    batch_no = (await open_one(engine)).batch_no
    deadline = window(date(2026, 9, 18))
    assert (await record(recording, opened(batch_no, deadline))).is_written
    (shown,) = (await read_model.batch(engine, batch_no)).snapshot.waits
    assert (shown.last_day, shown.deadline) == (date(2026, 10, 8), deadline.closes_at)
    (line,) = await read_model.timeline(engine, batch_no)
    assert line.data["deadline"] == deadline.model_dump(mode="json")
    assert line.data["wait"] == shown.model_dump(mode="json")
    (named,) = deadline.arrangements
    (kept,) = await arrangements.kept(engine, [named.digest])
    assert (kept.named, kept.announced, date(2026, 10, 1) in kept.holidays) == (named, True, True)


async def test_a_deadline_counted_on_a_calendar_since_replaced_is_not_recorded(engine: AsyncEngine) -> None:
    """The batch gets the calendar in force instead, counts on it, and then it is recorded."""
    batch_no = (await open_one(engine)).batch_no
    guessed = window(date(2027, 3, 1))
    assert guessed.provisional
    await put_in_force(engine, NEXT_YEAR)
    recording = at_work(engine)
    answer = await record(recording, opened(batch_no, guessed))
    assert (answer.is_written, await read_model.timeline(engine, batch_no)) == (False, ())
    assert answer.in_force is not None
    known = window(date(2027, 3, 1), answer.in_force)
    assert (known.provisional, known.last_day, known.calendar_version) == (
        False,
        date(2027, 3, 17),
        "国办2027",
    )
    assert (await record(recording, opened(batch_no, known, answer.in_force))).is_written


async def test_a_change_without_deadlines_needs_no_calendar(engine: AsyncEngine) -> None:
    """Whatever was announced meanwhile, nothing in it was counted."""
    batch_no = (await open_one(engine)).batch_no
    await put_in_force(engine, NEXT_YEAR)
    assert (await record(at_work(engine), change(snapshot(batch_no, 1), entry("a")))).is_written


async def test_the_calendar_of_a_batch_is_of_this_moment(engine: AsyncEngine, recording: Recording) -> None:
    """A right about to lapse on a guess is not counted on a calendar of a minute ago; years of use only."""
    asked = CalendarInput(batch_no="CJ2026-000001", since=date(2026, 9, 1), at_least=0)
    before = await ActivityEnvironment().run(recording.calendar_in_force, asked)
    assert (before.revision, before.calendar.is_announced(2027)) == (0, False)
    await put_in_force(engine, NEXT_YEAR)
    now = await ActivityEnvironment().run(recording.calendar_in_force, asked)
    assert now.calendar.is_announced(2027)
    assert min(year.year for year in now.calendar.years) == 2025


async def test_the_clock_of_a_fast_forwarded_batch_is_followed(engine: AsyncEngine) -> None:
    """The switch for time skipping reaches the store."""
    opening = await open_one(engine)
    skipping = at_work(engine, time_skipping=True)
    now = datetime.now(UTC) + timedelta(days=15)
    await record(skipping, change(snapshot(opening.batch_no, 1), now=now))
    assert (await read_model.batch(engine, opening.batch_no)).clock > now - timedelta(minutes=1)
