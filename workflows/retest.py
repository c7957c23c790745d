"""The retest (§6): laboratory fixed, formalities, re-sealing, report, and its result told."""

from datetime import date

from law.judgements import PartyStanding, proof_of_filing, resealing_defects
from law.laboratories import remaining_defects, retest_laboratory_defects
from law.vocabulary import DocumentKind, Party, Phase, Recipient, Role, Term, Verdict
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.order import Laboratory
from messages.records import TimelineKind, WaitEnd
from messages.snapshot import SampleState
from messages.steps import StepName
from messages.steps.result import ObjectionWithdrawn
from messages.steps.retest import (
    RetestFormalitiesCompleted,
    RetestLabAppointed,
    RetestReportReceived,
    RetestSealed,
)
from messages.words import PARTIES, VERDICTS
from workflows.case import Case
from workflows.checks import not_before, not_in_future, refuse_if
from workflows.lateness import Filing, examine, is_examined
from workflows.parts import PartyFile, Refused
from workflows.result import check_in_window, end_laboratorys_part, objection_withdrawn
from workflows.sampling import check_report


def applicants(case: Case) -> list[PartyFile]:
    """The parties whose objection was approved and who have not given the retest up."""
    return [file for file in case.parties.values() if file.standing is PartyStanding.RETEST]


def retest_lab_appointed(case: Case, step: RetestLabAppointed, actor: Actor) -> None:
    before = case.retest_laboratory
    if before is not None:
        _may_be_replaced(case, before, step)
    if not applicants(case):
        raise Refused(RefusalCode.OUT_OF_ORDER, "没有已批准的复检申请，不能确定复检机构", "§6")
    original = case.opening.order.laboratory
    defects = retest_laboratory_defects(
        case.opening.regulation,
        laboratory=step.laboratory.code,
        original_laboratory=original.code,
        grade=step.laboratory.grade,
        original_grade=original.grade,
        items=case.opening.order.scheme.items,
        qualified_for=step.laboratory.qualified_items,
    )
    for defect in remaining_defects(defects, step.reason):
        curable = (
            RefusalCode.REASON_MISSING if defect.cured_by_reason else RefusalCode.LABORATORY_NOT_QUALIFIED
        )
        raise Refused(curable, defect.sentence, "§6")
    if defects and actor.role is not Role.SUPERVISOR:
        raise Refused(RefusalCode.SUPERVISOR_NEEDED, defects[0].sentence, "§6")
    case.retest_laboratory = step.laboratory
    case.end_wait(StepName.RETEST_LAB_APPOINTED)
    if before is None:
        case.enter(Phase.RETEST, f"确定复检机构：{step.laboratory.name}")
    else:
        _begin_anew(case, f"改定复检机构：{step.laboratory.name}（{step.reason}）")
    case.send_to_all(DocumentKind.RETEST_LAB_NOTICE, *(file.party for file in applicants(case)))


def _may_be_replaced(case: Case, before: Laboratory, step: RetestLabAppointed) -> None:
    """A laboratory that cannot do the retest must not hold the result up for ever (a reading, §6)."""
    if case.retest_sealed_on is not None or step.laboratory.code == before.code:
        raise Refused(RefusalCode.ALREADY_DONE, "复检机构已经确定", "§6")
    if not is_examined(case):
        raise Refused(RefusalCode.OUT_OF_ORDER, "有期限届满后登记的申请正在审查，此时不能改定复检机构", "§6")
    if step.reason is None:
        raise Refused(RefusalCode.REASON_MISSING, f"改定复检机构（原为{before.name}）的，应当说明理由", "§6")


def _begin_anew(case: Case, words: str) -> None:
    """Whose formalities are not done has its seven days from the new notice; what is done stays done."""
    case.note(f"retest-laboratory:{case.because['step_id']}", TimelineKind.PHASE, words, "§6")
    for file in applicants(case):
        case.end_wait(formalities_id(file.party), words, WaitEnd.REPLACED)
    case.end_wait(Term.RETEST_LABORATORY_FORMALITIES, words, WaitEnd.REPLACED)


def application_withdrawn(case: Case, step: ObjectionWithdrawn, actor: Actor) -> None:
    """Before the approver's decision the window runs on; after it the applicant gives the retest up (§6).

    Not once the sample is sealed for the retest: its result is then everybody's.
    """
    file = case.parties.get(step.party)
    objection = file.objection if file else None
    approved = objection is not None and objection.approved is True
    if file is None or objection is None or not approved:
        return objection_withdrawn(case, step, actor)
    if file.standing is not PartyStanding.RETEST or case.retest_sealed_on is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[step.party]}的复检已经进行或结束，不能撤回", "§6")
    not_in_future(case, step.withdrawn_on, "撤回日期")
    not_before(step.withdrawn_on, objection.filed_on, "撤回日期", "提交日期")
    objection.withdrawn_on = step.withdrawn_on
    file.standing = PartyStanding.ABANDONED
    words = f"{PARTIES[step.party]}撤回复检申请，放弃复检"
    case.end_wait(formalities_id(step.party), words, WaitEnd.DROPPED)
    end_laboratorys_part(case)
    left = [one.objection for one in applicants(case) if one.objection]
    if not left:
        case.end_wait(StepName.RETEST_LAB_APPOINTED, words, WaitEnd.DROPPED)
    if not any(one.formalities_on for one in left):
        case.end_wait(StepName.RETEST_SEALED, words, WaitEnd.DROPPED)
    return None


def formalities_id(party: Party) -> str:
    return f"{StepName.RETEST_FORMALITIES_COMPLETED}:{party}"


def retest_formalities_completed(case: Case, step: RetestFormalitiesCompleted, actor: Actor) -> None:
    laboratory = case.retest_laboratory
    if laboratory is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "复检机构尚未确定", "§6")
    if actor.role is Role.LAB and actor.laboratory != laboratory.code:
        raise Refused(RefusalCode.WRONG_LABORATORY, "只有复检机构可以登记复检手续", "§6")
    if step.party is None:
        raise Refused(RefusalCode.WRONG_PARTY, "请写明办理复检手续的是哪一名复检申请人（party）", "§6")
    party = step.party
    file = case.parties.get(party)
    who = PARTIES[party]
    if (
        file is None
        or file.standing not in (PartyStanding.RETEST, PartyStanding.ABANDONED)
        or file.objection is None
    ):
        raise Refused(RefusalCode.WRONG_PARTY, f"{who}不是复检申请人", "§6")
    if file.objection.withdrawn_on is not None:
        raise Refused(RefusalCode.WAIVED, f"{who}已撤回复检申请，放弃复检", "§6")
    if file.objection.formalities_on is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{who}已办理复检手续", "§6")
    not_in_future(case, step.completed_on, "办理日期")
    not_before(step.completed_on, file.objection.filed_on, "办理日期", "提出异议日期")
    notice = case.document_of(DocumentKind.RETEST_LAB_NOTICE, Recipient(party.value))
    if notice is not None and notice.exists_since is not None:
        not_before(step.completed_on, notice.exists_since, "办理日期", "复检机构确定通知书制发日期")
    running = case.waits.get(formalities_id(party))
    lapsed = file.standing is PartyStanding.ABANDONED
    last_day = running.wait.last_day if running else (file.formalities_until if lapsed else None)
    proof = proof_of_filing(case.opening.regulation, None, None, step.receipt)
    if actor.role is Role.LAB:
        # It is where the formalities are completed: that it enters them late is not the applicant's loss.
        proof = proof or f"复检机构{laboratory.name}登记"
    filing = Filing(step.NAME, party, f"{who}办理复检手续", step.completed_on, proof)
    if check_in_window(case, running, last_day, filing, lapsed=lapsed):
        examine(case, file, filing, last_day)
        return
    file.objection.formalities_on = step.completed_on
    case.end_wait(formalities_id(party), f"{step.completed_on}办理复检手续")
    end_laboratorys_part(case)
    await_resealing(case, step.completed_on)


def await_resealing(case: Case, day: date) -> None:
    """Applicant, laboratories and officers are to seal the sample anew, within an internal term (§6)."""
    step = StepName.RETEST_SEALED
    if step in case.waits or case.retest_sealed_on is not None:
        return
    case.await_term(Term.RETEST_SEALED, step, step, day)


def retest_sealed(case: Case, step: RetestSealed, _actor: Actor) -> None:
    if case.retest_sealed_on is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "复检样品已重新签封", "§6")
    done = [
        f.objection.formalities_on for f in applicants(case) if f.objection and f.objection.formalities_on
    ]
    if not done or case.retest_laboratory is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "复检手续尚未办理，不能签封复检样品", "§6")
    day = not_in_future(case, step.sealed_at, "签封时间")
    not_before(day, min(done), "签封日期", "办理复检手续日期")
    present = [(p.name, p.capacity) for p in step.participants]
    refuse_if(resealing_defects(case.opening.regulation, present), RefusalCode.MISSING_SIGNATORY)
    case.retest_sealed_on = day
    laboratory = case.retest_laboratory
    case.samples = [
        SampleState(
            sample=sample.sample,
            holder="retest_laboratory",
            place=laboratory.name,
            keeper=laboratory.name,
            seal_no=step.seal_no,
            note="复检重新签封",
        )
        if sample.sample == step.sample
        else sample
        for sample in case.samples
    ]
    case.end_wait(StepName.RETEST_SEALED)
    case.end_wait(Term.RETEST_LABORATORY_FORMALITIES, "复检样品已签封", WaitEnd.DROPPED)
    case.await_term(
        Term.RETEST_REPORT,
        StepName.RETEST_REPORT_RECEIVED,
        StepName.RETEST_REPORT_RECEIVED,
        day,
        amount=laboratory.contract_days,
    )


def retest_report_received(case: Case, step: RetestReportReceived, actor: Actor) -> None:
    laboratory = case.retest_laboratory
    if case.retest_report is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "复检报告已收到", "§6")
    if laboratory is None or case.retest_sealed_on is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "复检样品尚未签封，不能登记复检报告", "§6")
    check_report(case, step, actor, laboratory.code, "复检机构")
    not_before(step.issued_on, case.retest_sealed_on, "签发日期", "复检签封日期")
    case.retest_report = step
    case.end_wait(StepName.RETEST_REPORT_RECEIVED, f"复检判定{VERDICTS[step.verdict]}")
    told = [file.party for file in applicants(case)]
    for party in told:
        case.end_wait(formalities_id(party), "复检已完成", WaitEnd.DROPPED)
    case.send_to_all(DocumentKind.RETEST_RESULT_NOTICE, *told)
    turned = case.first_verdict is Verdict.CONFORMING and step.verdict is Verdict.NONCONFORMING
    if turned and Party.PRODUCER in case.parties and Party.PRODUCER not in told:
        # 检验不合格的，应当通知样品标称的生产者: it has heard of nothing so far.
        case.send(DocumentKind.RETEST_RESULT_NOTICE, Recipient.PRODUCER)
    case.await_term(Term.RETEST_RESULT_NOTICE, "retest_result_notice_sent", None, step.received_on)


def retest_result_notice_sent(case: Case) -> None:
    """Told within five working days (§6); sending satisfies the term by the reading."""
    if case.all_sent(DocumentKind.RETEST_RESULT_NOTICE):
        case.end_wait("retest_result_notice_sent", "已全部发出")
