"""Which step may be done when, and the decision on one: the only door through which a batch changes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from law.vocabulary import DocumentKind, Phase
from messages.base import Actor
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.names import step_line
from messages.records import TimelineKind
from messages.steps import STEPS, StepName
from messages.words import ROLES
from workflows.procedure import (
    applications,
    correcting,
    disowning,
    laboratories,
    leaders,
    referral,
    reopening,
    retest,
    sampling,
    service,
    testing,
    windows,
    withdrawal,
)
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Moment, Refused
from workflows.procedure.checks import first_faults, out_of_order
from workflows.procedure.parts import Accepted
from workflows.procedure.replacing import withdraw_late_notices
from workflows.procedure.separation import keep_filer, refuse_own_filing

Handler = Callable[[Change, Any, Actor], None]

_RUNNING = frozenset(Phase) - {Phase.CLOSED}
_SAMPLING = frozenset({Phase.SAMPLING})
_TESTING = frozenset({Phase.TESTING})
_AFTER_SEALING = _RUNNING - {Phase.ORDERED, Phase.SAMPLING}
_AFTER_REPORT = _AFTER_SEALING - {Phase.TESTING}
_CONTESTED = frozenset({Phase.NOTIFICATION, Phase.OBJECTION, Phase.RETEST})
_EVEN_CLOSED = _AFTER_REPORT | {Phase.CLOSED}
_SENT = frozenset(Phase) - {Phase.ORDERED}
_SERVED = _AFTER_SEALING | {Phase.CLOSED}
_RETEST = frozenset({Phase.OBJECTION, Phase.RETEST})
_UNTIL_RETESTED = _SAMPLING | _TESTING | _RETEST


@dataclass(frozen=True)
class InCourse:
    """Where in the course of a batch a step belongs, and what it does there."""

    phases: frozenset[Phase]
    handle: Handler


COURSE: dict[StepName, InCourse] = {
    StepName.PURCHASED: InCourse(_SAMPLING, sampling.purchased),
    StepName.RECEIVED: InCourse(_SAMPLING, sampling.received),
    StepName.SEALING_SCHEDULED: InCourse(_SAMPLING, sampling.sealing_scheduled),
    StepName.SEALED: InCourse(_SAMPLING, sampling.sealed),
    StepName.SAMPLING_ABANDONED: InCourse(_SAMPLING, sampling.sampling_abandoned),
    StepName.LABORATORY_REPLACED: InCourse(_UNTIL_RETESTED, laboratories.laboratory_replaced),
    StepName.REPORT_SUBMITTED: InCourse(_TESTING, testing.report_submitted),
    StepName.REPORT_RECEIVED: InCourse(_TESTING, testing.report_received),
    StepName.NOTICE_POSTED: InCourse(_SENT, service.notice_posted),
    StepName.DELIVERY_FAILED: InCourse(_SENT, service.delivery_failed),
    StepName.NOTICE_DELIVERED: InCourse(_SENT, service.notice_delivered),
    StepName.NOTICE_RECEIVED_BY_ANOTHER: InCourse(_SENT, service.notice_received_by_another),
    StepName.NOTICE_RETURNED: InCourse(_SERVED, service.notice_returned),
    StepName.DELIVERY_GIVEN_UP: InCourse(_AFTER_SEALING, service.delivery_given_up),
    StepName.RESULT_ACCEPTED: InCourse(_AFTER_REPORT, windows.result_accepted),
    StepName.PRODUCER_DISOWNED: InCourse(_SERVED, disowning.producer_disowned),
    StepName.OBJECTION_FILED: InCourse(_EVEN_CLOSED, applications.objection_filed),
    StepName.OBJECTION_SUPPLEMENTED: InCourse(_CONTESTED, applications.objection_supplemented),
    StepName.OBJECTION_WITHDRAWN: InCourse(_CONTESTED, withdrawal.application_withdrawn),
    StepName.OBJECTION_DECIDED: InCourse(_CONTESTED, applications.objection_decided),
    StepName.REOPENING_DECIDED: InCourse(_AFTER_REPORT, reopening.reopening_decided),
    StepName.RETEST_LAB_APPOINTED: InCourse(_RETEST, laboratories.retest_lab_appointed),
    StepName.RETEST_FORMALITIES_COMPLETED: InCourse(_EVEN_CLOSED, retest.retest_formalities_completed),
    StepName.RETEST_SEALED: InCourse(_RETEST, retest.retest_sealed),
    StepName.RETEST_REPORT_RECEIVED: InCourse(_RETEST, retest.retest_report_received),
    StepName.REFERRAL_DIRECTED: InCourse(_RUNNING, referral.referral_directed),
    StepName.REFERRAL_ACKNOWLEDGED: InCourse(_AFTER_REPORT, referral.referral_acknowledged),
    StepName.REFERRAL_PASSED_ON: InCourse(_AFTER_REPORT, referral.referral_passed_on),
    StepName.REFERRAL_CONCLUDED: InCourse(_AFTER_REPORT, referral.referral_concluded),
    StepName.SUSPENDED: InCourse(_RUNNING, leaders.suspended),
    StepName.RESUMED: InCourse(_RUNNING, leaders.resumed),
    StepName.DEADLINE_EXTENDED: InCourse(_RUNNING, leaders.deadline_extended),
    StepName.VOIDED: InCourse(_RUNNING, leaders.voided),
    StepName.RECORD_CORRECTED: InCourse(_SENT, correcting.record_corrected),
    StepName.CORRECTION_CONFIRMED: InCourse(_SENT, correcting.correction_confirmed),
}


def decide(case: Case, envelope: StepEnvelope, moment: Moment, decided_at: datetime) -> Change:
    """Accept a step, or refuse it with the reason; either way it is answered and goes on the timeline.

    ``moment.now`` is the ledger's stamp: a step is judged as of then, whenever the batch comes to it.
    """
    change = _begun(case, envelope, moment)
    try:
        _apply(change, envelope)
    except Refused as refused:
        return refuse(case, envelope, refused, moment, decided_at)
    decision = Decision(
        step_id=envelope.step_id,
        step=envelope.step,
        accepted=True,
        decided_at=decided_at,
        rests_on=STEPS[envelope.step].RESTS_ON,
    )
    change.decided = (envelope, decision)
    return change


def refuse(
    case: Case, envelope: StepEnvelope, refused: Refused, moment: Moment, decided_at: datetime
) -> Change:
    """The refusal of a step: its line, and the one thing that may follow from it."""
    change = _begun(case, envelope, moment)
    model = STEPS[envelope.step]
    change.note(
        step_line(envelope.step_id),
        TimelineKind.STEP_REFUSED,
        f"{model.TITLE}：不予受理。{refused.reason}",
        refused.rests_on or model.RESTS_ON,
        actor=envelope.actor,
        data={**_as_filed(envelope), "body_sha256": envelope.body_sha256, "code": refused.code},
    )
    decision = Decision(
        step_id=envelope.step_id,
        step=envelope.step,
        accepted=False,
        decided_at=decided_at,
        code=refused.code,
        reason=refused.reason,
        rests_on=refused.rests_on or model.RESTS_ON,
    )
    change.decided = (envelope, decision)
    if refused.then is not None:
        refused.then(change)
    return change


def answer_again(change: Change, envelope: StepEnvelope, now: datetime) -> None:
    """Put the answer to a step on record again that was lost: as far as the case knows it, and no more."""
    model, accepted = STEPS[envelope.step], str(envelope.step_id) in change.case.accepted
    said = {"body": envelope.body} if accepted else {"body_sha256": envelope.body_sha256}
    words = "已受理" if accepted else "不予受理"
    change.note(
        step_line(envelope.step_id),
        TimelineKind.STEP_ACCEPTED if accepted else TimelineKind.STEP_REFUSED,
        f"{model.TITLE}：当时{words}，答复的记录已丢失，按流程所知补记",
        model.RESTS_ON,
        actor=envelope.actor,
        data={**_as_filed(envelope), **said},
    )
    decision = Decision(
        step_id=envelope.step_id,
        step=envelope.step,
        accepted=accepted,
        decided_at=now,
        code=None if accepted else RefusalCode.ANSWER_LOST,
        reason=None if accepted else "当时不予受理，理由的记录已随数据库丢失；确有需要的，请重新提交",
        rests_on=model.RESTS_ON,
    )
    change.answered.append(decision)


def _begun(case: Case, envelope: StepEnvelope, moment: Moment) -> Change:
    change = Change(case, moment, {"step_id": str(envelope.step_id)})
    change.case.position = max(case.position, envelope.position or 0)
    return change


def _apply(change: Change, envelope: StepEnvelope) -> None:
    case = change.case
    model = STEPS[envelope.step]
    place = COURSE[envelope.step]
    of_the_end = envelope.body.get("notice") == DocumentKind.VOIDANCE_NOTICE
    if (case.is_over and not of_the_end) or (case.phase is Phase.CLOSED and Phase.CLOSED not in place.phases):
        raise Refused(RefusalCode.BATCH_CLOSED, "本批次已办结")
    if envelope.actor.role not in model.ROLES:
        allowed = "、".join(ROLES[role] for role in sorted(model.ROLES))
        raise Refused(RefusalCode.ROLE_NOT_ALLOWED, f"“{model.TITLE}”应当由{allowed}登记")
    try:
        step = model.model_validate(envelope.body)
    except ValidationError as error:
        raise Refused(
            RefusalCode.UNREADABLE, f"“{model.TITLE}”的内容不完整或有误：{first_faults(error)}"
        ) from None
    if case.phase not in place.phases:
        raise out_of_order(case, model.TITLE)
    refuse_own_filing(case, envelope)
    # Before its consequences, so that the timeline reads in the order of cause and effect.
    change.note(
        step_line(envelope.step_id),
        TimelineKind.STEP_ACCEPTED,
        model.TITLE,
        model.RESTS_ON,
        actor=envelope.actor,
        data={**_as_filed(envelope), "body": envelope.body},
    )
    place.handle(change, step, envelope.actor)
    withdraw_late_notices(change)
    keep_filer(case, envelope)
    taken = Accepted(step=envelope.step, by=envelope.actor.sub, letters=len(case.documents))
    case.accepted = {**case.accepted, str(envelope.step_id): taken}


def _as_filed(envelope: StepEnvelope) -> dict[str, Any]:
    """The step with the ledger's stamp and place. What it said is told of an accepted one alone.

    The body of a refused one stays in the ledger; its digest says which it was.
    """
    return {
        "step_id": str(envelope.step_id),
        "step": envelope.step,
        "received_at": envelope.received_at,
        "position": envelope.position,
    }
