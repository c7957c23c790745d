"""Counting a deadline again on a year announced since, with all that has moved its last day meanwhile."""

from datetime import date

from pydantic import Field

from law.calendar import WorkCalendar
from law.counting import Deadline, Move, count, ending, extend_by_days, set_last_day
from law.rules import LawValue, TermRule
from law.tracing import TraceDay, trace_roll
from law.vocabulary import WaitKind


class Recount(LawValue):
    """A deadline counted again: what it was, what it is, and what people are told of it."""

    before: Deadline
    after: Deadline
    counted: date = Field(description="the last day as counted; later than that where a told day is kept")
    words: str

    @property
    def changes_anything(self) -> bool:
        """Whether the day, the mark "provisional", or what it was counted on is another."""
        kept = ("last_day", "provisional", "arrangements")
        return any(getattr(self.before, name) != getattr(self.after, name) for name in kept)

    @property
    def moved(self) -> bool:
        return self.before.last_day != self.after.last_day


def recount(
    held: Deadline, rule: TermRule, calendar: WorkCalendar, *, told: date, never_earlier: bool
) -> Recount:
    """Count ``held`` afresh on ``calendar`` and let its stays and extensions move it again, in their order.

    ``told`` is its last day so far. With ``never_earlier`` a party's right keeps it where the announced
    calendar would end it sooner: the party may rely on the day it was told. A duty is simply counted again.
    Doing so twice gives the same. Raises ``ValueError`` as :func:`law.counting.count` does.
    """
    contract = held.amount if rule.amount is None else None
    after = count(rule, held.start, calendar, amount=contract)
    for move in held.moves:
        after = _again(move, after, calendar)
    counted = after.last_day
    if never_earlier and after.kind is WaitKind.RIGHT and counted < told:
        after = _kept(after, told, calendar)
    return Recount(before=held, after=after, counted=counted, words=_words(held, after, told, counted))


def _again(move: Move, deadline: Deadline, calendar: WorkCalendar) -> Deadline:
    if move.last_day is None:
        return extend_by_days(deadline, move.days, calendar)
    if deadline.kind is WaitKind.RIGHT and move.last_day < deadline.last_day:
        # The right has grown longer than what was once granted; that stays on the record only.
        return deadline.model_copy(update={"moves": (*deadline.moves, move)})
    return set_last_day(deadline, move.last_day, calendar, move.reason)


def _kept(deadline: Deadline, told: date, calendar: WorkCalendar) -> Deadline:
    """``told``, or the next working day where the announced year has made a rest day of it."""
    note = f"按公布的放假安排应至{deadline.last_day}；已告知的最后一日不提前"
    entry = TraceDay(day=told, number=None, nature=calendar.nature(told), note=note)
    trace = (*deadline.trace, entry, *trace_roll(told, calendar))
    last_day = trace[-1].day
    years = calendar.between(deadline.start, last_day)
    return deadline.model_copy(
        update={
            "last_day": last_day,
            "trace": trace,
            "explanation": f"{deadline.explanation}{note}，至{last_day}24时届满。",
            "provisional": deadline.provisional or not all(year.announced for year in years),
            **ending(deadline.kind, deadline.unit, deadline.start, last_day, deadline.transit, calendar),
        }
    )


def _words(before: Deadline, after: Deadline, told: date, counted: date) -> str:
    mark = "（仍为暂定）" if after.provisional else ""
    earlier = after.kind is WaitKind.RIGHT and counted < told <= after.last_day
    kept = f"（按公布的安排应至{counted}，已告知的不提前）" if earlier else ""
    if after.last_day != told:
        return f"届满日由{told}{'（暂定）' if before.provisional else ''}改为{after.last_day}{kept}{mark}"
    if before.provisional and not after.provisional:
        return f"届满日仍为{told}，不再是暂定{kept}"
    return f"届满日仍为{told}{kept}{mark}"
