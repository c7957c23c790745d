"""Cells and columns of lists, as clerks, spreadsheets and carriers write them."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from starlette.requests import Request

from api.dispatches import lines, tables
from api.dispatches.cells import FORMULA, Cell, CellFault, day_of, text_of, tracking_no_of
from api.dispatches.columns import OUTCOMES, POSTING_COLUMNS, RECEIPT_COLUMNS, Column, Outcome, folded
from api.web.problems import Problem

DAY = date(2026, 9, 17)
NEEDED = ((Column.NUMBER, Column.DOCUMENT_ID), (Column.TRACKING_NO,), (Column.POSTED_ON,))
SHEET = "xl/worksheets/sheet1.xml"
HEADER = ["文号", "邮件号码", "交寄日期"]


def request(content: bytes, kind: str) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content}

    headers = [(b"content-type", kind.encode())]
    return Request({"type": "http", "headers": headers, "method": "POST"}, receive)


async def read(content: bytes, kind: str = tables.CSV) -> tables.Table:
    return await tables.received(request(content, kind), POSTING_COLUMNS, NEEDED)


async def problem(content: bytes, kind: str = tables.CSV) -> tuple[int, str, str]:
    with pytest.raises(Problem) as raised:
        await read(content, kind)
    return raised.value.status, raised.value.code, raised.value.detail


def values(table: tables.Table) -> list[tuple[int, list[Cell]]]:
    return [(number, [cell for said in row.values() for _, cell in said]) for number, row in table.rows]


def workbook(*rows: list[Any], change: Callable[[Any], None] = lambda _sheet: None) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    change(book.active)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize(
    "cell",
    [
        "2026-09-17",
        "2026/9/17",
        "2026.9.17",
        "20260917",
        20260917,
        "2026年9月17日",
        "２０２６－０９－１７",
        " 2026-09-17 10:32 ",
        "2026/9/17 10:32:05",
        "'2026-09-17",
        46282,
        46282.4375,
        datetime(2026, 9, 17, 10, 32),
        DAY,
    ],
)
def test_a_day_is_read_however_it_is_written(cell: Cell) -> None:
    """As people write it, as carriers export it, as Excel keeps it."""
    assert day_of(cell) == DAY


@pytest.mark.parametrize(
    "cell", ["17/9/2026", "26-9-17", "2026-02-30", "昨天", "1026-09-17", 17, True, "2026-09", FORMULA]
)
def test_what_is_no_day_is_said_to_be_none(cell: Cell) -> None:
    """Nothing is guessed: not the order of day and month, not the century."""
    with pytest.raises(CellFault):
        day_of(cell)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1234567890123", "1234567890123"),
        (" ez 123 456 789 cn ", "EZ123456789CN"),
        (1234567890123, "1234567890123"),
        (1234567890123.0, "1234567890123"),
        ("1234567890123.00", "1234567890123"),
        ("1.234567890123E+12", "1234567890123"),
        ("１２３４５６７８９０１２３", "1234567890123"),
        ('="0012345678901"', "0012345678901"),
        ("'0012345678901", "0012345678901"),
        ("1234567890123\t", "1234567890123"),
        ("123456789012345678", "123456789012345678"),
        ("'123456789012345000", "123456789012345000"),
    ],
)
def test_a_number_of_the_post_is_read_whole(cell: Cell, number: str) -> None:
    """Also where a spreadsheet took it for a number, as long as every digit is there."""
    assert tracking_no_of(cell) == number


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1.23457E+12", "已经丢失"),
        ("1.2E+12", "已经丢失"),
        (123456789012345680, "已经丢失"),
        (1.2345678901234568e17, "已经丢失"),
        ("123456789012345000", "可能被电子表格当作数字"),
        (12.5, "不是邮件号码"),
        ("12345", "8至30位"),
        ("EMS：1234567890123", "8至30位"),
        (FORMULA, "是公式"),
        ("\ud800", "不能保存"),
    ],
)
def test_a_number_that_lost_digits_is_refused(cell: Cell, said: str) -> None:
    """And the clerk is told how to keep them."""
    with pytest.raises(CellFault, match=said):
        tracking_no_of(cell)


def test_the_words_of_the_post_are_told_apart() -> None:
    """A letter that was delivered back to us was not delivered."""
    for word, outcome in {
        "妥投": Outcome.DELIVERED,
        " 已签收（他人代收）": Outcome.DELIVERED,
        "投递成功": Outcome.DELIVERED,
        "退件": Outcome.RETURNED,
        "退回妥投": Outcome.RETURNED,
        "退回-签收": Outcome.RETURNED,
        "未妥投": Outcome.UNDER_WAY,
        "妥投（退回）": None,
        "签收异常": None,
    }.items():
        assert OUTCOMES.get(folded(word)) is outcome, word


def test_no_name_of_a_column_means_two_things() -> None:
    """Within one list."""
    for columns in (POSTING_COLUMNS, RECEIPT_COLUMNS):
        names = [folded(name) for of in columns.values() for name in of]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
async def test_csv_is_read_in_the_usual_encodings(encoding: str, delimiter: str) -> None:
    """Rare characters too; a title above the header and empty lines count as lines of the file."""
    listed = [
        ["九月十七日寄出"],
        ["*文  号", "EMS单号（必填）", "交寄日期", "𬭎备注"],
        [],
        ["号１", "12345678", "2026-9-17", "x"],
    ]
    content = "\r\n".join(delimiter.join(line) for line in listed).encode(encoding)
    table = await read(content)
    assert values(table) == [(4, ["号１", "12345678", "2026-9-17"])]
    assert table.unused == ("𬭎备注",)


async def test_xlsx_is_read_as_it_is_kept() -> None:
    """Numbers, days and texts; a formula is never believed."""

    def with_formula(sheet: Any) -> None:
        sheet["C3"] = "=TODAY()"

    rows = [HEADER, ["号1", 1234567890123, datetime(2026, 9, 17)], ["号2", "EZ123456789CN", None], [None] * 3]
    table = await read(workbook(*rows, change=with_formula), tables.XLSX)
    assert values(table) == [
        (2, ["号1", 1234567890123, datetime(2026, 9, 17)]),
        (3, ["号2", "EZ123456789CN", FORMULA]),
    ]


@pytest.mark.parametrize("kind", [tables.CSV, tables.XLSX])
async def test_what_is_no_list_is_said_to_be_none(kind: str) -> None:
    """Bytes of something else, half a file, an old or locked one."""
    half = workbook(HEADER)[:-100]
    for content in (b"\x00\x01\x02\xff", half, b"\xd0\xcf\x11\xe0" + bytes(600), b"\xff\xfe\x00"):
        assert (await problem(content, kind))[:2] == (422, "table_unreadable")


async def test_a_list_without_the_columns_names_them() -> None:
    """Each that is missing, by the name that we give it."""
    status, code, said = await problem("收件人,邮件号码\n某,1".encode())
    assert (status, code) == (422, "table_header_unknown")
    assert "“文号”或“文书编号”；“交寄日期”" in said
    for empty in (b"", b"\n\n", "\ufeff".encode()):
        assert (await problem(empty))[1] == "table_header_unknown"
    assert (await problem(workbook(), tables.XLSX))[1] == "table_header_unknown"


async def test_lists_are_bounded() -> None:
    """Rows, bytes, kinds."""
    line = "\n号,12345678,2026-9-17"
    header = ",".join(HEADER)
    assert len((await read((header + line * tables.MAX_ROWS).encode())).rows) == tables.MAX_ROWS
    assert (await problem((header + line * (tables.MAX_ROWS + 1)).encode()))[:2] == (413, "table_too_long")
    assert (await problem(b"x" * (tables.MAX_BYTES + 1)))[:2] == (413, "body_too_large")
    assert (await problem(b"{}", "text/plain"))[:2] == (415, "unsupported_media_type")


def repacked(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one member changed."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(HEADER))) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            new.writestr(member, change(old.read(member)) if member == name else old.read(member))
    return changed.getvalue()


@pytest.mark.parametrize(
    ("member", "end", "swollen"),
    [
        (SHEET, b"</sheetData>", b"<row>" + b"<c><v>1</v></c>" * 1_250_000 + b"</row>"),
        (SHEET, b"</sheetData>", (b"<row>" + b"<c/>" * 60 + b"</row>") * 19_000),
        (SHEET, b"</sheetData>", b" " * 80 * 1024 * 1024),
        (SHEET, b"</worksheet>", b"<mergeCells>" + b"<mergeCell/>" * 100_000 + b"</mergeCells>"),
        ("xl/styles.xml", b"</cellXfs>", b'<xf numFmtId="0" fontId="0"/>' * 2_000_000),
        ("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 20_000),
        ("xl/workbook.xml", b"</sheets>", b"<sheet/>" * 100),
    ],
)
async def test_a_small_file_that_unpacks_to_a_large_one_is_refused(
    member: str, end: bytes, swollen: bytes
) -> None:
    """One row of a million cells, many rows, many styles: before any of it is built."""
    content = repacked(member, lambda old: old.replace(end, swollen + end))
    assert len(content) < tables.MAX_BYTES
    assert (await problem(content, tables.XLSX))[:2] == (413, "body_too_large")


@pytest.mark.parametrize("content", [b"\n", b",", b'"\n",', b'"', b"a\n"])
async def test_a_file_of_nothing_is_answered(content: bytes) -> None:
    """Whatever fills it: no more of it is read than rows are taken, and no row is longer than rows are."""
    whole = content * ((tables.MAX_BYTES - 1) // len(content))
    status, code, _ = await problem(whole)
    assert (status, code) in ((422, "table_unreadable"), (422, "table_header_unknown"))


async def test_json_has_no_more_columns_than_a_sheet() -> None:
    """A row of a hundred thousand names does not make every row as long."""
    rows: list[dict[str, Any]] = [{"文号": "号1", "邮件号码": "12345678", "交寄日期": "2026-9-17"}] * 2
    named = {f"名{number}": None for number in range(50_000)}
    content = json.dumps({"rows": [*rows, named, *[{}] * 4_000]}, ensure_ascii=False).encode()
    assert [number for number, _ in (await read(content, "application/json")).rows] == [1, 2]


@pytest.mark.parametrize(
    ("content", "pointer", "said"),
    [
        (b"[]", "", "各行：应为对象"),
        (b'{"rows": [{"a": 1}, {"a/b": {}}]}', "/rows/1/a~1b", "各行（/rows/1/a~1b）：应为文字、整数或者空"),
        (b'{"rows": []}', "/rows", "各行（/rows）：至少应有1项"),
    ],
)
async def test_a_fault_in_json_is_pointed_to(content: bytes, pointer: str, said: str) -> None:
    """By the pointer to it in what was sent, and in words."""
    with pytest.raises(Problem) as raised:
        await read(content, "application/json")
    assert raised.value.detail == said
    assert raised.value.extra["errors"][0]["pointer"] == pointer


async def test_entities_of_xml_are_not_unfolded() -> None:
    """A workbook that defines its own is none."""
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
    swollen = repacked(SHEET, lambda old: old.replace(b"<worksheet", entity, 1))
    assert (await problem(swollen, tables.XLSX))[:2] == (422, "table_unreadable")


def test_columns_of_one_meaning_must_agree() -> None:
    """One that is empty does not count; two that differ are a fault of the row."""
    row: dict[Column, tuple[tuple[str, Cell], ...]] = {
        Column.DAY: (("签收日期", "2026-9-17"), ("退回日期", "20260917"))
    }
    assert lines.Cells(row, RECEIPT_COLUMNS).day(Column.DAY) == DAY
    row = {Column.DAY: (("签收日期", "2026-9-17"), ("退回日期", "2026-9-18"))}
    with pytest.raises(CellFault, match="“签收日期”“退回日期”各列所填不一致"):
        lines.Cells(row, RECEIPT_COLUMNS).day(Column.DAY)


def test_nothing_that_is_written_is_run() -> None:
    """No cell is a formula, no number a number; and what is read again is what it was."""
    told = ["=HYPERLINK(1)", "1234567890123", "＋1", "平常\x07", ""]
    csv = tables.to_csv(["a"] * 5, [told]).decode()
    assert csv.splitlines()[1] == "'=HYPERLINK(1),1234567890123\t,'＋1,平常\x07,"
    book = load_workbook(io.BytesIO(tables.to_xlsx("清单", ["a"] * 5, [told], {"a"})))
    assert book.active is not None
    cells = book.active[2]
    assert [cell.value for cell in cells] == ["=HYPERLINK(1)", "1234567890123", "＋1", "平常�", None]
    assert all(cell.data_type == "s" for cell in cells[:4])
    assert all(cell.number_format == "@" for cell in cells)
    assert [text_of(cell) for cell in ("'=HYPERLINK(1)", "1234567890123\t")] == told[:2]
