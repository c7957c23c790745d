"""A deadline counted again once its year is announced: longer or equal for a right, plainly for a duty."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.calendar import CalendarYear, WorkCalendar
from law.calendar_sources import builtin_calendar
from law.counting import Deadline, count, extend_by_days, set_last_day
from law.recounting import Recount, recount
from law.regulation import Regulation
from law.vocabulary import Term, WaitKind

ONE_DAY = timedelta(days=1)


def year_2027(off: set[date], worked: set[date]) -> CalendarYear:
    """Made up: some days off and some weekend days worked."""
    return CalendarYear(
        year=2027,
        version="虚构",
        announced=True,
        holidays=dict.fromkeys(sorted(off - worked), "元旦"),
        makeup_days=tuple(sorted(day for day in worked if day.weekday() > 4)),
    )


days_around_new_year = st.sets(st.dates(date(2026, 12, 1), date(2027, 2, 28)), max_size=20)
announced = st.builds(year_2027, days_around_new_year, days_around_new_year)
starts = st.dates(date(2026, 11, 20), date(2027, 1, 31))
rights = st.sampled_from([Term.OBJECTION, Term.RETEST_FORMALITIES])
duties = st.sampled_from([Term.RESULT_NOTICE, Term.DELIVERY_RECORDED, Term.PUBLICATION])
stays = st.lists(st.integers(1, 20), max_size=2)


def again(reg: Regulation, held: Deadline, calendar: WorkCalendar, *, never_earlier: bool = True) -> Recount:
    return recount(held, reg.terms[held.term], calendar, told=held.last_day, never_earlier=never_earlier)


def moved_by(deadline: Deadline, stayed: list[int], calendar: WorkCalendar) -> Deadline:
    for days in stayed:
        deadline = extend_by_days(deadline, days, calendar)
    return deadline


@given(term=rights, start=starts, year=announced, stayed=stays)
def test_a_rights_last_day_is_never_earlier_than_it_was_told(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, year: CalendarYear, stayed: list[int]
) -> None:
    """Whatever is announced, whatever has moved it before; and it is as late as the plain count says."""
    held = moved_by(count(reg.terms[term], start, calendar), stayed, calendar)
    new = builtin_calendar([year])
    after = again(reg, held, new).after
    plain = moved_by(count(reg.terms[term], start, new), stayed, new)
    kept = new.working_day_from(held.last_day)
    assert after.last_day == (plain.last_day if plain.last_day >= held.last_day else kept)
    assert new.is_working_day(after.last_day)
    assert after.closes_at.date() == after.last_day + ONE_DAY
    assert after.trace[-1].day == after.last_day


@given(term=duties, start=starts, year=announced, stayed=stays)
def test_a_duty_is_simply_counted_again(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, year: CalendarYear, stayed: list[int]
) -> None:
    """Sooner or later: as if it had been counted on the announced year from the start."""
    held = moved_by(count(reg.terms[term], start, calendar), stayed, calendar)
    new = builtin_calendar([year])
    assert again(reg, held, new).after == moved_by(count(reg.terms[term], start, new), stayed, new)


@given(term=st.one_of(rights, duties), start=starts, first=announced, second=announced)
def test_counting_again_twice_is_counting_again_once(
    reg: Regulation,
    calendar: WorkCalendar,
    term: Term,
    start: date,
    first: CalendarYear,
    second: CalendarYear,
) -> None:
    """A repetition changes nothing, also after a correction of the announcement."""
    deadline = count(reg.terms[term], start, calendar)
    for year in (first, second):
        deadline = again(reg, deadline, builtin_calendar([year])).after
        assert not again(reg, deadline, builtin_calendar([year])).changes_anything


@given(term=st.one_of(rights, duties), start=st.dates(date(2018, 1, 1), date(2026, 11, 1)))
def test_a_deadline_in_announced_years_stays_as_it_is(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date
) -> None:
    """The import of another year changes nothing of it, not even its account."""
    held = count(reg.terms[term], start, calendar)
    found = again(reg, held, builtin_calendar([year_2027({date(2027, 1, 1)}, set())]))
    assert (found.after, found.changes_anything) == (held, False)


LONG = year_2027({date(2027, 1, d) for d in (1, 2, 3, 4, 5)}, set())
SHORT = year_2027({date(2027, 1, 1)}, {date(2027, 1, 2), date(2027, 1, 3)})


def test_an_extension_is_granted_again_after_the_fresh_count(reg: Regulation, calendar: WorkCalendar) -> None:
    """It holds where it is still later than the law's own day, which is else the one that counts."""
    held = count(reg.terms[Term.OBJECTION], date(2026, 12, 18), calendar)
    assert (held.last_day, held.provisional) == (date(2027, 1, 4), True)
    granted = set_last_day(held, date(2027, 1, 20), calendar, "当事人申请")
    after = again(reg, granted, builtin_calendar([LONG])).after
    assert (after.last_day, after.moves) == (date(2027, 1, 20), granted.moves)
    overtaken = again(
        reg, set_last_day(held, date(2027, 1, 5), calendar, "当事人申请"), builtin_calendar([LONG])
    )
    assert overtaken.after.last_day == date(2027, 1, 6)


def test_a_last_day_that_is_kept_says_why(reg: Regulation, calendar: WorkCalendar) -> None:
    """The account names the day the announced calendar gives, and that the told one is not moved earlier."""
    held = count(reg.terms[Term.OBJECTION], date(2026, 12, 18), calendar)
    kept = again(reg, held, builtin_calendar([SHORT]))
    assert (kept.after.last_day, kept.counted, kept.moved) == (date(2027, 1, 4), date(2027, 1, 2), False)
    assert "2027-01-02" in kept.after.trace[-1].note
    assert "不提前" in kept.after.explanation
    assert kept.words == "届满日仍为2027-01-04，不再是暂定（按公布的安排应至2027-01-02，已告知的不提前）"
    assert again(reg, held, builtin_calendar([SHORT]), never_earlier=False).after.last_day == date(2027, 1, 2)


def test_a_kept_day_that_has_become_a_holiday_rolls_on(reg: Regulation, calendar: WorkCalendar) -> None:
    """Told the Monday, which is off after all: nobody has to act on a rest day."""
    held = count(reg.terms[Term.OBJECTION], date(2026, 12, 18), calendar)
    found = again(
        reg, held, builtin_calendar([year_2027({date(2027, 1, 1), date(2027, 1, 4)}, {date(2027, 1, 2)})])
    )
    assert (found.after.last_day, found.counted) == (date(2027, 1, 5), date(2027, 1, 2))
    assert "由2027-01-04（暂定）改为2027-01-05（按公布的安排应至2027-01-02" in found.words


@pytest.mark.parametrize(
    ("year", "words"),
    [
        (LONG, "届满日由2027-01-04（暂定）改为2027-01-06"),
        (year_2027({date(2027, 1, 1)}, set()), "届满日仍为2027-01-04，不再是暂定"),
    ],
)
def test_what_people_read_of_it(
    reg: Regulation, calendar: WorkCalendar, year: CalendarYear, words: str
) -> None:
    """Old and new, or that only the mark is gone."""
    held = count(reg.terms[Term.OBJECTION], date(2026, 12, 18), calendar)
    assert again(reg, held, builtin_calendar([year])).words == words
    assert held.kind is WaitKind.RIGHT
