"""Service of documents: what follows when one has left, and the tracking of its delivery (§5, §6)."""

from datetime import date

from law.vocabulary import DocumentKind, Phase, Recipient, Term
from messages.records import Paper
from messages.snapshot import DocumentState, DocumentStatus
from messages.steps import StepName
from messages.words import DOCUMENTS, RECIPIENTS
from workflows.case import Case
from workflows.closing import published, referred
from workflows.papers import make_out
from workflows.parts import PaperRequest
from workflows.result import delivery_id, receipt_of_notice, result_notice_sent
from workflows.retest import retest_result_notice_sent

# A notice to one of these is served: somebody must record that it arrived, or came back.
_SERVED = frozenset(
    {
        DocumentKind.INSPECTION_NOTICE,
        DocumentKind.RESULT_NOTICE,
        DocumentKind.RETEST_LAB_NOTICE,
        DocumentKind.RETEST_REFUSAL,
        DocumentKind.RETEST_RESULT_NOTICE,
        DocumentKind.LATE_FILING_NOTICE,
        DocumentKind.REOPENING_REFUSAL,
    }
)


def make_out_papers(case: Case, today: date) -> tuple[Paper, ...]:
    """Make out every document called for, and what the leaving ``today`` (Asia/Shanghai) of these calls for.

    What goes without the mail leaves with the record, so what follows from it is recorded with it. Not so an
    announcement: a party's window runs from its publication, and that is taken from the ledger's own stamp.
    """
    papers: list[Paper] = []
    while case.to_send:
        after = case.entries[-1].key if case.entries else None
        round_ = _make_out_each(case)
        if case.mail_in_use is None:
            return tuple(round_)
        for paper in round_:
            mailed = case.mail_in_use and paper.email is not None
            leaves = not mailed and paper.kind is not DocumentKind.ANNOUNCEMENT
            papers.append(paper.model_copy(update={"leaves": leaves, "after": after}))
            if leaves:
                document_sent(case, paper.document_id, today)
    return tuple(papers)


def _make_out_each(case: Case) -> list[Paper]:
    """The id of a document says batch, kind, recipient and count."""
    papers = []
    requests, case.to_send = case.to_send, []
    for request in requests:
        document_id = f"{case.batch_no}-{request.kind}-{request.recipient}-{_ordinal(case, request)}"
        papers.append(make_out(case, request, document_id))
        case.documents[document_id] = DocumentState(
            document_id=document_id,
            kind=request.kind,
            recipient=request.recipient,
            recipient_name=request.name,
            status=DocumentStatus.TO_SEND,
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
    if case.phase is Phase.CLOSED:
        return
    if kind in _SERVED:
        _track_delivery(case, kind, document.recipient, day)
    if kind is DocumentKind.INSPECTION_NOTICE and case.all_sent(kind):
        case.end_wait("inspection_notice_sent", "已全部发出")
    elif kind is DocumentKind.RESULT_NOTICE:
        result_notice_sent(case, document.recipient, day)
    elif kind is DocumentKind.ANNOUNCEMENT:
        _announced(case, document, day)
    elif kind is DocumentKind.RETEST_RESULT_NOTICE:
        retest_result_notice_sent(case)
    elif kind is DocumentKind.PUBLICATION:
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
        case.settle_document(returned, DocumentStatus.ANNOUNCED, day)
    if case.phase in (Phase.NOTIFICATION, Phase.OBJECTION, Phase.RETEST):
        receipt_of_notice(case, document.about, recipient, day, announced=True)
