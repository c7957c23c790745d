"""The State Council's notice of a year's holidays, read from its own words. What is unclear is refused.

A file holds the title (…关于2027年部分节假日安排的通知), the number (国办发明电〔2026〕7号) and one line for
each holiday; empty lines and lines that begin with # are passed over, and nothing else is. The weekday in
every pair of brackets and the number of days are checked against the calendar.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from law.calendar import CalendarYear

_TITLE = re.compile(r"(?:国务院办公厅)?关于(\d{4})年部分节假日安排的通知")
_NUMBER = re.compile(r"国办发明电〔\d{4}〕\d+号")
_HOLIDAY = re.compile(r"[一二三四五六七八九十]+、([^：]{1,20})：([^。]+)。(?:([^。]+)上班。)?")
_DAY = r"(?:(?:(?P<y{n}>\d{{4}})年)?(?P<m{n}>\d{{1,2}})月)?(?P<d{n}>\d{{1,2}})日（(?P<w{n}>[^（）]+)）"
_OFF = re.compile(
    f"{_DAY.format(n=1)}(?:至{_DAY.format(n=2)})?放假(?:调休)?，?(?:共)?(?P<days>\\d+)天(?:，不调休)?"
)
_WORKED = re.compile(_DAY.format(n=1))
_WEEKDAY = re.compile(r"(?:.*、)?(?:周|星期)([一二三四五六日])")
_WEEKDAYS = "一二三四五六日"


class NoticeNotUnderstood(ValueError):
    """A line of the notice that is not understood, or that contradicts the calendar; in Chinese."""


def read(text: str) -> CalendarYear:
    """The announced year. Raises :class:`NoticeNotUnderstood`."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    titles = [found for line in lines if (found := _TITLE.fullmatch(line))]
    numbers = [line for line in lines if _NUMBER.fullmatch(line)]
    if len(titles) != 1 or len(numbers) != 1:
        raise NoticeNotUnderstood(
            "应有一行标题（…关于某年部分节假日安排的通知）和一行文号（国办发明电〔…〕…号）"
        )
    year = int(titles[0][1])
    holidays: dict[date, str] = {}
    worked: list[date] = []
    for line in lines:
        if line in (titles[0][0], numbers[0]):
            continue
        name, off, makeup = _holiday(line, year)
        if again := [day for day in off if day in holidays]:
            raise NoticeNotUnderstood(f"{again[0]}列入了两个节日：{line}")
        holidays |= dict.fromkeys(off, name)
        worked += makeup
    try:
        return CalendarYear(
            year=year, version=numbers[0], announced=True, holidays=holidays, makeup_days=tuple(worked)
        )
    except ValueError as error:
        raise NoticeNotUnderstood(str(error)) from None


def _holiday(line: str, year: int) -> tuple[str, list[date], list[date]]:
    whole = _HOLIDAY.fullmatch(line)
    off = whole and _OFF.fullmatch(whole[2])
    if whole is None or off is None:
        raise NoticeNotUnderstood(f"读不懂这一行：{line}")
    first = _day(off, 1, (year, None), line)
    last = _day(off, 2, (first.year, first.month), line) if off["d2"] else first
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    if len(days) != int(off["days"]):
        raise NoticeNotUnderstood(f"起止日期与天数不符：{line}")
    return whole[1], days, list(_worked(whole[3], year, line))


def _worked(text: str | None, year: int, line: str) -> Iterator[date]:
    for part in re.split(r"(?<=）)、", text) if text else []:
        found = _WORKED.fullmatch(part)
        if found is None:
            raise NoticeNotUnderstood(f"读不懂上班日期“{part}”：{line}")
        yield _day(found, 1, (year, None), line)


def _day(found: re.Match[str], n: int, before: tuple[int, int | None], line: str) -> date:
    """A day whose year, or year and month, may be left out; its weekday must be the calendar's."""
    year, month = int(found[f"y{n}"] or before[0]), found[f"m{n}"] or before[1]
    if month is None:
        raise NoticeNotUnderstood(f"日期没有月份：{line}")
    try:
        day = date(year, int(month), int(found[f"d{n}"]))
    except ValueError:
        raise NoticeNotUnderstood(f"没有这一天：{line}") from None
    weekday = _WEEKDAY.fullmatch(found[f"w{n}"])
    if weekday is None or weekday[1] != _WEEKDAYS[day.weekday()]:
        raise NoticeNotUnderstood(f"{day}是周{_WEEKDAYS[day.weekday()]}，与所写的不符：{line}")
    return day
