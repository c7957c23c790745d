"""Applications for a retest (§6): filed, supplemented, withdrawn, decided on."""

from datetime import date, timedelta

from law.judgements import FilingMeans, PartyStanding, approval_defects, filing_day, proof_of_filing
from law.names import not_among
from law.vocabulary import DocumentKind, Party, Recipient, Role, Term
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import completion, decision, window
from messages.records import WaitEnd
from messages.steps import StepName
from messages.steps.result import (
    ApprovalDocument,
    ObjectionDecided,
    ObjectionFiled,
    ObjectionSupplemented,
    ObjectionWithdrawn,
)
from messages.words import PARTIES
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future, refuse_if
from workflows.procedure.lateness import Act, examine, is_after_silence
from workflows.procedure.parts import Objection, PartyFile, RunningWait
from workflows.procedure.rights import entitled, open_right
from workflows.procedure.waits import await_term, end_wait, retitle, run_on


def objection_filed(change: Change, step: ObjectionFiled, actor: Actor) -> None:
    """A party applies for a retest within its window, or by an act that proves to have been in time."""
    case = change.case
    file = entitled(case, step.party)
    who = PARTIES[step.party]
    day = _day_of(change, step, file, actor)
    if file.standing is PartyStanding.ACCEPTED:
        raise Refused(RefusalCode.WAIVED, f"{who}已书面认可结果，放弃异议", "§6")
    if file.objection is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{who}已提出异议", "§6")
    if case.report is not None and (unknown := not_among(step.items, [i.name for i in case.report.items])):
        words = f"检验报告没有下列项目：{'、'.join(unknown)}；有异议的项目应为报告所列的项目"
        raise Refused(RefusalCode.ITEMS_MISSING, words, "§6")
    running = case.waits.get(window(step.party))
    known = running or file.window
    last_day = known.wait.last_day if known else None
    proof = proof_of_filing(case.opening.regulation, step.filing, step.receipt)
    act = Act(StepName.OBJECTION_FILED, step.party, f"{who}提出异议", day, proof, actor.sub)
    after_silence = is_after_silence(change, running, last_day, act, lapsed=file.standing is not None)
    objection = Objection(
        filed_on=day,
        how=step.how,
        grounds=step.grounds,
        items=step.items,
        agent=step.agent,
        documents={d.kind: d.reference for d in step.documents},
    )
    if after_silence:
        examine(change, act, last_day, objection)
        return
    change.party(step.party, window=known, stays_counted=len(case.stays), objection=objection)
    end_wait(change, window(step.party), f"{day}提出异议")
    await_decision(change, step.party)


def _day_of(change: Change, step: ObjectionFiled, file: PartyFile, actor: Actor) -> date:
    """The day the application counts from. Refuses one that cannot be, or an estimate of an officer's own."""
    filing = step.filing
    for told, what in (
        (step.filed_on, "提交日期"),
        (step.postmark, "邮戳日期"),
        (step.accepted_on, "收寄日期"),
    ):
        if told is not None:
            not_in_future(change, told, what)
    if filing.is_estimated and actor.role is not Role.SUPERVISOR:
        words = "邮戳无法辨认、又没有收寄记录的，提交日期由处室负责人认定：请由处室负责人登记本步骤"
        raise Refused(RefusalCode.SUPERVISOR_NEEDED, words, "§6")
    day = filing_day(filing, change.case.opening.regulation.readings.usual_postal_days)
    if file.notified_on is not None:
        # An estimate favours the applicant: it may lie before the notice that is applied against.
        not_before(
            step.filed_on if filing.is_estimated else day, file.notified_on, "提交日期", "通知发出日期"
        )
    return day


def _defects(case: Case, file: PartyFile, objection: Objection) -> tuple[str, ...]:
    """Which of the five approval documents are missing; the bureau itself holds the receipt of delivery."""
    present = set(objection.documents)
    if file.received_on is not None:
        present.add(ApprovalDocument.RESULT_NOTICE_RECEIPT)
    if objection.how is FilingMeans.ORAL:
        present.add(ApprovalDocument.WRITTEN_APPLICATION)  # the record of what was said stands for it
    if objection.how is FilingMeans.SUPERIOR_AUTHORITY:
        return ()
    return tuple(approval_defects(case.opening.regulation, present, objection.agent is not None))


def pending_decision(case: Case, party: Party) -> RunningWait | None:
    """The wait for the approver's decision on this party's application, complete or not."""
    return case.waits.get(decision(party)) or case.waits.get(completion(party))


def _end_decision(change: Change, party: Party, words: str, how: WaitEnd = WaitEnd.MET) -> None:
    for wait_id in (decision(party), completion(party)):
        end_wait(change, wait_id, words, how)


def await_decision(change: Change, party: Party) -> None:
    """The approver's term runs from the day the application is complete; before, its completion has one."""
    file = change.case.parties[party]
    assert file.objection is not None
    step = StepName.OBJECTION_DECIDED
    if missing := _defects(change.case, file, file.objection):
        about = f"待补：{'；'.join(missing)}"
        if running := pending_decision(change.case, party):
            retitle(change, running.wait.id, f"审批是否复检（{about}）")
            return
        term, wait_id = Term.APPLICATION_COMPLETED, completion(party)
        await_term(change, term, wait_id, step, change.today, party=party, about=about)
        return
    _end_decision(change, party, "材料已齐全", WaitEnd.REPLACED)
    term, wait_id = Term.RETEST_DECISION, decision(party)
    await_term(change, term, wait_id, step, change.today, party=party, about=PARTIES[party])


def _pending(case: Case, party: Party) -> tuple[PartyFile, Objection]:
    file = entitled(case, party)
    if file.objection is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, f"{PARTIES[party]}没有待处理的异议", "§6")
    if file.objection.approved is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[party]}的异议已经审批", "§6")
    return file, file.objection


def objection_supplemented(change: Change, step: ObjectionSupplemented, _actor: Actor) -> None:
    """Further papers of an application that is not decided on yet."""
    file, objection = _pending(change.case, step.party)
    was_complete = not _defects(change.case, file, objection)
    further = {d.kind: d.reference for d in step.documents}
    change.objection(step.party, documents=objection.documents | further)
    if not was_complete:
        await_decision(change, step.party)


def objection_withdrawn(change: Change, step: ObjectionWithdrawn, _actor: Actor) -> None:
    """Withdrawn before the decision: the window runs on to the last day it had."""
    file, objection = _pending(change.case, step.party)
    not_in_future(change, step.withdrawn_on, "撤回日期")
    not_before(step.withdrawn_on, objection.filed_on, "撤回日期", "提交日期")
    window_before = file.window
    file = change.party(step.party, objection=None, window=None)
    _end_decision(change, step.party, "申请人撤回异议", WaitEnd.DROPPED)
    if window_before is not None:
        stayed = _stayed_meanwhile(change.case, file, window_before)
        run_on(change, window_before, stayed, "申请人撤回异议，异议期按原届满日继续")
    elif file.received_on is not None:
        open_right(change, file, Term.OBJECTION, StepName.OBJECTION_FILED, file.received_on)


def _stayed_meanwhile(case: Case, file: PartyFile, before: RunningWait) -> int:
    """Calendar days of the stays that ended while the objection was pending, and stopped the window too."""
    starts_on, last_day = before.wait.starts_on, before.wait.last_day
    assert starts_on is not None
    assert last_day is not None
    days = 0
    for stay in case.stays[file.stays_counted :]:
        if stay.began <= last_day + timedelta(days=days):
            days += stay.days_after(starts_on)
    return days


def objection_decided(change: Change, step: ObjectionDecided, _actor: Actor) -> None:
    """The approver approves the retest, on all papers, or refuses it with reasons."""
    file, objection = _pending(change.case, step.party)
    not_in_future(change, step.decided_on, "审批日期")
    not_before(step.decided_on, objection.filed_on, "审批日期", "提交日期")
    if step.approved:
        if objection.missed is not None:
            words = f"异议提交于{objection.filed_on}，异议期已于{objection.missed} 24:00届满，不能批准复检"
            raise Refused(RefusalCode.FILED_LATE, words, "§6")
        refuse_if(_defects(change.case, file, objection), RefusalCode.DOCUMENTS_MISSING)
    elif not step.reasons:
        raise Refused(RefusalCode.REASON_MISSING, "不批准复检的，应当说明理由", "§6")
    change.objection(step.party, approved=step.approved, reasons=step.reasons)
    _end_decision(change, step.party, "批准复检" if step.approved else "不批准复检")
    if step.approved:
        change.party(step.party, standing=PartyStanding.RETEST)
        _approved(change, step)
    else:
        change.party(step.party, standing=PartyStanding.REFUSED)
        change.send(DocumentKind.RETEST_REFUSAL, Recipient(step.party.value), step.party)


def _approved(change: Change, step: ObjectionDecided) -> None:
    """One retest serves every applicant: one that comes later gets the papers of where the retest stands."""
    retest, applicant = change.case.retest, Recipient(step.party.value)
    if retest.report is not None:
        change.send(DocumentKind.RETEST_RESULT_NOTICE, applicant, step.party)
    elif retest.laboratory is not None:
        change.send(DocumentKind.RETEST_LAB_NOTICE, applicant, step.party)
        if retest.sealed_on is None:
            change.send(DocumentKind.RETEST_LAB_NOTICE, Recipient.RETEST_LABORATORY, step.party)
    elif StepName.RETEST_LAB_APPOINTED not in change.case.waits:
        appointed = StepName.RETEST_LAB_APPOINTED
        await_term(change, Term.RETEST_LABORATORY, appointed, appointed, step.decided_on)
