"""Lists written as CSV and XLSX: a spreadsheet opens them as what they are, and runs nothing in them."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

# By this mark a spreadsheet knows UTF-8.
BOM = "\ufeff"
# A spreadsheet takes such a cell for a formula; full width too, and what stands behind blanks.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_MANY_DIGITS = 12
_CHOICES = "选项"
# The rows of a template that a choice is offered in.
_ROWS_TO_FILL_IN = 1_000


def csv_line(cells: Sequence[str]) -> str:
    """One line of CSV; no cell of it is run as a formula."""
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if _is_formula(cell) else cell for cell in cells])
    return line.getvalue()


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The list as CSV, line by line, with the mark by which spreadsheets know UTF-8."""
    yield (BOM + csv_line(header)).encode()
    for row in rows:
        yield csv_line([_kept_whole(cell) for cell in row]).encode()


def to_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The same in one piece."""
    return b"".join(csv_lines(header, rows))


def to_xlsx(
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    filled_in: Collection[str],
    choices: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """Every cell is text, so that no number loses a digit and nothing is run; ``filled_in`` stand out.

    ``choices``: what is offered under a column. It stands on a second sheet: within a cell's own rule there
    is room for 255 characters only. Something else may be written all the same.
    """
    book = Workbook(write_only=True)
    sheet = _sheet(book, title, header)
    _write(sheet, header, list(rows), filled_in)
    if offered := {name: tuple(said) for name, said in (choices or {}).items() if said}:
        for at, (name, said) in enumerate(offered.items(), start=1):
            column, letter = get_column_letter(header.index(name) + 1), get_column_letter(at)
            rule = DataValidation(
                "list", formula1=f"'{_CHOICES}'!${letter}$2:${letter}${len(said) + 1}", showErrorMessage=False
            )
            rule.add(f"{column}2:{column}{_ROWS_TO_FILL_IN + 1}")
            sheet.data_validations.append(rule)
        lines = list(zip_longest(*offered.values(), fillvalue=""))
        _write(book.create_sheet(_CHOICES), tuple(offered), lines, ())
    return _packed(book)


@dataclass(frozen=True)
class WrittenSheet:
    """One table of a workbook."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def to_workbook(sheets: Iterable[WrittenSheet]) -> bytes:
    """Several tables beside each other; every cell is text, as in :func:`to_xlsx`."""
    book = Workbook(write_only=True)
    for one in sheets:
        _write(_sheet(book, one.title, one.header), one.header, one.rows, ())
    return _packed(book)


def _sheet(book: Workbook, title: str, header: Sequence[str]) -> Any:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = 30 if name.endswith("地址") else 22
    return sheet


def _packed(book: Workbook) -> bytes:
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _write(
    sheet: Any, header: Sequence[str], body: Sequence[Sequence[str]], filled_in: Collection[str]
) -> None:
    for number, row in enumerate([header, *body]):
        line = []
        for name, value in zip(header, row, strict=True):
            cell = WriteOnlyCell(sheet)
            cell.number_format = "@"
            if value:
                cell.value = ILLEGAL_CHARACTERS_RE.sub("�", value)
                cell.data_type = "s"
                cell.quotePrefix = _is_formula(value)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if number == 0:
                cell.font = Font(bold=True)
            if name in filled_in:
                cell.fill = PatternFill("solid", fgColor="FFF2CC")
            line.append(cell)
        sheet.append(line)


def _is_formula(text: str) -> bool:
    return bool(_FORMULA.match(text))


def _kept_whole(cell: str) -> str:
    """A spreadsheet rounds a number of many digits, unless something that is not shown follows it."""
    return f"{cell}\t" if cell.isdecimal() and len(cell) >= _MANY_DIGITS else cell
