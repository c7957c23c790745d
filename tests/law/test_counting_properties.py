"""What must hold of every deadline, and a second, naive count that must agree with the first."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.calendar import SHANGHAI, WorkCalendar
from law.counting import Deadline, count, extend_by_days
from law.regulation import Regulation
from law.vocabulary import Term, Unit

ONE_DAY = timedelta(days=1)
COUNTED = [term for term in Term if term is not Term.EVIDENCE_KEPT]
CONTRACTED = (Term.TEST_REPORT, Term.RETEST_REPORT)

starts = st.dates(date(2018, 1, 1), date(2029, 12, 31))
terms = st.sampled_from(COUNTED)
contract_days = st.integers(1, 90)


def _count(reg: Regulation, calendar: WorkCalendar, term: Term, start: date, days: int) -> Deadline:
    return count(reg.terms[term], start, calendar, amount=days if term in CONTRACTED else None)


@given(term=terms, start=starts, later=st.integers(0, 40), days=contract_days)
def test_a_later_start_never_ends_earlier(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, later: int, days: int
) -> None:
    """Whoever is told later has no less time."""
    first = _count(reg, calendar, term, start, days)
    assert _count(reg, calendar, term, start + timedelta(later), days).last_day >= first.last_day


@given(term=terms, start=starts, days=contract_days)
def test_every_period_in_days_ends_on_a_working_day(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, days: int
) -> None:
    """Whether it counts calendar or working days, no period ends on a rest day."""
    assert calendar.is_working_day(_count(reg, calendar, term, start, days).last_day)


@given(
    term=st.sampled_from([Term.RESULT_NOTICE, Term.DELIVERY_RECORDED, Term.INSPECTION_NOTICE]), start=starts
)
def test_working_days_counted_are_the_working_days_there_are(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date
) -> None:
    """N working days have exactly N working days after the start, up to and with the last day."""
    deadline = count(reg.terms[term], start, calendar)
    days = [start + n * ONE_DAY for n in range(1, (deadline.last_day - start).days + 1)]
    assert sum(calendar.is_working_day(day) for day in days) == deadline.amount


@given(term=terms, start=starts, days=contract_days)
def test_the_account_has_every_day_once_and_ends_on_the_last(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, days: int
) -> None:
    """The trace runs day by day from the event to the last day and numbers exactly the days counted."""
    deadline = _count(reg, calendar, term, start, days)
    span = (deadline.last_day - start).days + 1
    assert [entry.day for entry in deadline.trace] == [start + n * ONE_DAY for n in range(span)]
    numbers = [entry.number for entry in deadline.trace if entry.number is not None]
    assert numbers == list(range(1, deadline.amount + 1))
    assert all(entry.nature is calendar.nature(entry.day) for entry in deadline.trace)
    assert all(entry.note for entry in deadline.trace)


@given(term=st.sampled_from(Term), start=st.dates(date(2018, 1, 1), date(2028, 12, 31)), days=contract_days)
def test_every_period_closes_at_midnight_in_shanghai(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, days: int
) -> None:
    """A period closes at 00:00+08:00 of the day after its last day."""
    deadline = _count(reg, calendar, term, start, days)
    closes_at = deadline.closes_at.astimezone(SHANGHAI)
    assert closes_at.date() == deadline.last_day + ONE_DAY
    assert closes_at.time().isoformat() == "00:00:00"
    assert closes_at.isoformat().endswith("+08:00")


@given(term=terms, start=starts, days=contract_days, stay=st.integers(0, 120))
def test_a_stay_never_shortens(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, days: int, stay: int
) -> None:
    """A suspended period gains at least the suspended days, and its account goes on to the new end."""
    deadline = _count(reg, calendar, term, start, days)
    stayed = extend_by_days(deadline, stay, calendar)
    assert stayed.last_day >= deadline.last_day + timedelta(stay)
    assert calendar.is_working_day(stayed.last_day)
    assert stayed.trace[-1].day == stayed.last_day
    assert stayed.trace[: len(deadline.trace)] == deadline.trace
    assert stayed.provisional >= deadline.provisional


@given(term=st.sampled_from(Term), start=st.dates(date(2018, 1, 1), date(2028, 12, 31)), days=contract_days)
def test_a_deadline_survives_its_journey(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, days: int
) -> None:
    """A deadline written down as JSON and read again is the same deadline."""
    deadline = _count(reg, calendar, term, start, days)
    assert Deadline.model_validate_json(deadline.model_dump_json()) == deadline


@given(term=terms, start=starts, days=contract_days)
def test_provisional_means_an_unannounced_year(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, days: int
) -> None:
    """A deadline is provisional exactly when its account holds a day of a year not announced."""
    deadline = _count(reg, calendar, term, start, days)
    assert deadline.provisional == any(not calendar.is_announced(entry.day.year) for entry in deadline.trace)


def _naive(start: date, amount: int, unit: Unit) -> date:
    """A second opinion, straight from the library: one day at a time."""
    day, left = start, amount
    while left:
        day += ONE_DAY
        if unit is Unit.CALENDAR_DAYS or chinese_calendar.is_workday(day):
            left -= 1
    while not chinese_calendar.is_workday(day):
        day += ONE_DAY
    return day


@pytest.mark.parametrize("term", [Term.RESULT_NOTICE, Term.OBJECTION, Term.RETEST_FORMALITIES])
def test_a_naive_count_agrees_on_every_day(reg: Regulation, calendar: WorkCalendar, term: Term) -> None:
    """From every day of 2018–2026 whose period stays in announced years, both counts end on the same day."""
    rule = reg.terms[term]
    assert rule.amount is not None
    start, checked = date(2018, 1, 1), 0
    while not (deadline := count(rule, start, calendar)).provisional:
        assert deadline.last_day == _naive(start, rule.amount, rule.unit), start
        start, checked = start + ONE_DAY, checked + 1
    assert start >= date(2026, 12, 14)
    assert checked > 3260
