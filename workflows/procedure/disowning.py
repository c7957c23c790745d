"""The producer named on the goods says that they are not his: he is no party any more (§6, §7)."""

from law.calendar import day_in_shanghai
from law.judgements import PartyStanding
from law.vocabulary import DocumentKind, Party, Recipient
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import confirmation, sending
from messages.records import WaitEnd
from messages.steps import StepName
from messages.steps.result import ProducerDisowned
from messages.words import PARTIES
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future
from workflows.procedure.enclosures import why_disowned
from workflows.procedure.papers import PAPERS
from workflows.procedure.parts import PartyFile
from workflows.procedure.replacing import withdraw
from workflows.procedure.told import note_corrections
from workflows.procedure.waits import end_wait

_WORDS = "标称生产者否认生产，不再是当事人"


def producer_disowned(change: Change, step: ProducerDisowned, _actor: Actor) -> None:
    """He has no window any more; publication and referral name the seller only, and say why."""
    case = change.case
    _may_disown(case)
    not_in_future(change, step.disowned_on, "否认日期")
    assert case.sealed is not None
    not_before(step.disowned_on, day_in_shanghai(case.sealed.sealed_at), "否认日期", "封样日期")
    _end_waits(change)
    change.party(Party.PRODUCER, entitled=False, disowned_on=step.disowned_on)
    _take_letters_back(change)
    if case.published_on is not None:
        note_corrections(change, published=f"原公示列有标称生产者；{why_disowned(case)}")
        change.send_to_all(DocumentKind.PUBLICATION)
    if case.was_referred:
        for recipient in case.recipients(DocumentKind.REFERRAL_CORRECTION):
            change.send(DocumentKind.REFERRAL_CORRECTION, recipient, step=StepName.PRODUCER_DISOWNED)


def _may_disown(case: Case) -> PartyFile:
    """The producer's file. Refuses where there is none, and while an application of his is dealt with."""
    file, who = case.parties.get(Party.PRODUCER), PARTIES[Party.PRODUCER]
    if file is None:
        raise Refused(RefusalCode.WRONG_PARTY, f"本批次没有{who}", "§6")
    if file.disowned_on is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{who}否认生产已经登记", "§6")
    pending = file.objection is not None and file.objection.approved is None
    examined = file.late is not None and file.late.approved is None
    if pending or examined or file.standing is PartyStanding.RETEST:
        words = f"{who}自己的复检申请尚在办理或者已据以复检，应当先登记撤回"
        raise Refused(RefusalCode.OUT_OF_ORDER, words, "§6")
    return file


def _end_waits(change: Change) -> None:
    """Nothing of his is awaited any more: no window, no formalities, no delivery."""
    case = change.case
    letters = {confirmation(one.document_id) for one in case.documents.values() if _is_his(one.recipient)}
    for wait_id, running in list(case.waits.items()):
        if running.wait.party is Party.PRODUCER or wait_id in letters:
            end_wait(change, wait_id, _WORDS, WaitEnd.DROPPED)


def _take_letters_back(change: Change) -> None:
    """What has not left yet does not leave; where only his was left of its kind, all have left."""
    for letter in list(change.case.documents.values()):
        if not _is_his(letter.recipient) or letter.sent_on is not None:
            continue
        withdraw(change, letter, _WORDS, {})
        if PAPERS[letter.kind].has_duty and change.all_sent(letter.kind):
            end_wait(change, sending(letter.kind), "其余已全部发出", WaitEnd.DROPPED)


def _is_his(recipient: Recipient) -> bool:
    return recipient is Recipient.PRODUCER
