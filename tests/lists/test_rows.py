"""What a row says by its columns, whatever they are called."""

from datetime import date

import pytest

from lists.carriers import read_carriers
from lists.cells import Cell
from lists.columns import FINDING_COLUMNS, Column, folded
from lists.faults import CellFault
from lists.rows import Row

CARRIERS = read_carriers(None)
RECEIPT_COLUMNS = CARRIERS.receipt_columns
DAY = date(2026, 9, 17)


def test_no_name_of_a_column_means_two_things() -> None:
    """Within one list."""
    for columns in (CARRIERS.posting_columns, RECEIPT_COLUMNS, FINDING_COLUMNS):
        names = [folded(name) for of in columns.names.values() for name in of]
        assert len(names) == len(set(names))


def test_columns_of_one_meaning_must_agree() -> None:
    """One that is empty does not count; two that differ are a fault of the row."""
    cells: dict[Column, tuple[tuple[str, Cell], ...]] = {
        Column.DAY: (("签收日期", "2026-9-17"), ("退回日期", "20260917"))
    }
    assert Row(cells, RECEIPT_COLUMNS).day(Column.DAY) == DAY
    cells = {Column.DAY: (("签收日期", "2026-9-17"), ("退回日期", "2026-9-18"))}
    with pytest.raises(CellFault, match="“签收日期”“退回日期”各列所填不一致"):
        Row(cells, RECEIPT_COLUMNS).day(Column.DAY)


def test_of_several_days_the_one_of_the_result_counts() -> None:
    """By the words of the titles, in their order; what is not named there has its own place."""
    cells: dict[Column, tuple[tuple[str, Cell], ...]] = {
        Column.DAY: (("投递时间", "2026-9-16"), ("妥投时间", "2026-9-17 09:00"), ("退回时间", "2026-9-18"))
    }
    row = Row(cells, RECEIPT_COLUMNS)
    assert row.day(Column.DAY, ("妥投", "", "投递")) == DAY
    assert row.day(Column.DAY, ("", "妥投", "投递")) == date(2026, 9, 18)
    assert row.days(Column.DAY, "退") == [date(2026, 9, 18)]
