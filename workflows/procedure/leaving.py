"""Documents leave (§5, §6): made out when they are called for, and what follows once they have left."""

from datetime import date

from law.vocabulary import DocumentKind, Phase, Recipient, Term
from messages.base import Actor
from messages.names import (
    confirmation,
    delivery,
    delivery_failed_line,
    document,
    document_sent_line,
    posting,
    sending,
)
from messages.records import Failure, Paper, TimelineKind, WaitEnd
from messages.snapshot import DocumentState, DocumentStatus
from messages.steps import StepName
from messages.steps.service import FailureCause
from messages.words import DOCUMENTS, FAILURES, RECIPIENTS
from workflows.procedure.change import Change, PaperRequest
from workflows.procedure.papers import PAPERS, content_of, make_out
from workflows.procedure.waits import await_term, end_wait


def make_out_papers(change: Change) -> bool:
    """Make out the documents called for, and draw what follows from those that leave at once. False: none.

    A letter that is to be served leaves once it is handed over: by mail, by the platform's system, or by
    people, who say so. What else is not sent electronically leaves with the record, as of today. Not so an
    announcement: a party's window runs from its publication, and that is taken from the ledger's own stamp.
    """
    if not change.requests:
        return False
    for request in change.requests:
        _begin_announced(change, request)
    after = change.lines[-1].key if change.lines else None
    requests, change.requests = change.requests, []
    for paper in [_made_out(change, request) for request in requests]:
        if reason := change.moment.unprintable.get(paper.document_id):
            change.papers.append(paper.model_copy(update={"unprintable": reason, "after": after}))
            _made_by_hand(change, paper.document_id, reason)
            continue
        electronic = change.moment.ways.go_electronically(paper)
        queued = paper.by_hand and not electronic
        by_stamp = electronic or queued or paper.kind is DocumentKind.ANNOUNCEMENT
        leaves = change.moment.foresees and not by_stamp
        foreseen = {"leaves": leaves, "queued": queued, "after": after}
        change.papers.append(paper.model_copy(update=foreseen))
        if queued:
            change.case.documents[paper.document_id] = _in_the_queue(change, paper.document_id)
            await_posting(change, paper.document_id)
        elif leaves:
            document_left(change, paper.document_id, change.today)
        if queued or leaves:
            _without_address(change, paper)
    return True


def _begin_announced(change: Change, request: PaperRequest) -> None:
    """A window is counted from today, so that the announcement can name its last day.

    Should the announcement go out on a later day, it is counted again from then.
    """
    is_new = request.kind is DocumentKind.ANNOUNCEMENT and request.corrects is None
    if is_new and change.case.phase is not Phase.CLOSED:
        assert request.about is not None
        assert request.party is not None
        _received(change, request.about, Recipient(request.party.value), change.today, announced=True)


def _received(
    change: Change, kind: DocumentKind, recipient: Recipient, day: date, *, announced: bool
) -> None:
    # By a correction somebody may be no party any more: nothing begins for him.
    is_party = recipient.party is None or recipient.party in change.case.parties
    if is_party and (follows := PAPERS[kind].received):
        follows(change, recipient, day, announced=announced)


def _made_out(change: Change, request: PaperRequest) -> Paper:
    case = change.case
    alike = [
        d for d in case.documents.values() if d.kind is request.kind and d.recipient is request.recipient
    ]
    document_id = document(case.batch_no, request.kind, request.recipient, len(alike) + 1)
    if alike:
        words = "已另行制发该种文书"
        end_wait(change, confirmation(alike[-1].document_id), words, WaitEnd.DROPPED)
        if request.corrects is alike[-1]:
            end_wait(change, delivery(request.kind, request.recipient), words, WaitEnd.REPLACED)
    paper = make_out(case, request, document_id)
    case.documents[document_id] = DocumentState(
        document_id=document_id,
        kind=request.kind,
        recipient=request.recipient,
        recipient_name=request.name,
        status=DocumentStatus.TO_SEND,
        made_out_on=change.today,
        about=request.about,
        party=request.party,
        replaces=request.corrects.document_id if request.corrects in alike else None,
        content=content_of(paper),
        address=paper.address,
        email=paper.email,
    )
    return paper


def document_left(change: Change, document_id: str, day: date) -> None:
    """A document has left on ``day`` (Asia/Shanghai, by the ledger's clock): what the procedure does next."""
    case = change.case
    letter = case.documents[document_id]
    if not case.goes_out(letter) or letter.sent_on is not None:
        return
    if letter.status is DocumentStatus.WITHDRAWN:
        _left_all_the_same(change, letter, day)
        return
    sent = {"status": DocumentStatus.SENT, "sent_on": day}
    letter = case.documents[document_id] = letter.model_copy(update=sent)
    change.because = {"document_id": document_id}
    end_wait(change, posting(document_id), f"{day}交付")
    if letter.kind is DocumentKind.ANNOUNCEMENT:
        _announced(change, letter, day)
    elif case.phase is Phase.CLOSED:
        return
    kind = PAPERS[letter.kind]
    if kind.is_served:
        _track_delivery(change, letter, day)
    if kind.left:
        kind.left(change, letter.recipient, day)
    if kind.has_duty and change.all_sent(letter.kind):
        end_wait(change, sending(letter.kind), "已全部发出")


def _left_all_the_same(change: Change, letter: DocumentState, day: date) -> None:
    """It was on its way while it was withdrawn: its addressee hears that it does not hold."""
    letter = change.note_service(letter, sent_on=day)
    kind, to = DocumentKind.WITHDRAWAL_NOTICE, (letter.recipient_name, letter.address, None)
    reason = letter.proof or "该文书寄出前已经撤回"
    if letter.recipient is not Recipient.PUBLIC:
        change.send(kind, letter.recipient, letter.party, corrects=letter, reason=reason, addressee=to)


def _track_delivery(change: Change, letter: DocumentState, day: date) -> None:
    await_term(
        change,
        Term.DELIVERY_RECORDED,
        delivery(letter.kind, letter.recipient),
        StepName.NOTICE_DELIVERED,
        day,
        party=letter.recipient.party,
        about=_about(letter),
    )


def _about(letter: DocumentState) -> str:
    return f"{DOCUMENTS[letter.kind]}，{RECIPIENTS[letter.recipient]}"


def _announced(change: Change, letter: DocumentState, day: date) -> None:
    """The announcement stands for the notice that came back; the window runs from it (§6)."""
    case = change.case
    assert letter.about is not None
    assert letter.party is not None
    recipient = Recipient(letter.party.value)
    returned = case.document_of(letter.about, recipient)
    if returned is not None and returned.status is DocumentStatus.RETURNED:
        proof = f"公告（{letter.document_id}）"
        change.settle_document(returned, DocumentStatus.ANNOUNCED, day, proof)
    if letter.replaces is None and case.phase in (Phase.NOTIFICATION, Phase.OBJECTION, Phase.RETEST):
        _received(change, letter.about, recipient, day, announced=True)


def letter_received(change: Change, letter: DocumentState, day: date) -> None:
    """The recipient has its letter: what follows, unless the batch has closed meanwhile."""
    if change.case.phase is not Phase.CLOSED:
        _received(change, letter.kind, letter.recipient, day, announced=False)


def not_taken_in(change: Change, document_id: str, failure: Failure) -> None:
    """A letter that was to go electronically was refused at the other end; it lies in the post queue now."""
    left_to_people(change, document_id)
    letter = change.case.documents[document_id]
    if letter.status in (DocumentStatus.TO_SEND, DocumentStatus.SENT):
        _note_failure(change, letter, failure)


def left_to_people(change: Change, document_id: str) -> None:
    """A letter that might have gone electronically does not: people hand it over."""
    if change.case.documents[document_id].sent_on is None:
        change.note_service(_in_the_queue(change, document_id))
        await_posting(change, document_id)


def await_posting(change: Change, document_id: str) -> None:
    """A letter lies in the post queue: somebody owes it, by its kind's own period or by this one."""
    case, letter = change.case, change.case.documents[document_id]
    is_owed = sending(letter.kind) in case.waits or confirmation(document_id) in case.waits
    if letter.sent_on is None and not is_owed and case.phase is not Phase.CLOSED:
        await_term(change, Term.LETTER_POSTED, posting(document_id), None, change.today, about=_about(letter))


def _in_the_queue(change: Change, document_id: str) -> DocumentState:
    return change.case.documents[document_id].model_copy(update={"by_hand": True})


def _note_failure(change: Change, letter: DocumentState, failure: Failure) -> None:
    how = "未能送达" if letter.sent_on else "尚未发出"
    change.note(
        delivery_failed_line(letter.document_id),
        TimelineKind.DELIVERY_FAILED,
        f"{named(letter)}{how}：{FAILURES[failure.cause]}，{failure.reason}",
        "§6",
        data={"document_id": letter.document_id, **failure.model_dump(mode="json")},
    )
    change.because = {"document_id": letter.document_id}
    ask_officer(change, letter, failure)


def _made_by_hand(change: Change, document_id: str, reason: str) -> None:
    """No letter can be made of it, so it has not left; an officer is asked from the first to see to it."""
    letter = _in_the_queue(change, document_id).model_copy(update={"unprintable": True})
    change.case.documents[document_id] = letter
    _note_failure(change, letter, Failure(cause=FailureCause.UNPRINTABLE, reason=reason))


def handed_over(change: Change, document_id: str, day: date, actor: Actor) -> DocumentState:
    """People have handed a letter over on ``day``, and so it has left; as it stands now."""
    letter = change.case.documents[document_id]
    if letter.by_hand and letter.sent_on is None:
        made = "由人工另行制作，" if letter.unprintable else ""
        words = f"{named(letter)}{made}于{day}交付"
        data = {"document_id": document_id, "channel": "outbox", "detail": words, "sent_on": str(day)}
        key, kind = document_sent_line(document_id), TimelineKind.DOCUMENT_SENT
        change.note(key, kind, words, "§6", actor=actor, data=data)
        step = change.because
        document_left(change, document_id, day)
        change.because = step
    return change.case.documents[document_id]


def _without_address(change: Change, paper: Paper) -> None:
    """经营者地址不详 (§6): nobody can be written to, so an officer is asked at once."""
    if not paper.address and PAPERS[paper.kind].is_served and paper.recipient.party is not None:
        failure = Failure(cause=FailureCause.NO_ADDRESS, reason="订单和平台均未提供地址")
        not_taken_in(change, paper.document_id, failure)


def ask_officer(change: Change, letter: DocumentState, failure: Failure) -> None:
    """Open the wait for an officer's word, or say anew in one that runs what is known."""
    change.note_service(letter, failure=f"{FAILURES[failure.cause]}：{failure.reason}")
    wait_id = confirmation(letter.document_id)
    if change.case.phase is Phase.CLOSED or wait_id in change.case.waits:
        return
    is_served = PAPERS[letter.kind].is_served and letter.recipient.party is not None
    step = StepName.NOTICE_RETURNED if is_served and letter.sent_on else StepName.NOTICE_POSTED
    end_wait(change, posting(letter.document_id), "由执法人员另行办理", WaitEnd.REPLACED)
    about = f"{_about(letter)}，{FAILURES[failure.cause]}"
    await_term(change, Term.RETURN_CONFIRMED, wait_id, step, change.today, about=about)


def named(letter: DocumentState) -> str:
    return f"{DOCUMENTS[letter.kind]}（{RECIPIENTS[letter.recipient]}）"
