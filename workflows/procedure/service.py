"""What becomes of letters at the other end (§5, §6): posted, delivered, returned, announced."""

from datetime import date
from typing import Any

from law.vocabulary import DocumentKind, Phase, Recipient, Role, Term
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import confirmation, delivery, sending
from messages.records import Failure, WaitEnd
from messages.snapshot import DocumentState, DocumentStatus
from messages.steps import StepName
from messages.steps.service import (
    DeliveryFailed,
    DeliveryGivenUp,
    FailureCause,
    NoticeDelivered,
    NoticePosted,
    NoticeReceivedByAnother,
    NoticeReturned,
    SentLetter,
)
from messages.words import DELIVERY_MEANS, DOCUMENTS, RECIPIENTS
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future, out_of_order
from workflows.procedure.leaving import ask_officer, handed_over, letter_received, named
from workflows.procedure.papers import PAPERS
from workflows.procedure.replacing import replace, take_back
from workflows.procedure.waits import await_term, end_wait

# What an officer's word, or a new posting, still settles.
_OPEN = (DocumentStatus.SENT, DocumentStatus.RECEIVED_BY_ANOTHER, DocumentStatus.GIVEN_UP)
_UNDER_WAY: dict[str, Any] = {"status": DocumentStatus.SENT, "settled_on": None, "proof": None}


def _letter(
    case: Case,
    step: SentLetter | NoticeDelivered | NoticeReceivedByAnother | NoticeReturned | DeliveryGivenUp,
    what: str,
    *,
    by_hand: bool = False,
) -> tuple[DocumentState, date]:
    """The letter of which something is recorded, and since when it exists; refuses one that has not left.

    ``by_hand``: but not one that people hand over, for they have done so then.
    """
    letter = case.document_of(step.notice, step.recipient)
    if isinstance(step, SentLetter | NoticeReceivedByAnother) and step.document_id is not None:
        letter = case.documents.get(step.document_id)
    name = f"{DOCUMENTS[step.notice]}（{RECIPIENTS[step.recipient]}）"
    since = letter.exists_since if letter else None
    if letter and letter.by_hand and by_hand:
        since = since or letter.made_out_on
    if letter is None or since is None:
        raise Refused(RefusalCode.NO_SUCH_NOTICE, f"{name}尚未发出，不能登记{what}", "§6")
    if (letter.kind, letter.recipient) != (step.notice, step.recipient):
        raise Refused(RefusalCode.NO_SUCH_NOTICE, f"{letter.document_id}不是{name}", "§6")
    return letter, since


def _since_when(letter: DocumentState) -> str:
    """What happened on the day that :func:`_letter` gives, in words."""
    return "交付日期" if letter.by_hand and letter.sent_on else "制发日期"


def _still_under_way(letter: DocumentState) -> None:
    """One that nobody follows any longer may turn up all the same."""
    if letter.status not in _OPEN:
        raise Refused(RefusalCode.ALREADY_DONE, f"{named(letter)}已登记送达或退回", "§6")


def notice_posted(change: Change, step: NoticePosted, actor: Actor) -> None:
    """Posted, or posted anew where it did not arrive at first; its delivery goes on being awaited."""
    letter, since = _letter(change.case, step, "交寄", by_hand=True)
    if letter.sent_on is not None:
        _still_under_way(letter)
    not_in_future(change, step.posted_on, "交寄日期")
    not_before(step.posted_on, since, "交寄日期", _since_when(letter))
    if step.recipient.party is not None and not letter.address and step.address is None:
        words = f"{named(letter)}没有送达地址，交寄时应当填写寄往地址"
        raise Refused(RefusalCode.REASON_MISSING, words, "§6")
    letter = handed_over(change, letter.document_id, step.posted_on, actor)
    parcel = {
        "posted_on": step.posted_on,
        "carrier": step.carrier,
        "tracking_no": step.tracking_no,
        "posted_to": step.address,
    }
    party = step.recipient.party
    if step.address_source is not None and party in change.case.parties:
        change.party(party, address=step.address)
        _write_anew(change, letter, step)
    ended_on = _settled_elsewhere_on(letter)
    if ended_on is not None and step.posted_on < ended_on:
        # Recorded late: it may be this very parcel that came back, or that somebody else took.
        change.note_service(letter, **parcel)
        return
    change.note_service(letter, **parcel, **_under_way(letter), failure=None, came_back_on=None)
    words = f"{step.posted_on}交寄，{step.carrier} {step.tracking_no}"
    end_wait(change, confirmation(letter.document_id), words)


def _write_anew(change: Change, posted: DocumentState, step: NoticePosted) -> None:
    """The other letters that lie in the post queue go to the new address too."""
    for letter in change.case.letters_to(step.recipient):
        queued = letter.by_hand and letter.sent_on is None and letter.document_id != posted.document_id
        if queued and letter.address != step.address:
            replace(change, letter, f"地址已经变更（{step.address_source}）")


def _settled_elsewhere_on(letter: DocumentState) -> date | None:
    """When its parcel came back, or somebody else took it; None where neither is known."""
    if letter.status is DocumentStatus.RECEIVED_BY_ANOTHER:
        return letter.settled_on
    return letter.came_back_on


def _under_way(letter: DocumentState) -> dict[str, Any]:
    """What is known of a letter that somebody else took, once that is not the last word any more."""
    return _UNDER_WAY if letter.status is DocumentStatus.RECEIVED_BY_ANOTHER else {}


def delivery_failed(change: Change, step: DeliveryFailed, _actor: Actor) -> None:
    """Somebody has to see to a letter that does not arrive; only an officer has it announced."""
    letter, since = _letter(change.case, step, "未能送达")
    _still_under_way(letter)
    not_in_future(change, step.failed_on, "得知日期")
    not_before(step.failed_on, since, "得知日期", _since_when(letter))
    if step.cause in (FailureCause.POST_RETURNED, FailureCause.POST_LOST):
        letter = change.note_service(letter, **_under_way(letter))
    if step.cause is FailureCause.POST_RETURNED:
        letter = change.note_service(letter, came_back_on=step.failed_on)
    ask_officer(change, letter, Failure(cause=step.cause, reason=step.reason))


def notice_delivered(change: Change, step: NoticeDelivered, actor: Actor) -> None:
    """The addressee has its letter, with proof; a period that runs from its receipt begins."""
    case = change.case
    if case.phase is Phase.SAMPLING and step.notice is not DocumentKind.COMMISSION_LETTER:
        raise out_of_order(case, step.TITLE)
    if actor.role is Role.SYSTEM and step.recipient is not Recipient.PLATFORM:
        raise Refused(
            RefusalCode.ROLE_NOT_ALLOWED, "系统只能登记平台接口的回执，其他送达由执法人员登记", "§6"
        )
    letter, since = _letter(case, step, "送达", by_hand=True)
    if letter.status is DocumentStatus.DELIVERED:
        raise Refused(RefusalCode.ALREADY_DONE, f"{named(letter)}已经送达", "§6")
    not_in_future(change, step.delivered_on, "送达日期")
    not_before(step.delivered_on, since, "送达日期", _since_when(letter))
    letter = handed_over(change, letter.document_id, step.delivered_on, actor)
    proof = f"{DELIVERY_MEANS[step.means]}，{step.receipt}"
    change.settle_document(letter, DocumentStatus.DELIVERED, step.delivered_on, proof)
    _end_waits(change, letter, f"{step.delivered_on}送达")
    letter_received(change, letter, step.delivered_on)


def notice_received_by_another(change: Change, step: NoticeReceivedByAnother, _actor: Actor) -> None:
    """A locker, a doorkeeper, a neighbour has it: the delivery goes on being awaited, an officer is asked."""
    case = change.case
    letter, since = _letter(case, step, "他人代收")
    _still_under_way(letter)
    if letter.failure is not None:
        raise Refused(
            RefusalCode.OUT_OF_ORDER, f"{named(letter)}有未能送达的线索，应当登记送达、退回或者另行交寄", "§6"
        )
    not_in_future(change, step.received_on, "代收日期")
    not_before(step.received_on, since, "代收日期", _since_when(letter))
    proof = f"{step.taken_by}，{step.receipt}"
    change.settle_document(letter, DocumentStatus.RECEIVED_BY_ANOTHER, step.received_on, proof)
    wait_id = confirmation(letter.document_id)
    if case.phase is not Phase.CLOSED and wait_id not in case.waits:
        about = f"{named(letter)}，由他人代收"
        await_term(
            change, Term.RETURN_CONFIRMED, wait_id, StepName.NOTICE_DELIVERED, change.today, about=about
        )


def notice_returned(change: Change, step: NoticeReturned, _actor: Actor) -> None:
    """An officer confirms that a letter came back: it is announced (§6)."""
    letter, since = _letter(change.case, step, "退回")
    _still_under_way(letter)
    not_in_future(change, step.returned_on, "退回日期")
    not_before(step.returned_on, since, "退回日期", _since_when(letter))
    words = f"退回：{step.reason}"
    change.settle_document(letter, DocumentStatus.RETURNED, step.returned_on, words)
    _end_waits(change, letter, f"{step.returned_on}{words}")
    change.send(DocumentKind.ANNOUNCEMENT, Recipient.PUBLIC, step.recipient.party, about=step.notice)


def delivery_given_up(change: Change, step: DeliveryGivenUp, _actor: Actor) -> None:
    """Nobody will learn what has become of a letter; the batch can close without it (procedure section 3)."""
    case = change.case
    if case.outcome is None:
        raise Refused(
            RefusalCode.OUT_OF_ORDER, "结果尚未确定，期限自送达起算，应当登记送达或退回", step.RESTS_ON
        )
    queued = case.document_of(step.notice, step.recipient)
    if queued is not None and queued.sent_on is None and queued.by_hand:
        _withdraw_queued(change, queued, step.reason)
        return
    letter, _ = _letter(case, step, "不再跟踪")
    if letter.status not in (DocumentStatus.SENT, DocumentStatus.RECEIVED_BY_ANOTHER):
        raise Refused(RefusalCode.ALREADY_DONE, f"{named(letter)}的送达情况已有登记", step.RESTS_ON)
    change.settle_document(letter, DocumentStatus.GIVEN_UP, change.today, f"不再跟踪：{step.reason}")
    _end_waits(change, letter, "不再跟踪")


def _withdraw_queued(change: Change, letter: DocumentState, reason: str) -> None:
    """A letter that nobody has handed over is taken from the post queue; it need not be sent any more."""
    take_back(change, letter, f"不再寄送（{reason}）")
    kind = letter.kind
    if PAPERS[kind].has_duty and all(one.sent_on for one in change.case.standing(kind)):
        end_wait(change, sending(kind), "待寄文书已撤回", WaitEnd.DROPPED)


def _end_waits(change: Change, letter: DocumentState, words: str) -> None:
    end_wait(change, delivery(letter.kind, letter.recipient), words)
    end_wait(change, confirmation(letter.document_id), words)
