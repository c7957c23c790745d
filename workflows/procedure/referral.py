"""A final nonconforming result is referred to the authority that must act on it (§7, procedure section 8)."""

from datetime import date
from typing import Any, Literal

from law.names import folded
from law.referral import ReferralTarget, refer_to
from law.vocabulary import DocumentKind, Phase, Recipient, Role, Term, Verdict
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.records import WaitEnd
from messages.steps import StepName
from messages.steps.closing import (
    ReferralAcknowledged,
    ReferralConcluded,
    ReferralDirected,
    ReferralPassedOn,
    ReferralRoute,
)
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future
from workflows.procedure.waits import await_term, end_wait

_URGENT_ROUTES: dict[ReferralRoute, Literal["enforcement", "online_office"]] = {
    ReferralRoute.ENFORCEMENT_DETACHMENT: "enforcement",
    ReferralRoute.ONLINE_SUPERVISION_OFFICE: "online_office",
}
REFERRAL_WAITS = (
    StepName.REFERRAL_DIRECTED,
    StepName.REFERRAL_ACKNOWLEDGED,
    StepName.REFERRAL_CONCLUDED,
)


def note_referral(change: Change, **known: Any) -> None:
    """Note what is known of the referral."""
    change.case.referral = change.case.referral.model_copy(update=known)


def refer_result(change: Change) -> None:
    """The result is public: a nonconforming one is referred, an authority that has it hears of a review."""
    case = change.case
    if case.phase is not Phase.PUBLICATION or case.published_on is None:
        return
    if case.referral.is_reviewed:
        change.send_to_all(DocumentKind.REFERRAL_CORRECTION)
        note_referral(change, is_reviewed=False)
    if case.final_verdict is not Verdict.NONCONFORMING:
        return
    change.enter(Phase.REFERRAL, "不合格商品交办查处")
    target = _target(case)
    if case.was_referred:
        _refer_on(change, case.published_on)
    elif target.needs_instruction and case.referral.directed is None:
        step = StepName.REFERRAL_DIRECTED
        await_term(change, Term.REFERRAL_DIRECTED, step, step, case.published_on, about=target.note)
    else:
        refer(change)


def _target(case: Case) -> ReferralTarget:
    """The authority by section 8, or the one a person has fixed."""
    platform, directed = case.platform, case.referral.directed
    return refer_to(
        case.opening.regulation,
        case.category,
        case.seller.place,
        platform.place if platform else None,
        _URGENT_ROUTES.get(directed.route) if directed else None,
    )


def refer(change: Change) -> None:
    """Send the referral letter; not while an application is examined that could open the result again."""
    case = change.case
    if not case.is_examined:
        return
    directed, target = case.referral.directed, _target(case)
    by_instruction = directed is not None and directed.route is ReferralRoute.INSTRUCTION
    instructed = directed.authority if directed and by_instruction else None
    note_referral(change, authority=instructed or target.authority, copies=target.copies)
    change.send_to_all(DocumentKind.REFERRAL_LETTER)


def _refer_on(change: Change, day: date) -> None:
    """The result was reviewed and stands: the referral goes on from where it was."""
    referral = change.case.referral
    if referral.is_concluded:
        return
    if referral.is_acknowledged:
        _await_conclusion(change, day)
    else:
        _await_acknowledgement(change, day)


def letter_left(change: Change, _recipient: Recipient, day: date) -> None:
    """The letter has left: the authority acknowledges within the internal term (§7)."""
    awaited = StepName.REFERRAL_ACKNOWLEDGED in change.case.waits
    if not awaited and change.all_sent(DocumentKind.REFERRAL_LETTER):
        _await_acknowledgement(change, day)


def _await_acknowledgement(change: Change, day: date) -> None:
    step, about = StepName.REFERRAL_ACKNOWLEDGED, change.case.referral.authority or ""
    await_term(change, Term.REFERRAL_ACKNOWLEDGED, step, step, day, about=about)


def _await_conclusion(change: Change, day: date) -> None:
    """The authority acts within an internal term from its acknowledgement (§7)."""
    step, about = StepName.REFERRAL_CONCLUDED, change.case.referral.authority or ""
    await_term(change, Term.REFERRAL_CONCLUDED, step, step, day, about=about)


def referral_directed(change: Change, step: ReferralDirected, actor: Actor) -> None:
    """A person fixes the authority: by the province's instruction, or a leader in an urgent case (§7)."""
    case = change.case
    before = case.referral.authority
    if before is not None and not _may_be_redirected(case, step):
        raise Refused(RefusalCode.ALREADY_DONE, "交办函已经发出", "§7")
    if step.route is ReferralRoute.INSTRUCTION:
        if step.authority is None:
            raise Refused(RefusalCode.REASON_MISSING, "按要求交办的，应当写明承办机关", "§7")
        if not _target(case).needs_instruction:
            raise Refused(RefusalCode.OUT_OF_ORDER, "本批次按属地管辖交办，无须另行指定承办机关", "§7")
    elif actor.role is not Role.APPROVER:
        raise Refused(RefusalCode.ROLE_NOT_ALLOWED, "紧急或领导交办，应当由分管负责人决定", "§7")
    note_referral(change, directed=step)
    if before is not None:
        _take_elsewhere(change)
        refer(change)
    elif end_wait(change, StepName.REFERRAL_DIRECTED):
        refer(change)


def _take_elsewhere(change: Change) -> None:
    """The authority that has the letter hears that another one takes the case over."""
    case = change.case
    words = f"改由{_target(case).authority}承办"
    end_wait(change, StepName.REFERRAL_ACKNOWLEDGED, words, WaitEnd.REPLACED)
    for recipient in case.recipients(DocumentKind.REFERRAL_CORRECTION):
        change.send(DocumentKind.REFERRAL_CORRECTION, recipient, step=StepName.REFERRAL_DIRECTED)


def _may_be_redirected(case: Case, step: ReferralDirected) -> bool:
    """A leader may take the case from an authority that has the letter and has not acknowledged it (§7)."""
    pending = StepName.REFERRAL_ACKNOWLEDGED in case.waits and case.is_examined
    directed = case.referral.directed
    taken_up = directed is not None and directed.route is step.route
    return step.route in _URGENT_ROUTES and pending and not taken_up


def _is_open_again(case: Case) -> bool:
    """Whether a result of which the authority has the letter is open again: what it does is recorded."""
    letter = case.document_of(DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY)
    return letter is not None and letter.sent_on is not None and case.published_on is None


def referral_acknowledged(change: Change, step: ReferralAcknowledged, _actor: Actor) -> None:
    """The authority has acknowledged the letter; what it does is now awaited (§7)."""
    case = change.case
    awaited = StepName.REFERRAL_ACKNOWLEDGED in case.waits
    if not awaited and (case.referral.is_acknowledged or not _is_open_again(case)):
        raise Refused(RefusalCode.OUT_OF_ORDER, "没有等待签收的交办", "§7")
    not_in_future(change, step.acknowledged_on, "签收日期")
    letter = case.document_of(DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY)
    if letter is not None and letter.exists_since is not None:
        not_before(step.acknowledged_on, letter.exists_since, "签收日期", "交办函制发日期")
    instead = _taken_over(change, step, "签收")
    note_referral(change, is_acknowledged=True, acknowledged_on=step.acknowledged_on)
    if awaited:
        words = f"{step.by}于{step.acknowledged_on}签收{instead}"
        end_wait(change, StepName.REFERRAL_ACKNOWLEDGED, words)
        _await_conclusion(change, step.acknowledged_on)


def _taken_over(change: Change, step: ReferralAcknowledged | ReferralConcluded, what: str) -> str:
    """That another authority does it than has the case, in words; it has the case from then on.

    Refuses one that does not say why (procedure section 8).
    """
    authority = change.case.referral.authority or ""
    is_other = folded(step.by) != folded(authority)
    if is_other and step.takes_over is None:
        words = f"本批次交办{authority}，而非{step.by}；由其他机关接办的，应当说明"
        raise Refused(RefusalCode.MISMATCH, words, "§7")
    if not is_other and step.takes_over is not None:
        words = f"{step.by}就是所交办的机关，不填写由其他机关接办的说明"
        raise Refused(RefusalCode.MISMATCH, words, "§7")
    if not is_other:
        return ""
    note_referral(change, authority=step.by)
    return f"（原交办{authority}，由{step.by}接办并{what}：{step.takes_over}）"


def referral_passed_on(change: Change, step: ReferralPassedOn, _actor: Actor) -> None:
    """Another authority has the case now: it gets the letter, and its acknowledgement is awaited (§7)."""
    case, referral = change.case, change.case.referral
    waits = [wait for wait in REFERRAL_WAITS[1:] if wait in case.waits]
    if not waits or not case.is_examined:
        raise Refused(RefusalCode.OUT_OF_ORDER, "没有正在办理的交办，不能登记移送", "§7")
    authority = referral.authority or ""
    if folded(step.passed_by) != folded(authority):
        raise Refused(RefusalCode.MISMATCH, f"本批次由{authority}承办，不能由{step.passed_by}移送", "§7")
    if folded(step.passed_to) == folded(authority):
        raise Refused(RefusalCode.MISMATCH, f"{authority}已在承办，不能移送给自己", "§7")
    not_in_future(change, step.passed_on, "移送日期")
    letter = case.document_of(DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY)
    since = referral.acknowledged_on or (letter.exists_since if letter else None)
    if since is not None:
        not_before(step.passed_on, since, "移送日期", "签收日期" if referral.is_acknowledged else "制发日期")
    words = f"{authority}于{step.passed_on}移送{step.passed_to}：{step.reason}"
    for wait in waits:
        end_wait(change, wait, words, WaitEnd.REPLACED)
    note_referral(change, authority=step.passed_to, is_acknowledged=False, acknowledged_on=None)
    change.send(DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY)


def referral_concluded(change: Change, step: ReferralConcluded, _actor: Actor) -> None:
    """The authority has reported what it did (§7)."""
    case, referral = change.case, change.case.referral
    kept = _is_open_again(case) and referral.is_acknowledged and not referral.is_concluded
    if StepName.REFERRAL_CONCLUDED not in case.waits and not kept:
        raise Refused(RefusalCode.OUT_OF_ORDER, "交办尚未签收，不能登记办结", "§7")
    not_in_future(change, step.concluded_on, "办结日期")
    if referral.acknowledged_on is not None:
        not_before(step.concluded_on, referral.acknowledged_on, "办结日期", "签收日期")
    instead = _taken_over(change, step, "办结")
    note_referral(change, is_concluded=True, concluded_on=step.concluded_on, action=step.action)
    words = f"{step.by}于{step.concluded_on}办结{instead}：{step.action}"
    end_wait(change, StepName.REFERRAL_CONCLUDED, words)


def is_referred(case: Case) -> bool:
    """Nothing is left to be done; or the result is open again."""
    if case.outcome is None:
        return True
    concluded = case.final_verdict is not Verdict.NONCONFORMING or case.referral.is_concluded
    return concluded and case.is_examined
