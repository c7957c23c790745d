"""Lists as they are written."""

import io

from openpyxl import load_workbook

from lists.cells import text_of
from lists.writing import to_csv, to_xlsx


def test_nothing_that_is_written_is_run() -> None:
    """No cell is a formula, no number a number; and what is read again is what it was."""
    told = ["=HYPERLINK(1)", "1234567890123", "＋1", "平常\x07", ""]
    csv = to_csv(["a"] * 5, [told]).decode()
    assert csv.splitlines()[1] == "'=HYPERLINK(1),1234567890123\t,'＋1,平常\x07,"
    book = load_workbook(io.BytesIO(to_xlsx("清单", ["a"] * 5, [told], {"a"})))
    assert book.active is not None
    cells = book.active[2]
    assert [cell.value for cell in cells] == ["=HYPERLINK(1)", "1234567890123", "＋1", "平常�", None]
    assert all(cell.data_type == "s" for cell in cells[:4])
    assert all(cell.number_format == "@" for cell in cells)
    assert [text_of(cell) for cell in ("'=HYPERLINK(1)", "1234567890123\t")] == told[:2]
