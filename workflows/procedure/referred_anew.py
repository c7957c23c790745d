"""The referral of a record that was put right (procedure section 10): the letter goes to whom it should have
gone, and whoever had it by mistake hears that it is withdrawn."""

from collections import Counter

from law.names import folded
from law.vocabulary import DocumentKind, Recipient
from messages.records import WaitEnd
from messages.snapshot import DocumentState
from messages.steps import StepName
from workflows.procedure.case import Case
from workflows.procedure.change import Change
from workflows.procedure.referral import REFERRAL_WAITS, note_referral
from workflows.procedure.replacing import take_back
from workflows.procedure.waits import end_wait

_LETTER, _CORRECTION = DocumentKind.REFERRAL_LETTER, DocumentKind.REFERRAL_CORRECTION


def take_over_referral(change: Change, right: Case) -> None:
    """The record was put right, and so the referral stands as it would have stood.

    An authority that took the case over of itself gets no letter.
    """
    case = change.case
    case.referral, authority = right.referral, right.referral.authority
    should_have = {folded(one.recipient_name) for one in _letters(right)}
    by_mistake = [one for one in _letters(case) if folded(one.recipient_name) not in should_have]
    first = next(iter(_letters(case)), None)
    has_it = folded(authority) not in should_have or _goes_on_with(case, right, authority)
    for letter in by_mistake:
        _withdraw(change, letter, f"本案由{authority}承办", is_first=letter is first)
    if has_it:
        return
    for wait_id in REFERRAL_WAITS[1:]:
        end_wait(change, wait_id, f"改由{authority}承办", WaitEnd.REPLACED)
    undone = {"acknowledged_on": None, "concluded_on": None, "action": None}
    note_referral(change, is_acknowledged=False, is_concluded=False, **undone)
    change.send(_LETTER, Recipient.AUTHORITY)


def _letters(case: Case, kind: DocumentKind = _LETTER) -> list[DocumentState]:
    return [one for one in case.standing(kind) if one.recipient is Recipient.AUTHORITY]


def _goes_on_with(case: Case, right: Case, authority: str | None) -> bool:
    """Whether this authority has the letter, and was not told since, by mistake, to leave the case."""
    name = folded(authority)
    has_letter = any(folded(one.recipient_name) == name for one in _letters(case))
    told, should_be = (
        Counter(folded(one.recipient_name) for one in _letters(of, _CORRECTION)) for of in (case, right)
    )
    return has_letter and told[name] <= should_be[name]


def _withdraw(change: Change, letter: DocumentState, why: str, *, is_first: bool) -> None:
    """Who has it hears that it does not hold; of the first one the office that had a copy does, too."""
    had_left = letter.sent_on is not None
    take_back(change, letter, f"承办机关的记录有误，已经更正：{why}")
    if not had_left:
        return
    to = (letter.recipient_name, None, None)
    step = StepName.RECORD_CORRECTED
    change.send(_CORRECTION, Recipient.AUTHORITY, step=step, corrects=letter, addressee=to)
    for recipient in change.case.recipients(_CORRECTION):
        if is_first and recipient is not Recipient.AUTHORITY:
            change.send(_CORRECTION, recipient, step=step)
