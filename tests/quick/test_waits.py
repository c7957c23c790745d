"""Deadlines are counted where they arise: with their account, their alarms, their moves, and again."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from law.calendar import CalendarYear
from law.calendar_sources import builtin_calendar
from law.vocabulary import Party, Term
from messages.base import SYSTEM
from messages.records import TimelineKind
from messages.steps import StepName
from tests.quick.memory import CALENDAR, REGULATION, opening
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Moment
from workflows.procedure.waits import await_term, count_again, end_wait, extend, fix_last_day

START = date(2026, 9, 18)
WINDOW = "objection_filed:seller"
KNOWN = CalendarYear(year=2027, version="国办2027", announced=True, holidays={date(2027, 3, 16): "假日"})


@pytest.fixture
def change() -> Change:
    return Change(Case(opening=opening()), Moment(datetime(2026, 9, 18, 2, tzinfo=UTC), CALENDAR.calendar))


def open_window(change: Change, start: date = START) -> None:
    await_term(change, Term.OBJECTION, WINDOW, StepName.OBJECTION_FILED, start, party=Party.SELLER)


def announced(change: Change) -> Change:
    """The same batch a record later, once the year has been announced."""
    moment = replace(change.moment, calendar=builtin_calendar([KNOWN]))
    return Change(change.case, moment)


def test_a_deadline_is_counted_and_explained(change: Change) -> None:
    """The wait says its last day, the line carries the account day by day."""
    open_window(change)
    wait = change.case.waits[WINDOW].wait
    assert (wait.starts_on, wait.last_day, wait.provisional) == (START, date(2026, 10, 8), False)
    (line,) = change.lines
    assert line.data["deadline"].trace[-1].day == wait.last_day
    assert line.data["count"].rule == REGULATION.terms[Term.OBJECTION]


def test_a_duty_gets_its_alarms(change: Change) -> None:
    """Who is reminded and when comes with the deadline of a duty; a right has none."""
    await_term(change, Term.RESULT_NOTICE, "duty", None, date(2026, 9, 23))
    open_window(change)
    assert change.case.waits["duty"].wait.last_day == date(2026, 10, 8)
    rungs = len(REGULATION.ladder.rungs)
    assert [alarm.level for alarm in change.case.waits["duty"].alarms] == list(range(rungs + 1))
    assert change.case.waits[WINDOW].alarms == ()


def test_stays_move_the_last_day_one_after_the_other(change: Change) -> None:
    """By their calendar days, from where the last day stood."""
    open_window(change)
    extend(change, WINDOW, 5, "中止", SYSTEM)
    assert change.case.waits[WINDOW].wait.last_day == date(2026, 10, 13)
    extend(change, WINDOW, 1, "中止", SYSTEM)
    assert change.case.waits[WINDOW].wait.last_day == date(2026, 10, 14)
    assert [line.key for line in change.lines[1:]] == [
        f"deadline-moved:{WINDOW}:0",
        f"deadline-moved:{WINDOW}:0:1",
    ]
    assert len(change.deadlines[WINDOW].moves) == 2


@pytest.mark.parametrize(
    ("fixed", "last_day"), [(date(2026, 10, 30), date(2026, 10, 30)), (date(2026, 10, 31), date(2026, 11, 2))]
)
def test_an_extension_is_taken_as_decided(change: Change, fixed: date, last_day: date) -> None:
    """The day fixed by the approver, a Saturday rolled on to Monday, with its reason once in the account."""
    open_window(change)
    fix_last_day(change, WINDOW, fixed, "不可抗力", SYSTEM)
    wait = change.case.waits[WINDOW].wait
    assert wait.last_day == last_day
    assert wait.heard_until is not None
    assert wait.heard_until.date() > last_day
    assert change.deadlines[WINDOW].explanation.count("不可抗力") == 1
    assert change.lines[-1].text == f"提出异议（书面复检申请）：届满日由2026-10-08改为{last_day}（不可抗力）"


def test_a_later_move_keeps_the_whole_account(change: Change) -> None:
    """The case carries no account day by day; counted again it is the one that was recorded."""
    open_window(change)
    first = change.deadlines[WINDOW].trace
    later = Change(change.case, change.moment)
    extend(later, WINDOW, 5, "中止", SYSTEM)
    assert change.case.waits[WINDOW].counted is not None
    assert change.case.waits[WINDOW].counted.trace == ()
    assert later.deadlines[WINDOW].trace[: len(first)] == first


def test_a_guessed_day_is_counted_again_once_its_year_is_known(change: Change) -> None:
    """Longer where the year makes it so, and no longer provisional; the same again says nothing."""
    open_window(change, date(2027, 3, 1))
    assert change.case.waits[WINDOW].wait.provisional
    assert change.lines[0].text.endswith("尚未公布")
    later = announced(change)
    count_again(later, later.case.waits[WINDOW])
    wait = later.case.waits[WINDOW].wait
    assert (wait.provisional, wait.last_day, wait.calendar_version) == (False, date(2027, 3, 17), "国办2027")
    (line,) = later.lines
    assert (line.kind, line.data["old_last_day"]) == (TimelineKind.DEADLINE_MOVED, "2027-03-16")
    count_again(later, later.case.waits[WINDOW])
    assert len(later.lines) == 1


def test_what_is_done_at_once_has_a_deadline_too(change: Change) -> None:
    """A wait that begins and ends in one record leaves its account; one on record before only its end."""
    open_window(change)
    end_wait(change, WINDOW)
    assert [wait.id for wait in change.passed.values()] == [WINDOW]
    assert WINDOW in change.deadlines
    again = Change(change.case, change.moment)
    open_window(again)
    later = Change(again.case, again.moment)
    extend(later, WINDOW, 3, "中止", SYSTEM)
    end_wait(later, WINDOW)
    assert (later.passed, later.deadlines) == ({}, {})


@pytest.mark.parametrize("start", [date(2017, 12, 31), date(2150, 1, 1)])
def test_what_no_calendar_knows_is_not_counted(change: Change, start: date) -> None:
    """Nothing is opened then: the step that leads there is refused, and the batch goes on."""
    with pytest.raises(ValueError, match=str(start.year)):
        open_window(change, start)
    assert change.case.waits == {}
