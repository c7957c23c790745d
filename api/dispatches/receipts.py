"""What a row of a carrier's list says of a letter: delivered, taken by another, come back, lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.dispatches.lines import Line, NothingToRecord, RowStep, names
from lists.carriers import Carriers, PostReading, Said
from lists.columns import Column, PostResult
from lists.faults import CellFault
from lists.rows import Row
from messages.steps.service import (
    DeliveryFailed,
    DeliveryMeans,
    FailureCause,
    NoticeDelivered,
    NoticeReceivedByAnother,
    is_served,
)
from store.documents.named import NamedLetter

_OF_DELIVERY = ("妥投", "签收", "送达", "", "投递", "退")
_OF_RETURN = ("退", "", "妥投", "签收", "送达", "投递")
_RECEIVED = (PostResult.DELIVERED, PostResult.ANOTHER)
_CAUSES = {PostResult.RETURNED: FailureCause.POST_RETURNED, PostResult.LOST: FailureCause.POST_LOST}
_LONGEST_WORDS = 150


@dataclass(frozen=True)
class _Receipt:
    """One row: what it says, read anew for each letter it is about, whose bureau and recipient differ."""

    row: Row
    said: Said
    carriers: Carriers
    tracking_no: str | None
    receipt_no: str | None

    def read(self, letter: NamedLetter) -> PostReading:
        """Who signed for a letter whose arrival nobody records is no sign of anything."""
        served = is_served(letter.kind, letter.recipient)
        said = self.said if served else Said(self.said.results, (), self.said.reasons, self.said.unread)
        reading = self.carriers.read(
            said,
            bureau=letter.bureau,
            addressee=letter.recipient_name,
            is_natural_person=letter.natural_person,
        )
        if reading.result in _RECEIVED and not served:
            raise NothingToRecord(f"{letter.title}（{letter.recipient_name}）无须登记送达")
        back = max(self.row.days(Column.DAY, "退"), default=None)
        if reading.result in _RECEIVED and back and back >= self.row.day(Column.DAY, _OF_DELIVERY):
            return PostReading(PostResult.RETURNED, f"退回日期为{back}")
        return reading

    def comes_back(self, letter: NamedLetter) -> bool:
        try:
            return self.read(letter).result in _CAUSES
        except (CellFault, NothingToRecord):
            return False

    def step_for(self, letter: NamedLetter, came_back: bool) -> RowStep:
        reading = self.read(letter)
        if reading.result in _RECEIVED and came_back:
            # What was signed for after a return is the return itself.
            reading = PostReading(PostResult.RETURNED, "这一邮件另有退回的记录")
        if reading.result in _CAUSES:
            return self._failed(letter, reading)
        day = self.row.day(Column.DAY, _OF_DELIVERY)
        return self._received(letter, reading, day)

    def _received(self, letter: NamedLetter, reading: PostReading, day: date) -> RowStep:
        if letter.superseded:
            raise CellFault("此后又制作了同一种文书，这一件的送达不再登记")
        parcel = self.tracking_no or letter.tracking_no
        if self.receipt_no is None and parcel is None:
            raise CellFault("缺少邮件号码或者回证编号，没有送达的凭据")
        about = {"notice": letter.kind, "recipient": letter.recipient}
        words, signer = _told(self.said.results), _told(self.said.signers)
        proof = [self.receipt_no, parcel and f"邮件号码{parcel}", words]
        if reading.result is PostResult.ANOTHER:
            receipt = "，".join(part for part in proof if part)
            taken = {"document_id": letter.document_id, "received_on": day, "taken_by": signer or words}
            step = NoticeReceivedByAnother.model_validate({**about, **taken, "receipt": receipt})
            return RowStep(step, "由他人代收，是否送达由执法人员认定")
        receipt = "，".join(part for part in (*proof, signer and f"签收人：{signer}") if part)
        delivered = {"delivered_on": day, "means": DeliveryMeans.POST, "receipt": receipt}
        return RowStep(NoticeDelivered.model_validate({**about, **delivered}))

    def _failed(self, letter: NamedLetter, reading: PostReading) -> RowStep:
        """A sign only: that it came back is an officer's word, and nothing is announced by a list (§6).

        The parcel is named where the row names it. The letter's latest is another one once it was posted
        anew, and the same list again would report that one too.
        """
        because = reading.because
        reasons = _told(self.said.reasons)
        plain = because is None or any(reason in because for reason in self.said.reasons)
        parcel = self.tracking_no and f"邮件号码{self.tracking_no}"
        said = [_told(self.said.results), reasons, None if plain else because, parcel]
        step = DeliveryFailed.model_validate(
            {
                "notice": letter.kind,
                "recipient": letter.recipient,
                "document_id": letter.document_id,
                "failed_on": self.row.day(Column.DAY, _OF_RETURN),
                "cause": _CAUSES[reading.result],
                "reason": "，".join(part for part in said if part),
                "tracking_no": self.tracking_no,
            }
        )
        return RowStep(step, because and f"{because}：记为退回的线索，由执法人员确认")


def receipt(row: Row, carriers: Carriers) -> Line:
    """Raises ``CellFault`` and ``NothingToRecord``."""
    if not row.has(Column.RESULT):
        raise NothingToRecord("没有填结果")
    said = Said(row.texts(Column.RESULT), row.texts(Column.SIGNER), row.texts(Column.REASON), row.unread)
    # Whether there is a result at all does not depend on the letter.
    if carriers.read(said, bureau="", addressee="").result is PostResult.UNDER_WAY:
        raise NothingToRecord(f"尚无结果（{_told((*said.results, *said.reasons))}）")
    tracking_no = row.tracking_no()
    row.day(Column.DAY, _OF_RETURN)
    document_id, number = names(row)
    if document_id is None and number is None and tracking_no is None:
        raise CellFault("缺少邮件号码、文号或者文书编号")
    one = _Receipt(row, said, carriers, tracking_no, row.text(Column.RECEIPT_NO))
    return Line(document_id, number, tracking_no, one.step_for, comes_back=one.comes_back)


def _told(texts: Sequence[str]) -> str:
    """Several columns of one meaning, each word once, no longer than a receipt may be."""
    whole = "、".join(dict.fromkeys(text for text in texts if text))
    return whole if len(whole) <= _LONGEST_WORDS else f"{whole[:_LONGEST_WORDS]}…"
