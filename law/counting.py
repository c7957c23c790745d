"""Deadlines that can be explained: from what, by which rule, day by day, on which calendar.

The day of the event is not counted. A period in calendar days whose last day is a rest day ends on the next
working day; a period in working days counts working days only; a period in years ends on the same day of the
year. Every period ends at 24:00 of its last day, Asia/Shanghai. All from procedure section 4.
"""

from datetime import date, datetime, timedelta
from typing import TypedDict

from pydantic import AwareDatetime, Field

from law.calendar import SHANGHAI, Arrangement, WorkCalendar, chinese_day, end_of_day
from law.rules import Ladder, LawValue, TermRule
from law.tracing import TraceDay, trace_calendar_days, trace_roll, trace_working_days, trace_years
from law.vocabulary import Role, Term, Unit, WaitKind

__all__ = ["Alarm", "Deadline", "Span", "TraceDay", "alarms", "count", "extend_by_days", "set_last_day"]

_UNIT_TITLES = {Unit.CALENDAR_DAYS: "日", Unit.WORKING_DAYS: "个工作日", Unit.YEARS: "年"}


class Span(LawValue):
    """A length of time as the law states it."""

    amount: int = Field(gt=0)
    unit: Unit

    @property
    def title(self) -> str:
        return f"{self.amount}{_UNIT_TITLES[self.unit]}"


class Move(LawValue):
    """A change of a last day after it was counted: a stay's ``days``, or the ``last_day`` an approver set."""

    days: int = 0
    last_day: date | None = None
    reason: str = ""


class Deadline(LawValue):
    """The end of one period with the account of how it was counted. Days are days in Asia/Shanghai."""

    term: Term
    kind: WaitKind
    start: date = Field(description="the day of the event, not counted")
    amount: int
    unit: Unit
    last_day: date
    closes_at: AwareDatetime = Field(description="24:00 of the last day, written as 00:00+08:00 of the next")
    transit: int = Field(default=0, description="of a right: working days allowed for what is on its way")
    heard_until: AwareDatetime | None = Field(
        default=None, description="of a right: until then what was filed by the last day may still be entered"
    )
    provisional: bool = Field(description="reaches into an unannounced year; counted again later")
    calendar_version: str
    arrangements: tuple[Arrangement, ...] = Field(
        default=(), description="what the count was made on; none for a period in years, which needs none"
    )
    rests_on: str
    internal: bool
    trace: tuple[TraceDay, ...] = Field(description="from the day of the event to the last day")
    explanation: str
    moves: tuple[Move, ...] = Field(default=(), description="what has changed the last day since, in order")


class Alarm(LawValue):
    """Somebody to be told about a duty: level 0 is whoever owes it, from 1 on a rung of the ladder."""

    at: AwareDatetime
    level: int
    to: str
    role: Role | None


def count(rule: TermRule, start: date, calendar: WorkCalendar, *, amount: int | None = None) -> Deadline:
    """Count ``rule``'s period from the event on ``start``.

    ``amount`` is the contract's testing period in calendar days, for the terms that leave it to the contract.
    Raises ``ValueError`` when it is missing there, given elsewhere, or not positive, and ``CalendarUnknown``
    (a ``ValueError``) when the period leaves the calendar.
    """
    span = Span(amount=_amount(rule, amount), unit=rule.unit)
    trace = _trace(span, start, calendar)
    last_day = trace[-1].day
    provisional = span.unit is not Unit.YEARS and _reaches_unannounced(start, last_day, calendar)
    return Deadline(
        term=rule.term,
        kind=rule.kind,
        start=start,
        amount=span.amount,
        unit=span.unit,
        transit=rule.transit_working_days,
        last_day=last_day,
        provisional=provisional,
        **ending(rule.kind, span.unit, start, last_day, rule.transit_working_days, calendar),
        rests_on=rule.rests_on,
        internal=rule.internal,
        trace=trace,
        explanation=_explain(rule, span, trace, calendar, provisional=provisional),
    )


def extend_by_days(deadline: Deadline, days: int, calendar: WorkCalendar) -> Deadline:
    """A stay: the last day moves by the suspended calendar days, and from a rest day on to a working day.

    A period in years does not roll. Raises ``ValueError`` for negative days: a stay never shortens.
    """
    if days < 0:
        raise ValueError("中止天数不能为负数")
    if days == 0:
        return deadline
    moved = deadline.last_day + timedelta(days=days)
    note = f"中止{days}日，期间相应延长"
    entry = TraceDay(day=moved, number=None, nature=calendar.nature(moved), note=note)
    rolled = () if deadline.unit is Unit.YEARS else trace_roll(moved, calendar)
    last_day = rolled[-1].day if rolled else moved
    reaches = deadline.unit is not Unit.YEARS and _reaches_unannounced(moved, last_day, calendar)
    sentence = f"因中止{days}日，最后一日改为{chinese_day(last_day)}"
    if rolled:
        sentence += f"（{chinese_day(moved)}为{calendar.name_of_rest(moved)}，顺延）"
    if reaches:
        sentence += "（所及年份的放假安排尚未公布，暂定）"
    return _moved(
        deadline,
        last_day,
        (entry, *rolled),
        sentence,
        calendar,
        provisional=deadline.provisional or reaches,
        move=Move(days=days),
    )


def set_last_day(deadline: Deadline, fixed: date, calendar: WorkCalendar, reason: str) -> Deadline:
    """The approver fixes the last day; one that is a rest day rolls on to a working day as any other.

    A period in years does not roll. Raises ``ValueError`` when a right would be shortened or the day is not
    after the event.
    """
    if fixed <= deadline.start:
        raise ValueError("最后一日须在起算之日以后")
    if deadline.kind is WaitKind.RIGHT and fixed < deadline.last_day:
        raise ValueError("当事人的期限只能延长，不能缩短")
    note = f"经批准改定最后一日：{reason}"
    entry = TraceDay(day=fixed, number=None, nature=calendar.nature(fixed), note=note)
    rolled = () if deadline.unit is Unit.YEARS else trace_roll(fixed, calendar)
    last_day = rolled[-1].day if rolled else fixed
    sentence = f"经批准，最后一日改为{chinese_day(last_day)}（理由：{reason}"
    sentence += f"；{chinese_day(fixed)}为{calendar.name_of_rest(fixed)}，顺延）" if rolled else "）"
    return _moved(
        deadline,
        last_day,
        (entry, *rolled),
        sentence,
        calendar,
        provisional=bool(rolled) and _reaches_unannounced(fixed, last_day, calendar),
        move=Move(last_day=fixed, reason=reason),
    )


def alarms(deadline: Deadline, rule: TermRule, ladder: Ladder, calendar: WorkCalendar) -> tuple[Alarm, ...]:
    """Whom to tell about a duty, and when; nobody about a right, which simply lapses.

    Level 0 before the last day, level 1 when the period closes, then a level each working day. For a short
    period the first may lie before the wait was opened: the reminder is then due at once.
    """
    if rule.kind is WaitKind.RIGHT or not rule.escalates:
        return ()
    day = deadline.last_day
    for _ in range(ladder.working_days_before):
        day = calendar.working_day_before(day)
    told = [Alarm(at=_at(day, ladder), level=0, to=rule.owed_by, role=rule.role)]
    day = deadline.last_day
    for rung in ladder.rungs:
        at = deadline.closes_at
        if rung.level > 1:
            day = calendar.working_day_after(day)
            at = _at(day, ladder)
        told.append(Alarm(at=at, level=rung.level, to=rung.title, role=rung.role))
    return tuple(told)


def _amount(rule: TermRule, contract: int | None) -> int:
    if rule.amount is None:
        if contract is None or contract < 1:
            raise ValueError(f"“{rule.title}”的期限由合同约定，须给出正整数的检验周期")
        return contract
    if contract is not None:
        raise ValueError(f"“{rule.title}”的期限由规程规定，不能另行约定")
    return rule.amount


def _trace(span: Span, start: date, calendar: WorkCalendar) -> tuple[TraceDay, ...]:
    if span.unit is Unit.WORKING_DAYS:
        return trace_working_days(start, span.amount, calendar)
    if span.unit is Unit.CALENDAR_DAYS:
        return trace_calendar_days(start, span.amount, calendar)
    return trace_years(start, span.amount, calendar)


def _reaches_unannounced(first: date, last: date, calendar: WorkCalendar) -> bool:
    return not all(calendar.is_announced(year) for year in range(first.year, last.year + 1))


class Ending(TypedDict):
    """Fields of a deadline; see :class:`Deadline`."""

    closes_at: datetime
    heard_until: datetime | None
    calendar_version: str
    arrangements: tuple[Arrangement, ...]


def ending(
    kind: WaitKind, unit: Unit, start: date, last_day: date, transit: int, calendar: WorkCalendar
) -> Ending:
    """What follows from a last day: the moments, and the arrangements that all of it was counted on."""
    is_right = kind is WaitKind.RIGHT
    until = calendar.working_day_after(last_day, transit) if is_right else last_day
    known = () if unit is Unit.YEARS else calendar.arrangements_between(start, until)
    return {
        "closes_at": end_of_day(last_day),
        "heard_until": end_of_day(until) if is_right else None,
        "calendar_version": calendar.version_between(start, last_day),
        "arrangements": known,
    }


def _moved(
    deadline: Deadline,
    last_day: date,
    entries: tuple[TraceDay, ...],
    sentence: str,
    calendar: WorkCalendar,
    *,
    provisional: bool,
    move: Move | None = None,
) -> Deadline:
    return deadline.model_copy(
        update={
            "last_day": last_day,
            "trace": (*deadline.trace, *entries),
            "explanation": f"{deadline.explanation}{sentence}，至该日24时届满。",
            "provisional": provisional,
            "moves": (*deadline.moves, move) if move else deadline.moves,
            **ending(deadline.kind, deadline.unit, deadline.start, last_day, deadline.transit, calendar),
        }
    )


def _explain(
    rule: TermRule, span: Span, trace: tuple[TraceDay, ...], calendar: WorkCalendar, *, provisional: bool
) -> str:
    internal = "（内部时限）" if rule.internal else ""
    began = f"{rule.starts_from}（{chinese_day(trace[0].day)}）"
    text = f"{rule.title}{internal}：自{began}的次日起算{span.title}"
    nominal = next((entry for entry in trace if entry.number == span.amount), trace[-1])
    if nominal.day != trace[-1].day:
        text += f"，{chinese_day(nominal.day)}为{calendar.name_of_rest(nominal.day)}，顺延至下一工作日"
    text += f"，至{chinese_day(trace[-1].day)}24时届满（依据{rule.rests_on}）"
    if provisional:
        text += "；所及年份的放假安排尚未公布，此为暂定期限"
    return text + "。"


def _at(day: date, ladder: Ladder) -> datetime:
    return datetime.combine(day, ladder.remind_at, SHANGHAI)
