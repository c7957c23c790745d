"""What a row of a list wants recorded: a letter posted, delivered, or on its way back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from api.web.wording import message
from lists.columns import POST_RESULTS, Column, PostResult, folded
from lists.faults import CellFault
from lists.rows import Row
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
from store.documents.dispatches import NamedLetter

_TITLES = {
    name: field.title
    for step in (NoticePosted, NoticeDelivered, DeliveryFailed)
    for name, field in step.model_fields.items()
}
_DAYS_OF_THE_OTHER = {PostResult.DELIVERED: ("退",), PostResult.RETURNED: ("妥投", "签收", "送达", "投递")}
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


def posting(row: Row) -> Line:
    """Raises ``CellFault`` and ``NothingToRecord``."""
    if not row.has(Column.TRACKING_NO) and not row.has(Column.POSTED_ON):
        raise NothingToRecord("没有填邮件号码和交寄日期")
    tracking_no = row.needed(Column.TRACKING_NO, row.tracking_no())
    posted_on = row.day(Column.POSTED_ON)
    carrier, address = row.text(Column.CARRIER), row.text(Column.ADDRESS)

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

    document_id, number = _names(row)
    if document_id is None and number is None:
        raise CellFault("缺少文书编号或者文号")
    return Line(document_id, number, None, step_for, parcel=tracking_no)


def receipt(row: Row) -> Line:
    """Raises ``CellFault`` and ``NothingToRecord``."""
    if not row.has(Column.RESULT):
        raise NothingToRecord("没有填结果")
    word = row.needed(Column.RESULT, row.text(Column.RESULT))
    result = POST_RESULTS.get(folded(word))
    if result is None:
        raise CellFault(f"不认识的结果“{word[:40]}”；请填妥投或者退回")
    if result is PostResult.UNDER_WAY:
        raise NothingToRecord(f"尚无结果（{word}）")
    # A carrier's list may also hold the day of an attempt that came to the other.
    day, tracking_no = row.day(Column.DAY, _DAYS_OF_THE_OTHER[result]), row.tracking_no()
    step_for = (
        _delivered(row, day, tracking_no, word)
        if result is PostResult.DELIVERED
        else _returned(row, day, tracking_no, word)
    )
    document_id, number = _names(row)
    if document_id is None and number is None and tracking_no is None:
        raise CellFault("缺少邮件号码、文号或者文书编号")
    return Line(document_id, number, tracking_no, step_for)


def _delivered(row: Row, day: date, tracking_no: str | None, word: str) -> Callable[[NamedLetter], Step]:
    receipt_no, signer = row.text(Column.RECEIPT_NO), row.text(Column.SIGNER)

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


def _returned(row: Row, day: date, tracking_no: str | None, word: str) -> Callable[[NamedLetter], Step]:
    """A sign only: that it came back is an officer's word, and nothing is announced by a list (§6).

    The parcel is named where the row names it. The letter's latest is another one once it was posted anew,
    and the same list again would report that one too.
    """
    said = [word, row.text(Column.REASON), tracking_no and f"邮件号码{tracking_no}"]

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


def _names(row: Row) -> tuple[str | None, str | None]:
    number = row.text(Column.NUMBER)
    return row.text(Column.DOCUMENT_ID), number and "".join(number.translate(_BRACKETS).split())


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
