"""Every day of 2018–2026 as a start, against a count that shares nothing with ours.

The other count looks up one sorted list of working days, made from another library's raw data (``holidays``;
the product's announced years come from ``chinesecalendar``). It knows nothing of rules, traces or natures.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from holidays import country_holidays

from law.calendar import WorkCalendar
from law.counting import count
from law.regulation import Regulation
from law.vocabulary import Term

_RAW = country_holidays("CN", years=range(2018, 2027))
_ALL = [date(2018, 1, 1) + timedelta(n) for n in range(9 * 365 + 2)]
_WORKED = [day for day in _ALL if day in _RAW.weekend_workdays or (day.isoweekday() <= 5 and day not in _RAW)]


def working_days_after(start: date, amount: int) -> date | None:
    """None where the list ends first."""
    place = bisect_right(_WORKED, start) + amount - 1
    return _WORKED[place] if place < len(_WORKED) else None


def calendar_days_after(start: date, amount: int) -> date | None:
    place = bisect_left(_WORKED, start + timedelta(amount))
    return _WORKED[place] if place < len(_WORKED) else None


def starts() -> Iterator[date]:
    assert (_ALL[0], _ALL[-1]) == (date(2018, 1, 1), date(2026, 12, 31))
    return iter(_ALL)


def test_both_libraries_work_on_the_same_days(calendar: WorkCalendar) -> None:
    """Two libraries, kept by different people, read the State Council's notices alike."""
    assert [day for day in _ALL if calendar.is_working_day(day)] == _WORKED


@pytest.mark.parametrize("amount", range(1, 21))
def test_working_days(reg: Regulation, calendar: WorkCalendar, amount: int) -> None:
    """One to twenty working days from every day; what runs out of 2026 is provisional, and nothing else."""
    rule = reg.terms[Term.RESULT_NOTICE].model_copy(update={"amount": amount})
    for start in starts():
        deadline = count(rule, start, calendar)
        expected = working_days_after(start, amount)
        assert deadline.provisional == (expected is None), start
        if expected is not None:
            assert deadline.last_day == expected, start


@pytest.mark.parametrize("amount", [7, 15])
def test_calendar_days(reg: Regulation, calendar: WorkCalendar, amount: int) -> None:
    """Seven and fifteen days from every day, moved on from a rest day."""
    rule = reg.terms[Term.OBJECTION].model_copy(update={"amount": amount})
    for start in starts():
        deadline = count(rule, start, calendar)
        expected = calendar_days_after(start, amount)
        assert deadline.provisional == (expected is None), start
        if expected is not None:
            assert deadline.last_day == expected, start
