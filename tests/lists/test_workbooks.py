"""Workbooks of every program are read by what they hold; what is none is called by its name."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import MAC_EPOCH

from lists.carriers import read_carriers
from lists.cells import FORMULA, Cell
from lists.columns import Column
from lists.faults import ListFault
from lists.reading import Sheet, from_file, from_xlsx

FILES = Path(__file__).parent.parent / "files" / "carriers"
COLUMNS = read_carriers(None).posting_columns
HEADER = ["文号", "邮件号码", "交寄日期"]
SHEET, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
DAY = date(2026, 11, 29)


def packed(*rows: list[Any], change: Callable[[Workbook], None] = lambda _book: None) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in (HEADER, *rows):
        book.active.append(row)
    change(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def with_members(content: bytes, **changes: Callable[[bytes], bytes]) -> bytes:
    """Some members changed, by the ends of their names without dots."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            change = next((of for end, of in changes.items() if name.endswith(f"{end}.xml")), bytes)
            new.writestr(name, change(old.read(name)))
    return changed.getvalue()


def days(sheet: Sheet) -> list[date]:
    return [row.day(Column.POSTED_ON) for _, row in sheet.rows]


def cells(sheet: Sheet) -> list[Cell]:
    return [cell for _, row in sheet.rows for said in row.cells.values() for _, cell in said]


@pytest.mark.parametrize("name", ["wps-empty-fill.xlsx", "strict.xlsx"])
def test_a_workbook_of_wps_and_a_strict_one_are_read(name: str) -> None:
    """Numbers, texts and days, with a day's format and without."""
    sheet = from_xlsx((FILES / name).read_bytes(), COLUMNS)
    assert [row.tracking_no() for _, row in sheet.rows] == ["1234567890123", "EE000000002CN"]
    assert days(sheet) == [DAY, DAY]


def test_odd_looks_and_properties_are_nothing_to_a_list() -> None:
    """Broken styles, views, validations and properties are passed over; what remains is read."""
    content = with_members(
        packed(["号1", "12345678", datetime(2026, 11, 29, 14, 30)]),
        styles=lambda xml: xml.replace(b"<fonts", b"<fonts>"),
        core=lambda _xml: b"<cp:odd xmlns:cp='x'><created>yesterday</created></cp:odd>",
        app=lambda _xml: b"<Properties><TotalTime>long</TotalTime></Properties>",
        theme1=lambda _xml: b"not a theme",
        sheet1=lambda xml: xml.replace(
            b"<sheetData>", b'<sheetFormatPr defaultRowHeight="odd"/><cols><col min="a"/></cols><sheetData>'
        ).replace(b"</sheetData>", b'</sheetData><pageSetup orientation="odd"/><extLst><ext/></extLst>'),
    )  # fmt: skip
    assert days(from_xlsx(content, COLUMNS)) == [DAY]


def test_a_workbook_that_counts_from_1904_is_read_by_its_own_days() -> None:
    """A number with a day's format and one without stand for the same day."""

    def from_1904(book: Workbook) -> None:
        book.epoch = MAC_EPOCH

    number = (DAY - date(1904, 1, 1)).days
    rows = (["号1", "12345678", datetime(2026, 11, 29)], ["号2", "12345679", number])
    assert days(from_xlsx(packed(*rows, change=from_1904), COLUMNS)) == [DAY, DAY]


def test_cells_of_every_kind_are_read() -> None:
    """Rich and written texts, days of Strict workbooks, errors; gaps count, and no formula is believed."""
    rows = (
        b'<row r="3"><c r="A3" t="inlineStr"><is><r><t>\xe5\x8f\xb7</t></r><r><t>1</t></r>'
        b'<rPh sb="0" eb="1"><t>hao</t></rPh></is></c><c r="B3"><v>1.5</v></c>'
        b'<c r="C3" t="d"><v>2026-11-29T14:30:00</v></c></row>'
        b'<row><c t="str"><v>a</v></c><c t="e"><v>#N/A</v></c><c><f>TODAY()</f><v>46355</v></c></row>'
        b'<row><c t="s"><v>99</v></c><c t="b"><v>1</v></c><c t="d"><v>2026-11-29T23:30:00Z</v></c></row>'
    )
    content = with_members(packed(), sheet1=lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))
    sheet = from_xlsx(content, COLUMNS)
    assert [number for number, _ in sheet.rows] == [3, 4, 5]
    assert cells(sheet) == [
        *("号1", 1.5, datetime(2026, 11, 29, 14, 30)),
        *("a", "#N/A", FORMULA),
        *("1", "2026-11-29T23:30:00Z"),
    ]


def test_formats_of_days_are_known_by_their_numbers() -> None:
    """Those that Chinese editions have built in, too."""
    cell = b'<row><c s="1"><v>46355.6</v></c></row></sheetData>'
    content = with_members(
        packed(["号1", "12345678", datetime(2026, 11, 29)]),
        styles=lambda xml: re.sub(rb'(<cellXfs.*<xf numFmtId=")\d+', rb"\g<1>57", xml, flags=re.DOTALL),
        sheet1=lambda xml: xml.replace(b"</sheetData>", cell),
    )
    assert cells(from_xlsx(content, COLUMNS))[-1] == datetime(2026, 11, 29, 14, 24)


def test_the_first_sheet_that_is_seen_is_the_list() -> None:
    """A hidden one before it is somebody's notes."""

    def hidden_before(book: Workbook) -> None:
        notes = book.create_sheet("Notes", 0)
        notes.append(HEADER)
        notes.sheet_state = "hidden"

    content = packed(["号1", "12345678", datetime(2026, 11, 29)], change=hidden_before)
    assert days(from_xlsx(content, COLUMNS)) == [DAY]


def test_a_file_is_read_by_what_it_is_and_not_by_its_name() -> None:
    """Browsers call CSV a workbook where a spreadsheet program is installed."""
    for content in ("文号,邮件号码,交寄日期\n号1,12345678,2026-11-29".encode(), packed(["号1", "1", DAY])):
        assert days(from_file(content, COLUMNS)) == [DAY]


def zipped(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as new:
        for name in names:
            new.writestr(name, b"<x/>")
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "旧式的 XLS"),
        (b"<html><table><tr><td>1", "网页形式的表格"),
        ("\ufeff<meta charset='utf-8'><table>".encode(), "网页形式的表格"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "XML 表格",
        ),
        (b"%PDF-1.7", "是 PDF"),
        (b"\x89PNG\r\n", "是图片"),
        (zipped("word/document.xml"), "是 Word 文档"),
        (zipped("xl/workbook.bin"), "是 XLSB"),
        (zipped("content.xml"), "是 ODS"),
        (zipped("list.csv"), "是压缩包"),
        (zipped(BOOK), "不是完整的 XLSX"),
        (packed()[:-200], "不是完整的 XLSX"),
    ],
)
def test_what_is_no_list_is_called_by_its_name(content: bytes, said: str) -> None:
    """With what to do about it."""
    with pytest.raises(ListFault, match=said) as raised:
        from_file(content, COLUMNS)
    assert raised.value.code == "table_unreadable"
