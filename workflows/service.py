"""Service of documents: what follows when one has left, and what becomes of it at the other end (§5, §6)."""

from datetime import date

from law.vocabulary import DocumentKind, Phase, Recipient, Role, Term
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.records import Failure, Paper, TimelineKind, WaitEnd
from messages.snapshot import DocumentState, DocumentStatus
from messages.steps import StepName
from messages.steps.service import (
    SERVED_NOTICES,
    DeliveryFailed,
    FailureCause,
    NoticeDelivered,
    NoticePosted,
    NoticeReturned,
    SentLetter,
)
from messages.words import DELIVERY_MEANS, DOCUMENTS, FAILURES, RECIPIENTS
from workflows.case import Case
from workflows.checks import not_before, not_in_future, out_of_order
from workflows.closing import published, referred
from workflows.papers import make_out
from workflows.parts import PaperRequest, Refused
from workflows.result import receipt_of_notice, result_notice_sent
from workflows.retest import retest_result_notice_sent


def delivery_id(kind: DocumentKind, recipient: Recipient) -> str:
    return f"{StepName.NOTICE_DELIVERED}:{kind}:{recipient}"


def confirmation_id(document_id: str) -> str:
    """The wait for an officer's word on a letter that seems not to arrive."""
    return f"{StepName.DELIVERY_FAILED}:{document_id}"


def make_out_papers(case: Case, today: date) -> tuple[Paper, ...]:
    """Make out every document called for, and what the leaving ``today`` (Asia/Shanghai) of these calls for.

    What people hand over leaves with the record, so what follows from it is recorded with it. Not so an
    announcement: a party's window runs from its publication, and that is taken from the ledger's own stamp.
    """
    papers: list[Paper] = []
    while case.to_send:
        for request in case.to_send:
            _begin_announced(case, request, today)
        after = case.entries[-1].key if case.entries else None
        round_ = _make_out_each(case, today)
        if case.mail_in_use is None:
            return tuple(round_)
        for paper in round_:
            leaves = not _goes_electronically(case, paper) and paper.kind is not DocumentKind.ANNOUNCEMENT
            papers.append(paper.model_copy(update={"leaves": leaves, "after": after}))
            if leaves:
                document_sent(case, paper.document_id, today)
                if not paper.address:
                    _without_address(case, paper)
    return tuple(papers)


def _goes_electronically(case: Case, paper: Paper) -> bool:
    linked = case.platform_linked and paper.recipient is Recipient.PLATFORM
    return linked or (bool(case.mail_in_use) and paper.email is not None)


def _begin_announced(case: Case, request: PaperRequest, today: date) -> None:
    """A window is counted from ``today``, so that the announcement can name its last day.

    Should the announcement go out on a later day, it is counted again from then.
    """
    if request.kind is DocumentKind.ANNOUNCEMENT and case.phase is not Phase.CLOSED:
        assert request.about is not None
        assert request.party is not None
        receipt_of_notice(case, request.about, Recipient(request.party.value), today, announced=True)


def _make_out_each(case: Case, today: date) -> list[Paper]:
    """The id of a document says batch, kind, recipient and count."""
    papers = []
    requests, case.to_send = case.to_send, []
    for request in requests:
        document_id = f"{case.batch_no}-{request.kind}-{request.recipient}-{_ordinal(case, request)}"
        earlier = case.document_of(request.kind, request.recipient)
        if earlier is not None:
            case.end_wait(confirmation_id(earlier.document_id), "已另行制发该种文书", WaitEnd.DROPPED)
        papers.append(make_out(case, request, document_id))
        case.documents[document_id] = DocumentState(
            document_id=document_id,
            kind=request.kind,
            recipient=request.recipient,
            recipient_name=request.name,
            status=DocumentStatus.TO_SEND,
            made_out_on=today,
            about=request.about,
            party=request.party,
        )
    return papers


def _ordinal(case: Case, request: PaperRequest) -> int:
    return 1 + sum(
        d.kind is request.kind and d.recipient is request.recipient for d in case.documents.values()
    )


def document_sent(case: Case, document_id: str, day: date) -> None:
    """A document has left on ``day`` (Asia/Shanghai, by the ledger's clock): what the procedure does next."""
    document = case.documents[document_id]
    if case.is_over or document.sent_on is not None:
        return
    case.documents[document_id] = document.model_copy(update={"status": DocumentStatus.SENT, "sent_on": day})
    case.because = {"document_id": document_id}
    kind = document.kind
    if kind is DocumentKind.ANNOUNCEMENT:
        _announced(case, document, day)
    elif case.phase is Phase.CLOSED:
        return
    if kind in SERVED_NOTICES:
        _track_delivery(case, kind, document.recipient, day)
    if kind is DocumentKind.INSPECTION_NOTICE and case.all_sent(kind):
        case.end_wait("inspection_notice_sent", "已全部发出")
    elif kind is DocumentKind.RESULT_NOTICE:
        result_notice_sent(case, document.recipient, day)
    elif kind is DocumentKind.RETEST_RESULT_NOTICE:
        retest_result_notice_sent(case)
    elif kind is DocumentKind.PUBLICATION and case.published_on is None:
        published(case, day)
    elif kind is DocumentKind.REFERRAL_LETTER:
        referred(case, day)


def _track_delivery(case: Case, kind: DocumentKind, recipient: Recipient, day: date) -> None:
    case.await_term(
        Term.DELIVERY_RECORDED,
        delivery_id(kind, recipient),
        StepName.NOTICE_DELIVERED,
        day,
        party=recipient.party,
        about=f"{DOCUMENTS[kind]}，{RECIPIENTS[recipient]}",
    )


def _announced(case: Case, document: DocumentState, day: date) -> None:
    """The announcement stands for the notice that came back; the window runs from it (§6)."""
    assert document.about is not None
    assert document.party is not None
    recipient = Recipient(document.party.value)
    returned = case.document_of(document.about, recipient)
    if returned is not None and returned.status is DocumentStatus.RETURNED:
        case.settle_document(returned, DocumentStatus.ANNOUNCED, day, f"公告（{document.document_id}）")
    if case.phase in (Phase.NOTIFICATION, Phase.OBJECTION, Phase.RETEST):
        receipt_of_notice(case, document.about, recipient, day, announced=True)


def _named(document: DocumentState) -> str:
    return f"{DOCUMENTS[document.kind]}（{RECIPIENTS[document.recipient]}）"


def _letter(
    case: Case, step: SentLetter | NoticeDelivered | NoticeReturned, what: str
) -> tuple[DocumentState, date]:
    """The letter of which something is recorded, and since when it exists; refuses one that has not left."""
    document = case.document_of(step.notice, step.recipient)
    if isinstance(step, SentLetter) and step.document_id is not None:
        document = case.documents.get(step.document_id)
    name = f"{DOCUMENTS[step.notice]}（{RECIPIENTS[step.recipient]}）"
    if document is None or document.exists_since is None:
        raise Refused(RefusalCode.NO_SUCH_NOTICE, f"{name}尚未发出，不能登记{what}", "§6")
    if (document.kind, document.recipient) != (step.notice, step.recipient):
        raise Refused(RefusalCode.NO_SUCH_NOTICE, f"{document.document_id}不是{name}", "§6")
    return document, document.exists_since


def _still_under_way(document: DocumentState) -> None:
    if document.status is not DocumentStatus.SENT:
        raise Refused(RefusalCode.ALREADY_DONE, f"{_named(document)}已登记送达或退回", "§6")


def notice_posted(case: Case, step: NoticePosted, _actor: Actor) -> None:
    """Posted, or posted anew where it did not arrive at first; its delivery goes on being awaited."""
    document, since = _letter(case, step, "交寄")
    _still_under_way(document)
    not_in_future(case, step.posted_on, "交寄日期")
    not_before(step.posted_on, since, "交寄日期", "制发日期")
    parcel = {"posted_on": step.posted_on, "carrier": step.carrier, "tracking_no": step.tracking_no}
    if document.came_back_on is not None and step.posted_on < document.came_back_on:
        # Recorded late: it may be this very parcel that came back.
        case.note_service(document, **parcel)
        return
    case.note_service(document, **parcel, failure=None, came_back_on=None)
    case.end_wait(
        confirmation_id(document.document_id), f"{step.posted_on}交寄，{step.carrier} {step.tracking_no}"
    )


def delivery_failed(case: Case, step: DeliveryFailed, _actor: Actor) -> None:
    """Somebody has to see to a letter that does not arrive; only an officer has it announced."""
    document, since = _letter(case, step, "未能送达")
    _still_under_way(document)
    not_in_future(case, step.failed_on, "得知日期")
    not_before(step.failed_on, since, "得知日期", "制发日期")
    if step.cause is FailureCause.POST_RETURNED:
        document = case.note_service(document, came_back_on=step.failed_on)
    _ask_officer(case, document, Failure(cause=step.cause, reason=step.reason))


def not_taken_in(case: Case, document_id: str, failure: Failure) -> None:
    """A letter that was to go electronically was refused at the other end; it lies in the post queue now."""
    document = case.documents[document_id]
    if document.status is not DocumentStatus.SENT:
        return
    case.note(
        f"delivery-failed:{document_id}",
        TimelineKind.DELIVERY_FAILED,
        f"{_named(document)}未能送达：{FAILURES[failure.cause]}，{failure.reason}",
        "§6",
        data={"document_id": document_id, **failure.model_dump(mode="json")},
    )
    case.because = {"document_id": document_id}
    _ask_officer(case, document, failure)


def _without_address(case: Case, paper: Paper) -> None:
    """经营者地址不详 (§6): nobody can be written to, so an officer is asked at once."""
    if paper.kind in SERVED_NOTICES and paper.recipient.party is not None:
        failure = Failure(cause=FailureCause.NO_ADDRESS, reason="订单和平台均未提供地址")
        not_taken_in(case, paper.document_id, failure)


def _ask_officer(case: Case, document: DocumentState, failure: Failure) -> None:
    """Open the wait for an officer's word, or say anew in one that runs what is known."""
    said = f"{FAILURES[failure.cause]}：{failure.reason}"
    case.note_service(document, failure=said)
    wait_id = confirmation_id(document.document_id)
    if case.phase is Phase.CLOSED or wait_id in case.waits:
        return
    is_served = document.kind in SERVED_NOTICES and document.recipient.party is not None
    step = StepName.NOTICE_RETURNED if is_served else StepName.NOTICE_POSTED
    about = f"{DOCUMENTS[document.kind]}，{RECIPIENTS[document.recipient]}，{FAILURES[failure.cause]}"
    case.await_term(Term.RETURN_CONFIRMED, wait_id, step, case.today, about=about)


def notice_delivered(case: Case, step: NoticeDelivered, actor: Actor) -> None:
    if case.phase is Phase.SAMPLING and step.notice is not DocumentKind.COMMISSION_LETTER:
        raise out_of_order(case, step.TITLE)
    if actor.role is Role.SYSTEM and step.recipient is not Recipient.PLATFORM:
        raise Refused(
            RefusalCode.ROLE_NOT_ALLOWED, "系统只能登记平台接口的回执，其他送达由执法人员登记", "§6"
        )
    document, since = _letter(case, step, "送达")
    if document.status in (DocumentStatus.DELIVERED, DocumentStatus.ANNOUNCED):
        raise Refused(RefusalCode.ALREADY_DONE, f"{_named(document)}已经送达或公告", "§6")
    not_in_future(case, step.delivered_on, "送达日期")
    not_before(step.delivered_on, since, "送达日期", "制发日期")
    proof = f"{DELIVERY_MEANS[step.means]}，{step.receipt}"
    case.settle_document(document, DocumentStatus.DELIVERED, step.delivered_on, proof)
    _end_waits(case, document, f"{step.delivered_on}送达")
    if case.phase is not Phase.CLOSED:
        receipt_of_notice(case, step.notice, step.recipient, step.delivered_on, announced=False)


def notice_returned(case: Case, step: NoticeReturned, _actor: Actor) -> None:
    document, since = _letter(case, step, "退回")
    _still_under_way(document)
    not_in_future(case, step.returned_on, "退回日期")
    not_before(step.returned_on, since, "退回日期", "制发日期")
    case.settle_document(document, DocumentStatus.RETURNED, step.returned_on, f"退回：{step.reason}")
    _end_waits(case, document, f"{step.returned_on}退回：{step.reason}")
    case.send(DocumentKind.ANNOUNCEMENT, Recipient.PUBLIC, step.recipient.party, about=step.notice)


def _end_waits(case: Case, document: DocumentState, words: str) -> None:
    case.end_wait(delivery_id(document.kind, document.recipient), words)
    case.end_wait(confirmation_id(document.document_id), words)
