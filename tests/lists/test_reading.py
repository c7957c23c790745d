"""Lists as people keep them: what is read of them, and what is refused."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook

from lists.carriers import read_carriers
from lists.cells import FORMULA, Cell
from lists.columns import Columns
from lists.faults import ListFault
from lists.reading import MAX_BYTES, MAX_ROWS, Sheet, from_csv, from_records, from_xlsx

POSTING_COLUMNS = read_carriers(None).posting_columns
SHEET = "xl/worksheets/sheet1.xml"
HEADER = ["文号", "邮件号码", "交寄日期"]
Reader = Callable[[bytes, Columns], Sheet]


def fault(content: bytes, reader: Reader = from_csv) -> ListFault:
    with pytest.raises(ListFault) as raised:
        reader(content, POSTING_COLUMNS)
    return raised.value


def values(sheet: Sheet) -> list[tuple[int, list[Cell]]]:
    return [(number, [cell for said in row.cells.values() for _, cell in said]) for number, row in sheet.rows]


def workbook(*rows: list[Any], change: Callable[[Any], None] = lambda _sheet: None) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    change(book.active)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_the_usual_encodings(encoding: str, delimiter: str) -> None:
    """Rare characters too; a title above the header and empty lines count as lines of the file."""
    listed = [
        ["九月十七日寄出"],
        ["*文  号", "EMS单号（必填）", "交寄日期", "𬭎备注"],
        [],
        ["号１", "12345678", "2026-9-17", "x"],
    ]
    content = "\r\n".join(delimiter.join(line) for line in listed).encode(encoding)
    sheet = from_csv(content, POSTING_COLUMNS)
    assert values(sheet) == [(4, ["号１", "12345678", "2026-9-17"])]
    assert sheet.unused == ("𬭎备注",)


def test_xlsx_is_read_as_it_is_kept() -> None:
    """Numbers, days and texts; a formula is never believed."""

    def with_formula(sheet: Any) -> None:
        sheet["C3"] = "=TODAY()"

    rows = [HEADER, ["号1", 1234567890123, datetime(2026, 9, 17)], ["号2", "EZ123456789CN", None], [None] * 3]
    sheet = from_xlsx(workbook(*rows, change=with_formula), POSTING_COLUMNS)
    assert values(sheet) == [
        (2, ["号1", 1234567890123, datetime(2026, 9, 17)]),
        (3, ["号2", "EZ123456789CN", FORMULA]),
    ]


@pytest.mark.parametrize("reader", [from_csv, from_xlsx])
def test_what_is_no_list_is_said_to_be_none(reader: Reader) -> None:
    """Bytes of something else, half a file, an old or locked one."""
    half = workbook(HEADER)[:-100]
    for content in (b"\x00\x01\x02\xff", half, b"\xd0\xcf\x11\xe0" + bytes(600), b"\xff\xfe\x00"):
        assert fault(content, reader).code == "table_unreadable"


def test_a_list_without_the_columns_names_them() -> None:
    """Each that is missing, by the name that we give it."""
    missing = fault("收件人,邮件号码\n某,1".encode())
    assert missing.code == "table_header_unknown"
    assert str(missing) == "没有找到应有的列：“文书编号”或“文号”；“交寄日期”。第一行应为各列的名称。"
    for empty in (b"", b"\n\n", "\ufeff".encode()):
        assert fault(empty).code == "table_header_unknown"
    assert fault(workbook(), from_xlsx).code == "table_header_unknown"


def test_lists_are_bounded() -> None:
    """By their rows; the API bounds their bytes."""
    line = "\n号,12345678,2026-9-17"
    header = ",".join(HEADER)
    assert len(from_csv((header + line * MAX_ROWS).encode(), POSTING_COLUMNS).rows) == MAX_ROWS
    assert fault((header + line * (MAX_ROWS + 1)).encode()).code == "table_too_long"


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
def test_a_small_file_that_unpacks_to_a_large_one_is_refused(member: str, end: bytes, swollen: bytes) -> None:
    """One row of a million cells, many rows, many styles: before any of it is built."""
    content = repacked(member, lambda old: old.replace(end, swollen + end))
    assert len(content) < MAX_BYTES
    assert fault(content, from_xlsx).code == "body_too_large"


@pytest.mark.parametrize("content", [b"\n", b",", b'"\n",', b'"', b"a\n"])
def test_a_file_of_nothing_is_answered(content: bytes) -> None:
    """Whatever fills it: no more of it is read than rows are taken, and no row is longer than rows are."""
    whole = content * ((MAX_BYTES - 1) // len(content))
    assert fault(whole).code in ("table_unreadable", "table_header_unknown")


def test_records_have_no_more_columns_than_a_sheet() -> None:
    """A row of a hundred thousand names does not make every row as long."""
    rows: list[dict[str, Any]] = [{"文号": "号1", "邮件号码": "12345678", "交寄日期": "2026-9-17"}] * 2
    named = {f"名{number}": None for number in range(50_000)}
    sheet = from_records([*rows, named, *[{}] * 4_000], POSTING_COLUMNS)
    assert [number for number, _ in sheet.rows] == [1, 2]


def test_entities_of_xml_are_not_unfolded() -> None:
    """A workbook that defines its own is none."""
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
    swollen = repacked(SHEET, lambda old: old.replace(b"<worksheet", entity, 1))
    assert fault(swollen, from_xlsx).code == "table_unreadable"


def test_a_quote_that_is_never_closed_takes_no_rows_with_it() -> None:
    """It would make of all that follows one cell of the row before, which then says what is theirs."""
    rows = '邮件号码,邮件状态,日期,备注\nA1,妥投,2026-09-17,"加急\nA2,退回,2026-09-17,查无此人\n'
    assert "不是完整的 CSV" in str(fault(rows.encode()))


def test_a_number_longer_than_any_is_a_text() -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(HEADER, ["甲〔2026〕1号", 777123, "2026-09-17"]))) as book,
        zipfile.ZipFile(packed, "w") as other,
    ):
        for name in book.namelist():
            other.writestr(name, book.read(name).replace(b"777123", b"9" * 400))
    ((_, cells),) = values(from_xlsx(packed.getvalue(), POSTING_COLUMNS))
    assert "9" * 400 in cells
