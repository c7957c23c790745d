"""The way back (§6): an application that proves timely sets silence and the result that rests on it aside."""

from law.judgements import PartyStanding
from law.vocabulary import DocumentKind, Phase, Recipient
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import OUTCOME_OPEN_LINE, examination, right_of, set_aside_line
from messages.records import TimelineKind, WaitEnd
from messages.steps import StepName
from messages.steps.result import ReopeningDecided
from messages.words import OUTCOMES, PARTIES
from workflows.procedure.applications import await_decision
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future
from workflows.procedure.parts import LateApplication, PartyFile
from workflows.procedure.referral import REFERRAL_WAITS, note_referral, refer
from workflows.procedure.retest import await_resealing
from workflows.procedure.waits import end_wait


def reopening_decided(change: Change, step: ReopeningDecided, actor: Actor) -> None:
    """The approver finds that an application was filed in time, or refuses to take it up."""
    case = change.case
    file = case.parties.get(step.party)
    late = file.late if file else None
    if file is None or late is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, f"{PARTIES[step.party]}没有待审查的申请", "§6")
    if late.approved is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[step.party]}的申请已经审查", "§6")
    not_in_future(change, step.decided_on, "审查日期")
    not_before(step.decided_on, late.recorded_on, "审查日期", "登记日期")
    late = late.model_copy(update={"approved": step.approved, "reasons": step.reasons})
    file = change.party(step.party, late=late)
    end_wait(change, examination(step.party), "按期提交，恢复程序" if step.approved else "不予恢复")
    if not step.approved:
        _go_on(change, file)
        return
    change.note(
        case.key(set_aside_line(step.party)),
        TimelineKind.SET_ASIDE,
        f"{late.what}：{late.proof}证明于{late.day}按期提交，逾期的认定不再适用（{step.reasons}）",
        "§6",
        actor=actor,
        data={
            "wait_id": right_of(late.step, step.party),
            "because": change.because,
            "party": step.party,
            "proof": late.proof,
            "day": str(late.day),
            "last_day": str(late.last_day),
        },
    )
    _take_up(change, file, late)


def _go_on(change: Change, file: PartyFile) -> None:
    """Not taken up: the applicant gets the reasons, and a referral that waited for this goes out."""
    case = change.case
    change.send(DocumentKind.REOPENING_REFUSAL, Recipient(file.party.value), file.party)
    directed = StepName.REFERRAL_DIRECTED in case.waits
    if case.phase is Phase.REFERRAL and not case.was_referred and not directed:
        refer(change)


def _take_up(change: Change, file: PartyFile, late: LateApplication) -> None:
    """Be again where this party's application is pending: to be decided, or the retest to be gone on with."""
    case, party = change.case, file.party
    running = end_wait(change, right_of(late.step, party), "恢复程序", WaitEnd.DROPPED)
    if late.step is StepName.OBJECTION_FILED:
        if running is not None:
            change.party(party, window=running, stays_counted=len(case.stays))
        set_result_aside(change, Phase.OBJECTION)
        change.party(party, standing=None, objection=late.objection)
        await_decision(change, party)
        return
    set_result_aside(change, Phase.RETEST)
    change.party(party, standing=PartyStanding.RETEST)
    change.objection(party, formalities_on=late.day)
    if case.retest.report is not None:
        change.send_to_all(DocumentKind.RETEST_RESULT_NOTICE, party)
    else:
        await_resealing(change, change.today)


def set_result_aside(change: Change, back: Phase, reason: str | None = None) -> None:
    """The result is open again: what was published and referred stays and is corrected beside it (§7)."""
    case = change.case
    if case.outcome is None:
        return
    for wait_id in REFERRAL_WAITS:
        end_wait(change, wait_id, "结果正在复核，暂缓办理", WaitEnd.DROPPED)
    words = f"原确定的结果（{OUTCOMES[case.outcome]}）正在复核，重新确定前不再适用"
    change.note(case.key(OUTCOME_OPEN_LINE), TimelineKind.OUTCOME, words, "§6")
    case.outcome = case.final_verdict = case.published_on = None
    change.enter(back, "恢复异议程序")
    tell_of_review(change, DocumentKind.PUBLICATION_CORRECTION, reason)
    if case.was_referred:
        tell_of_review(change, DocumentKind.REFERRAL_CORRECTION, reason)
        note_referral(change, is_reviewed=True)


def tell_of_review(change: Change, kind: DocumentKind, reason: str | None) -> None:
    """Those who were told the result hear that it is being reviewed, and why."""
    for recipient in change.case.recipients(kind):
        change.send(kind, recipient, reason=reason)
