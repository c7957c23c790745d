"""What a row says by its columns, whatever they are called."""

from datetime import date

import pytest

from lists.cells import Cell
from lists.columns import POST_RESULTS, POSTING_COLUMNS, RECEIPT_COLUMNS, Column, PostResult, folded
from lists.faults import CellFault
from lists.rows import Row

DAY = date(2026, 9, 17)


def test_the_words_of_the_post_are_told_apart() -> None:
    """A letter that was delivered back to us was not delivered."""
    for word, result in {
        "妥投": PostResult.DELIVERED,
        " 已签收（他人代收）": PostResult.DELIVERED,
        "投递成功": PostResult.DELIVERED,
        "退件": PostResult.RETURNED,
        "退回妥投": PostResult.RETURNED,
        "退回-签收": PostResult.RETURNED,
        "未妥投": PostResult.UNDER_WAY,
        "妥投（退回）": None,
        "签收异常": None,
    }.items():
        assert POST_RESULTS.get(folded(word)) is result, word


def test_no_name_of_a_column_means_two_things() -> None:
    """Within one list."""
    for columns in (POSTING_COLUMNS, RECEIPT_COLUMNS):
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
