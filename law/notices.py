"""The State Council's notices of a year's holidays, and of changes to them, as people copy them.

A whole page may be handed in: header, title on one line or two, address, closing sentences. What speaks of
days off or days worked must be understood, and weekdays and numbers of days must agree with the calendar; the
rest is passed over. A line that begins with # is a remark.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from unicodedata import normalize

from law.calendar import CalendarYear

_TITLE = re.compile(r"关于(\d{4})年部分节假日安排的通知")
_ADJUSTED = re.compile(r"关于调整(\d{4})年(.{1,20}?)(?:假期|放假)安排的通知")
_EXTENDED = re.compile(r"关于延长(\d{4})年(.{1,20}?)假期的通知")
_NUMBER = re.compile(r"国办发明电[〔\[(【](\d{4})[〕\])】]第?(\d+)号")
_ITEM = re.compile(r"(?:[一二三四五六七八九十]+、|\d{1,2}[、.](?!\d)|\([一二三四五六七八九十]+\))(.*)")
_IS_NAME = re.compile(r"[^:,。;\d]{1,20}")
_DAY = r"(?:(?:(?P<y{n}>\d{{4}})年)?(?P<m{n}>\d{{1,2}})月)?(?P<d{n}>\d{{1,2}})日(?:\((?P<w{n}>[^()]+)\))?"
_OFF = re.compile(
    f"{_DAY.format(n=1)}(?:(?:至|到|-|—|~){_DAY.format(n=2)})?放假(?:调休)?"
    r"(?:,?共?(?P<days>\d+)天)?(?:,?(?:不调休|(?P<joined>与周末连休)))?"
)
_WORKED = re.compile(f"(?:{_DAY.format(n=1)}[、和,]?)+(?:正常)?上班")
_ONE_WORKED = re.compile(_DAY.format(n=1))
_UNTIL = re.compile(
    f"延长\\d{{4}}年.{{1,20}}?假期至{_DAY.format(n=1)}(?:,{_DAY.format(n=2)}起(?:正常)?上班)?"
)
_SPEAKS_OF_DAYS = re.compile(r"\d日.*放假|上班")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_WEEKDAYS = "一二三四五六日"
_SATURDAY = 5
_A_LINE_OF_DAYS = "“一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。”"
# Which days are worked for which holiday is nowhere written: those within so many days of it may be its own.
_NEAR = timedelta(days=14)

InForce = Callable[[int], CalendarYear | None]


class NoticeNotUnderstood(ValueError):
    """A line of the notice that is not understood, or that contradicts the calendar; in Chinese."""


@dataclass(frozen=True)
class _Line:
    """A sentence with the number and the words of the line it begins on."""

    number: int
    words: str
    text: str

    def wrong(self, what: str) -> NoticeNotUnderstood:
        return NoticeNotUnderstood(f"第{self.number}行{what}：{self.words}")


def read(text: str, in_force: InForce) -> CalendarYear:
    """The announced year; a change is laid over the year in force. Raises ``NoticeNotUnderstood``."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    whole = "".join(map(_plain, lines))
    version = _number(whole)
    for title, change in ((_ADJUSTED, _adjusted), (_EXTENDED, _extended)):
        if found := title.search(whole):
            year, name = int(found[1]), found[2]
            known = in_force(year)
            if known is None:
                raise NoticeNotUnderstood(f"{year}年的放假安排尚未导入，不能据此通知更改：请先导入该年的安排")
            changed = change(known, name, list(_sentences(text)))
            return _built(year, f"{known.version}；{version}", *changed)
    years = {int(year) for year in _TITLE.findall(whole)}
    if len(years) != 1:
        raise NoticeNotUnderstood(
            "没有找到标题，或者有几个年份的标题；应有“关于某年部分节假日安排的通知”，"
            "更改已公布安排的，应有“关于调整某年某节假期安排的通知”或者“关于延长某年某节假期的通知”"
        )
    year = years.pop()
    return _built(year, version, *_announced(year, list(_sentences(text))))


def _built(year: int, version: str, holidays: dict[date, str], worked: list[date]) -> CalendarYear:
    try:
        return CalendarYear(
            year=year,
            version=version,
            announced=True,
            holidays=dict(sorted(holidays.items())),
            makeup_days=tuple(sorted(worked)),
        )
    except ValueError as error:
        raise NoticeNotUnderstood(str(error)) from None


def _number(whole: str) -> str:
    numbers = {f"国办发明电〔{year}〕{int(no)}号" for year, no in _NUMBER.findall(whole)}
    if len(numbers) != 1:
        found = f"，现有{'、'.join(sorted(numbers))}" if numbers else ""
        raise NoticeNotUnderstood(f"应有一个文号，形如“国办发明电〔2025〕7号”{found}")
    return numbers.pop()


def _announced(year: int, sentences: list[tuple[str | None, _Line]]) -> tuple[dict[date, str], list[date]]:
    holidays: dict[date, str] = {}
    worked: list[date] = []
    for name, line in sentences:
        off, makeup = _understood(line, year)
        if off and name is None:
            raise line.wrong(f"没有写明是哪个节日（应形如{_A_LINE_OF_DAYS}）")
        if again := [day for day in off if day in holidays]:
            raise line.wrong(f"的{again[0]}列入了两个节日")
        holidays |= dict.fromkeys(off, name or "")
        worked += makeup
    if not holidays:
        raise NoticeNotUnderstood(f"没有找到放假日期；每个节日应有一行，形如{_A_LINE_OF_DAYS}")
    return holidays, worked


def _adjusted(
    known: CalendarYear, name: str, sentences: list[tuple[str | None, _Line]]
) -> tuple[dict[date, str], list[date]]:
    """The holiday's days anew. Raises where days that were to be worked for it may stand or fall."""
    off: list[date] = []
    worked: list[date] = []
    for _, line in sentences:
        days, makeup = _understood(line, known.year)
        off, worked = off + days, worked + makeup
    if not off:
        raise NoticeNotUnderstood(
            f"没有找到{name}的放假日期；应形如“5月1日至4日放假调休，共4天。4月28日（星期日）上班。”"
        )
    before = _days_of(known, name)
    around = [*before, *off]
    left = [day for day in known.makeup_days if day not in worked and day not in off]
    if near := [day for day in left if min(around) - _NEAR <= day <= max(around) + _NEAR]:
        raise NoticeNotUnderstood(
            f"原安排{near[0]}上班，通知没有写明是否仍然上班；请用 JSON 格式导入该年的全部安排"
        )
    others = {day: its for day, its in known.holidays.items() if day not in before}
    return others | dict.fromkeys(off, name), [*left, *worked]


def _extended(
    known: CalendarYear, name: str, sentences: list[tuple[str | None, _Line]]
) -> tuple[dict[date, str], list[date]]:
    """The holiday goes on to another day; what was to be worked meanwhile is not."""
    found = [(line, until) for _, line in sentences if (until := _UNTIL.search(line.text))]
    if len(found) != 1:
        raise NoticeNotUnderstood(
            f"没有找到{name}延长到哪一日；应形如“延长2020年春节假期至2月2日（星期日），2月3日（星期一）起正常上班”"
        )
    line, until = found[0]
    last = max(_days_of(known, name))
    to = _day(until, 1, (known.year, None), line)
    if to <= last:
        raise line.wrong(f"所写的{to}不晚于原来的最后一日{last}")
    if until["d2"] and _day(until, 2, (known.year, to.month), line) != to + timedelta(1):
        raise line.wrong(f"所写的上班日不是{to}的次日")
    added = [last + timedelta(n) for n in range(1, (to - last).days + 1)]
    if other := [day for day in added if day in known.holidays]:
        raise line.wrong(f"所延长的{other[0]}已是{known.holidays[other[0]]}")
    worked = [day for day in known.makeup_days if day not in added]
    return known.holidays | dict.fromkeys(added, known.holidays[last]), worked


def _days_of(known: CalendarYear, name: str) -> list[date]:
    days = [day for day, its in known.holidays.items() if name in its]
    if not days:
        raise NoticeNotUnderstood(f"{known.year}年现行的安排中没有{name}")
    return days


def _plain(line: str) -> str:
    """Without blanks, and with one kind of brackets, figures and marks."""
    return "".join(normalize("NFKC", line).split())


def _sentences(text: str) -> Iterator[tuple[str | None, _Line]]:
    """Every sentence, with the holiday that its item is headed by."""
    for line in _whole_lines(text):
        item = _ITEM.fullmatch(line.text)
        heading, colon, rest = (item[1] if item else line.text).rpartition(":")
        name = heading if colon and _IS_NAME.fullmatch(heading) else None
        for sentence in re.split("[。;]", rest):
            yield name, replace(line, text=sentence)


def _whole_lines(text: str) -> list[_Line]:
    """The lines; from the first item on, what is broken over several is one, up to its full stop."""
    found: list[_Line] = []
    begun = False
    for number, words in enumerate(text.splitlines(), 1):
        plain = _plain(words)
        if not plain or plain.startswith("#"):
            continue
        is_item = bool(_ITEM.fullmatch(plain))
        if begun and not is_item and not found[-1].text.endswith("。"):
            found[-1] = replace(found[-1], words=found[-1].words + words.strip(), text=found[-1].text + plain)
        else:
            found.append(_Line(number, words.strip(), plain))
        begun = begun or is_item
    return found


def _understood(line: _Line, year: int) -> tuple[list[date], list[date]]:
    """The days off and the days worked of a sentence; none of one that does not speak of days."""
    if not _SPEAKS_OF_DAYS.search(line.text):
        return [], []
    off, rest = _OFF.match(line.text), line.text
    if off:
        rest = rest[off.end() :].lstrip(",")
    if rest and not _WORKED.fullmatch(rest):
        raise line.wrong(f"读不懂“{rest}”，应形如{_A_LINE_OF_DAYS}")
    return _days_off(off, year, line) if off else [], _days_worked(rest, year, line)


def _days_off(off: re.Match[str], year: int, line: _Line) -> list[date]:
    first = last = _day(off, 1, (year, None), line)
    if off["d2"]:
        last = _day(off, 2, (first.year, first.month), line)
    if last < first:
        raise line.wrong(f"的{last}早于{first}")
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    if off["days"] and len(days) != int(off["days"]):
        raise line.wrong(f"起止日期共{len(days)}天，与所写的{off['days']}天不符")
    if off["joined"]:
        while (days[0] - timedelta(1)).weekday() >= _SATURDAY:
            days.insert(0, days[0] - timedelta(1))
        while (days[-1] + timedelta(1)).weekday() >= _SATURDAY:
            days.append(days[-1] + timedelta(1))
    return days


def _days_worked(text: str, year: int, line: _Line) -> list[date]:
    worked: list[date] = []
    for found in _ONE_WORKED.finditer(text):
        before = (worked[-1].year, worked[-1].month) if worked else (year, None)
        worked.append(_day(found, 1, before, line))
    return worked


def _day(found: re.Match[str], n: int, before: tuple[int, int | None], line: _Line) -> date:
    """A day whose year, or year and month, may be left out; a weekday that is given must be right."""
    year, month = int(found[f"y{n}"] or before[0]), found[f"m{n}"] or before[1]
    if month is None:
        raise line.wrong("的日期没有月份")
    try:
        day = date(year, int(month), int(found[f"d{n}"]))
    except ValueError:
        raise line.wrong(f"没有{month}月{found[f'd{n}']}日这一天") from None
    weekday = _WEEKDAY.search(found[f"w{n}"] or "")
    if weekday and weekday[1].replace("天", "日") != _WEEKDAYS[day.weekday()]:
        raise line.wrong(f"的{day}是周{_WEEKDAYS[day.weekday()]}，与所写的不符")
    return day
