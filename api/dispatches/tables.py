"""Lists as people keep them: CSV, XLSX or JSON, read whatever their columns are called, and written."""

import asyncio
import csv
import io
import math
import zipfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from fastapi import Request
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from pydantic import Field, ValidationError

from api.body import MAX_BODY_BYTES, is_json, parsed, read
from api.dispatches.cells import FORMULA, Cell, is_empty
from api.dispatches.columns import Column, folded_title, header_of
from api.problems import Problem
from api.sheets import BOM, csv_line, is_formula
from api.wording import message
from messages.base import Message

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
_MAX_COLUMNS = 60
# A list may have a title above its header, and a sheet rows that look empty.
_HEADER_WITHIN = 20
_MAX_PHYSICAL_ROWS = 20_000
_MAX_UNPACKED_BYTES = 64 * 1024 * 1024
_MAX_MEMBERS = 500
_DELIMITERS = ",\t;"
_MANY_DIGITS = 12

Grid = Sequence[tuple[int, Sequence[Cell]]]


class Rows(Message):
    """Rows as JSON, each by its columns' names."""

    rows: tuple[dict[str, str | int | None], ...] = Field(title="各行", min_length=1, max_length=MAX_ROWS)


@dataclass(frozen=True)
class Table:
    """Rows that say something, by their number in the file; ``unused`` are columns that nobody asked for."""

    rows: tuple[tuple[int, dict[Column, tuple[tuple[str, Cell], ...]]], ...]
    unused: tuple[str, ...]


async def received(
    request: Request, columns: dict[Column, tuple[str, ...]], required: Sequence[Sequence[Column]]
) -> Table:
    """The list in a request. ``required``: of each of these columns there must be one.

    Raises :class:`Problem` for what cannot be read at all.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    known = header_of(columns)
    if is_json(request):
        grid = _from_json(await read(request, MAX_BODY_BYTES))
    elif kind == CSV:
        grid = await asyncio.to_thread(_from_csv, await read(request, MAX_BYTES), known)
    elif kind == XLSX:
        grid = await asyncio.to_thread(_from_xlsx, await read(request, MAX_BYTES))
    else:
        detail = f"请求正文应为 CSV（{CSV}）、XLSX（{XLSX}）或 JSON。"
        raise Problem(415, "unsupported_media_type", detail)
    return _table(grid, columns, required)


def _from_json(raw: bytes) -> Grid:
    try:
        rows = Rows.model_validate(parsed(raw) if raw else None).rows
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"/{part}" for part in first["loc"])
        errors = [{"field": "各行", "pointer": where, "message": message(first)}]
        raise Problem(422, "invalid", f"各行（{where}）：{message(first)}", errors=errors) from None
    header = list(dict.fromkeys(name for row in rows for name in row))
    return [(0, header), *((at, [row.get(name) for name in header]) for at, row in enumerate(rows, start=1))]


def _from_csv(raw: bytes, known: dict[str, Column]) -> Grid:
    """Of the usual delimiters the one by which most columns are known."""
    text = _decoded(raw)
    grids = []
    for delimiter in _DELIMITERS:
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error:
            raise _unreadable("不是完整的 CSV") from None
        grids.append([(number, line[:_MAX_COLUMNS]) for number, line in enumerate(lines, start=1)])
    return max(grids, key=lambda grid: _best_header(grid, known)[1])


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


def _from_xlsx(raw: bytes) -> Grid:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            members = packed.infolist()
        # No more than a member declares is ever unpacked.
        if len(members) > _MAX_MEMBERS or sum(one.file_size for one in members) > _MAX_UNPACKED_BYTES:
            raise Problem(413, "body_too_large", "XLSX 文件解开后过大。")
        book = load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            read_rows = sheet.iter_rows(max_col=_MAX_COLUMNS)
            grid = [
                (number, [_cell(cell) for cell in row])
                for number, row in enumerate(islice(read_rows, _MAX_PHYSICAL_ROWS), start=1)
            ]
        finally:
            book.close()
    except Problem:
        raise
    except Exception:  # whatever a library says of a file that is none
        raise _unreadable("不是可以读取的 XLSX 文件（加密的、旧式的 XLS 文件请另存为 XLSX）") from None
    return grid


def _cell(cell: object) -> Cell:
    if getattr(cell, "data_type", "n") == "f":
        return FORMULA
    value = getattr(cell, "value", None)
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _unreadable(why: str) -> Problem:
    return Problem(422, "table_unreadable", f"文件无法读取：{why}。")


def _best_header(grid: Grid, known: dict[str, Column]) -> tuple[int, int]:
    """Where the header stands, and how many of its columns are known."""
    counts = [len(_columns(cells, known)[0]) for _, cells in grid[:_HEADER_WITHIN]]
    most = max(counts, default=0)
    return (counts.index(most) if counts else 0), most


def _columns(
    cells: Sequence[Cell], known: dict[str, Column]
) -> tuple[dict[Column, list[int]], tuple[str, ...]]:
    found: dict[Column, list[int]] = {}
    unused = []
    for place, cell in enumerate(cells):
        title = cell.strip() if isinstance(cell, str) else ""
        column = known.get(folded_title(title))
        if column is not None:
            found.setdefault(column, []).append(place)
        elif title:
            unused.append(title[:100])
    return found, tuple(unused)


def _table(grid: Grid, columns: dict[Column, tuple[str, ...]], required: Sequence[Sequence[Column]]) -> Table:
    at, _ = _best_header(grid, header_of(columns))
    header = grid[at][1] if grid else ()
    places, unused = _columns(header, header_of(columns))
    if missing := [anyone for anyone in required if not places.keys() & set(anyone)]:
        named = "；".join("或".join(f"“{columns[column][0]}”" for column in anyone) for anyone in missing)
        raise Problem(422, "table_header_unknown", f"没有找到应有的列：{named}。第一行应为各列的名称。")
    rows = [
        (
            number,
            {
                column: tuple(
                    (str(header[place]).strip(), cells[place])
                    for place in where
                    if place < len(cells) and not is_empty(cells[place])
                )
                for column, where in places.items()
            },
        )
        for number, cells in grid[at + 1 :]
        if not all(is_empty(cell) for cell in cells)
    ]
    if len(rows) > MAX_ROWS or len(grid) >= _MAX_PHYSICAL_ROWS:
        raise Problem(413, "table_too_long", f"一个文件不能超过{MAX_ROWS}行；请分成几个文件。")
    return Table(tuple(rows), unused)


def to_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """With a mark by which spreadsheets know it for UTF-8; nothing in it is run as a formula."""
    lines = (csv_line([_kept_whole(cell) for cell in row]) for row in rows)
    return "".join([BOM, csv_line(header), *lines]).encode()


def _kept_whole(cell: str) -> str:
    """A spreadsheet rounds a number of many digits, unless something that is not shown follows it."""
    return f"{cell}\t" if cell.isdecimal() and len(cell) >= _MANY_DIGITS else cell


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
                cell.quotePrefix = is_formula(value)
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
