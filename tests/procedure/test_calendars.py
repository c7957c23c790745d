"""Deadlines in a year not announced yet: provisional everywhere, and counted again once it is."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType

from law.calendar import SHANGHAI, CalendarYear, day_in_shanghai
from law.calendar_sources import builtin_calendar
from law.vocabulary import Outcome, Role
from local.scenarios.courses import PRODUCER_ACCEPTS, SEALED, Do, Lapse, delivered, posted
from messages.envelope import RefusalCode
from messages.opening import CALENDAR_ANNOUNCED
from messages.records import TimelineKind
from messages.steps import StepName
from settings import Settings
from store.calendars import arrangements, imports
from store.reads import read_model
from store.reads import tasks as inbox
from store.reads.tasks import Whose
from temporal.running import announce_calendar
from tests.api.builders import Tokens, client_of, running
from tests.store.builders import put_in_force, until

OFFICER, LAB, APPROVER, SUPERVISOR = Role.OFFICER, Role.LAB, Role.APPROVER, Role.SUPERVISOR
SELLER_WINDOW = "objection_filed:seller"
PRODUCER_DELIVERY = "notice_delivered:result_notice:producer"
REPORTED = (*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED), *posted("result_notice", "producer"))
ONE_DAY = timedelta(days=1)


def unannounced() -> int:
    """The first year nobody has announced whose December before is still to come."""
    today = day_in_shanghai(datetime.now(UTC))
    last = max(year.year for year in builtin_calendar().years if year.announced)
    return max(last + 1, today.year + (2 if today > date(today.year, 12, 10) else 1))


YEAR = unannounced()
NEW_YEAR = date(YEAR, 1, 1)
# Fifteen days after this receipt is a Saturday of January, so that the window ends on the Monday after.
SATURDAY = next(day for day in (date(YEAR, 1, n) for n in range(3, 10)) if day.weekday() == 5)
RECEIPT, TOLD = SATURDAY - timedelta(days=15), SATURDAY + timedelta(days=2)


def arrangement(*off: date, worked: tuple[date, ...] = (), version: str = "虚构一号") -> CalendarYear:
    """Made up."""
    return CalendarYear(
        year=YEAR,
        version=version,
        announced=True,
        holidays=dict.fromkeys((NEW_YEAR, *off), "元旦"),
        makeup_days=worked,
    )


LONGER = arrangement(TOLD, TOLD + ONE_DAY)
NEW_END = TOLD + 2 * ONE_DAY
SHORTER = arrangement(worked=(SATURDAY,))
THE_SAME = arrangement()


async def to_noon_of(table, batch_no: str, day: date) -> None:
    then = datetime.combine(day, time(12), SHANGHAI)
    await table.fast_forward(batch_no, then - await table.clock(batch_no))


async def served(table, *acts) -> str:
    """A batch whose seller received the result so that its window reaches into the unannounced year."""
    batch_no = await table.opened((*REPORTED, *acts))
    await to_noon_of(table, batch_no, RECEIPT)
    await table.at(batch_no, [delivered("result_notice", "seller")])
    assert (await table.wait(batch_no, SELLER_WINDOW)).last_day == TOLD
    return batch_no


async def relay(table) -> None:
    """What the relay does every few seconds, as after a start of its own."""
    await table.relaying().relay()


async def announcements(table, batch_no: str) -> int:
    """How often the batch was told to count again."""
    history = await table.handle(batch_no).fetch_history()
    names = [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    ]
    return names.count(CALENDAR_ANNOUNCED)


async def recounted(table, batch_no: str, year: CalendarYear) -> None:
    """Import, and let the relay tell the batch: once, for then it has counted again."""
    before = await announcements(table, batch_no)
    await put_in_force(table.engine, year)
    await relay(table)
    await until(lambda: all_is_counted(table))
    await relay(table)
    assert await announcements(table, batch_no) == before + 1


async def all_is_counted(table) -> bool:
    return (
        await arrangements.count_stale(table.engine, (await arrangements.in_force(table.engine)).calendar)
        == 0
    )


async def ends_on(table, batch_no: str, day: date) -> bool:
    return (await table.wait(batch_no, SELLER_WINDOW)).last_day == day


async def is_open(table, batch_no: str, wait_id: str) -> bool:
    snapshot = (await read_model.batch(table.engine, batch_no)).snapshot
    return any(wait.id == wait_id and wait.last_day is not None for wait in snapshot.waits)


async def lines(table, batch_no: str, kind: TimelineKind) -> list[read_model.TimelineRow]:
    return [line for line in await read_model.timeline(table.engine, batch_no) if line.kind == kind]


async def test_a_window_into_a_year_not_announced_is_provisional_everywhere(table) -> None:
    """In the batch, in the inbox, on the timeline, in the Temporal UI, and on what the public reads."""
    batch_no = await served(table)
    assert (await table.wait(batch_no, SELLER_WINDOW)).provisional
    tasks = (await inbox.tasks(table.engine, Whose(owed_by="seller"))).items
    assert [task.wait.provisional for task in tasks if task.batch_no == batch_no] == [True]
    opened = await lines(table, batch_no, TimelineKind.WAIT_OPENED)
    (line,) = [line for line in opened if line.data["wait_id"] == SELLER_WINDOW]
    assert f"暂定至{TOLD} 24:00" in line.text
    assert line.data["deadline"]["provisional"]
    metadata = await table.handle(batch_no).query("__temporal_workflow_metadata")
    assert f"至{TOLD} 24:00（暂定，" in metadata.current_details
    await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED, recipient="producer")
    documents = (await read_model.batch(table.engine, batch_no)).documents
    (announcement,) = [document for document in documents if document.kind == "announcement"]
    assert "暂定" in announcement.fields["last_day"]


async def test_an_announced_year_moves_the_window_and_its_timer(table) -> None:
    """Old and new stand on the timeline; the right lapses at the new end, not at the old one."""
    batch_no = await served(table, PRODUCER_ACCEPTS)
    await recounted(table, batch_no, LONGER)
    window = await table.wait(batch_no, SELLER_WINDOW)
    assert (window.last_day, window.provisional, "虚构一号" in window.calendar_version) == (
        NEW_END,
        False,
        True,
    )
    (line,) = await lines(table, batch_no, TimelineKind.DEADLINE_MOVED)
    assert f"届满日由{TOLD}（暂定）改为{NEW_END}" in line.text
    assert (line.data["old_last_day"], line.data["new_last_day"]) == (str(TOLD), str(NEW_END))
    await to_noon_of(table, batch_no, TOLD + ONE_DAY)
    assert (await table.snapshot(batch_no)).outcome is None
    await table.at(batch_no, [Lapse(SELLER_WINDOW)])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE
    (silence,) = await lines(table, batch_no, TimelineKind.SILENCE)
    assert silence.data["last_day"] == str(NEW_END)


async def test_a_right_keeps_the_day_it_was_told(table) -> None:
    """The announced year would end it sooner; it does not, and the record says so."""
    batch_no = await served(table, PRODUCER_ACCEPTS)
    await recounted(table, batch_no, SHORTER)
    window = await table.wait(batch_no, SELLER_WINDOW)
    assert (window.last_day, window.provisional) == (TOLD, False)
    (line,) = await lines(table, batch_no, TimelineKind.DEADLINE_CONFIRMED)
    assert f"按公布的安排应至{SATURDAY}，已告知的不提前" in line.text
    await to_noon_of(table, batch_no, TOLD)
    assert (await table.snapshot(batch_no)).outcome is None


async def test_a_duty_is_counted_plainly_also_sooner(table) -> None:
    """What the bureau owes itself keeps nothing: a day more that is worked brings its end forward."""
    batch_no = await table.opened(SEALED)
    await to_noon_of(table, batch_no, RECEIPT)
    await table.at(batch_no, REPORTED[len(SEALED) :])
    before = await table.wait(batch_no, PRODUCER_DELIVERY)
    assert (before.provisional, before.last_day >= NEW_YEAR) == (True, True)
    await recounted(
        table, batch_no, arrangement(worked=(SATURDAY - 7 * ONE_DAY,) if SATURDAY.day > 7 else ())
    )
    after = await table.wait(batch_no, PRODUCER_DELIVERY)
    assert not after.provisional
    assert after.last_day <= before.last_day


async def test_only_the_mark_goes_when_the_day_stays(table) -> None:
    """Said shortly; what was reminded already is not reminded again."""
    batch_no = await served(table)
    await recounted(table, batch_no, THE_SAME)
    (line,) = [
        line
        for line in await lines(table, batch_no, TimelineKind.DEADLINE_CONFIRMED)
        if line.data["wait_id"] == SELLER_WINDOW
    ]
    assert f"届满日仍为{TOLD}，不再是暂定" in line.text
    assert not (await table.wait(batch_no, SELLER_WINDOW)).provisional


async def test_a_batch_that_the_year_does_not_concern_hears_nothing(table) -> None:
    """No signal and no line."""
    batch_no = await table.opened(REPORTED)
    await table.snapshot(batch_no)
    before = await read_model.timeline(table.engine, batch_no)
    await put_in_force(table.engine, LONGER)
    await relay(table)
    assert await announcements(table, batch_no) == 0
    assert await read_model.timeline(table.engine, batch_no) == before


async def test_a_window_opened_on_an_old_calendar_at_the_moment_of_the_import(table) -> None:
    """The worker's calendar is a minute old; the relay finds what it counted, and once is enough."""
    batch_no = await table.opened(REPORTED)
    await to_noon_of(table, batch_no, RECEIPT)
    await put_in_force(table.engine, LONGER)
    await table.at(batch_no, [delivered("result_notice", "seller")])
    assert (await table.wait(batch_no, SELLER_WINDOW)).provisional
    await relay(table)
    await until(lambda: ends_on(table, batch_no, NEW_END))
    await relay(table)
    assert await announcements(table, batch_no) == 1


async def test_a_worker_away_during_the_import_counts_again_when_it_is_back(table, crew) -> None:
    """The signal waits for it in Temporal."""
    batch_no = await served(table)
    await crew.leave()
    await put_in_force(table.engine, LONGER)
    await relay(table)
    await crew.come()
    await until(lambda: ends_on(table, batch_no, NEW_END))


async def test_who_files_after_the_provisional_end_and_within_the_announced_one_is_in_time(table) -> None:
    """The import came before, its signal had not: the window is counted again before the step is decided."""
    batch_no = await served(table, PRODUCER_ACCEPTS)
    await put_in_force(table.engine, LONGER)
    await to_noon_of(table, batch_no, TOLD + ONE_DAY)
    decision = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    assert decision.accepted, decision.reason


async def test_nobody_imports_and_the_provisional_day_holds(table) -> None:
    """The guess is all there is; a year announced afterwards does not bring back a right that has lapsed."""
    batch_no = await served(table, PRODUCER_ACCEPTS)
    await table.at(batch_no, [Lapse(SELLER_WINDOW)])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE
    (silence,) = await lines(table, batch_no, TimelineKind.SILENCE)
    assert "按暂定日历计算" in silence.text
    assert silence.data["provisional"] is True
    await put_in_force(table.engine, LONGER)
    await relay(table)
    late = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    assert late.code is RefusalCode.FILED_LATE


async def test_a_stay_is_added_to_the_fresh_count(table) -> None:
    """Stayed five days before the import: the window ends five days after the announced end, rolled on."""
    batch_no = await served(table)
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await to_noon_of(table, batch_no, RECEIPT + 5 * ONE_DAY)
    await table.example(batch_no, SUPERVISOR, StepName.RESUMED)
    stayed = await table.wait(batch_no, SELLER_WINDOW)
    assert (stayed.provisional, stayed.last_day >= TOLD + 5 * ONE_DAY) == (True, True)
    await recounted(table, batch_no, LONGER)
    calendar = builtin_calendar([LONGER])
    window = await table.wait(batch_no, SELLER_WINDOW)
    assert window.last_day == max(stayed.last_day, calendar.working_day_from(NEW_END + 5 * ONE_DAY))
    assert not window.provisional


@pytest.mark.parametrize(("granted", "end"), [(TOLD + ONE_DAY, NEW_END), (TOLD + 9 * ONE_DAY, None)])
async def test_an_extension_holds_where_it_is_later_than_the_law(
    table, granted: date, end: date | None
) -> None:
    """An approver's day stays as decided, unless the announced year gives the party a later one."""
    batch_no = await served(table)
    extended = await table.example(
        batch_no, APPROVER, StepName.DEADLINE_EXTENDED, wait=SELLER_WINDOW, to=str(granted)
    )
    assert extended.accepted
    await recounted(table, batch_no, LONGER)
    assert (await table.wait(batch_no, SELLER_WINDOW)).last_day == (end or granted)


async def test_a_window_reopened_by_a_withdrawal_is_counted_on_the_announced_year(table) -> None:
    """Objected before the import, withdrawn after it: the relay finds the reopened window."""
    batch_no = await served(table)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    await put_in_force(table.engine, LONGER)
    await relay(table)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_WITHDRAWN)
    await relay(table)
    await until(lambda: ends_on(table, batch_no, NEW_END))


async def test_a_correction_counts_again_and_never_takes_a_day_back(table) -> None:
    """Longer, then corrected to the shorter one: the party keeps what it was told last."""
    batch_no = await served(table)
    await recounted(table, batch_no, LONGER)
    await recounted(table, batch_no, SHORTER.model_copy(update={"version": "虚构一号更正"}))
    window = await table.wait(batch_no, SELLER_WINDOW)
    assert (window.last_day, window.calendar_version.endswith("更正")) == (NEW_END, True)


async def test_the_account_lists_whose_day_moved_and_whether_a_letter_had_named_it(table) -> None:
    """The producer's notice came back and the announcement named the old day; the seller's was not named."""
    batch_no = await served(table)
    await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED, recipient="producer")
    await recounted(table, batch_no, LONGER)
    (imported,) = await imports.imports(table.engine)
    account = [row for row in await imports.account(table.engine, imported.no) if row.wait.party is not None]
    moved = {row.wait.id: (row.old_last_day, row.new_last_day, row.told) for row in account}
    assert moved[SELLER_WINDOW] == (TOLD, NEW_END, False)
    assert moved["objection_filed:producer"] == (TOLD, NEW_END, True)
    assert imported.moved >= 2


async def test_a_signal_from_an_operator_does_no_harm(table) -> None:
    """Whatever comes with it, and however often: what cannot be read is noted, and the batch goes on."""
    batch_no = await served(table)
    before = await read_model.timeline(table.engine, batch_no)
    await announce_calendar(table.skipper.client, batch_no, 0)
    await table.handle(batch_no).signal("calendar_announced", "???")
    await table.handle(batch_no).signal("calendar_announced")

    async def noted() -> bool:
        told = [line for line in await read_model.timeline(table.engine, batch_no) if line not in before]
        return [line.kind for line in told] == [TimelineKind.STEP_REFUSED]

    await until(noted)
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)).accepted


async def test_what_if_is_what_then_happens(table, database_url: str, tmp_path: Path) -> None:
    """Shown before, and listed in the account afterwards: the same deadlines with the same days."""
    settings = Settings(home=tmp_path, database_url=database_url)
    body = LONGER.model_dump(mode="json", exclude={"announced"})
    first, second = await served(table), await served(table, PRODUCER_ACCEPTS)
    await table.example(first, OFFICER, StepName.NOTICE_RETURNED, recipient="producer")
    await table.example(second, SUPERVISOR, StepName.SUSPENDED)
    await until(lambda: is_open(table, first, "objection_filed:producer"))
    tokens = Tokens(settings)
    async with running(settings) as app, client_of(app, tokens.header(OFFICER)) as officer:
        effect = (await officer.post("/calendars/what-if", json=body)).json()
        assert await imports.imports(table.engine) == []
        imported = await put_in_force(table.engine, LONGER)
        await relay(table)
        await until(lambda: all_is_counted(table))
        account = (await officer.get(f"/calendars/{imported.no}")).json()
    assert {one["batch_no"] for one in effect["moved"]} == {first, second}

    def by_wait(moved: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(moved, key=lambda one: (one["batch_no"], one["wait_id"]))

    assert by_wait(account["accounts"]) == by_wait(effect["moved"])
    assert (account["recounted"], account["moved"]) == (effect["recounted"], len(effect["moved"]))
