"""The result before the parties (§6): service, windows, acceptance, objection, the decision on a retest."""

from datetime import date, timedelta

from law.judgements import (
    FilingMeans,
    PartyStanding,
    approval_defects,
    entitled_parties,
    filing_day,
    ledger_counts,
    proof_of_filing,
    recordable_hours,
)
from law.vocabulary import DocumentKind, Party, Phase, Recipient, Term, WaitKind
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.records import TimelineKind, WaitEnd
from messages.snapshot import Wait
from messages.steps import StepName
from messages.steps.result import (
    ApprovalDocument,
    ObjectionDecided,
    ObjectionFiled,
    ObjectionSupplemented,
    ObjectionWithdrawn,
    ResultAccepted,
)
from messages.words import PARTIES
from workflows.case import Case
from workflows.checks import not_before, not_in_future, refuse_if
from workflows.lateness import Filing, examine, is_examined, may_be_examined, too_late
from workflows.parts import Objection, OpenWait, PartyFile, Refused


def window_id(party: Party) -> str:
    return f"{StepName.OBJECTION_FILED}:{party}"


def decision_id(party: Party) -> str:
    return f"{StepName.OBJECTION_DECIDED}:{party}"


def completion_id(party: Party) -> str:
    """The same decision while papers are missing, where that has a term of its own."""
    return f"{Term.APPLICATION_COMPLETED}:{party}"


def _pending_decision(case: Case, party: Party) -> OpenWait | None:
    return case.waits.get(decision_id(party)) or case.waits.get(completion_id(party))


def _end_decision(case: Case, party: Party, words: str, how: WaitEnd = WaitEnd.MET) -> None:
    for wait_id in (decision_id(party), completion_id(party)):
        case.end_wait(wait_id, words, how)


def result_notice_sent(case: Case, recipient: Recipient, day: date) -> None:
    """A result notice has left: a party that the law names may object from now on (§6)."""
    file = case.parties[Party(recipient.value)]
    notice = case.document_of(DocumentKind.RESULT_NOTICE, recipient)
    file.notified_on = notice.exists_since if notice else day
    producer_notified = Recipient.PRODUCER in case.recipients(DocumentKind.RESULT_NOTICE)
    file.entitled = file.party in entitled_parties(
        case.opening.regulation, case.first_verdict, producer_notified
    )
    if case.all_sent(DocumentKind.RESULT_NOTICE):
        case.end_wait("result_notice_sent", "已全部发出")
        case.enter(Phase.OBJECTION, "结果通知书已全部发出，等待送达和异议")


def is_served(case: Case) -> bool:
    return case.phase not in (Phase.TESTING, Phase.NOTIFICATION)


def is_settled(case: Case) -> bool:
    """Every entitled party was heard, waived or kept silent; a retest won has its result told (§6).

    What was recorded after silence and proves timely is decided on before the result is.
    """
    if case.outcome is not None:
        return True
    if not is_examined(case):
        return False
    if case.phase not in (Phase.OBJECTION, Phase.RETEST) or case.to_send or case.suspended_at is not None:
        return False
    standings = [file.standing for file in case.parties.values() if file.entitled]
    if any(standing is None for standing in standings):
        return False
    if PartyStanding.RETEST in standings:
        return case.retest_report is not None and case.all_sent(DocumentKind.RETEST_RESULT_NOTICE)
    return True


def receipt_of_notice(
    case: Case, kind: DocumentKind, recipient: Recipient, day: date, *, announced: bool
) -> None:
    """A recipient has received a notice, or it was announced: its window runs from that day (§6)."""
    if recipient.party is None:
        if kind is DocumentKind.RETEST_LAB_NOTICE:
            _await_laboratory(case, day)
        return
    file = case.parties[recipient.party]
    if kind is DocumentKind.RESULT_NOTICE:
        file.received_on = day
        file.received_because = case.because
        file.by_announcement = announced
        decision = _pending_decision(case, file.party)
        if decision is not None:
            if decision.wait.term is not Term.RETEST_DECISION:
                await_decision(case, file)
            if file.window is None:
                _window_of_an_earlier_objection(case, file, day)
        elif file.entitled and file.standing is None:
            _open_window(case, file, Term.OBJECTION, StepName.OBJECTION_FILED, day)
    elif kind is DocumentKind.RETEST_LAB_NOTICE and file.owes_formalities and case.retest_report is None:
        _open_window(case, file, Term.RETEST_FORMALITIES, StepName.RETEST_FORMALITIES_COMPLETED, day)


def _window_of_an_earlier_objection(case: Case, file: PartyFile, day: date) -> None:
    """The receipt is recorded after the objection: the window has its account all the same, see below."""
    assert file.objection is not None
    _open_window(case, file, Term.OBJECTION, StepName.OBJECTION_FILED, day)
    words = f"此前已于{file.objection.filed_on}提出异议，由审批处理"
    case.end_wait(window_id(file.party), words, WaitEnd.DROPPED)


def window_counted(case: Case, wait_id: str, last_day: date) -> None:
    """The last day of a window that has ended with the record it was opened in: was the objection in time?"""
    for file in case.parties.values():
        objection = file.objection
        if wait_id != window_id(file.party) or objection is None or objection.approved is not None:
            continue
        # A stay that holds the window has it run on afterwards, whichever of the two is recorded first.
        stayed = case.suspended_on is not None and case.suspended_on <= last_day
        if objection.filed_on > last_day and not stayed:
            objection.missed = last_day
            words = f"{PARTIES[file.party]}的异议提交于{objection.filed_on}，异议期已于{last_day} 24:00届满"
            case.note(case.key(f"missed:{file.party}"), TimelineKind.OUTCOME, f"{words}，不能批准复检", "§6")
            if pending := _pending_decision(case, file.party):
                case.retitle(pending.wait.id, f"审批是否复检（逾期提交，最后一日为{last_day}）")


def _await_laboratory(case: Case, day: date) -> None:
    """The retest laboratory has its part in the formalities, within a term of its own (§6)."""
    term = Term.RETEST_LABORATORY_FORMALITIES
    owed = any(file.owes_formalities for file in case.parties.values()) and case.retest_sealed_on is None
    if owed:
        case.await_term(term, term, StepName.RETEST_FORMALITIES_COMPLETED, day)


def end_laboratorys_part(case: Case) -> None:
    """Nobody is left whose formalities the retest laboratory could complete."""
    if not any(file.owes_formalities for file in case.parties.values()):
        case.end_wait(Term.RETEST_LABORATORY_FORMALITIES, "没有待办理的复检手续", WaitEnd.DROPPED)


def _open_window(case: Case, file: PartyFile, term: Term, step: StepName, day: date) -> None:
    wait_id = f"{step}:{file.party}"
    running = case.waits.get(wait_id)
    if running is not None and running.wait.starts_on == day:
        return
    case.end_wait(wait_id, f"起算日改为{day}", WaitEnd.REPLACED)
    because = file.received_because if term is Term.OBJECTION else None
    case.await_term(term, wait_id, step, day, party=file.party, about=PARTIES[file.party], because=because)


def _entitled(case: Case, party: Party) -> PartyFile:
    file = case.parties.get(party)
    if file is None or not file.entitled:
        raise Refused(RefusalCode.WRONG_PARTY, f"{PARTIES[party]}在本批次中无权提出异议", "§6")
    return file


def result_accepted(case: Case, step: ResultAccepted, _actor: Actor) -> None:
    file = _entitled(case, step.party)
    if file.standing is not None or file.objection is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[step.party]}已表明立场或异议期已届满")
    not_in_future(case, step.accepted_on, "认可日期")
    if file.notified_on is not None:
        not_before(step.accepted_on, file.notified_on, "认可日期", "通知制发日期")
    window = case.waits.get(window_id(step.party))
    if window is not None and not case.is_stayed(window.wait) and has_closed(case, window):
        raise Refused(RefusalCode.RECORDED_AFTER_SILENCE, "异议期已届满，本件已记录在案", "§6")
    file.standing = PartyStanding.ACCEPTED
    case.end_wait(window_id(step.party), "当事人书面认可结果，放弃剩余异议期", WaitEnd.WAIVED)


def objection_filed(case: Case, step: ObjectionFiled, _actor: Actor) -> None:
    file = _entitled(case, step.party)
    who = PARTIES[step.party]
    not_in_future(case, step.filed_on, "提交日期")
    if step.postmark is not None:
        not_in_future(case, step.postmark, "邮戳日期")
    day = filing_day(step.how, step.filed_on, step.postmark)
    if file.notified_on is not None:
        not_before(day, file.notified_on, "提交日期", "通知制发日期")
    if file.standing is PartyStanding.ACCEPTED:
        raise Refused(RefusalCode.WAIVED, f"{who}已书面认可结果，放弃异议", "§6")
    if file.objection is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{who}已提出异议", "§6")
    running = case.waits.get(window_id(step.party))
    window = running.wait if running else file.window
    last_day = window.last_day if window else None
    proof = proof_of_filing(case.opening.regulation, step.how, step.postmark, step.receipt)
    filing = Filing(StepName.OBJECTION_FILED, step.party, f"{who}提出异议", day, proof)
    after_silence = check_in_window(case, running, last_day, filing, lapsed=file.standing is not None)
    objection = Objection(
        filed_on=day,
        how=step.how,
        grounds=step.grounds,
        agent=step.agent,
        documents={d.kind: d.reference for d in step.documents},
    )
    if after_silence:
        examine(case, file, filing, last_day, objection)
        return
    file.window, file.stays_counted = window, len(case.stays)
    file.objection = objection
    case.end_wait(window_id(step.party), f"{day}提出异议")
    await_decision(case, file)


def check_in_window(
    case: Case, window: OpenWait | None, last_day: date | None, filing: Filing, *, lapsed: bool
) -> bool:
    """Refuse an act that came too late (§6): after the last day. True: timely, but stamped after the close.

    A stay stops the window, and one not yet opened cannot have closed. ``lapsed``: silence was declared.
    """
    if not lapsed and (window is None or case.is_stayed(window.wait)):
        return False
    if lapsed or (window is not None and has_closed(case, window)):
        return may_be_examined(filing, last_day)
    if last_day is not None and filing.day > last_day:
        raise too_late(filing, last_day)
    return False


def has_closed(case: Case, window: OpenWait) -> bool:
    """Whether the ledger's stamp of the step being decided is after the window's end."""
    last_day, deadline = window.wait.last_day, window.wait.deadline
    if last_day is None or deadline is None:
        return False
    return not ledger_counts(case.now, last_day, last_day, deadline, allowance_hours(case, window))


def allowance_hours(case: Case, window: OpenWait) -> int:
    """How long after its close a filing may still be stamped."""
    readings = case.opening.regulation.readings
    if window.wait.deadline is None:
        return readings.transit_allowance_hours
    return recordable_hours(readings, window.opened_at, window.wait.deadline)


def _defects(case: Case, file: PartyFile, objection: Objection) -> tuple[str, ...]:
    """Which of the five approval documents are missing; the bureau itself holds the receipt of delivery."""
    present = set(objection.documents)
    if file.received_on is not None:
        present.add(ApprovalDocument.RESULT_NOTICE_RECEIPT)
    if objection.how is FilingMeans.SUPERIOR_AUTHORITY:
        return ()
    return tuple(approval_defects(case.opening.regulation, present, objection.agent is not None))


def await_decision(case: Case, file: PartyFile) -> None:
    """The approver's term runs from the day the application is complete; until then it has no end."""
    objection = file.objection
    assert objection is not None
    wait_id = decision_id(file.party)
    missing = _defects(case, file, objection)
    if missing:
        about = f"待补：{'；'.join(missing)}"
        if running := _pending_decision(case, file.party):
            case.retitle(running.wait.id, f"审批是否复检（{about}）")
        else:
            step, wait_id = StepName.OBJECTION_DECIDED, completion_id(file.party)
            case.await_term(
                Term.APPLICATION_COMPLETED, wait_id, step, case.today, party=file.party, about=about
            )
        return
    _end_decision(case, file.party, "材料已齐全", WaitEnd.REPLACED)
    case.await_term(
        Term.RETEST_DECISION,
        wait_id,
        StepName.OBJECTION_DECIDED,
        case.today,
        party=file.party,
        about=PARTIES[file.party],
    )


def _pending_objection(case: Case, party: Party) -> tuple[PartyFile, Objection]:
    file = _entitled(case, party)
    if file.objection is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, f"{PARTIES[party]}没有待处理的异议", "§6")
    if file.objection.approved is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[party]}的异议已经审批", "§6")
    return file, file.objection


def objection_supplemented(case: Case, step: ObjectionSupplemented, _actor: Actor) -> None:
    file, objection = _pending_objection(case, step.party)
    was_complete = not _defects(case, file, objection)
    objection.documents |= {d.kind: d.reference for d in step.documents}
    if not was_complete:
        await_decision(case, file)


def objection_withdrawn(case: Case, step: ObjectionWithdrawn, _actor: Actor) -> None:
    file, objection = _pending_objection(case, step.party)
    not_in_future(case, step.withdrawn_on, "撤回日期")
    not_before(step.withdrawn_on, objection.filed_on, "撤回日期", "提交日期")
    file.objection = None
    _end_decision(case, step.party, "申请人撤回异议", WaitEnd.DROPPED)
    if file.window is not None:
        stayed = _stayed_meanwhile(case, file, file.window)
        case.reopen(file.window, stayed, "申请人撤回异议，异议期按原届满日继续")
        file.window = None
    elif file.received_on is not None:
        _open_window(case, file, Term.OBJECTION, StepName.OBJECTION_FILED, file.received_on)


def _stayed_meanwhile(case: Case, file: PartyFile, window: Wait) -> int:
    """Calendar days of the stays that ended while the objection was pending, and stopped the window too."""
    assert window.starts_on is not None
    assert window.last_day is not None
    days = 0
    for stay in case.stays[file.stays_counted :]:
        if stay.began <= window.last_day + timedelta(days=days):
            days += stay.days_after(window.starts_on)
    return days


def objection_decided(case: Case, step: ObjectionDecided, _actor: Actor) -> None:
    file, objection = _pending_objection(case, step.party)
    not_in_future(case, step.decided_on, "审批日期")
    not_before(step.decided_on, objection.filed_on, "审批日期", "提交日期")
    if step.approved:
        if objection.missed is not None:
            words = f"异议提交于{objection.filed_on}，异议期已于{objection.missed} 24:00届满，不能批准复检"
            raise Refused(RefusalCode.FILED_LATE, words, "§6")
        refuse_if(_defects(case, file, objection), RefusalCode.DOCUMENTS_MISSING)
    elif not step.reasons:
        raise Refused(RefusalCode.REASON_MISSING, "不批准复检的，应当说明理由", "§6")
    objection.approved = step.approved
    objection.reasons = step.reasons
    _end_decision(case, step.party, "批准复检" if step.approved else "不批准复检")
    applicant = Recipient(step.party.value)
    if not step.approved:
        file.standing = PartyStanding.REFUSED
        case.send(DocumentKind.RETEST_REFUSAL, applicant, step.party)
        return
    file.standing = PartyStanding.RETEST
    if case.retest_report is not None:
        case.send(DocumentKind.RETEST_RESULT_NOTICE, applicant, step.party)
    elif case.retest_laboratory is not None:
        case.send(DocumentKind.RETEST_LAB_NOTICE, applicant, step.party)
        if case.retest_sealed_on is None:
            case.send(DocumentKind.RETEST_LAB_NOTICE, Recipient.RETEST_LABORATORY, step.party)
    elif StepName.RETEST_LAB_APPOINTED not in case.waits:
        case.await_term(
            Term.RETEST_LABORATORY,
            StepName.RETEST_LAB_APPOINTED,
            StepName.RETEST_LAB_APPOINTED,
            step.decided_on,
        )


def silent(case: Case, wait: Wait) -> None:
    """A right has lapsed, decided by facts: silence is acceptance, or giving up the retest (§6)."""
    assert wait.party is not None
    assert wait.kind is WaitKind.RIGHT
    file = case.parties[wait.party]
    if wait.term is Term.OBJECTION:
        file.standing = PartyStanding.SILENT
        file.window = wait
    else:
        file.standing = PartyStanding.ABANDONED
        file.formalities_until = wait.last_day
    case.end_wait(wait.id, wait.on_silence or "期限届满", WaitEnd.LAPSED)
    end_laboratorys_part(case)
