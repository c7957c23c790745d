"""The retest (§6): formalities, re-sealing, report, and its result told."""

from collections.abc import Collection
from datetime import date

from law.judgements import (
    PartyStanding,
    disputed_items,
    proof_of_filing,
    resealing_defects,
    tested,
)
from law.names import not_among
from law.vocabulary import DocumentKind, Party, Recipient, Role, Term, Verdict
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import formalities, sending
from messages.order import Laboratory
from messages.records import WaitEnd
from messages.steps import StepName
from messages.steps.retest import (
    RetestFormalitiesCompleted,
    RetestReportReceived,
    RetestSealed,
)
from messages.words import PARTIES, VERDICTS
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future, refuse_if
from workflows.procedure.lateness import Act, examine, is_after_silence
from workflows.procedure.parts import Objection, PartyFile
from workflows.procedure.periods import was_served
from workflows.procedure.rights import end_laboratorys_part, open_right
from workflows.procedure.testing import check_report, refuse_missing
from workflows.procedure.waits import await_term, end_wait

_NOTICE = DocumentKind.RETEST_LAB_NOTICE


def applicants(case: Case) -> list[PartyFile]:
    """The parties whose objection was approved and who have not given the retest up."""
    return [file for file in case.parties.values() if file.standing is PartyStanding.RETEST]


def laboratory_notice_received(
    change: Change,
    recipient: Recipient,
    day: date,
    *,
    announced: bool,
) -> None:
    """Applicant and retest laboratory have their days for the formalities, each from its own receipt (§6)."""
    case = change.case
    if recipient.party is not None:
        file = case.parties[recipient.party]
        running = case.waits.get(formalities(file.party))
        if running and (not announced or was_served(case, file.party, running.wait.starts_on)):
            return  # a letter that replaces another, or is collected after its announcement, moves nothing
        if file.owes_formalities and case.retest.report is None:
            open_right(change, file, Term.RETEST_FORMALITIES, StepName.RETEST_FORMALITIES_COMPLETED, day)
        return
    owed = any(file.owes_formalities for file in case.parties.values())
    term, notice = Term.RETEST_LABORATORY_FORMALITIES, case.document_of(_NOTICE, recipient)
    if term in case.waits and notice is not None and notice.replaces is not None:
        return
    if owed and case.retest.sealed_on is None:
        await_term(change, term, term, StepName.RETEST_FORMALITIES_COMPLETED, day)


def retest_formalities_completed(change: Change, step: RetestFormalitiesCompleted, actor: Actor) -> None:
    """An applicant has completed the formalities, within seven days of its receipt of the notice (§6)."""
    case = change.case
    file, objection, laboratory = _applicant(case, step, actor)
    party, who = file.party, PARTIES[file.party]
    not_in_future(change, step.completed_on, "办理日期")
    not_before(step.completed_on, objection.filed_on, "办理日期", "提出异议日期")
    notice = case.document_of(DocumentKind.RETEST_LAB_NOTICE, Recipient(party.value))
    if notice is not None and notice.exists_since is not None:
        not_before(step.completed_on, notice.exists_since, "办理日期", "复检机构确定通知书制发日期")
    running = case.waits.get(formalities(party))
    lapsed = file.standing is PartyStanding.ABANDONED
    known = running or (file.formalities if lapsed else None)
    last_day = known.wait.last_day if known else None
    proof = proof_of_filing(case.opening.regulation, None, step.receipt)
    if actor.role is Role.LAB:
        # It is where the formalities are completed: that it enters them late is not the applicant's loss.
        proof = proof or f"复检机构{laboratory.name}登记"
    act = Act(step.NAME, party, f"{who}办理复检手续", step.completed_on, proof, actor.sub)
    if is_after_silence(change, running, last_day, act, lapsed=lapsed):
        examine(change, act, last_day)
        return
    change.objection(party, formalities_on=step.completed_on)
    end_wait(change, formalities(party), f"{step.completed_on}办理复检手续")
    end_laboratorys_part(change)
    await_resealing(change, step.completed_on)


def _applicant(
    case: Case, step: RetestFormalitiesCompleted, actor: Actor
) -> tuple[PartyFile, Objection, Laboratory]:
    """Whose formalities are recorded, and with which laboratory. Refuses all but a standing applicant."""
    laboratory = case.retest.laboratory
    if laboratory is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "复检机构尚未确定", "§6")
    if actor.role is Role.LAB and actor.laboratory != laboratory.code:
        raise Refused(RefusalCode.WRONG_LABORATORY, "只有复检机构可以登记复检手续", "§6")
    if step.party is None:
        raise Refused(RefusalCode.WRONG_PARTY, "请写明办理复检手续的是哪一名复检申请人", "§6")
    file, who = case.parties.get(step.party), PARTIES[step.party]
    applied = file is not None and file.standing in (PartyStanding.RETEST, PartyStanding.ABANDONED)
    if file is None or not applied or file.objection is None:
        raise Refused(RefusalCode.WRONG_PARTY, f"{who}不是复检申请人", "§6")
    if file.objection.withdrawn_on is not None:
        raise Refused(RefusalCode.WAIVED, f"{who}已撤回复检申请，放弃复检", "§6")
    if file.objection.formalities_on is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{who}已办理复检手续", "§6")
    return file, file.objection, laboratory


def await_resealing(change: Change, day: date) -> None:
    """Applicant, laboratories and officers are to seal the sample anew, within an internal term (§6)."""
    step = StepName.RETEST_SEALED
    if step in change.case.waits or change.case.retest.sealed_on is not None:
        return
    await_term(change, Term.RETEST_SEALED, step, step, day)


def retest_sealed(change: Change, step: RetestSealed, _actor: Actor) -> None:
    """The sample is sealed anew before all four kinds of signatory (§6)."""
    case = change.case
    laboratory = case.retest.laboratory
    if case.retest.sealed_on is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "复检样品已重新签封", "§6")
    done = [
        f.objection.formalities_on for f in applicants(case) if f.objection and f.objection.formalities_on
    ]
    if not done or laboratory is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "复检手续尚未办理，不能签封复检样品", "§6")
    _refuse_before_all_are_heard(case)
    day = not_in_future(change, step.sealed_at, "签封时间")
    not_before(day, min(done), "签封日期", "办理复检手续日期")
    present = [(p.name, p.capacity) for p in step.participants]
    refuse_if(resealing_defects(case.opening.regulation, present), RefusalCode.MISSING_SIGNATORY)
    case.retest = case.retest.model_copy(update={"sealed_on": day})
    handed_over = {
        "holder": "retest_laboratory",
        "place": laboratory.name,
        "keeper": laboratory.name,
        "seal_no": step.seal_no,
        "note": "复检重新签封",
    }
    case.samples = tuple(
        sample.model_copy(update=handed_over) if sample.sample == step.sample else sample
        for sample in case.samples
    )
    end_wait(change, StepName.RETEST_SEALED)
    end_wait(change, Term.RETEST_LABORATORY_FORMALITIES, "复检样品已签封", WaitEnd.DROPPED)
    await_retest_report(change, laboratory, day)


def _refuse_before_all_are_heard(case: Case) -> None:
    """There is one sample and one retest: it is sealed once everybody who may dispute an item has spoken, or
    its period has ended (procedure section 3). What was sealed before that stays sealed."""
    if case.corrections.judges_anew:
        return
    for file in case.parties.values():
        who, undecided = PARTIES[file.party], file.objection is not None and file.objection.approved is None
        if file.owes_formalities:
            words = f"{who}的复检手续尚未办理，期限未满"
        elif file.entitled and undecided:
            words = f"{who}的复检申请尚未审批"
        elif file.entitled and file.standing is None:
            words = f"{who}的异议期未满，尚未表明立场"
        else:
            continue
        raise Refused(RefusalCode.OUT_OF_ORDER, f"{words}，不能签封复检样品：一份样品只复检一次", "§6")


def await_retest_report(change: Change, laboratory: Laboratory, day: date) -> None:
    """The retest laboratory owes its report, from ``day`` on within the period of its contract (§6)."""
    step = StepName.RETEST_REPORT_RECEIVED
    await_term(change, Term.RETEST_REPORT, step, step, day, amount=laboratory.contract_days)


def disputed(case: Case) -> list[str]:
    """The items in dispute by those whose retest this is (procedure section 3)."""
    assert case.report is not None
    first = case.report.verdicts
    objections = [file.objection for file in applicants(case) if file.objection]
    return [name for objection in objections for name in disputed_items(objection.items, first)]


def retest_report_received(change: Change, step: RetestReportReceived, actor: Actor) -> None:
    """The retest's result is final (a reading, §6) and told within five working days."""
    case = change.case
    retest = case.retest
    if retest.report is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "复检报告已收到", "§6")
    if retest.laboratory is None or retest.sealed_on is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "复检样品尚未签封，不能登记复检报告", "§6")
    check_report(change, step, actor, retest.laboratory.code, "复检机构")
    not_in_future(change, step.received_on, "收到日期")
    not_before(step.issued_on, retest.sealed_on, "签发日期", "复检签封日期")
    missing = not_among(disputed(case), tested(step.verdicts))
    refuse_missing("有异议的", missing, "复检应当包括全部有异议的项目")
    case.retest = retest.model_copy(update={"report": step})
    end_wait(change, StepName.RETEST_REPORT_RECEIVED, f"复检判定{VERDICTS[step.verdict]}")
    told = [file.party for file in applicants(case)]
    for party in told:
        end_wait(change, formalities(party), "复检已完成", WaitEnd.DROPPED)
    notice = DocumentKind.RETEST_RESULT_NOTICE
    change.send_to_all(notice, *told)
    if case.retest_verdict is not case.first_verdict or case.lifted_failures:
        _tell_the_others(change, told)
    await_term(change, Term.RETEST_RESULT_NOTICE, sending(notice), None, step.received_on)


def _tell_the_others(change: Change, told: Collection[Party]) -> None:
    """Who was told a result that no longer stands (procedure section 3.8); a platform is told anyway.

    检验不合格的，应当通知样品标称的生产者 (§6): of a first result that was conforming it has not heard.
    """
    case = change.case
    heard = {letter.recipient for letter in case.standing(DocumentKind.RESULT_NOTICE)}
    if case.retest_verdict is Verdict.NONCONFORMING:
        heard.add(Recipient.PRODUCER)
    if case.disowned_on is not None:
        heard.discard(Recipient.PRODUCER)
    for party in case.parties:
        if party is not Party.PLATFORM and party not in told and Recipient(party.value) in heard:
            change.send(DocumentKind.RETEST_RESULT_NOTICE, Recipient(party.value))
