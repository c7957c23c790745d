"""The batch closes once nothing is owed any more (procedure section 3, §5)."""

from law.tracing import years_on
from law.vocabulary import Phase, Term
from messages.names import CLOSED_LINE, confirmation, delivery
from messages.records import TimelineKind, WaitEnd
from messages.snapshot import DocumentState
from messages.words import OUTCOMES
from workflows.procedure.case import Case
from workflows.procedure.change import Change
from workflows.procedure.papers import PAPERS
from workflows.procedure.publishing import is_published
from workflows.procedure.referral import is_referred
from workflows.procedure.waits import end_wait


def is_final(case: Case) -> bool:
    """The result is known, published and dealt with, its letters are answered, and no application is open."""
    is_dealt_with = is_published(case) and is_referred(case) and is_answered(case)
    return case.outcome is not None and is_dealt_with


def is_answered(case: Case) -> bool:
    """Of every letter it is on record what has become of it, and no correction waits; or the result is open.

    What is written to somebody after the batch has closed is not followed.
    """
    if case.outcome is None or case.phase is Phase.CLOSED:
        return True
    if case.corrections.proposals:
        return False
    letters = {case.document_of(one.kind, one.recipient) for one in case.documents.values()}
    return not any(one and PAPERS[one.kind].is_served and _is_open(case, one) for one in letters)


def _is_open(case: Case, letter: DocumentState) -> bool:
    waits = delivery(letter.kind, letter.recipient), confirmation(letter.document_id)
    return letter.sent_on is None or any(wait in case.waits for wait in waits)


def close(change: Change) -> None:
    """The batch closes; its evidence is kept for at least two years from here (§5).

    From where it closed before, if it was taken up for a correction that was turned down.
    """
    case = change.case
    if case.phase is Phase.CLOSED:
        return
    for wait_id in list(case.waits):
        end_wait(change, wait_id, "批次办结，不再等待", WaitEnd.DROPPED)
    assert case.outcome is not None
    if case.keep_evidence_until is None:
        years = case.opening.regulation.terms[Term.EVIDENCE_KEPT].amount
        assert years is not None
        case.keep_evidence_until = years_on(change.today, years)
    change.enter(Phase.CLOSED, f"批次办结：{OUTCOMES[case.outcome]}")
    words = f"证据资料至少保存至{case.keep_evidence_until}"
    data = {"keep_until": str(case.keep_evidence_until)}
    change.note(case.key(CLOSED_LINE), TimelineKind.CLOSED, words, "§5", data=data)
