"""Lists as people keep them: CSV, XLSX or JSON, read whatever their columns are called, and written."""

import asyncio
import csv
import io
import math
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from fastapi import Request
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from pydantic import Field, ValidationError

from api.dispatches.cells import FORMULA, Cell, is_empty
from api.dispatches.columns import Column, folded_title, header_of
from api.dispatches.unpacked import TooLarge, weigh
from api.sheets import BOM, csv_line, is_formula
from api.web.body import MAX_BODY_BYTES, is_json, parsed, read
from api.web.problems import Problem
from api.web.wording import message
from messages.base import Message

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
_MAX_COLUMNS = 60
# A list may have a title above its header, and a sheet rows that look empty.
_HEADER_WITHIN = 20
_MAX_PHYSICAL_ROWS = 20_000
# Characters of one row of CSV, which may go over several lines.
_MAX_ROW_LENGTH = 64 * 1024
_DELIMITERS = ",\t;"
_MANY_DIGITS = 12
# Two large files take no more memory than one.
_ONE_AT_A_TIME = ThreadPoolExecutor(1, "table")

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
        raw = await read(request, MAX_BYTES)
        grid = await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, _from_csv, raw, known)
    elif kind == XLSX:
        raw = await read(request, MAX_BYTES)
        grid = await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, _from_xlsx, raw)
    else:
        detail = f"请求正文应为 CSV（{CSV}）、XLSX（{XLSX}）或 JSON。"
        raise Problem(415, "unsupported_media_type", detail)
    return _table(grid, columns, required)


def _from_json(raw: bytes) -> Grid:
    try:
        rows = Rows.model_validate(parsed(raw) if raw else None).rows
    except ValidationError as error:
        raise _no_rows(error) from None
    header = list(dict.fromkeys(name for row in rows for name in row))[:_MAX_COLUMNS]
    return [(0, header), *((at, [row.get(name) for name in header]) for at, row in enumerate(rows, start=1))]


def _no_rows(error: ValidationError) -> Problem:
    """Names the first cell that is at fault, by the pointer to it in what was sent."""
    first = error.errors()[0]
    # What follows a cell's name is which type it was tried as.
    place = [str(part) for part in first["loc"][:3]]
    said = "应为文字、整数或者空" if len(place) == 3 else message(first)
    where = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in place)
    errors = [{"field": place[2] if len(place) == 3 else "各行", "pointer": where, "message": said}]
    return Problem(422, "invalid", f"各行{where and f'（{where}）'}：{said}", errors=errors)


def _from_csv(raw: bytes, known: dict[str, Column]) -> Grid:
    """Of the usual delimiters the one by which most columns are known in the first rows."""
    text = _decoded(raw)

    def known_by(delimiter: str) -> int:
        return _best_header(list(islice(_csv_rows(text, delimiter), _HEADER_WITHIN)), known)[1]

    try:
        delimiter = max(_DELIMITERS, key=known_by)
        return list(islice(_csv_rows(text, delimiter), _MAX_PHYSICAL_ROWS))
    except csv.Error:
        raise _unreadable("不是完整的 CSV，或者有过长的行") from None


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
        yield number, row[:_MAX_COLUMNS]


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
            weigh(packed)
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
    except TooLarge:
        raise Problem(413, "body_too_large", "XLSX 文件解开后过大；请只留下清单本身，另存后再交。") from None
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
