"""Lists as people keep them: CSV and XLSX, read whatever their columns are called."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from openpyxl.utils.datetime import WINDOWS_EPOCH

from lists.cells import Cell, is_empty, text_of
from lists.columns import Column, Columns, folded_title
from lists.faults import CellFault, ListFault, ListFaultCode
from lists.kinds import is_packed, kind_of
from lists.rows import UNREAD_AT_MOST, Row
from lists.unpacked import TooLarge, weigh
from lists.workbook import NoWorkbook, first_sheet
from messages.text import legible

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 60
# A list may have a title above its header, and a sheet rows that look empty.
_HEADER_WITHIN = 20
_MAX_PHYSICAL_ROWS = 20_000
# Characters of one row of CSV, which may go over several lines.
_MAX_ROW_LENGTH = 64 * 1024
_DELIMITERS = ",\t;"

Grid = Sequence[tuple[int, Sequence[Cell]]]


@dataclass(frozen=True)
class Sheet:
    """Rows that say something, by their number in the file; ``unused`` are columns that nobody asked for."""

    rows: tuple[tuple[int, Row], ...]
    unused: tuple[str, ...]


def from_csv(raw: bytes, columns: Columns) -> Sheet:
    """Of the usual delimiters the one by which most columns are known in the first rows.

    Raises ``ListFault``, as do the others.
    """
    if what := kind_of(raw):
        raise _unreadable(what)
    text = _decoded(raw)
    known = columns.by_name()

    def known_by(delimiter: str) -> int:
        return _best_header(list(islice(_csv_rows(text, delimiter), _HEADER_WITHIN)), known)[1]

    try:
        delimiter = max(_DELIMITERS, key=known_by)
        grid = list(islice(_csv_rows(text, delimiter), _MAX_PHYSICAL_ROWS))
    except csv.Error:
        raise _unreadable("不是完整的 CSV，或者有过长的行") from None
    return _sheet(grid, columns)


def from_file(raw: bytes, columns: Columns) -> Sheet:
    """A file whatever it is called: browsers send CSV as a workbook, and a workbook as anything."""
    return from_xlsx(raw, columns) if is_packed(raw) else from_csv(raw, columns)


def from_xlsx(raw: bytes, columns: Columns) -> Sheet:
    """The first sheet of a workbook; no formula of it is believed."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            weigh(packed)
            sheet = first_sheet(packed, most_rows=_MAX_PHYSICAL_ROWS, most_columns=MAX_COLUMNS)
    except TooLarge:
        raise ListFault(
            ListFaultCode.TOO_LARGE, "XLSX 文件解开后过大；请只留下清单本身，另存后再交。"
        ) from None
    except (NoWorkbook, zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError):
        # What is locked, half or packed in another way.
        raise _unreadable(kind_of(raw) or "不是完整的 XLSX 文件；请用表格软件打开，另存为 XLSX") from None
    return _sheet(sheet.rows, columns, sheet.epoch)


def from_records(records: Sequence[Mapping[str, Cell]], columns: Columns) -> Sheet:
    """Rows that name their columns themselves; they are numbered from 1."""
    header = list(dict.fromkeys(name for record in records for name in record))[:MAX_COLUMNS]
    body = ((at, [record.get(name) for name in header]) for at, record in enumerate(records, start=1))
    return _sheet([(0, header), *body], columns)


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """One at a time, none longer than it may be. Raises ``csv.Error``."""
    length = 0

    def lines() -> Iterator[str]:
        nonlocal length
        whole = io.StringIO(text, newline="")
        while line := whole.readline(_MAX_ROW_LENGTH + 1):
            length += len(line)
            if length > _MAX_ROW_LENGTH:
                raise csv.Error("too long")
            yield line

    for number, row in enumerate(csv.reader(lines(), delimiter=delimiter, strict=True), start=1):
        length = 0
        yield number, row[:MAX_COLUMNS]


def _decoded(raw: bytes) -> str:
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for candidate in (encoding, "gb18030"):
        try:
            text = raw.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _unreadable("应为 UTF-8 或 GB18030 编码的 CSV")


def _unreadable(why: str) -> ListFault:
    return ListFault(ListFaultCode.UNREADABLE, f"文件无法读取：{why}。")


def _best_header(grid: Grid, known: Mapping[str, Column]) -> tuple[int, int]:
    """Where the header stands, and how many of its columns are known."""
    counts = [len(_columns(cells, known)) for _, cells in grid[:_HEADER_WITHIN]]
    most = max(counts, default=0)
    return (counts.index(most) if counts else 0), most


def _columns(cells: Sequence[Cell], known: Mapping[str, Column]) -> dict[Column, list[int]]:
    """Where each column that is known stands."""
    found: dict[Column, list[int]] = {}
    for place, cell in enumerate(cells):
        column = known.get(folded_title(_title(cell)))
        if column is not None:
            found.setdefault(column, []).append(place)
    return found


def _title(cell: Cell) -> str:
    return legible(str(cell)).strip()[:100] if isinstance(cell, str | int | float) else ""


def _sheet(grid: Grid, columns: Columns, epoch: datetime = WINDOWS_EPOCH) -> Sheet:
    known = columns.by_name()
    at, _ = _best_header(grid, known)
    header = grid[at][1] if grid else ()
    places = _columns(header, known)
    if missing := [anyone for anyone in columns.required if not places.keys() & set(anyone)]:
        named = "；".join("或".join(f"“{name}”" for name in columns.ours(*anyone)) for anyone in missing)
        raise ListFault(ListFaultCode.HEADER_UNKNOWN, f"没有找到应有的列：{named}。第一行应为各列的名称。")
    titles = [_title(cell) for cell in header]
    used = {place for where in places.values() for place in where}
    rows = tuple(
        (number, Row(_filled(titles, cells, places), columns, _unread(titles, cells, used, columns), epoch))
        for number, cells in grid[at + 1 :]
        if not all(is_empty(cell) for cell in cells)
    )
    if len(rows) > MAX_ROWS or len(grid) >= _MAX_PHYSICAL_ROWS:
        raise ListFault(ListFaultCode.TOO_LONG, f"一个文件不能超过{MAX_ROWS}行；请分成几个文件。")
    return Sheet(rows, tuple(title for place, title in enumerate(titles) if title and place not in used))


def _filled(
    titles: Sequence[str], cells: Sequence[Cell], places: Mapping[Column, Sequence[int]]
) -> dict[Column, tuple[tuple[str, Cell], ...]]:
    """A row's cells that are not empty, under the titles of their columns."""
    return {
        column: tuple(
            (titles[place], cells[place])
            for place in where
            if place < len(cells) and not is_empty(cells[place])
        )
        for column, where in places.items()
    }


def _unread(
    titles: Sequence[str], cells: Sequence[Cell], used: set[int], columns: Columns
) -> tuple[tuple[str, str], ...]:
    """What stands in columns that nobody asked for, but for those of names and addresses."""
    found = []
    for place, cell in enumerate(cells):
        title = titles[place] if place < len(titles) else ""
        if place in used or is_empty(cell) or folded_title(title) in columns.passed_over:
            continue
        with suppress(CellFault):
            found.append((title or f"第{place + 1}列", text_of(cell)[:UNREAD_AT_MOST]))
    return tuple(found)
