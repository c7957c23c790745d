"""The result before the parties (§6): notified, received, accepted; and whether it is settled."""

from datetime import date

from law.judgements import PartyStanding, entitled_parties
from law.vocabulary import DocumentKind, Party, Phase, Recipient, Term
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import completion, decision, missed_line, sending, window
from messages.records import TimelineKind, WaitEnd
from messages.steps import StepName
from messages.steps.result import ResultAccepted
from messages.words import PARTIES, VERDICTS
from workflows.procedure.applications import await_decision, pending_decision
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future
from workflows.procedure.parts import PartyFile
from workflows.procedure.rights import entitled, has_closed, open_right
from workflows.procedure.waits import await_term, end_wait, retitle


def notify(change: Change) -> None:
    """There is a report: within five working days of it those the regulation names are notified (§6)."""
    report = change.case.report
    if change.case.phase is not Phase.TESTING or report is None:
        return
    change.enter(Phase.NOTIFICATION, f"收到检验报告，综合判定{VERDICTS[report.verdict]}")
    change.send_to_all(DocumentKind.RESULT_NOTICE)
    await_term(change, Term.RESULT_NOTICE, sending(DocumentKind.RESULT_NOTICE), None, report.received_on)


def result_notice_left(change: Change, recipient: Recipient, day: date) -> None:
    """A result notice has left: a party that the law names may object from now on (§6)."""
    case = change.case
    party = Party(recipient.value)
    notice = case.document_of(DocumentKind.RESULT_NOTICE, recipient)
    producer_notified = Recipient.PRODUCER in case.recipients(DocumentKind.RESULT_NOTICE)
    entitled = entitled_parties(case.opening.regulation, case.first_verdict, producer_notified)
    notified_on = notice.exists_since if notice else day
    change.party(party, notified_on=notified_on, entitled=party in entitled)


def is_notified(case: Case) -> bool:
    """Whether the parties' result notices have left; the platform's, which has no right, holds up none."""
    notices = case.standing(DocumentKind.RESULT_NOTICE)
    awaited = [notice for notice in notices if notice.recipient is not Recipient.PLATFORM]
    return bool(notices) and all(notice.sent_on is not None for notice in awaited)


def await_objections(change: Change) -> None:
    """The parties have been notified: what is awaited now is what they say (§6)."""
    if change.case.phase is Phase.NOTIFICATION and is_notified(change.case):
        change.enter(Phase.OBJECTION, "当事人的结果通知书均已发出，等待送达和异议")


def is_settled(case: Case) -> bool:
    """Every entitled party was heard, waived or kept silent, or the retest has come to its result (§6).

    What was recorded after silence and proves timely is decided on before the result is; so is what somebody
    says was recorded wrongly.
    """
    if case.outcome is not None:
        return True
    if not case.is_examined or case.suspended_at is not None or case.corrections.proposals:
        return False
    if case.phase not in (Phase.OBJECTION, Phase.RETEST) or not is_notified(case):
        return False
    standings = [file.standing for file in case.parties.values() if file.entitled]
    if any(standing is None for standing in standings):
        return False
    return PartyStanding.RETEST not in standings or case.retest.report is not None


def result_received(change: Change, recipient: Recipient, day: date, *, announced: bool) -> None:
    """A recipient has the result notice, or it was announced: a party's window runs from that day (§6)."""
    if recipient.party is None:
        return
    if not announced and change.case.parties[recipient.party].received_on is not None:
        return  # a letter collected after its announcement, or one that replaces another, moves nothing
    file = change.party(
        recipient.party, received_on=day, received_because=change.because, by_announcement=announced
    )
    pending = pending_decision(change.case, file.party)
    if pending is not None:
        if pending.wait.term is not Term.RETEST_DECISION:
            await_decision(change, file.party)
        if file.window is None:
            _window_of_an_earlier_objection(change, file, day)
    elif file.entitled and file.standing is None:
        open_right(change, file, Term.OBJECTION, StepName.OBJECTION_FILED, day)


def _window_of_an_earlier_objection(change: Change, file: PartyFile, day: date) -> None:
    """The receipt is recorded after the objection: the window has its account, and says if it was missed."""
    objection = file.objection
    assert objection is not None
    open_right(change, file, Term.OBJECTION, StepName.OBJECTION_FILED, day)
    opened = change.case.waits.get(window(file.party))
    end_wait(change, window(file.party), f"此前已于{objection.filed_on}提出异议，由审批处理", WaitEnd.DROPPED)
    last_day = opened.wait.last_day if opened else None
    if objection.approved is not None or last_day is None:
        return
    # A stay that holds the window has it run on afterwards, whichever of the two is recorded first.
    suspended_on = change.case.suspended_on
    stayed = suspended_on is not None and suspended_on <= last_day
    if objection.filed_on > last_day and not stayed:
        _missed(change, file.party, objection.filed_on, last_day)


def _missed(change: Change, party: Party, filed_on: date, last_day: date) -> None:
    case = change.case
    change.objection(party, missed=last_day)
    words = f"{PARTIES[party]}的异议提交于{filed_on}，异议期已于{last_day} 24:00届满，不能批准复检"
    change.note(case.key(missed_line(party)), TimelineKind.OUTCOME, words, "§6")
    for wait_id in (decision(party), completion(party)):
        if wait_id in case.waits:
            retitle(change, wait_id, f"审批是否复检（逾期提交，最后一日为{last_day}）")


def result_accepted(change: Change, step: ResultAccepted, _actor: Actor) -> None:
    """A party waives what is left of its window (§6)."""
    case = change.case
    file = entitled(case, step.party)
    if file.standing is not None or file.objection is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[step.party]}已表明立场或异议期已届满")
    not_in_future(change, step.accepted_on, "认可日期")
    if file.notified_on is not None:
        not_before(step.accepted_on, file.notified_on, "认可日期", "通知发出日期")
    running = case.waits.get(window(step.party))
    if running is not None and not case.is_stayed(running.wait) and has_closed(change, running):
        raise Refused(RefusalCode.RECORDED_AFTER_SILENCE, "异议期已届满，本件已记录在案", "§6")
    change.party(step.party, standing=PartyStanding.ACCEPTED)
    end_wait(change, window(step.party), "当事人书面认可结果，放弃剩余异议期", WaitEnd.WAIVED)
