"""One row of a list, read by the meaning of its columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from lists.cells import Cell, day_of, text_of, tracking_no_of
from lists.columns import Column, Columns
from lists.faults import CellFault

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """The filled cells of one row, each with its column's title; several columns of one meaning must agree.

    Every method that reads a cell raises ``CellFault``.
    """

    cells: Mapping[Column, tuple[tuple[str, Cell], ...]]
    columns: Columns

    def has(self, column: Column) -> bool:
        """Whether anything stands under the column."""
        return bool(self.cells.get(column))

    def day(self, column: Column, not_of: tuple[str, ...] = ()) -> date:
        """``not_of``: titles with one of these words are left out, unless there is no other."""
        return self.needed(column, self._read(column, day_of, not_of))

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

    def _read(self, column: Column, reader: Callable[[Cell], T], not_of: tuple[str, ...] = ()) -> T | None:
        said: dict[str, T] = {}
        filled = self.cells.get(column, ())
        wanted = [(title, cell) for title, cell in filled if not any(word in title for word in not_of)]
        for title, cell in wanted or filled:
            try:
                said[title] = reader(cell)
            except CellFault as fault:
                raise CellFault(f"{title}：{fault}") from None
        values = list(said.values())
        if any(value != values[0] for value in values):
            raise CellFault(f"“{'”“'.join(said)}”各列所填不一致")
        return values[0] if values else None
