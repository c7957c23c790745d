from datetime import date, datetime

import pytest

from law.calendar import SHANGHAI, CalendarUnknown, CalendarYear, WorkCalendar
from law.calendar_sources import builtin_calendar
from law.counting import Deadline, Span, count, extend_by_days, set_last_day
from law.regulation import Regulation
from law.vocabulary import Term, Unit


def _notes(deadline: Deadline) -> dict[str, str]:
    return {f"{entry.day:%m-%d}": entry.note for entry in deadline.trace}


@pytest.mark.parametrize(
    ("term", "start", "last_day"),
    [
        (Term.RESULT_NOTICE, date(2026, 9, 23), date(2026, 10, 8)),
        (Term.RESULT_NOTICE, date(2026, 2, 11), date(2026, 2, 25)),
        (Term.OBJECTION, date(2026, 9, 18), date(2026, 10, 8)),
        (Term.OBJECTION, date(2026, 9, 25), date(2026, 10, 10)),
        (Term.RETEST_FORMALITIES, date(2026, 9, 24), date(2026, 10, 8)),
    ],
)
def test_the_procedures_checked_examples(
    reg: Regulation, calendar: WorkCalendar, term: Term, start: date, last_day: date
) -> None:
    """The five examples of section 4, on the State Council's calendar of 2026."""
    deadline = count(reg.terms[term], start, calendar)
    assert deadline.last_day == last_day
    assert not deadline.provisional
    assert deadline.calendar_version == "chinesecalendar-1.11.0"


def test_a_period_ends_at_midnight_of_its_last_day(reg: Regulation, calendar: WorkCalendar) -> None:
    """24:00 of the last day is 00:00 of the next in Asia/Shanghai (procedure section 4)."""
    deadline = count(reg.terms[Term.OBJECTION], date(2026, 9, 18), calendar)
    assert deadline.closes_at == datetime(2026, 10, 9, tzinfo=SHANGHAI)
    assert deadline.closes_at.isoformat() == "2026-10-09T00:00:00+08:00"


def test_the_account_tells_each_day_of_a_rolled_window(reg: Regulation, calendar: WorkCalendar) -> None:
    """The day of the event is not counted, the fifteenth day is a holiday, and the end moves past it."""
    deadline = count(reg.terms[Term.OBJECTION], date(2026, 9, 18), calendar)
    notes = _notes(deadline)
    assert notes["09-18"] == "首日不计入"
    assert notes["09-19"] == "第1日（周六，照计）"
    assert notes["09-20"] == "第2日（调休上班）"
    assert notes["10-02"] == "第14日（国庆节，照计）"
    assert notes["10-03"] == "第15日为国庆节，顺延"
    assert notes["10-04"] == "国庆节，继续顺延"
    assert notes["10-08"] == "顺延至工作日，期间届满"
    assert deadline.explanation == (
        "提出异议（书面复检申请）：自当事人收到检验结果通知书之日或公告发布之日（2026年9月18日）的次日起算15日，"
        "2026年10月3日为国庆节，顺延至下一工作日，至2026年10月8日24时届满（依据§6）。"
    )


def test_the_account_tells_rest_days_and_make_up_days(reg: Regulation, calendar: WorkCalendar) -> None:
    """In a period of working days the make-up Saturday counts and the Spring Festival does not."""
    notes = _notes(count(reg.terms[Term.RESULT_NOTICE], date(2026, 2, 11), calendar))
    assert notes["02-14"] == "第3个工作日（调休上班）"
    assert notes["02-15"] == "春节，不计入"
    assert notes["02-25"] == "第5个工作日，期间届满"


def test_a_window_may_end_on_a_make_up_saturday(reg: Regulation, calendar: WorkCalendar) -> None:
    """2026-10-10 is worked, so a window that ends there does not roll."""
    deadline = count(reg.terms[Term.OBJECTION], date(2026, 9, 25), calendar)
    assert deadline.trace[-1].number == 15
    assert deadline.trace[-1].note == "第15日（调休上班），期间届满"


def test_a_window_may_roll_to_a_make_up_sunday(reg: Regulation, calendar: WorkCalendar) -> None:
    """The next working day may itself be a make-up day: Saturday 2026-09-19 rolls to Sunday 2026-09-20."""
    deadline = count(reg.terms[Term.RETEST_FORMALITIES], date(2026, 9, 12), calendar)
    assert deadline.last_day == date(2026, 9, 20)
    assert deadline.trace[-1].note == "顺延至工作日（调休上班），期间届满"


def test_internal_targets_say_so(reg: Regulation, calendar: WorkCalendar) -> None:
    """An internal target is labelled as internal wherever it is shown (procedure section 4)."""
    deadline = count(reg.terms[Term.INSPECTION_NOTICE], date(2026, 9, 10), calendar)
    assert deadline.internal
    assert "（内部时限）" in deadline.explanation


def test_the_contract_gives_the_testing_period(reg: Regulation, calendar: WorkCalendar) -> None:
    """The report is due within the contract's calendar days, counted from sealing (§6)."""
    deadline = count(reg.terms[Term.TEST_REPORT], date(2026, 9, 10), calendar, amount=20)
    assert (deadline.amount, deadline.last_day) == (20, date(2026, 9, 30))


@pytest.mark.parametrize("amount", [None, 0, -3])
def test_a_testing_period_must_be_stated(reg: Regulation, calendar: WorkCalendar, amount: int | None) -> None:
    """Without a positive period in the contract there is nothing to count."""
    with pytest.raises(ValueError, match="由合同约定"):
        count(reg.terms[Term.RETEST_REPORT], date(2026, 9, 10), calendar, amount=amount)


def test_a_period_of_the_regulation_cannot_be_agreed_otherwise(
    reg: Regulation, calendar: WorkCalendar
) -> None:
    """No contract changes the fifteen days."""
    with pytest.raises(ValueError, match="不能另行约定"):
        count(reg.terms[Term.OBJECTION], date(2026, 9, 10), calendar, amount=30)


@pytest.mark.parametrize(
    ("start", "last_day"),
    [
        (date(2024, 2, 29), date(2026, 2, 28)),
        (date(2022, 2, 28), date(2024, 2, 28)),
        (date(2026, 10, 3), date(2028, 10, 3)),
    ],
)
def test_evidence_is_kept_two_years_to_the_day(
    reg: Regulation, calendar: WorkCalendar, start: date, last_day: date
) -> None:
    """Two years end on the same day of the year, or the month's last where there is none; nothing rolls."""
    deadline = count(reg.terms[Term.EVIDENCE_KEPT], start, calendar)
    assert deadline.last_day == last_day
    assert [entry.day for entry in deadline.trace] == [start, last_day]


def test_years_do_not_depend_on_any_arrangement(reg: Regulation, calendar: WorkCalendar) -> None:
    """A period in years is the same on every calendar, so it is never provisional."""
    assert not count(reg.terms[Term.EVIDENCE_KEPT], date(2026, 10, 3), calendar).provisional


def test_a_window_into_an_unannounced_year_is_provisional(reg: Regulation, calendar: WorkCalendar) -> None:
    """Fifteen days from 2026-12-16 end in 2026; one day later they reach 2027, which is not announced."""
    certain = count(reg.terms[Term.OBJECTION], date(2026, 12, 16), calendar)
    assert (certain.last_day, certain.provisional) == (date(2026, 12, 31), False)
    guess = count(reg.terms[Term.OBJECTION], date(2026, 12, 17), calendar)
    assert (guess.last_day, guess.provisional) == (date(2027, 1, 4), True)
    assert "暂定" in guess.explanation
    assert guess.calendar_version == "chinesecalendar-1.11.0; 2027年暂定（放假安排尚未公布）"


def test_a_provisional_window_is_counted_again_once_the_year_is_announced(reg: Regulation) -> None:
    """With 2027 announced the same window is certain, and ends where the arrangement says."""
    year = CalendarYear(
        year=2027,
        version="国办发明电〔2026〕99号",
        announced=True,
        holidays={date(2027, 1, day): "元旦" for day in (1, 2, 3, 4)},
    )
    deadline = count(reg.terms[Term.OBJECTION], date(2026, 12, 17), builtin_calendar([year]))
    assert (deadline.last_day, deadline.provisional) == (date(2027, 1, 5), False)
    assert deadline.calendar_version == "chinesecalendar-1.11.0; 国办发明电〔2026〕99号"


def test_beyond_the_calendar_nothing_is_counted(reg: Regulation, calendar: WorkCalendar) -> None:
    """Where even a guess is missing, counting refuses."""
    with pytest.raises(CalendarUnknown):
        count(reg.terms[Term.OBJECTION], date(2031, 12, 25), calendar)


def test_a_stay_moves_the_last_day_and_rolls(reg: Regulation, calendar: WorkCalendar) -> None:
    """Nine days' stay move 2026-09-18 to the Sunday 2026-09-27, in a holiday, and so on to 09-28."""
    window = count(reg.terms[Term.RETEST_FORMALITIES], date(2026, 9, 11), calendar)
    stayed = extend_by_days(window, 9, calendar)
    assert stayed.last_day == date(2026, 9, 28)
    assert stayed.closes_at == datetime(2026, 9, 29, tzinfo=SHANGHAI)
    assert _notes(stayed)["09-27"] == "中止9日，期间相应延长"
    assert _notes(stayed)["09-28"] == "顺延至工作日，期间届满"
    assert stayed.explanation == (
        f"{window.explanation}因中止9日，最后一日改为2026年9月28日（2026年9月27日为中秋节，顺延），"
        "至该日24时届满。"
    )
    assert stayed.start == window.start


def test_a_stay_onto_a_working_day_does_not_roll(reg: Regulation, calendar: WorkCalendar) -> None:
    """A stay that ends on a working day ends there."""
    window = count(reg.terms[Term.RETEST_FORMALITIES], date(2026, 9, 11), calendar)
    assert extend_by_days(window, 3, calendar).last_day == date(2026, 9, 21)


def test_a_stay_of_evidence_does_not_roll(reg: Regulation, calendar: WorkCalendar) -> None:
    """A period in years moves by the days themselves."""
    kept = count(reg.terms[Term.EVIDENCE_KEPT], date(2024, 10, 1), calendar)
    assert extend_by_days(kept, 2, calendar).last_day == date(2026, 10, 3)


def test_a_stay_into_an_unannounced_year_is_provisional(reg: Regulation, calendar: WorkCalendar) -> None:
    """A certain window becomes provisional when a stay carries it into 2027, and says so."""
    window = count(reg.terms[Term.OBJECTION], date(2026, 12, 1), calendar)
    stayed = extend_by_days(window, 30, calendar)
    assert (window.provisional, stayed.provisional) == (False, True)
    assert "暂定" in stayed.explanation


def test_a_stay_of_no_days_changes_nothing(reg: Regulation, calendar: WorkCalendar) -> None:
    """Suspended and resumed on the same day, a window is what it was; days are never taken away."""
    window = count(reg.terms[Term.OBJECTION], date(2026, 9, 1), calendar)
    assert extend_by_days(window, 0, calendar) == window
    with pytest.raises(ValueError, match="不能为负数"):
        extend_by_days(window, -1, calendar)


def test_an_extension_to_a_working_day_is_taken_as_decided(reg: Regulation, calendar: WorkCalendar) -> None:
    """The approver's last day is a Friday: it stands, and being decided it is no longer provisional."""
    window = count(reg.terms[Term.OBJECTION], date(2026, 12, 25), calendar)
    extended = set_last_day(window, date(2027, 1, 29), calendar, "当事人住院")
    assert (window.provisional, extended.provisional) == (True, False)
    assert extended.last_day == date(2027, 1, 29)
    assert extended.trace[-1].note == "经批准改定最后一日：当事人住院"
    assert "最后一日改为2027年1月29日（理由：当事人住院）" in extended.explanation


@pytest.mark.parametrize(
    ("fixed", "last_day", "provisional"),
    [
        (date(2026, 10, 24), date(2026, 10, 26), False),
        (date(2026, 10, 3), date(2026, 10, 8), False),
        (date(2026, 10, 10), date(2026, 10, 10), False),
        (date(2027, 1, 30), date(2027, 2, 1), True),
    ],
    ids=["Saturday", "holiday", "make-up Saturday", "Saturday of a year to come"],
)
def test_an_extension_rolls_over_rest_days(
    reg: Regulation, calendar: WorkCalendar, fixed: date, last_day: date, provisional: bool
) -> None:
    """As any other last day (procedure section 4); what it rolls over may yet be a working day."""
    window = count(reg.terms[Term.OBJECTION], date(2026, 9, 1), calendar)
    extended = set_last_day(window, fixed, calendar, "当事人住院")
    assert (extended.last_day, extended.provisional) == (last_day, provisional)
    assert extended.moves[-1].last_day == fixed
    assert ("顺延" in extended.explanation.rpartition("经批准")[2]) is (fixed != last_day)


def test_a_partys_window_is_only_ever_extended(reg: Regulation, calendar: WorkCalendar) -> None:
    """Only longer for rights; a duty's deadline may be brought forward, though not before its event."""
    window = count(reg.terms[Term.OBJECTION], date(2026, 9, 1), calendar)
    with pytest.raises(ValueError, match="只能延长"):
        set_last_day(window, date(2026, 9, 15), calendar, "催办")
    duty = count(reg.terms[Term.RESULT_NOTICE], date(2026, 9, 1), calendar)
    assert set_last_day(duty, date(2026, 9, 2), calendar, "催办").last_day == date(2026, 9, 2)
    with pytest.raises(ValueError, match="起算之日以后"):
        set_last_day(duty, date(2026, 9, 1), calendar, "催办")


def test_a_span_reads_as_the_law_states_it() -> None:
    """Fifteen days, five working days, two years."""
    said = [Span(amount=amount, unit=unit).title for amount, unit in zip((15, 5, 2), Unit, strict=True)]
    assert said == ["15日", "5个工作日", "2年"]
