"""One row of a list, read by the meaning of its columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from openpyxl.utils.datetime import WINDOWS_EPOCH

from lists.cells import Cell, day_of, text_of, tracking_no_of
from lists.columns import Column, Columns
from lists.faults import CellFault

T = TypeVar("T")
# Characters of a cell that nobody asked for.
UNREAD_AT_MOST = 500


@dataclass(frozen=True)
class Row:
    """The filled cells of one row, each with its column's title; several columns of one meaning must agree.

    ``unread``: what stands in columns that nobody asked for. ``epoch``: what its day numbers count from.
    Every method that reads a cell raises ``CellFault``.
    """

    cells: Mapping[Column, tuple[tuple[str, Cell], ...]]
    columns: Columns
    unread: tuple[tuple[str, str], ...] = ()
    epoch: datetime = WINDOWS_EPOCH

    def has(self, column: Column) -> bool:
        """Whether anything stands under the column."""
        return bool(self.cells.get(column))

    def day(self, column: Column, order: Sequence[str] = ()) -> date:
        """The day in the columns that come first; only those must agree.

        ``order``: words of titles, by which they come first; ``""`` stands for all other titles.
        """
        filled = self.cells.get(column, ())
        first = min((_rank(title, order) for title, _ in filled), default=0)
        wanted = [one for one in filled if _rank(one[0], order) == first]
        return self.needed(column, _agreed(wanted, partial(day_of, epoch=self.epoch)))

    def days(self, column: Column, word: str) -> list[date]:
        """The days in columns whose titles have this word."""
        filled = self.cells.get(column, ())
        return [day_of(cell, self.epoch) for title, cell in filled if word in title]

    def texts(self, column: Column) -> list[str]:
        """What stands in the columns of this meaning, which need not agree."""
        return [text_of(cell) for _, cell in self.cells.get(column, ())]

    def tracking_no(self) -> str | None:
        """The number of the post."""
        return self._read(Column.TRACKING_NO, tracking_no_of)

    def text(self, column: Column) -> str | None:
        """The column's text, None where there is none."""
        return self._read(column, text_of)

    def needed(self, column: Column, value: T | None) -> T:
        """The value, which must be there."""
        if value is None:
            raise CellFault(f"缺少{self.columns.ours(column)[0]}")
        return value

    def _read(self, column: Column, reader: Callable[[Cell], T]) -> T | None:
        return _agreed(self.cells.get(column, ()), reader)


def _rank(title: str, order: Sequence[str]) -> int:
    """Where a title stands in the order, by the first word of it that it has."""
    found = (place for place, word in enumerate(order) if word and word in title)
    return next(found, order.index("") if "" in order else len(order))


def _agreed(filled: Sequence[tuple[str, Cell]], reader: Callable[[Cell], T]) -> T | None:
    """What all of the cells say; None where there is none. Raises ``CellFault``."""
    said: dict[str, T] = {}
    for title, cell in filled:
        try:
            said[title] = reader(cell)
        except CellFault as fault:
            raise CellFault(f"{title}：{fault}") from None
    values = list(said.values())
    if any(value != values[0] for value in values):
        raise CellFault(f"“{'”“'.join(said)}”各列所填不一致")
    return values[0] if values else None
