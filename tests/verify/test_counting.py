"""The verifier counts by itself; whatever the law's own count says, it must come to the same."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from law.calendar import CalendarYear, WorkCalendar
from law.calendar_sources import builtin_calendar
from law.counting import Deadline, count, extend_by_days, set_last_day
from law.regulation import in_force_on
from law.vocabulary import Term
from verify.certificate import Calendar, Trace, close_of

REGULATION = in_force_on(date(2026, 9, 18))
BUILTIN = builtin_calendar()
CONTRACTED = (Term.TEST_REPORT, Term.RETEST_REPORT)

terms = st.sampled_from(Term)
starts = st.dates(date(2018, 1, 1), date(2028, 6, 30))
amounts = st.integers(1, 90)
moves = st.lists(st.tuples(st.sampled_from(("stay", "set")), st.integers(0, 60)), max_size=4)
years = st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40)


def as_given(deadline: Deadline) -> Trace:
    """The law's account as the verifier writes its own; the ends of a period in years it does not judge."""
    years = deadline.unit == "years"
    return [(one.day, one.number, "" if years else one.nature.value) for one in deadline.trace]


def independent(deadline: Deadline, calendar: WorkCalendar) -> Calendar:
    """A calendar of the verifier's, of what the deadline says it was counted on and nothing more."""
    used = {arrangement.digest for arrangement in deadline.arrangements}
    return Calendar([year.content_as_json for year in calendar.years if year.digest in used])


@given(term=terms, start=starts, days=amounts, moved=moves)
def test_both_counts_agree_on_every_term_start_and_move(
    term: Term, start: date, days: int, moved: list[tuple[str, int]]
) -> None:
    """Day by day, with its number and its nature, and at the same close; however it was moved meanwhile."""
    rule = REGULATION.terms[term]
    deadline = count(rule, start, BUILTIN, amount=days if term in CONTRACTED else None)
    unit = rule.unit.value
    trace = independent(deadline, BUILTIN).counted(unit, deadline.amount, start)
    assert trace == as_given(deadline)
    for how, by in moved:
        fixed = deadline.last_day + timedelta(days=by)
        if how == "set":
            deadline = set_last_day(deadline, fixed, BUILTIN, "不可抗力")
        else:
            deadline = extend_by_days(deadline, by, BUILTIN)
        calendar = independent(deadline, BUILTIN)
        if how == "stay":
            trace = calendar.stayed(trace, by, unit)
        elif unit == "years":
            trace = [*trace, (fixed, None, "")]
        else:
            trace = calendar.rolled([*trace, calendar.entry(fixed)])
        assert trace == as_given(deadline)
    assert close_of(trace[-1][0]) == deadline.closes_at
    if deadline.heard_until is not None:
        arrives = independent(deadline, BUILTIN).worked_after(trace[-1][0], rule.transit_working_days)
        assert close_of(arrives) == deadline.heard_until


@given(start=st.dates(date(2026, 1, 1), date(2026, 11, 1)), off=years, worked=years, days=amounts)
def test_both_counts_agree_on_any_arrangement(
    start: date, off: set[date], worked: set[date], days: int
) -> None:
    """Whatever is announced for a year: days off anywhere, and Saturdays and Sundays that are worked."""
    year = CalendarYear(
        year=2026,
        version="任意",
        announced=True,
        holidays=dict.fromkeys(off, "放假"),
        makeup_days=tuple(sorted(day for day in worked - off if day.weekday() >= 5)),
    )
    calendar = WorkCalendar(
        years=(year, *(other for other in BUILTIN.years if other.year in (2025, 2027, 2028)))
    )
    for term in (Term.OBJECTION, Term.RESULT_NOTICE, Term.TEST_REPORT):
        rule = REGULATION.terms[term]
        deadline = count(rule, start, calendar, amount=days if term in CONTRACTED else None)
        mine = independent(deadline, calendar).counted(rule.unit.value, deadline.amount, start)
        assert mine == as_given(deadline)
