"""Where working days come from; the only module that knows a calendar library.

Never import it from workflow code: the libraries' data changes between releases and would change replays.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version

from chinese_calendar import constants

from law.calendar import FIRST_YEAR, CalendarYear, WorkCalendar

_YEARS_AHEAD = 5  # evidence kept two years and long extensions stay within this
_SUFFIX = "节"


def builtin_calendar(
    announced: Sequence[CalendarYear] = (), *, years_ahead: int = _YEARS_AHEAD
) -> WorkCalendar:
    """The calendar from 2018 to some years after the last announced one. Cheap but for the first call.

    ``announced`` are imported arrangements; they replace the built-in year. A year nobody has announced is
    provisional: weekends and the statutory holidays, without in-lieu and make-up days.
    Raises ``ValueError`` when ``announced`` holds a year that is not marked as announced.
    """
    known = dict(_announced_by_library())
    for year in announced:
        if not year.announced:
            raise ValueError(f"{year.year}年的放假安排未标明已公布，不能导入")
        known[year.year] = year
    wanted = range(min(FIRST_YEAR, *known), max(known) + years_ahead + 1)
    return WorkCalendar(years=tuple(known.get(year) or provisional(year) for year in wanted))


@lru_cache(maxsize=1)
def _announced_by_library() -> dict[int, CalendarYear]:
    name = f"chinesecalendar-{version('chinesecalendar')}"
    last = max(constants.holidays).year
    return {
        year: CalendarYear(
            year=year,
            version=name,
            announced=True,
            holidays={
                day: _chinese_name(festival)
                for day, festival in constants.holidays.items()
                if day.year == year
            },
            makeup_days=tuple(day for day in constants.workdays if day.year == year),
        )
        for year in range(FIRST_YEAR, last + 1)
    }


def _chinese_name(festival: str) -> str:
    """The library says 清明, 端午, 中秋 but 国庆节; people read 清明节 (元旦 is right as it is)."""
    name: str = constants.Holiday(festival).chinese
    return name if name == "元旦" or name.endswith(_SUFFIX) else name + _SUFFIX


@lru_cache(maxsize=64)
def provisional(year: int) -> CalendarYear:
    """What is known of a year before its arrangement: weekends, and the days off by statute."""
    # Only here, and only when needed: it takes a third of a second to load and to work out a few years.
    from holidays import country_holidays

    statutory = country_holidays("CN", years=year, observed=False, language="zh_CN")
    return CalendarYear(
        year=year,
        version=f"{year}年暂定（放假安排尚未公布）",
        announced=False,
        holidays={day: name.replace("; ", "、") for day, name in statutory.items()},
    )
