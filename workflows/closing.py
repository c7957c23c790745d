"""After the result is final (§7): outcome, publication, referral, close; and the acts of leaders."""

from datetime import date, timedelta
from typing import Literal

from law.judgements import PartyStanding, final_outcome, final_verdict
from law.referral import ReferralTarget, refer_to
from law.tracing import years_on
from law.vocabulary import DocumentKind, Outcome, Phase, Recipient, Role, Term, Verdict, WaitKind
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.records import CountRequest, TimelineKind, WaitEnd
from messages.steps import StepName
from messages.steps.closing import (
    DeadlineExtended,
    PublicationCorrected,
    ReferralAcknowledged,
    ReferralConcluded,
    ReferralDirected,
    ReferralRoute,
    Resumed,
    Suspended,
    Voided,
)
from messages.words import OUTCOMES, ROLES, VERDICTS
from workflows.case import Case
from workflows.checks import not_before, not_in_future
from workflows.lateness import is_examined
from workflows.parts import Refused, Stay
from workflows.result import has_closed

LONGEST_EXTENSION = timedelta(days=3 * 366)

_URGENT_ROUTES: dict[ReferralRoute, Literal["enforcement", "online_office"]] = {
    ReferralRoute.ENFORCEMENT_DETACHMENT: "enforcement",
    ReferralRoute.ONLINE_SUPERVISION_OFFICE: "online_office",
}


def conclude(case: Case) -> None:
    """Every window has ended: the result is final and is published at once (§7)."""
    if case.outcome is not None:
        return
    standings = [
        file.standing for file in case.parties.values() if file.entitled and file.standing is not None
    ]
    retest = case.retest_report.verdict if case.retest_report else None
    if retest is not None:
        standings = [s for s in standings if s is not PartyStanding.RETEST] or [PartyStanding.RETEST]
    case.outcome = final_outcome(case.first_verdict, standings, retest)
    case.final_verdict = final_verdict(case.first_verdict, retest)
    words = f"检验结果确定：{VERDICTS[case.final_verdict]}（{OUTCOMES[case.outcome]}）"
    case.note(case.key("outcome"), TimelineKind.OUTCOME, words, "§6")
    case.enter(Phase.PUBLICATION, "公示抽检结果")
    case.send_to_all(DocumentKind.PUBLICATION)
    case.await_term(Term.PUBLICATION, "publication", None, case.today)


def published(case: Case, day: date) -> None:
    """The result is public; a nonconforming one is now referred to the authority that must act (§7)."""
    case.published_on = day
    case.end_wait("publication", f"{day}公示")
    if case.was_referred:
        case.send_to_all(DocumentKind.REFERRAL_CORRECTION)
    if case.final_verdict is not Verdict.NONCONFORMING:
        return
    case.enter(Phase.REFERRAL, "不合格商品交办查处")
    if case.was_referred:
        _refer_on(case, day)
        return
    target = referral_target(case)
    if target.needs_instruction and case.directed is None:
        _await_instruction(case, target, day)
    else:
        refer(case)


def _await_instruction(case: Case, target: ReferralTarget, day: date) -> None:
    step = StepName.REFERRAL_DIRECTED
    case.await_term(Term.REFERRAL_DIRECTED, step, step, day, about=target.note)


def publication_corrected(case: Case, step: PublicationCorrected, _actor: Actor) -> None:
    """What was noted wrongly and published is published anew beside the first, with the reason (§7)."""
    sealed = case.sealed
    if case.published_on is None or sealed is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "结果尚未公示，或者正在复核，不能更正公示", "§7")
    shown_for = case.opening.regulation.readings.published_for_days
    if shown_for is not None and case.today > case.published_on + timedelta(days=shown_for):
        raise Refused(RefusalCode.OUT_OF_ORDER, f"公示已满{shown_for}日并撤下，不再更正公示", "§7")
    changed = {name: to for name, to in step.corrected.items() if to != getattr(sealed, name)}
    if not changed:
        raise Refused(RefusalCode.NOTHING_CHANGED, "更正的内容与已公示的相同", "§7")
    case.sealed = sealed.model_copy(update=changed)
    case.correction = PublicationCorrected(reason=step.reason, **changed)
    case.send_to_all(DocumentKind.PUBLICATION)


def referral_target(case: Case) -> ReferralTarget:
    """The authority by section 8, or the one a person has fixed."""
    order = case.opening.order
    directed = case.directed
    return refer_to(
        case.opening.regulation,
        case.opening.category,
        order.seller.place,
        order.platform.place if order.platform else None,
        _URGENT_ROUTES.get(directed.route) if directed else None,
    )


def refer(case: Case) -> None:
    """Send the referral letter; not while an application is examined that could open the result again."""
    if not is_examined(case):
        return
    directed, target = case.directed, referral_target(case)
    by_instruction = directed is not None and directed.route is ReferralRoute.INSTRUCTION
    case.referral_authority = (
        directed.authority if directed and by_instruction else None
    ) or target.authority
    case.referral_copies = target.copies
    case.send_to_all(DocumentKind.REFERRAL_LETTER)


def _refer_on(case: Case, day: date) -> None:
    """The result was reviewed and stands: the referral goes on from where it was."""
    if case.referral_concluded:
        return
    if case.referral_acknowledged:
        _await_conclusion(case, day)
    else:
        _await_acknowledgement(case, day)


def referred(case: Case, day: date) -> None:
    """The letter has left: the authority acknowledges within the internal term (§7)."""
    if StepName.REFERRAL_ACKNOWLEDGED in case.waits or not case.all_sent(DocumentKind.REFERRAL_LETTER):
        return
    _await_acknowledgement(case, day)


def _await_acknowledgement(case: Case, day: date) -> None:
    case.await_term(
        Term.REFERRAL_ACKNOWLEDGED,
        StepName.REFERRAL_ACKNOWLEDGED,
        StepName.REFERRAL_ACKNOWLEDGED,
        day,
        about=case.referral_authority or "",
    )


def referral_directed(case: Case, step: ReferralDirected, actor: Actor) -> None:
    before = case.referral_authority
    if before is not None and not _may_be_redirected(case, step):
        raise Refused(RefusalCode.ALREADY_DONE, "交办函已经发出", "§7")
    if step.route is ReferralRoute.INSTRUCTION:
        if step.authority is None:
            raise Refused(RefusalCode.REASON_MISSING, "按要求交办的，应当写明承办机关", "§7")
        if not referral_target(case).needs_instruction:
            raise Refused(RefusalCode.OUT_OF_ORDER, "本批次按属地管辖交办，无须另行指定承办机关", "§7")
    elif actor.role is not Role.APPROVER:
        raise Refused(RefusalCode.ROLE_NOT_ALLOWED, "紧急或领导交办，应当由分管负责人决定", "§7")
    case.directed = step
    if before is not None:
        case.end_wait(
            StepName.REFERRAL_ACKNOWLEDGED, f"改由{referral_target(case).authority}承办", WaitEnd.REPLACED
        )
        for recipient in case.recipients(DocumentKind.REFERRAL_CORRECTION):
            case.send(DocumentKind.REFERRAL_CORRECTION, recipient, step=StepName.REFERRAL_DIRECTED)
        refer(case)
    elif case.end_wait(StepName.REFERRAL_DIRECTED):
        refer(case)


def _may_be_redirected(case: Case, step: ReferralDirected) -> bool:
    """A leader may take the case from an authority that has the letter and has not acknowledged it (§7)."""
    pending = StepName.REFERRAL_ACKNOWLEDGED in case.waits and is_examined(case)
    taken_up = case.directed is not None and case.directed.route is step.route
    return step.route in _URGENT_ROUTES and pending and not taken_up


def _is_reviewed(case: Case) -> bool:
    """Whether a result of which the authority has the letter is open again: what it does is recorded."""
    letter = case.document_of(DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY)
    return letter is not None and letter.sent_on is not None and case.published_on is None


def referral_acknowledged(case: Case, step: ReferralAcknowledged, _actor: Actor) -> None:
    awaited = StepName.REFERRAL_ACKNOWLEDGED in case.waits
    if not awaited and (case.referral_acknowledged or not _is_reviewed(case)):
        raise Refused(RefusalCode.OUT_OF_ORDER, "没有等待签收的交办", "§7")
    not_in_future(case, step.acknowledged_on, "签收日期")
    letter = case.document_of(DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY)
    if letter is not None and letter.exists_since is not None:
        not_before(step.acknowledged_on, letter.exists_since, "签收日期", "交办函制发日期")
        case.referral_acknowledged_on = step.acknowledged_on
    case.referral_acknowledged = True
    if awaited:
        case.end_wait(StepName.REFERRAL_ACKNOWLEDGED, f"{step.by}于{step.acknowledged_on}签收")
        _await_conclusion(case, step.acknowledged_on)


def _await_conclusion(case: Case, day: date) -> None:
    """The authority acts within an internal term from its acknowledgement (§7)."""
    step = StepName.REFERRAL_CONCLUDED
    case.await_term(Term.REFERRAL_CONCLUDED, step, step, day, about=case.referral_authority or "")


def referral_concluded(case: Case, step: ReferralConcluded, _actor: Actor) -> None:
    kept = _is_reviewed(case) and case.referral_acknowledged and not case.referral_concluded
    if StepName.REFERRAL_CONCLUDED not in case.waits and not kept:
        raise Refused(RefusalCode.OUT_OF_ORDER, "交办尚未签收，不能登记办结", "§7")
    not_in_future(case, step.concluded_on, "办结日期")
    if case.referral_acknowledged_on is not None:
        not_before(step.concluded_on, case.referral_acknowledged_on, "办结日期", "签收日期")
    case.referral_concluded = True
    case.end_wait(StepName.REFERRAL_CONCLUDED, f"{step.by}于{step.concluded_on}办结：{step.action}")


def is_published(case: Case) -> bool:
    return case.published_on is not None


def is_referred(case: Case) -> bool:
    """Nothing is left to be done; or the result is open again."""
    if case.outcome is None:
        return True
    concluded = case.final_verdict is not Verdict.NONCONFORMING or case.referral_concluded
    return concluded and is_examined(case)


def is_final(case: Case) -> bool:
    """The result is known, published and dealt with, and nothing that could open it again is examined."""
    return case.outcome is not None and is_published(case) and is_referred(case)


def close(case: Case) -> None:
    """The batch closes; its evidence is kept for at least two years from here (§5)."""
    if case.phase is Phase.CLOSED:
        return
    for wait_id in list(case.waits):
        case.end_wait(wait_id, "批次办结，不再等待", WaitEnd.DROPPED)
    assert case.outcome is not None
    years = case.opening.regulation.terms[Term.EVIDENCE_KEPT].amount
    assert years is not None
    case.keep_evidence_until = years_on(case.today, years)
    case.enter(Phase.CLOSED, f"批次办结：{OUTCOMES[case.outcome]}")
    words = f"证据资料至少保存至{case.keep_evidence_until}"
    case.note(
        case.key("closed"),
        TimelineKind.CLOSED,
        words,
        "§5",
        data={"keep_until": str(case.keep_evidence_until)},
    )


def suspended(case: Case, _step: Suspended, _actor: Actor) -> None:
    if case.suspended_at is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "本批次已经中止")
    case.suspended_at = case.now


def resumed(case: Case, step: Resumed, actor: Actor) -> None:
    """Running windows are extended by the suspended days, never shortened (procedure section 2)."""
    began = case.suspended_on
    if began is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "本批次没有中止，不能恢复")
    stay = Stay(began=began, ended=case.today)
    stayed = [open_wait.wait for open_wait in case.waits.values() if case.is_stayed(open_wait.wait)]
    case.suspended_at = None
    case.stays.append(stay)
    for wait in stayed:
        if wait.term is None or wait.starts_on is None or wait.last_day is None:
            continue
        days = stay.days_after(wait.starts_on)
        if days > 0:
            rule = case.opening.regulation.terms[wait.term]
            request = CountRequest(
                wait_id=wait.id,
                rule=rule,
                how="stay",
                start=wait.starts_on,
                last_day=wait.last_day,
                days=days,
            )
            case.move_deadline(
                wait.id, request, f"{wait.title}：中止{days}日，期限相应延长（{step.reason}）", actor
            )


def deadline_extended(case: Case, step: DeadlineExtended, actor: Actor) -> None:
    open_wait = case.waits.get(step.wait)
    if open_wait is None:
        raise Refused(RefusalCode.NO_SUCH_WAIT, f"没有名为“{step.wait}”的等待事项")
    wait = open_wait.wait
    if wait.term is None or wait.last_day is None or wait.starts_on is None:
        raise Refused(RefusalCode.NO_SUCH_WAIT, f"“{wait.title}”没有期限")
    if wait.kind is WaitKind.RIGHT and not case.is_stayed(wait) and has_closed(case, open_wait):
        raise Refused(RefusalCode.NO_SUCH_WAIT, f"“{wait.title}”的期限已于{wait.last_day} 24:00届满")
    if step.to <= wait.starts_on:
        raise Refused(RefusalCode.WOULD_SHORTEN, f"届满日应当晚于起算日（{wait.starts_on}）")
    if wait.kind is WaitKind.RIGHT and step.to <= wait.last_day:
        raise Refused(
            RefusalCode.WOULD_SHORTEN, f"当事人的期限（{wait.last_day}）只能延长，不能缩短至{step.to}"
        )
    if step.to < case.today or step.to > case.today + LONGEST_EXTENSION:
        raise Refused(RefusalCode.WOULD_SHORTEN, "延长后的届满日应当在今日之后三年以内")
    rule = case.opening.regulation.terms[wait.term]
    request = CountRequest(
        wait_id=wait.id, rule=rule, how="set", start=wait.starts_on, last_day=step.to, reason=step.reason
    )
    words = f"{wait.title}：届满日由{wait.last_day}改为{step.to}（{step.reason}）"
    case.move_deadline(wait.id, request, words, actor)


def voided(case: Case, step: Voided, actor: Actor) -> None:
    if case.document_of(DocumentKind.PUBLICATION, Recipient.PUBLIC) is not None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "结果已经公示，不能撤销批次")
    case.outcome = Outcome.VOIDED
    case.to_send.clear()
    case.note(
        "voided",
        TimelineKind.OUTCOME,
        f"{ROLES[actor.role]}撤销批次：{step.reason}",
        "规程第2节",
        actor=actor,
    )
