"""How periods are read from a timeline: opened, moved, stayed, ended, running on. In memory."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from law.calendar import end_of_day
from law.regulation import in_force_on
from messages.records import TimelineKind, WaitEnd
from messages.steps import StepName
from proof.periods import InForce, Period, periods_of
from store.reads.on_record import RecordedLine
from tests.store.builders import duty, wait

READINGS = in_force_on(date(2026, 9, 18)).readings
FIRST, SECOND = date(2026, 9, 18), date(2026, 9, 28)
NOON = timedelta(hours=12)
RIGHT, DUTY = wait("objection_filed:seller"), duty("report_received")


class Told:
    """A timeline as it is written, line by line; times are days from 2026-09-01, at noon."""

    def __init__(self, of: Any = RIGHT) -> None:
        self.of, self.lines, self._seq = of, list[RecordedLine](), count(1)

    def line(self, kind: TimelineKind, day: int, **data: Any) -> RecordedLine:
        at = end_of_day(date(2026, 9, 1)) - NOON + timedelta(days=day)
        self.lines.append(RecordedLine(next(self._seq), at, at, kind, kind.value, f"{kind}:{day}", data))
        return self.lines[-1]

    def about(self, kind: TimelineKind, day: int, **data: Any) -> RecordedLine:
        return self.line(kind, day, wait_id=self.of.id, **data)

    def counted(
        self, kind: TimelineKind, day: int, last_day: date, heard: timedelta = timedelta(0)
    ) -> RecordedLine:
        """``heard``: how long after its close what is on its way is heard."""
        closes_at = end_of_day(last_day)
        until = (closes_at + heard).isoformat() if self.of is RIGHT else None
        deadline = {"last_day": str(last_day), "closes_at": closes_at.isoformat(), "heard_until": until}
        return self.about(kind, day, wait=self.of.model_dump(mode="json"), deadline=deadline)

    def opened(self, day: int, last_day: date = FIRST) -> RecordedLine:
        return self.counted(TimelineKind.WAIT_OPENED, day, last_day)

    def moved(self, day: int, last_day: date) -> RecordedLine:
        return self.counted(TimelineKind.DEADLINE_MOVED, day, last_day)

    def ended(self, day: int, how: WaitEnd = WaitEnd.MET) -> RecordedLine:
        return self.about(TimelineKind.WAIT_ENDED, day, how=how)

    def accepted(self, day: int, step: StepName) -> RecordedLine:
        return self.line(TimelineKind.STEP_ACCEPTED, day, step=step)

    def periods(self) -> list[Period]:
        return periods_of(self.lines, READINGS)[self.of.id]

    def in_force(self) -> tuple[InForce, ...]:
        (period,) = self.periods()
        return period.in_force


def noon(day: int) -> datetime:
    return end_of_day(date(2026, 9, 1)) - NOON + timedelta(days=day)


def test_a_wait_that_is_opened_twice_has_two_periods() -> None:
    """Each with its own lines and its own end."""
    told = Told(DUTY)
    told.opened(1)
    end = told.ended(2)
    again = told.opened(5, SECOND)
    first, second = told.periods()
    assert (first.ended, first.latest.last_day) == (end, FIRST)
    assert (second.opened, second.ended, second.latest.last_day) == (again, None, SECOND)


def test_a_wait_without_a_period_has_no_last_day() -> None:
    """It is opened all the same."""
    told = Told(DUTY)
    told.about(TimelineKind.WAIT_OPENED, 1, wait=DUTY.model_dump(mode="json"))
    (period,) = told.periods()
    assert (period.in_force, period.wait) == ((), DUTY)


def test_a_move_to_another_day_puts_that_day_in_force() -> None:
    """The former is over since the move; the wait has run since its opening."""
    told = Told()
    opening, move = told.opened(1), told.moved(3, SECOND)
    first, second = told.in_force()
    assert (first.last_day, first.over, first.ended) == (FIRST, move, None)
    assert (second.last_day, second.over, second.ran_from) == (SECOND, None, opening)


def test_counted_again_to_the_same_day_nothing_else_is_in_force() -> None:
    """A year announced as it was guessed."""
    told = Told()
    told.opened(1)
    again = told.counted(TimelineKind.DEADLINE_CONFIRMED, 3, FIRST)
    (period,) = told.periods()
    assert (len(period.in_force), period.moved) == (1, (again,))


def test_a_window_runs_on_to_the_day_it_had_after_an_application_was_withdrawn() -> None:
    """The day is in force anew; late stamps are allowed from when it ran on, not from its opening (§6)."""
    told = Told()
    told.opened(1)
    end = told.ended(16)
    on = told.moved(17, FIRST)
    first, second = told.in_force()
    assert (first.over, first.heard_until) == (end, first.closes_at)
    assert (second.ran_from, second.ended) == (on, None)
    assert second.heard_until == noon(17) + timedelta(hours=READINGS.late_receipt_grace_hours)
    told.moved(18, SECOND)
    assert told.in_force()[-1].ran_from is on


def test_what_is_on_its_way_is_heard_as_long_as_was_counted() -> None:
    """Of a right; a duty is owed until its close, and then late."""
    told, owed = Told(), Told(DUTY)
    told.counted(TimelineKind.WAIT_OPENED, 1, FIRST, timedelta(days=7))
    owed.opened(1)
    (right,), (duty_,) = told.in_force(), owed.in_force()
    assert right.heard_until == right.closes_at + timedelta(days=7)
    assert duty_.heard_until == duty_.closes_at


def test_a_receipt_recorded_at_the_close_leaves_time_to_record_the_application() -> None:
    """A day from when the window was opened."""
    told = Told()
    told.opened(18)
    (only,) = told.in_force()
    assert only.heard_until == noon(18) + timedelta(hours=READINGS.late_receipt_grace_hours)


def test_a_silence_is_of_the_day_it_was_declared_on() -> None:
    """A window that ran on after a way back may lapse again: each silence has its own fate."""
    told = Told()
    told.opened(1)
    told.ended(18, WaitEnd.LAPSED)
    silence = told.about(TimelineKind.SILENCE, 18)
    aside = told.about(TimelineKind.SET_ASIDE, 20)
    told.moved(21, SECOND)
    told.ended(28, WaitEnd.LAPSED)
    again = told.about(TimelineKind.SILENCE, 28)
    first, second = told.in_force()
    assert (first.silence, first.set_aside) == (silence, aside)
    assert (second.silence, second.set_aside) == (again, None)


@pytest.mark.parametrize(
    ("of", "began", "ended", "at", "stayed"),
    [
        (RIGHT, 10, None, 9, False),
        (RIGHT, 10, None, 10, True),
        (RIGHT, 10, None, 40, True),
        (RIGHT, 10, 12, 11, True),
        (RIGHT, 10, 12, 12, False),
        (RIGHT, 19, None, 40, False),
        (DUTY, 19, None, 40, True),
    ],
)
def test_a_stay_holds_a_period_from_its_beginning_to_its_end(
    of: Any, began: int, ended: int | None, at: int, stayed: bool
) -> None:
    """But not a right that had closed before; a duty is not overdue meanwhile."""
    told = Told(of)
    told.opened(1)
    told.accepted(began, StepName.SUSPENDED)
    if ended is not None:
        told.accepted(ended, StepName.RESUMED)
    (only,) = told.in_force()
    assert only.is_stayed_at(noon(at)) is stayed
    assert not only.is_overdue_at(noon(at))


def test_a_duty_is_overdue_once_no_stay_holds_it() -> None:
    """From 24:00 of its last day on."""
    told = Told(DUTY)
    told.opened(1)
    (only,) = told.in_force()
    assert not only.is_overdue_at(only.closes_at - timedelta(microseconds=1))
    assert only.is_overdue_at(only.closes_at)
