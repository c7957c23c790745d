"""Lists as people keep them: CSV and XLSX, read whatever their columns are called."""

import csv
import io
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from openpyxl import load_workbook

from lists.cells import FORMULA, Cell, is_empty
from lists.columns import Column, Columns, folded_title
from lists.faults import ListFault, ListFaultCode
from lists.rows import Row
from lists.unpacked import TooLarge, weigh
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


def from_xlsx(raw: bytes, columns: Columns) -> Sheet:
    """The first sheet of a workbook; no formula of it is believed."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            weigh(packed)
        book = load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            read_rows = sheet.iter_rows(max_col=MAX_COLUMNS)
            grid = [
                (number, [_cell(cell) for cell in row])
                for number, row in enumerate(islice(read_rows, _MAX_PHYSICAL_ROWS), start=1)
            ]
        finally:
            book.close()
    except TooLarge:
        raise ListFault(
            ListFaultCode.TOO_LARGE, "XLSX 文件解开后过大；请只留下清单本身，另存后再交。"
        ) from None
    except Exception:  # whatever a library says of a file that is none
        raise _unreadable("不是可以读取的 XLSX 文件（加密的、旧式的 XLS 文件请另存为 XLSX）") from None
    return _sheet(grid, columns)


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

    for number, row in enumerate(csv.reader(lines(), delimiter=delimiter), start=1):
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


def _cell(cell: object) -> Cell:
    if getattr(cell, "data_type", "n") == "f":
        return FORMULA
    value = getattr(cell, "value", None)
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _unreadable(why: str) -> ListFault:
    return ListFault(ListFaultCode.UNREADABLE, f"文件无法读取：{why}。")


def _best_header(grid: Grid, known: Mapping[str, Column]) -> tuple[int, int]:
    """Where the header stands, and how many of its columns are known."""
    counts = [len(_columns(cells, known)[0]) for _, cells in grid[:_HEADER_WITHIN]]
    most = max(counts, default=0)
    return (counts.index(most) if counts else 0), most


def _columns(
    cells: Sequence[Cell], known: Mapping[str, Column]
) -> tuple[dict[Column, list[int]], tuple[str, ...]]:
    found: dict[Column, list[int]] = {}
    unused = []
    for place, cell in enumerate(cells):
        title = legible(cell).strip() if isinstance(cell, str) else ""
        column = known.get(folded_title(title))
        if column is not None:
            found.setdefault(column, []).append(place)
        elif title:
            unused.append(title[:100])
    return found, tuple(unused)


def _sheet(grid: Grid, columns: Columns) -> Sheet:
    known = columns.by_name()
    at, _ = _best_header(grid, known)
    header = grid[at][1] if grid else ()
    places, unused = _columns(header, known)
    if missing := [anyone for anyone in columns.required if not places.keys() & set(anyone)]:
        named = "；".join("或".join(f"“{name}”" for name in columns.ours(*anyone)) for anyone in missing)
        raise ListFault(ListFaultCode.HEADER_UNKNOWN, f"没有找到应有的列：{named}。第一行应为各列的名称。")
    rows = tuple(
        (number, Row(_filled(header, cells, places), columns))
        for number, cells in grid[at + 1 :]
        if not all(is_empty(cell) for cell in cells)
    )
    if len(rows) > MAX_ROWS or len(grid) >= _MAX_PHYSICAL_ROWS:
        raise ListFault(ListFaultCode.TOO_LONG, f"一个文件不能超过{MAX_ROWS}行；请分成几个文件。")
    return Sheet(rows, unused)


def _filled(
    header: Sequence[Cell], cells: Sequence[Cell], places: Mapping[Column, Sequence[int]]
) -> dict[Column, tuple[tuple[str, Cell], ...]]:
    """A row's cells that are not empty, under the titles of their columns."""
    return {
        column: tuple(
            (str(header[place]).strip()[:100], cells[place])
            for place in where
            if place < len(cells) and not is_empty(cells[place])
        )
        for column, where in places.items()
    }
