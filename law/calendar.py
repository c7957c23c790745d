"""Working days in China: weekends, public holidays, and the make-up days (调休) that are worked instead.

Days are calendar days in Asia/Shanghai. Which days are which comes from ``law.calendar_sources``.
"""

import hashlib
import json
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from pydantic import Field, model_validator

from law.rules import LawValue

# A fixed offset: Shanghai has had no daylight saving since 1991, so no time-zone database is needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

# The regulation's first year; nothing is counted from before it.
FIRST_YEAR = 2018
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


def day_in_shanghai(moment: datetime) -> date:
    """The calendar day of ``moment`` in Asia/Shanghai. Raises ``ValueError`` for a time without offset."""
    if moment.tzinfo is None:
        raise ValueError("时间缺少时区")
    return moment.astimezone(SHANGHAI).date()


def chinese_day(day: date) -> str:
    """The one form in which people read a day."""
    return f"{day.year}年{day.month}月{day.day}日"


def end_of_day(day: date) -> datetime:
    """24:00 of ``day`` in Asia/Shanghai, written as 00:00 of the next day (procedure section 4)."""
    return datetime.combine(day + _ONE_DAY, time(0), SHANGHAI)


class DayNature(StrEnum):
    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup_workday"

    @property
    def is_working(self) -> bool:
        return self in (DayNature.WORKDAY, DayNature.MAKEUP_WORKDAY)


class CalendarUnknown(ValueError):
    """A day outside the years of the calendar; the message is Chinese."""


class Arrangement(LawValue):
    """Names the arrangement of one year that a deadline was counted on."""

    year: int
    version: str
    digest: str = Field(
        description="SHA-256 of its content; equal content, equal digest, whatever its version"
    )
    announced: bool


class CalendarYear(LawValue):
    """The State Council's arrangement for one year, or a guess at it (``announced`` false).

    An arrangement may reach back into the December before: 2018-12-29 was worked for the New Year of 2019.
    """

    year: int
    version: str = Field(description="its source, e.g. the number of the State Council's notice")
    announced: bool
    holidays: dict[date, str] = Field(description="days off by public holiday → its name in Chinese")
    makeup_days: tuple[date, ...] = Field(default=(), description="Saturdays and Sundays that are worked")

    @model_validator(mode="after")
    def _is_an_arrangement_of_its_year(self) -> Self:
        for day in (*self.holidays, *self.makeup_days):
            if day.year != self.year and (day.year, day.month) != (self.year - 1, 12):
                raise ValueError(f"{day.isoformat()}不属于{self.year}年的放假安排")
        for day in self.makeup_days:
            if day.weekday() < _SATURDAY:
                raise ValueError(f"{day.isoformat()}不是周六、周日，不能作为调休上班日")
            if day in self.holidays:
                raise ValueError(f"{day.isoformat()}既是放假日又是调休上班日")
        return self

    @property
    def content(self) -> str:
        """What a count depends on, as canonical JSON: sorted keys, no spaces, UTF-8, ISO dates in order.

        The version is not in it: a library's next release, or the notice that confirms what the library knew,
        is the same arrangement under another name.
        """
        return json.dumps(self.content_as_json, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def content_as_json(self) -> dict[str, Any]:
        return {
            "announced": self.announced,
            "holidays": {day.isoformat(): name for day, name in self.holidays.items()},
            "makeup_days": sorted(day.isoformat() for day in set(self.makeup_days)),
            "year": self.year,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of :attr:`content`, in hexadecimal."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    @property
    def named(self) -> Arrangement:
        return Arrangement(year=self.year, version=self.version, digest=self.digest, announced=self.announced)

    def decides(self, first: date, last: date) -> bool:
        """Whether this arrangement has a say in any day from ``first`` to ``last``."""
        if first.year <= self.year <= last.year:
            return True
        if self.year != last.year + 1:
            return False  # it reaches into the December before its year, and no further
        return any(first <= day <= last for day in (*self.holidays, *self.makeup_days))


class WorkCalendar(LawValue):
    """Every year that days can be counted in. All questions raise :class:`CalendarUnknown` outside them."""

    years: tuple[CalendarYear, ...]

    @model_validator(mode="after")
    def _has_each_year_once(self) -> Self:
        if len(self._by_year) != len(self.years):
            raise ValueError("同一年份有两份放假安排")
        return self

    def nature(self, day: date) -> DayNature:
        self._year_of(day)
        if day in self._holidays:
            return DayNature.HOLIDAY
        if day in self._makeup_days:
            return DayNature.MAKEUP_WORKDAY
        return DayNature.WEEKEND if day.weekday() >= _SATURDAY else DayNature.WORKDAY

    def is_working_day(self, day: date) -> bool:
        return self.nature(day).is_working

    def name_of_rest(self, day: date) -> str:
        """Why ``day`` is not worked: 周六, 国庆节 … Raises ``ValueError`` for a working day."""
        nature = self.nature(day)
        if nature.is_working:
            raise ValueError(f"{day.isoformat()}是工作日")
        if nature is DayNature.HOLIDAY:
            return self._holidays[day]
        return "周六" if day.weekday() == _SATURDAY else "周日"

    def working_day_from(self, day: date) -> date:
        """``day`` itself when it is worked, otherwise the next working day."""
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def working_day_after(self, day: date, number: int = 1) -> date:
        """The ``number``-th working day after ``day``."""
        for _ in range(number):
            day = self.working_day_from(day + _ONE_DAY)
        return day

    def working_day_before(self, day: date) -> date:
        day -= _ONE_DAY
        while not self.is_working_day(day):
            day -= _ONE_DAY
        return day

    def is_announced(self, year: int) -> bool:
        """Whether the arrangement for ``year`` is known; False too for a year not held here."""
        return year in self._by_year and self._by_year[year].announced

    @property
    def version(self) -> str:
        """Names the whole calendar; changes whenever an arrangement is imported."""
        return "; ".join(dict.fromkeys(year.version for year in self._in_order))

    def version_between(self, first: date, last: date) -> str:
        """Names the arrangements that a period from ``first`` to ``last`` was counted with."""
        return "; ".join(dict.fromkeys(year.version for year in self.between(first, last)))

    def between(self, first: date, last: date) -> tuple[CalendarYear, ...]:
        """The arrangements that a period from ``first`` to ``last`` was counted with, in order of years."""
        return tuple(year for year in self._in_order if year.decides(first, last))

    def arrangements_between(self, first: date, last: date) -> tuple[Arrangement, ...]:
        """What those of :meth:`between` are called, each with its digest."""
        return tuple(self._named[year.year] for year in self.between(first, last))

    def _year_of(self, day: date) -> CalendarYear:
        try:
            return self._by_year[day.year]
        except KeyError:
            raise CalendarUnknown(f"工作日历不包含{day.year}年") from None

    @cached_property
    def _by_year(self) -> dict[int, CalendarYear]:
        return {year.year: year for year in self.years}

    @cached_property
    def _named(self) -> dict[int, Arrangement]:
        return {year.year: year.named for year in self.years}

    @cached_property
    def _in_order(self) -> tuple[CalendarYear, ...]:
        return tuple(sorted(self.years, key=lambda year: year.year))

    @cached_property
    def _holidays(self) -> dict[date, str]:
        merged: dict[date, str] = {}
        # In order of years: an arrangement that reaches back into December has the last word on those days.
        for year in self._in_order:
            for day in year.makeup_days:
                merged.pop(day, None)
            merged.update(year.holidays)
        return merged

    @cached_property
    def _makeup_days(self) -> frozenset[date]:
        return frozenset(day for year in self.years for day in year.makeup_days if day not in self._holidays)
