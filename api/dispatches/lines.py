"""What a row of a list wants recorded: a letter posted, delivered, or on its way back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pydantic import ValidationError

from api.dispatches.cells import Cell, CellFault, day_of, text_of, tracking_no_of
from api.dispatches.columns import OUTCOMES, POSTING_COLUMNS, RECEIPT_COLUMNS, Column, Outcome, folded
from api.web.wording import message
from messages.steps import Step
from messages.steps.service import (
    SERVED_NOTICES,
    SERVED_RECIPIENTS,
    DeliveryFailed,
    DeliveryMeans,
    FailureCause,
    NoticeDelivered,
    NoticePosted,
)
from store.dispatches import NamedLetter

T = TypeVar("T")
_TITLES = {
    name: field.title
    for step in (NoticePosted, NoticeDelivered, DeliveryFailed)
    for name, field in step.model_fields.items()
}
_DAYS_OF_THE_OTHER = {Outcome.DELIVERED: ("退",), Outcome.RETURNED: ("妥投", "签收", "送达", "投递")}
_BRACKETS = str.maketrans("[]()［］（）【】{}", "〔〕" * 6)


class NothingToRecord(Exception):
    """A row from which nothing follows; the text says why, in Chinese."""


@dataclass(frozen=True)
class Line:
    """A row that can be read: by what it names its letter, and the step it wants done on each such letter.

    ``parcel``: the number of the envelope the letter was put into, which holds letters to one recipient only.
    """

    document_id: str | None
    number: str | None
    tracking_no: str | None
    step_for: Callable[[NamedLetter], Step]
    parcel: str | None = None


class Cells:
    """The filled cells of one row by column; several columns of one meaning must say the same."""

    def __init__(
        self, cells: Mapping[Column, tuple[tuple[str, Cell], ...]], columns: Mapping[Column, tuple[str, ...]]
    ) -> None:
        self._cells, self._columns = cells, columns

    def has(self, column: Column) -> bool:
        return bool(self._cells.get(column))

    def day(self, column: Column, not_of: tuple[str, ...] = ()) -> date:
        """``not_of``: titles with one of these words are left out, unless there is no other."""
        return self.needed(column, self._read(column, day_of, not_of))

    def tracking_no(self) -> str | None:
        return self._read(Column.TRACKING_NO, tracking_no_of)

    def text(self, column: Column) -> str | None:
        return self._read(column, text_of)

    def needed(self, column: Column, value: T | None) -> T:
        if value is None:
            raise CellFault(f"缺少{self._columns[column][0]}")
        return value

    def _read(self, column: Column, reader: Callable[[Cell], T], not_of: tuple[str, ...] = ()) -> T | None:
        said: dict[str, T] = {}
        filled = self._cells.get(column, ())
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


def posting(row: Mapping[Column, tuple[tuple[str, Cell], ...]]) -> Line:
    """Raises ``CellFault`` and ``NothingToRecord``."""
    cells = Cells(row, POSTING_COLUMNS)
    if not cells.has(Column.TRACKING_NO) and not cells.has(Column.POSTED_ON):
        raise NothingToRecord("没有填邮件号码和交寄日期")
    tracking_no = cells.needed(Column.TRACKING_NO, cells.tracking_no())
    posted_on = cells.day(Column.POSTED_ON)
    carrier, address = cells.text(Column.CARRIER), cells.text(Column.ADDRESS)

    def step_for(letter: NamedLetter) -> Step:
        return NoticePosted.model_validate(
            {
                "notice": letter.kind,
                "recipient": letter.recipient,
                "document_id": letter.document_id,
                "posted_on": posted_on,
                "tracking_no": tracking_no,
                "address": address if address != letter.address else None,
                **({"carrier": carrier} if carrier else {}),
            }
        )

    document_id, number = _names(cells)
    if document_id is None and number is None:
        raise CellFault("缺少文书编号或者文号")
    return Line(document_id, number, None, step_for, parcel=tracking_no)


def receipt(row: Mapping[Column, tuple[tuple[str, Cell], ...]]) -> Line:
    """Raises ``CellFault`` and ``NothingToRecord``."""
    cells = Cells(row, RECEIPT_COLUMNS)
    if not cells.has(Column.RESULT):
        raise NothingToRecord("没有填结果")
    word = cells.needed(Column.RESULT, cells.text(Column.RESULT))
    outcome = OUTCOMES.get(folded(word))
    if outcome is None:
        raise CellFault(f"不认识的结果“{word[:40]}”；请填妥投或者退回")
    if outcome is Outcome.UNDER_WAY:
        raise NothingToRecord(f"尚无结果（{word}）")
    # A carrier's list may also hold the day of an attempt that came to the other.
    day, tracking_no = cells.day(Column.DAY, _DAYS_OF_THE_OTHER[outcome]), cells.tracking_no()
    step_for = (
        _delivered(cells, day, tracking_no, word)
        if outcome is Outcome.DELIVERED
        else _returned(cells, day, tracking_no, word)
    )
    document_id, number = _names(cells)
    if document_id is None and number is None and tracking_no is None:
        raise CellFault("缺少邮件号码、文号或者文书编号")
    return Line(document_id, number, tracking_no, step_for)


def _delivered(cells: Cells, day: date, tracking_no: str | None, word: str) -> Callable[[NamedLetter], Step]:
    receipt_no, signer = cells.text(Column.RECEIPT_NO), cells.text(Column.SIGNER)

    def step_for(letter: NamedLetter) -> Step:
        if letter.kind not in SERVED_NOTICES or letter.recipient not in SERVED_RECIPIENTS:
            raise NothingToRecord(f"{letter.title}（{letter.recipient_name}）无须登记送达")
        if letter.superseded:
            raise CellFault("此后又制作了同一种文书，这一件的送达不再登记")
        parcel = tracking_no or letter.tracking_no
        proof = [receipt_no, parcel and f"邮件号码{parcel}", word, signer and f"签收人：{signer}"]
        if receipt_no is None and parcel is None:
            raise CellFault("缺少邮件号码或者回证编号，没有送达的凭据")
        return NoticeDelivered.model_validate(
            {
                "notice": letter.kind,
                "recipient": letter.recipient,
                "delivered_on": day,
                "means": DeliveryMeans.POST,
                "receipt": "，".join(part for part in proof if part),
            }
        )

    return step_for


def _returned(cells: Cells, day: date, tracking_no: str | None, word: str) -> Callable[[NamedLetter], Step]:
    """A sign only: that it came back is an officer's word, and nothing is announced by a list (§6).

    The parcel is named where the row names it. The letter's latest is another one once it was posted anew,
    and the same list again would report that one too.
    """
    said = [word, cells.text(Column.REASON), tracking_no and f"邮件号码{tracking_no}"]

    def step_for(letter: NamedLetter) -> Step:
        return DeliveryFailed.model_validate(
            {
                "notice": letter.kind,
                "recipient": letter.recipient,
                "document_id": letter.document_id,
                "failed_on": day,
                "cause": FailureCause.POST_RETURNED,
                "reason": "，".join(part for part in said if part),
            }
        )

    return step_for


def _names(cells: Cells) -> tuple[str | None, str | None]:
    number = cells.text(Column.NUMBER)
    return cells.text(Column.DOCUMENT_ID), number and "".join(number.translate(_BRACKETS).split())


def step_of(line: Line, letter: NamedLetter) -> Step:
    """The step a line wants done on this letter. Raises ``CellFault``."""
    try:
        return line.step_for(letter)
    except ValidationError as error:
        fault = error.errors()[0]
        field = str(fault["loc"][0]) if fault["loc"] else ""
        if field in ("notice", "recipient"):
            raise CellFault(f"{letter.title}（{letter.recipient_name}）不登记这一事项") from None
        raise CellFault(f"{_TITLES.get(field) or field}：{message(fault)}") from None
