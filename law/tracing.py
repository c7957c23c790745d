"""The day-by-day account of a period: which days were counted, which were not, and why."""

from calendar import monthrange
from datetime import date, timedelta

from pydantic import Field

from law.calendar import DayNature, WorkCalendar
from law.rules import LawValue

_ONE_DAY = timedelta(days=1)


class TraceDay(LawValue):
    """One day of the account."""

    day: date
    number: int | None = Field(description="the how-manieth day of the period; None: not counted")
    nature: DayNature
    note: str = Field(description="why, in Chinese")


def trace_calendar_days(start: date, amount: int, calendar: WorkCalendar) -> tuple[TraceDay, ...]:
    """``amount`` calendar days after ``start``, and from a rest day on to the next working day."""
    trace = [_event_day(start, calendar)]
    for number in range(1, amount + 1):
        day = start + number * _ONE_DAY
        nature = calendar.nature(day)
        if nature.is_working:
            note = f"第{number}日{_makeup(nature)}" + ("，期间届满" if number == amount else "")
        else:
            rest = calendar.name_of_rest(day)
            note = f"第{number}日为{rest}，顺延" if number == amount else f"第{number}日（{rest}，照计）"
        trace.append(TraceDay(day=day, number=number, nature=nature, note=note))
    return (*trace, *trace_roll(trace[-1].day, calendar))


def trace_working_days(start: date, amount: int, calendar: WorkCalendar) -> tuple[TraceDay, ...]:
    """``amount`` working days after ``start``; rest days in between are listed and not counted."""
    trace = [_event_day(start, calendar)]
    day, number = start, 0
    while number < amount:
        day += _ONE_DAY
        nature = calendar.nature(day)
        if not nature.is_working:
            note = f"{calendar.name_of_rest(day)}，不计入"
            trace.append(TraceDay(day=day, number=None, nature=nature, note=note))
            continue
        number += 1
        note = f"第{number}个工作日{_makeup(nature)}" + ("，期间届满" if number == amount else "")
        trace.append(TraceDay(day=day, number=number, nature=nature, note=note))
    return tuple(trace)


def years_on(start: date, amount: int) -> date:
    """The same day ``amount`` years on, or the end of that month where the day is missing (02-29)."""
    year = start.year + amount
    return date(year, start.month, min(start.day, monthrange(year, start.month)[1]))


def trace_years(start: date, amount: int, calendar: WorkCalendar) -> tuple[TraceDay, ...]:
    """A period in years, only its two ends: hundreds of days in between would say nothing."""
    day = years_on(start, amount)
    last = TraceDay(day=day, number=None, nature=calendar.nature(day), note=f"满{amount}年，期间届满")
    return (_event_day(start, calendar), last)


def trace_roll(day: date, calendar: WorkCalendar) -> tuple[TraceDay, ...]:
    """The days after ``day`` up to the working day on which a period ends; none if ``day`` is worked."""
    trace: list[TraceDay] = []
    while not calendar.is_working_day(day):
        day += _ONE_DAY
        nature = calendar.nature(day)
        note = (
            f"顺延至工作日{_makeup(nature)}，期间届满"
            if nature.is_working
            else f"{calendar.name_of_rest(day)}，继续顺延"
        )
        trace.append(TraceDay(day=day, number=None, nature=nature, note=note))
    return tuple(trace)


def _event_day(start: date, calendar: WorkCalendar) -> TraceDay:
    return TraceDay(day=start, number=None, nature=calendar.nature(start), note="首日不计入")


def _makeup(nature: DayNature) -> str:
    return "（调休上班）" if nature is DayNature.MAKEUP_WORKDAY else ""
