"""What one cell says, as clerks, spreadsheets and carriers write it."""

from datetime import date, datetime

import pytest

from lists.cells import FORMULA, Cell, day_of, tracking_no_of
from lists.faults import CellFault

DAY = date(2026, 9, 17)


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
        "2026-09-17 下午2:30",
        "2026年9月17日 下午 2:30:05",
        "2026/9/17 2:30 PM",
        "2026/9/17 上午10时32分",
        "2026年9月17日 星期四 10:32",
        "20260917103205",
        20260917103205,
        "202609171032",
        "2026-09-17T10:32:05.123",
        "2026-09-17T10:32:05+08:00",
        "2026-09-16T16:30:00Z",
        "2026-09-16 20:00:00+0000",
        "2026-09-17T00:10:00.000+08:00",
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
    "cell",
    [
        "17/9/2026",
        "26-9-17",
        "2026-02-30",
        "昨天",
        "1026-09-17",
        17,
        True,
        "2026-09",
        FORMULA,
        "20260931103205",
        "2026-09-31T10:00:00Z",
        "2026-09-17 下午",
        20261317103205,
    ],
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
        ("\ud800", r"U\+D800"),
    ],
)
def test_a_number_that_lost_digits_is_refused(cell: Cell, said: str) -> None:
    """And the clerk is told how to keep them."""
    with pytest.raises(CellFault, match=said):
        tracking_no_of(cell)
