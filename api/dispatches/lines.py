"""What a row wants recorded: a letter posted, or found by an officer to have arrived or come back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from api.web.wording import message
from lists.columns import Column, folded
from lists.faults import CellFault
from lists.rows import Row
from messages.snapshot import DocumentStatus
from messages.steps import Step
from messages.steps.service import (
    DeliveryFailed,
    DeliveryMeans,
    NoticeDelivered,
    NoticePosted,
    NoticeReceivedByAnother,
    NoticeReturned,
)
from store.documents.named import NamedLetter

_TITLES = {
    name: field.title
    for step in (NoticePosted, NoticeDelivered, NoticeReceivedByAnother, NoticeReturned, DeliveryFailed)
    for name, field in step.model_fields.items()
}
_BRACKETS = str.maketrans("[]()［］（）【】{}", "〔〕" * 6)
_RETURNED = frozenset(map(folded, ("退回", "确认退回", "已退回", "退回公告", "公告", "returned")))
_DELIVERED = frozenset(map(folded, ("送达", "已送达", "视为送达", "妥投", "delivered")))
_SETTLED = (DocumentStatus.DELIVERED, DocumentStatus.RETURNED, DocumentStatus.ANNOUNCED)


class NothingToRecord(Exception):
    """A row from which nothing follows; the text says why, in Chinese."""


@dataclass(frozen=True)
class RowStep:
    """The step that a row wants done; ``because``: what makes it this one, where that is not plain."""

    step: Step
    because: str | None = None


def _never(_letter: NamedLetter) -> bool:
    return False


@dataclass(frozen=True)
class Line:
    """A row that can be read: by what it names its letter, and the step it wants done on each such letter.

    ``step_for`` is told whether the letter's parcel is known to have come back. ``comes_back``: whether the
    row itself says so. ``parcel``: the number of the envelope the letter was put into, which holds letters to
    one recipient only.
    """

    document_id: str | None
    number: str | None
    tracking_no: str | None
    step_for: Callable[[NamedLetter, bool], RowStep]
    parcel: str | None = None
    comes_back: Callable[[NamedLetter], bool] = _never


def posting(row: Row) -> Line:
    """Raises ``CellFault`` and ``NothingToRecord``."""
    if not row.has(Column.TRACKING_NO) and not row.has(Column.POSTED_ON):
        raise NothingToRecord("没有填邮件号码和交寄日期")
    tracking_no = row.needed(Column.TRACKING_NO, row.tracking_no())
    posted_on = row.day(Column.POSTED_ON)
    carrier, address = row.text(Column.CARRIER), row.text(Column.ADDRESS)

    def step_for(letter: NamedLetter, _came_back: bool) -> RowStep:
        return RowStep(
            NoticePosted.model_validate(
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
        )

    document_id, number = names(row)
    if document_id is None and number is None:
        raise CellFault("缺少文书编号或者文号")
    return Line(document_id, number, None, step_for, parcel=tracking_no)


def finding(row: Row) -> Line:
    """What an officer finds of a letter that a sign stands against: it arrived, or it came back.

    Day and words are those of the sign where the row has no others. Raises ``CellFault`` and
    ``NothingToRecord``.
    """
    if not row.has(Column.FINDING):
        raise NothingToRecord("没有填认定")
    word = row.needed(Column.FINDING, row.text(Column.FINDING))
    if folded(word) not in _RETURNED | _DELIVERED:
        raise CellFault(f"不认识的认定“{word[:40]}”；请填退回或者送达")
    day = row.day(Column.DAY) if row.has(Column.DAY) else None
    said = row.text(Column.REASON), row.text(Column.RECEIPT_NO)

    def step_for(letter: NamedLetter, _came_back: bool) -> RowStep:
        if letter.status in _SETTLED:
            raise NothingToRecord("送达、退回或者公告已有登记")
        if letter.superseded:
            raise CellFault("此后又制作了同一种文书，这一件不再认定")
        found = _found_returned if folded(word) in _RETURNED else _found_delivered
        return RowStep(found(letter, day, *said))

    document_id, number = names(row)
    if document_id is None and number is None:
        raise CellFault("缺少文书编号或者文号")
    return Line(document_id, number, None, step_for)


def _found_returned(letter: NamedLetter, day: date | None, reason: str | None, _receipt: str | None) -> Step:
    day, reason = day or letter.came_back_on or letter.settled_on, reason or letter.failure or letter.proof
    if day is None or reason is None:
        raise CellFault("没有邮件被退回的线索；请填写认定日期和原因")
    about = {"notice": letter.kind, "recipient": letter.recipient}
    return NoticeReturned.model_validate({**about, "returned_on": day, "reason": reason})


def _found_delivered(letter: NamedLetter, day: date | None, _reason: str | None, receipt: str | None) -> Step:
    day, receipt = day or letter.settled_on, receipt or letter.proof
    if day is None or receipt is None:
        raise CellFault("没有他人代收的登记；请填写认定日期和回证编号")
    return NoticeDelivered.model_validate(
        {
            "notice": letter.kind,
            "recipient": letter.recipient,
            "delivered_on": day,
            "means": DeliveryMeans.POST,
            "receipt": receipt,
        }
    )


def names(row: Row) -> tuple[str | None, str | None]:
    """Id and number of the document that a row is about."""
    number = row.text(Column.NUMBER)
    return row.text(Column.DOCUMENT_ID), number and "".join(number.translate(_BRACKETS).split())


def step_of(line: Line, letter: NamedLetter, *, came_back: bool) -> RowStep:
    """The step a line wants done on this letter. Raises ``CellFault`` and ``NothingToRecord``."""
    try:
        return line.step_for(letter, came_back)
    except ValidationError as error:
        fault = error.errors()[0]
        field = str(fault["loc"][0]) if fault["loc"] else ""
        if field in ("notice", "recipient"):
            raise CellFault(f"{letter.title}（{letter.recipient_name}）不登记这一事项") from None
        raise CellFault(f"{_TITLES.get(field) or field}：{message(fault)}") from None
