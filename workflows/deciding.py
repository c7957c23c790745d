"""Which step may be done when, and the decision on one: the only door through which a batch changes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from law.vocabulary import Phase
from messages.base import Actor
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.records import TimelineKind
from messages.steps import STEPS, StepName
from messages.words import ROLES
from workflows import closing, reopening, result, retest, sampling, service
from workflows.case import Case
from workflows.checks import out_of_order
from workflows.parts import Refused

Handler = Callable[[Case, Any, Actor], None]

_RUNNING = frozenset(Phase) - {Phase.CLOSED}
_SAMPLING = frozenset({Phase.SAMPLING})
_AFTER_SEALING = _RUNNING - {Phase.ORDERED, Phase.SAMPLING}
_AFTER_REPORT = _AFTER_SEALING - {Phase.TESTING}
_CONTESTED = frozenset({Phase.NOTIFICATION, Phase.OBJECTION, Phase.RETEST})
_EVEN_CLOSED = _AFTER_REPORT | {Phase.CLOSED}
_SENT = frozenset(Phase) - {Phase.ORDERED}
_SERVED = _AFTER_SEALING | {Phase.CLOSED}
_PUBLISHED = frozenset({Phase.PUBLICATION, Phase.REFERRAL, Phase.CLOSED})
_RETEST = frozenset({Phase.OBJECTION, Phase.RETEST})


@dataclass(frozen=True)
class Place:
    """Where in the course of a batch a step belongs, and what it does there."""

    phases: frozenset[Phase]
    handle: Handler


COURSE: dict[StepName, Place] = {
    StepName.PURCHASED: Place(_SAMPLING, sampling.purchased),
    StepName.RECEIVED: Place(_SAMPLING, sampling.received),
    StepName.SEALING_SCHEDULED: Place(_SAMPLING, sampling.sealing_scheduled),
    StepName.SEALED: Place(_SAMPLING, sampling.sealed),
    StepName.SAMPLING_ABANDONED: Place(_SAMPLING, sampling.sampling_abandoned),
    StepName.REPORT_RECEIVED: Place(frozenset({Phase.TESTING}), sampling.report_received),
    StepName.NOTICE_POSTED: Place(_SENT, service.notice_posted),
    StepName.DELIVERY_FAILED: Place(_SENT, service.delivery_failed),
    StepName.NOTICE_DELIVERED: Place(_SENT, service.notice_delivered),
    StepName.NOTICE_RETURNED: Place(_SERVED, service.notice_returned),
    StepName.RESULT_ACCEPTED: Place(_AFTER_REPORT, result.result_accepted),
    StepName.OBJECTION_FILED: Place(_EVEN_CLOSED, result.objection_filed),
    StepName.OBJECTION_SUPPLEMENTED: Place(_CONTESTED, result.objection_supplemented),
    StepName.OBJECTION_WITHDRAWN: Place(_CONTESTED, retest.application_withdrawn),
    StepName.OBJECTION_DECIDED: Place(_CONTESTED, result.objection_decided),
    StepName.REOPENING_DECIDED: Place(_AFTER_REPORT, reopening.reopening_decided),
    StepName.RETEST_LAB_APPOINTED: Place(_RETEST, retest.retest_lab_appointed),
    StepName.RETEST_FORMALITIES_COMPLETED: Place(_EVEN_CLOSED, retest.retest_formalities_completed),
    StepName.RETEST_SEALED: Place(_RETEST, retest.retest_sealed),
    StepName.RETEST_REPORT_RECEIVED: Place(_RETEST, retest.retest_report_received),
    StepName.PUBLICATION_CORRECTED: Place(_PUBLISHED, closing.publication_corrected),
    StepName.REFERRAL_DIRECTED: Place(_RUNNING, closing.referral_directed),
    StepName.REFERRAL_ACKNOWLEDGED: Place(_AFTER_REPORT, closing.referral_acknowledged),
    StepName.REFERRAL_CONCLUDED: Place(_AFTER_REPORT, closing.referral_concluded),
    StepName.SUSPENDED: Place(_RUNNING, closing.suspended),
    StepName.RESUMED: Place(_RUNNING, closing.resumed),
    StepName.DEADLINE_EXTENDED: Place(_RUNNING, closing.deadline_extended),
    StepName.VOIDED: Place(_RUNNING, closing.voided),
}


def decide(case: Case, envelope: StepEnvelope, at: datetime) -> Decision:
    """Accept a step and change the case, or refuse it with the reason; either way it goes on the timeline."""
    model = STEPS[envelope.step]
    case.because = {"step_id": str(envelope.step_id)}
    try:
        _apply(case, envelope)
    except Refused as refused:
        refusal = refuse(case, envelope, refused, at)
        if refused.then is not None:
            refused.then(case)
        return refusal
    return Decision(
        step_id=envelope.step_id,
        step=envelope.step,
        accepted=True,
        decided_at=at,
        rests_on=model.RESTS_ON,
    )


def refuse(case: Case, envelope: StepEnvelope, refused: Refused, at: datetime) -> Decision:
    """The refusal of a step, with its line on the timeline."""
    model = STEPS[envelope.step]
    case.note(
        f"step:{envelope.step_id}",
        TimelineKind.STEP_REFUSED,
        f"{model.TITLE}：不予受理。{refused.reason}",
        refused.rests_on or model.RESTS_ON,
        actor=envelope.actor,
        data={**_filed(envelope), "code": refused.code},
    )
    return Decision(
        step_id=envelope.step_id,
        step=envelope.step,
        accepted=False,
        decided_at=at,
        code=refused.code,
        reason=refused.reason,
        rests_on=refused.rests_on or model.RESTS_ON,
    )


def _apply(case: Case, envelope: StepEnvelope) -> None:
    model = STEPS[envelope.step]
    place = COURSE[envelope.step]
    if case.is_over or (case.phase is Phase.CLOSED and Phase.CLOSED not in place.phases):
        raise Refused(RefusalCode.BATCH_CLOSED, "本批次已办结")
    if envelope.actor.role not in model.ROLES:
        allowed = "、".join(ROLES[role] for role in sorted(model.ROLES))
        raise Refused(RefusalCode.ROLE_NOT_ALLOWED, f"“{model.TITLE}”应当由{allowed}登记")
    try:
        step = model.model_validate(envelope.body)
    except ValidationError as error:
        raise Refused(
            RefusalCode.UNREADABLE, f"“{model.TITLE}”的内容不完整或有误：{_first_faults(error)}"
        ) from None
    if case.phase not in place.phases:
        raise out_of_order(case, model.TITLE)
    # Written before its consequences, so that the timeline reads in the order of cause and effect.
    accepted_at = len(case.entries)
    place.handle(case, step, envelope.actor)
    case.note(
        f"step:{envelope.step_id}",
        TimelineKind.STEP_ACCEPTED,
        model.TITLE,
        model.RESTS_ON,
        actor=envelope.actor,
        data=_filed(envelope),
    )
    case.entries.insert(accepted_at, case.entries.pop())


def _filed(envelope: StepEnvelope) -> dict[str, Any]:
    """The step as it came, with the ledger's stamp and place; an operator's signal has none."""
    return envelope.model_dump(mode="json", include={"step_id", "step", "body", "received_at", "position"})


def _first_faults(error: ValidationError) -> str:
    faults = [
        f"{'.'.join(map(str, fault['loc'])) or '整体'}（{fault['type']}）" for fault in error.errors()[:5]
    ]
    return "、".join(faults)
