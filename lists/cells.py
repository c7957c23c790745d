"""What one cell says: a text, a day, a number of the post. What a spreadsheet has lost is not guessed."""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone
from typing import Any

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from lists.faults import CellFault
from messages.text import cleaned, on_one_line

FORMULA = object()
# A cell as it was read: text, number, day or moment, nothing, or ``FORMULA``, which is not trusted.
Cell = Any

# A time of day is only left out: 10:32, 下午2:30, 2:30:05 PM, 14时30分.
_HALF = r"(?:上午|下午|凌晨|早上|中午|晚上|[AP]M)?"
_CLOCK = r"\d{1,2}[:时点]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?)?[分秒]?"
_TIME = rf"(?:[ T]*\(?(?:星期|周)[一二三四五六日天]\)?)?(?:[ T]*{_HALF}[ ]*{_CLOCK}[ ]*{_HALF})?"
_DAYS = (
    re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.IGNORECASE),
    re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:\d{{4}}|\d{{6}}|{_TIME})", re.IGNORECASE),
    re.compile(rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})[日号]{_TIME}", re.IGNORECASE),
)
_WITH_ZONE = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:?\d{2}.*(?:Z|[+-]\d{2}:?\d{2})", re.IGNORECASE)
_SHANGHAI = timezone(timedelta(hours=8))
# 2000 to 2999, counted from 1900 and from 1904.
_EXCEL_DAYS = (range(36_526, 401_769), range(35_064, 400_307))
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[Ee]\+(\d{1,3})")
_PROTECTED = re.compile(r"=\"(.*)\"|'(.*)", re.DOTALL)
_EXACT_DIGITS = 15
_TRACKING_NO = re.compile(r"[0-9A-Z]{8,30}")
_LOST = "被电子表格当作数字，末尾几位已经丢失；请把该列设为文本格式后重新填写，或者在号码前加英文单引号"


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not unwrapped(cell))


def unwrapped(text: str) -> str:
    """The text without what keeps a spreadsheet from reading it as a number or formula: 'text, ="text"."""
    text = text.strip()
    if wrapped := _PROTECTED.fullmatch(text):
        text = (wrapped[1] if wrapped[1] is not None else wrapped[2]).strip()
    return text


def text_of(cell: Cell) -> str:
    """Raises ``CellFault``."""
    if cell is FORMULA:
        raise CellFault("是公式；请粘贴为数值")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date()
    try:
        return unwrapped(on_one_line(cleaned(str(cell))))
    except ValueError as error:
        raise CellFault(str(error)) from None


def day_of(cell: Cell, epoch: datetime = WINDOWS_EPOCH) -> date:
    """A day as written in China, or as Excel keeps it; a time of day is left out. Raises ``CellFault``.

    A moment with its zone is a day in Shanghai. ``epoch``: what day numbers count from.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and int(cell) in _EXCEL_DAYS[epoch == MAC_EPOCH]:
        counted = from_excel(int(cell), epoch)
        assert isinstance(counted, datetime)
        return counted.date()
    told = unicodedata.normalize("NFKC", text_of(cell))
    day = _in_shanghai(told) if _WITH_ZONE.fullmatch(told) else _as_written(told)
    if day is not None and 2000 <= day.year <= 2999:
        return day
    raise CellFault(f"“{_shown(told)}”不是日期；请写作 2026-09-17、2026/9/17、20260917 或 2026年9月17日")


def _in_shanghai(told: str) -> date | None:
    try:
        return datetime.fromisoformat(told).astimezone(_SHANGHAI).date()
    except (ValueError, OverflowError):
        return None


def _as_written(told: str) -> date | None:
    for form in _DAYS:
        if found := form.fullmatch(told):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                return None
    return None


def tracking_no_of(cell: Cell) -> str:
    """A number of the post, whole. Raises ``CellFault``, also where a spreadsheet has rounded it."""
    if isinstance(cell, int | float):
        if abs(cell) >= 10**_EXACT_DIGITS:
            raise CellFault(f"“{_shown(str(int(cell)))}”{_LOST}")
        if not float(cell).is_integer():
            raise CellFault(f"“{cell}”不是邮件号码")
        return _checked(str(int(cell)))
    text = text_of(cell)
    told = "".join(unicodedata.normalize("NFKC", text).upper().split())
    if rounded := _SCIENTIFIC.fullmatch(told):
        first, rest, exponent = rounded[1], rounded[2] or "", int(rounded[3])
        if len(rest) != exponent:
            raise CellFault(f"“{_shown(told)}”{_LOST}")
        return _checked(first + rest)
    told = re.sub(r"(?<=\d)\.0+$", "", told)
    is_protected = isinstance(cell, str) and text != cell.strip()
    if not is_protected and told.isdecimal() and told[_EXACT_DIGITS:] and not told[_EXACT_DIGITS:].strip("0"):
        raise CellFault(f"“{_shown(told)}”可能{_LOST}")
    return _checked(told)


def _shown(told: str) -> str:
    return told if len(told) <= 40 else f"{told[:40]}…"


def _checked(told: str) -> str:
    if not _TRACKING_NO.fullmatch(told):
        raise CellFault(f"“{_shown(told)}”不是邮件号码：应为8至30位字母或数字")
    return told
