"""The way back (§6): an application that proves timely sets silence and the result that rests on it aside."""

from law.judgements import PartyStanding
from law.vocabulary import DocumentKind, Phase, Recipient
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.records import TimelineKind, WaitEnd
from messages.steps import StepName
from messages.steps.result import ReopeningDecided
from messages.words import OUTCOMES, PARTIES
from workflows.case import Case
from workflows.checks import not_before, not_in_future
from workflows.closing import refer
from workflows.lateness import examination_id
from workflows.parts import LateRecorded, PartyFile, Refused
from workflows.result import await_decision
from workflows.retest import await_resealing

_REFERRAL_WAITS = (
    StepName.REFERRAL_DIRECTED,
    StepName.REFERRAL_ACKNOWLEDGED,
    StepName.REFERRAL_CONCLUDED,
)


def reopening_decided(case: Case, step: ReopeningDecided, actor: Actor) -> None:
    file = case.parties.get(step.party)
    late = file.late if file else None
    if file is None or late is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, f"{PARTIES[step.party]}没有待审查的申请", "§6")
    if late.approved is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[step.party]}的申请已经审查", "§6")
    not_in_future(case, step.decided_on, "审查日期")
    not_before(step.decided_on, late.recorded_on, "审查日期", "登记日期")
    late.approved, late.reasons = step.approved, step.reasons
    case.end_wait(examination_id(step.party), "按期提交，恢复程序" if step.approved else "不予恢复")
    if not step.approved:
        case.send(DocumentKind.REOPENING_REFUSAL, Recipient(step.party.value), step.party)
        if (
            case.phase is Phase.REFERRAL
            and not case.was_referred
            and StepName.REFERRAL_DIRECTED not in case.waits
        ):
            refer(case)
        return
    case.note(
        case.key(f"set-aside:{step.party}"),
        TimelineKind.SET_ASIDE,
        f"{late.what}：{late.proof}证明于{late.day}按期提交，逾期的认定不再适用（{step.reasons}）",
        "§6",
        actor=actor,
        data={
            "wait_id": f"{late.step}:{step.party}",
            "because": case.because,
            "party": step.party,
            "proof": late.proof,
            "day": str(late.day),
            "last_day": str(late.last_day),
        },
    )
    _take_up(case, file, late)


def _take_up(case: Case, file: PartyFile, late: LateRecorded) -> None:
    """Be again where this party's application is pending: to be decided, or the retest to be gone on with."""
    running = case.end_wait(f"{late.step}:{file.party}", "恢复程序", WaitEnd.DROPPED)
    if running and late.step is StepName.OBJECTION_FILED:
        file.window, file.stays_counted = running, len(case.stays)
    if late.step is StepName.OBJECTION_FILED:
        _set_result_aside(case, Phase.OBJECTION)
        file.standing = None
        file.objection = late.objection
        await_decision(case, file)
        return
    _set_result_aside(case, Phase.RETEST)
    assert file.objection is not None
    file.standing = PartyStanding.RETEST
    file.objection.formalities_on = late.day
    if case.retest_report is not None:
        case.send_to_all(DocumentKind.RETEST_RESULT_NOTICE, file.party)
    else:
        await_resealing(case, case.today)


def _set_result_aside(case: Case, back: Phase) -> None:
    """The result is open again: what was published and referred stays and is corrected beside it (§7)."""
    if case.outcome is None:
        return
    for wait_id in _REFERRAL_WAITS:
        case.end_wait(wait_id, "结果正在复核，暂缓办理", WaitEnd.DROPPED)
    words = f"原确定的结果（{OUTCOMES[case.outcome]}）正在复核，重新确定前不再适用"
    case.note(case.key("outcome-open"), TimelineKind.OUTCOME, words, "§6")
    case.outcome = case.final_verdict = case.published_on = None
    case.enter(back, "恢复异议程序")
    case.send_to_all(DocumentKind.PUBLICATION_CORRECTION)
    if case.was_referred:
        case.send_to_all(DocumentKind.REFERRAL_CORRECTION)
