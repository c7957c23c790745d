"""The record activity counts deadlines and carries their account; asking again changes nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from activities.calendar import AnnouncedCalendar
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.outgoing import OutboxOnly
from activities.record import UNCOUNTABLE, Recording
from law.calendar import CalendarYear
from law.vocabulary import Term
from messages.records import Counted, CountRequest, RecordResult, TimelineKind
from store import calendars, reads, record
from tests.store.builders import REGULATION, change, entry, open_one, put_in_force, snapshot, wait

START = date(2026, 9, 18)
WAIT = "objection_filed:seller"


@pytest.fixture
def recording(engine: AsyncEngine) -> Recording:
    return Recording(engine, AnnouncedCalendar(engine), OutboxOnly(), time_skipping=False)


def request(**fields: object) -> CountRequest:
    values = {"wait_id": WAIT, "rule": REGULATION.terms[Term.OBJECTION], "start": START}
    return CountRequest.model_validate(values | fields)


async def counted(recording: Recording, batch_no: str, version: int, asked: CountRequest) -> Counted:
    what = change(
        snapshot(batch_no, version, wait(WAIT)),
        entry(f"moved-{version}", TimelineKind.DEADLINE_MOVED, wait_id=WAIT),
        count=(asked,),
    )
    result: RecordResult = await ActivityEnvironment().run(recording.record, what)
    return result.counted[0]


async def test_a_deadline_is_counted_and_explained(engine: AsyncEngine, recording: Recording) -> None:
    """The wait is filled in, the timeline carries the account day by day, the workflow gets the day."""
    opening = await open_one(engine)
    result = await counted(recording, opening.batch_no, 1, request())
    assert (result.last_day, result.provisional, result.alarms) == (date(2026, 10, 8), False, ())
    (shown,) = (await reads.batch(engine, opening.batch_no)).snapshot.waits
    assert (shown.starts_on, shown.last_day, shown.deadline) == (START, result.last_day, result.closes_at)
    (line,) = await reads.timeline(engine, opening.batch_no)
    assert line.data["deadline"]["trace"][-1]["day"] == "2026-10-08"
    held = (await record.traces(engine, opening.batch_no, [WAIT]))[WAIT]
    assert held.model_dump(mode="json") == line.data["deadline"]
    (named,) = held.arrangements
    (kept,) = await calendars.kept(engine, [named.digest])
    assert (kept.named, kept.announced, date(2026, 10, 1) in kept.holidays) == (named, True, True)


async def test_a_duty_gets_its_alarms(engine: AsyncEngine, recording: Recording) -> None:
    """Who is reminded and when comes with the deadline of a duty."""
    opening = await open_one(engine)
    rule = REGULATION.terms[Term.RESULT_NOTICE]
    result = await counted(recording, opening.batch_no, 1, request(rule=rule, start=date(2026, 9, 23)))
    assert result.last_day == date(2026, 10, 8)
    assert [alarm.level for alarm in result.alarms] == list(range(len(REGULATION.ladder.rungs) + 1))


async def test_a_stay_moves_the_last_day_once(engine: AsyncEngine, recording: Recording) -> None:
    """Run again after a crash, the same stay gives the same day; a second stay goes on from there."""
    opening = await open_one(engine)
    await counted(recording, opening.batch_no, 1, request())
    stay = request(how="stay", last_day=date(2026, 10, 8), days=5)
    assert (await counted(recording, opening.batch_no, 2, stay)).last_day == date(2026, 10, 13)
    assert (await counted(recording, opening.batch_no, 2, stay)).last_day == date(2026, 10, 13)
    again = request(how="stay", last_day=date(2026, 10, 13), days=1)
    assert (await counted(recording, opening.batch_no, 3, again)).last_day == date(2026, 10, 14)
    assert (await counted(recording, opening.batch_no, 3, again)).last_day == date(2026, 10, 14)


async def test_an_extension_is_taken_as_decided(engine: AsyncEngine, recording: Recording) -> None:
    """The day fixed by the approver, with its reason in the account; again it changes nothing."""
    opening = await open_one(engine)
    await counted(recording, opening.batch_no, 1, request())
    extension = request(how="set", last_day=date(2026, 10, 31), reason="不可抗力")
    for version in (2, 2, 3):
        assert (await counted(recording, opening.batch_no, version, extension)).last_day == date(2026, 10, 31)
    held = (await record.traces(engine, opening.batch_no, [WAIT]))[WAIT]
    assert held.explanation.count("不可抗力") == 1


@pytest.mark.parametrize(
    "impossible",
    [
        {"how": "set", "last_day": date(2026, 9, 20), "reason": "缩短"},
        {"how": "set"},
        {"start": date(2150, 1, 1)},
        {"rule": REGULATION.terms[Term.TEST_REPORT]},
    ],
    ids=str,
)
async def test_what_cannot_be_counted_is_not_tried_for_ever(
    engine: AsyncEngine, recording: Recording, impossible: dict[str, object]
) -> None:
    """No retry would change it, and nothing was written."""
    opening = await open_one(engine)
    with pytest.raises(ApplicationError) as error:
        await counted(recording, opening.batch_no, 1, request(**impossible))
    assert (error.value.type, error.value.non_retryable) == (UNCOUNTABLE, True)
    assert await reads.timeline(engine, opening.batch_no) == ()


async def test_an_imported_year_is_counted_with(engine: AsyncEngine) -> None:
    """A deadline in a year that was provisional is no longer so after the announcement was imported."""
    opening = await open_one(engine)
    far = request(start=date(2027, 3, 1))
    before = Recording(engine, AnnouncedCalendar(engine), OutboxOnly(), time_skipping=False)
    assert (await counted(before, opening.batch_no, 1, far)).provisional
    await put_in_force(
        engine,
        CalendarYear(year=2027, version="国办2027", announced=True, holidays={date(2027, 3, 16): "假日"}),
    )
    after = Recording(engine, AnnouncedCalendar(engine), OutboxOnly(), time_skipping=False)
    result = await counted(after, opening.batch_no, 2, far)
    assert (result.provisional, result.last_day, result.calendar_version) == (
        False,
        date(2027, 3, 17),
        "国办2027",
    )


async def test_the_clock_of_a_fast_forwarded_batch_is_followed(engine: AsyncEngine) -> None:
    """The switch for time skipping reaches the store."""
    opening = await open_one(engine)
    skipping = Recording(engine, AnnouncedCalendar(engine), OutboxOnly(), time_skipping=True)
    now = datetime.now(UTC) + timedelta(days=15)
    await ActivityEnvironment().run(skipping.record, change(snapshot(opening.batch_no, 1), now=now))
    assert (await reads.batch(engine, opening.batch_no)).clock > now - timedelta(minutes=1)
