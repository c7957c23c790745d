import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from pydantic import ValidationError

from law.calendar import (
    CalendarUnknown,
    CalendarYear,
    DayNature,
    WorkCalendar,
    day_in_shanghai,
    end_of_day,
)
from law.calendar_sources import builtin_calendar


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def _announced_2027(**changes: object) -> CalendarYear:
    said: dict[str, object] = {
        "year": 2027,
        "version": "国办发明电〔2026〕99号",
        "announced": True,
        "holidays": {date(2027, 1, 1): "元旦", date(2027, 1, 4): "元旦"},
        "makeup_days": (date(2027, 1, 9),),
    }
    return CalendarYear.model_validate(said | changes)


@pytest.mark.parametrize(
    ("day", "nature", "rest"),
    [
        (date(2026, 9, 18), DayNature.WORKDAY, None),
        (date(2026, 9, 19), DayNature.WEEKEND, "周六"),
        (date(2026, 9, 13), DayNature.WEEKEND, "周日"),
        (date(2026, 2, 14), DayNature.MAKEUP_WORKDAY, None),
        (date(2026, 10, 10), DayNature.MAKEUP_WORKDAY, None),
        (date(2026, 9, 25), DayNature.HOLIDAY, "中秋节"),
        (date(2026, 10, 3), DayNature.HOLIDAY, "国庆节"),
        (date(2026, 2, 17), DayNature.HOLIDAY, "春节"),
        (date(2026, 1, 1), DayNature.HOLIDAY, "元旦"),
        (date(2018, 12, 29), DayNature.MAKEUP_WORKDAY, None),
    ],
)
def test_a_day_is_what_the_state_council_made_it(
    calendar: WorkCalendar, day: date, nature: DayNature, rest: str | None
) -> None:
    """A make-up Saturday is worked, a weekday declared a holiday is not (procedure section 4)."""
    assert calendar.nature(day) is nature
    if rest is None:
        assert calendar.is_working_day(day)
        with pytest.raises(ValueError, match="是工作日"):
            calendar.name_of_rest(day)
    else:
        assert not calendar.is_working_day(day)
        assert calendar.name_of_rest(day) == rest


def test_past_years_do_not_change_with_a_library_release(calendar: WorkCalendar) -> None:
    """A past year's days are fixed: this digest changes only when a release of the library rewrites them."""
    natures = [calendar.nature(day) for day in _days(date(2018, 1, 1), date(2026, 12, 31))]
    assert Counter(natures) == {
        DayNature.WORKDAY: 2185,
        DayNature.WEEKEND: 780,
        DayNature.HOLIDAY: 263,
        DayNature.MAKEUP_WORKDAY: 59,
    }
    assert (
        sha256(",".join(natures).encode()).hexdigest()
        == "2d24716f4752a44793ccfebd83130a113c02bbf104d826d46cbdaf298967971a"
    )


def test_unannounced_years_are_weekends_and_statutory_holidays(calendar: WorkCalendar) -> None:
    """2027 is not announced: its thirteen statutory days and its weekends rest, nothing is made up."""
    assert calendar.is_announced(2026)
    assert not calendar.is_announced(2027)
    natures = {day: calendar.nature(day) for day in _days(date(2027, 1, 1), date(2027, 12, 31))}
    assert " ".join(f"{day:%m-%d}" for day, nature in natures.items() if nature is DayNature.HOLIDAY) == (
        "01-01 02-05 02-06 02-07 02-08 04-05 05-01 05-02 06-09 09-15 10-01 10-02 10-03"
    )
    assert DayNature.MAKEUP_WORKDAY not in natures.values()
    assert calendar.name_of_rest(date(2027, 9, 15)) == "中秋节"
    assert calendar.name_of_rest(date(2028, 10, 3)) == "中秋节、国庆节"


def test_the_calendar_reaches_five_years_ahead_and_no_further(calendar: WorkCalendar) -> None:
    """A day outside the calendar is an error with the year in it, never a silent guess."""
    assert calendar.is_working_day(date(2031, 12, 31))
    for year in (2017, 2032):
        with pytest.raises(CalendarUnknown, match=f"不包含{year}年"):
            calendar.nature(date(year, 6, 1))


def test_an_imported_arrangement_replaces_the_guess() -> None:
    """Once a year is announced its days, its make-up days and its version are the announced ones."""
    calendar = builtin_calendar([_announced_2027()])
    assert calendar.is_announced(2027)
    assert calendar.nature(date(2027, 1, 4)) is DayNature.HOLIDAY
    assert calendar.nature(date(2027, 1, 9)) is DayNature.MAKEUP_WORKDAY
    assert calendar.nature(date(2027, 10, 1)) is DayNature.WORKDAY
    assert "国办发明电〔2026〕99号" in calendar.version
    assert calendar.version != builtin_calendar().version
    assert calendar.is_working_day(date(2032, 12, 31))


def test_an_imported_arrangement_overrides_a_built_in_year() -> None:
    """An amended arrangement of a year the library knows is the one that counts."""
    amended = CalendarYear(
        year=2026, version="修订", announced=True, holidays={date(2026, 9, 18): "亚运会放假"}
    )
    assert builtin_calendar([amended]).name_of_rest(date(2026, 9, 18)) == "亚运会放假"


def test_an_arrangement_may_reach_back_into_december() -> None:
    """The New Year of one year may take days of the year before, and has the last word on them."""
    calendar = builtin_calendar(
        [
            _announced_2027(
                holidays={date(2026, 12, 31): "元旦", date(2027, 1, 1): "元旦"},
                makeup_days=(date(2026, 12, 27),),
            )
        ]
    )
    assert calendar.name_of_rest(date(2026, 12, 31)) == "元旦"
    assert calendar.nature(date(2026, 12, 27)) is DayNature.MAKEUP_WORKDAY
    assert "99号" in calendar.version_between(date(2026, 12, 30), date(2026, 12, 31))
    assert "99号" not in calendar.version_between(date(2026, 12, 1), date(2026, 12, 26))


def test_a_guess_cannot_be_imported() -> None:
    """What is imported as announced must be marked as announced."""
    with pytest.raises(ValueError, match="未标明已公布"):
        builtin_calendar([_announced_2027(announced=False)])


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"holidays": {date(2026, 11, 30): "元旦"}}, "不属于2027年"),
        ({"holidays": {date(2028, 1, 1): "元旦"}}, "不属于2027年"),
        ({"makeup_days": (date(2027, 1, 6),)}, "不是周六、周日"),
        ({"holidays": {date(2027, 1, 9): "元旦"}}, "既是放假日又是调休上班日"),
    ],
)
def test_a_nonsensical_arrangement_is_refused(changes: dict[str, object], complaint: str) -> None:
    """Days of another year, a make-up Wednesday, or a day both off and worked are mistakes of the import."""
    with pytest.raises(ValidationError, match=complaint):
        _announced_2027(**changes)


def test_a_year_is_arranged_once() -> None:
    """Two arrangements of one year in one calendar are a mistake."""
    with pytest.raises(ValidationError, match="同一年份"):
        WorkCalendar(years=(_announced_2027(), _announced_2027()))


def test_the_calendar_survives_its_journey(calendar: WorkCalendar) -> None:
    """A calendar written down as JSON and read again is the same calendar."""
    assert WorkCalendar.model_validate_json(calendar.model_dump_json()) == calendar


def test_neighbouring_working_days(calendar: WorkCalendar) -> None:
    """The working days around the National Day holiday of 2026 are 09-30 and 10-08."""
    assert calendar.working_day_from(date(2026, 10, 1)) == date(2026, 10, 8)
    assert calendar.working_day_from(date(2026, 10, 8)) == date(2026, 10, 8)
    assert calendar.working_day_after(date(2026, 9, 30)) == date(2026, 10, 8)
    assert calendar.working_day_before(date(2026, 10, 8)) == date(2026, 9, 30)


def test_a_moment_belongs_to_its_day_in_shanghai() -> None:
    """16:00 UTC is already the next day in Shanghai; a time without offset is no moment."""
    assert day_in_shanghai(datetime(2026, 9, 18, 15, 59, tzinfo=UTC)) == date(2026, 9, 18)
    assert day_in_shanghai(datetime(2026, 9, 18, 16, 0, tzinfo=UTC)) == date(2026, 9, 19)
    assert end_of_day(date(2026, 12, 31)).isoformat() == "2027-01-01T00:00:00+08:00"
    with pytest.raises(ValueError, match="时区"):
        day_in_shanghai(datetime(2026, 9, 18))


def test_an_arrangement_has_a_digest_that_anybody_can_recompute() -> None:
    """SHA-256 of JSON, keys sorted, no spaces; neither the days' order nor the version's name is in it."""
    year = _announced_2027()
    assert year.content.startswith('{"announced":true,"holidays":{"20')
    assert json.dumps(
        json.loads(year.content), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ) == (year.content)
    assert year.digest == sha256(year.content.encode()).hexdigest()
    reordered = year.model_copy(
        update={
            "version": "另一名称",
            "holidays": dict(reversed(year.holidays.items())),
            "makeup_days": tuple(reversed(year.makeup_days)),
        }
    )
    assert reordered.digest == year.digest
    assert CalendarYear.model_validate(year.model_dump(mode="json")).digest == year.digest
    assert year.model_copy(update={"makeup_days": ()}).digest != year.digest
