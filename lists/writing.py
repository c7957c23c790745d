"""Lists written as CSV and XLSX: a spreadsheet opens them as what they are, and runs nothing in them."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

# By this mark a spreadsheet knows UTF-8.
BOM = "\ufeff"
# A spreadsheet takes such a cell for a formula; full width too, and what stands behind blanks.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_MANY_DIGITS = 12


def csv_line(cells: Sequence[str]) -> str:
    """One line of CSV; no cell of it is run as a formula."""
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if _is_formula(cell) else cell for cell in cells])
    return line.getvalue()


def to_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The list as CSV, with the mark by which spreadsheets know UTF-8."""
    lines = (csv_line([_kept_whole(cell) for cell in row]) for row in rows)
    return "".join([BOM, csv_line(header), *lines]).encode()


def to_xlsx(
    title: str, header: Sequence[str], rows: Iterable[Sequence[str]], filled_in: Collection[str]
) -> bytes:
    """Every cell is text, so that no number loses a digit and nothing is run; ``filled_in`` stand out."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = 30 if name.endswith("地址") else 22
    body = list(rows)
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
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _is_formula(text: str) -> bool:
    return bool(_FORMULA.match(text))


def _kept_whole(cell: str) -> str:
    """A spreadsheet rounds a number of many digits, unless something that is not shown follows it."""
    return f"{cell}\t" if cell.isdecimal() and len(cell) >= _MANY_DIGITS else cell
