"""What a step would come to, without filing it (``dry_run=true``); a correction's effect beforehand."""

from typing import Any
from uuid import uuid4

from pydantic import Field

from api.filing import follow_the_batchs_clock
from api.views import View
from api.web.problems import Problem
from api.web.runtime import Runtime
from judging.apart import Busy
from judging.ledger import ledger_of
from judging.play import BatchEnded, Tried, tried
from law.vocabulary import Role
from messages.base import Actor
from messages.envelope import StepEnvelope
from messages.evidence import EvidenceNotKept
from messages.own_part import OwnPart, own_part
from messages.records import TimelineKind
from messages.snapshot import Wait
from messages.steps import StepName
from messages.words import RECIPIENTS
from store.ledger.journal import Journal, journal

# That the step itself was taken is its answer.
_OF_THE_STEP = (TimelineKind.STEP_ACCEPTED, TimelineKind.STEP_REFUSED)
_BUSY_SECONDS = 5
_SOMEBODY_ELSE = Actor(sub="试办：确认人", name="确认人", role=Role.APPROVER)


class LetterToBe(View):
    title: str = Field(title="文书")
    recipient: str = Field(title="受送达人")
    recipient_name: str = Field(title="受送达人名称")
    replaces: str | None = Field(title="所更正、取代或撤回的文书")


class DryRun(View):
    """What would follow; nothing has been filed."""

    accepted: bool = Field(title="是否会被受理")
    code: str | None = Field(default=None, title="拒绝代码")
    reason: str | None = Field(default=None, title="理由")
    rests_on: str = Field(title="依据")
    follows: tuple[str, ...] = Field(title="会随之发生的事项，依次")
    letters: tuple[LetterToBe, ...] = Field(title="会制发的文书")
    phase: str | None = Field(default=None, title="其后的阶段")
    outcome: str | None = Field(default=None, title="其后的结局；未确定的为空")
    waiting_for: tuple[Wait, ...] = Field(title="其后等待的事项")
    evidence_not_kept: tuple[EvidenceNotKept, ...] = Field(title="所列证据中，本批次没有入库的")


async def dry_run(deps: Runtime, envelope: StepEnvelope, missing: tuple[EvidenceNotKept, ...]) -> DryRun:
    """Play the batch's ledger, and then the step, in memory. Raises ``BatchUnknown`` and ``Problem``.

    ``missing``: of the evidence that the step names.
    """
    if seconds := deps.trials.seconds_to_wait(envelope.actor.sub):
        raise _too_many(seconds)
    await follow_the_batchs_clock(deps, envelope.batch_no)
    found = await journal(deps.engine, envelope.batch_no)
    if found.kept and found.kept["corrections"]["lost"]:
        raise Problem(409, "record_lost", "登记簿中有步骤已随数据库丢失，不能试办。")
    ledger = ledger_of(found, found.clock)
    step = _placed(envelope, found, 1)
    try:
        trial = await deps.judging.play(lambda: tried(ledger, step, _confirmation(step, found)))
    except BatchEnded:
        raise Problem(409, "batch_closed", "该批次的流程已经结束，不再受理。") from None
    except Busy:
        raise _too_many(_BUSY_SECONDS) from None
    return _view(trial, missing, envelope.actor)


def _too_many(seconds: int) -> Problem:
    detail = f"试办的请求过多，请{seconds}秒后重试。"
    return Problem(429, "too_many", detail, headers={"Retry-After": str(seconds)})


def _placed(envelope: StepEnvelope, found: Journal, after: int) -> StepEnvelope:
    """As the ledger would stamp it now."""
    last = max((step.position or 0 for step in found.steps), default=0)
    return envelope.model_copy(update={"received_at": found.clock, "position": last + after})


def _confirmation(step: StepEnvelope, found: Journal) -> StepEnvelope | None:
    """A correction has its effect once somebody else confirms it."""
    if step.step is not StepName.RECORD_CORRECTED:
        return None
    body: dict[str, Any] = {"correction": str(step.step_id), "confirmed": True, "reason": "试办"}
    confirmation = StepEnvelope(
        step_id=uuid4(),
        batch_no=step.batch_no,
        step=StepName.CORRECTION_CONFIRMED,
        body=body,
        actor=_SOMEBODY_ELSE,
    )
    return _placed(confirmation, found, 2)


def _what_follows(trial: Tried, part: OwnPart | None) -> tuple[str, ...]:
    """In words; of a correction what follows on its being confirmed."""
    lines = [line for change in trial.changes for line in change.lines if line.kind not in _OF_THE_STEP]
    places = [place for place, line in enumerate(lines) if line.kind is TimelineKind.CORRECTED]
    lines = lines[places[0] + 1 if places else 0 :]
    return tuple(
        line.text for line in lines if part is None or part.has_line(line.kind, line.actor, line.data)
    )


def _view(trial: Tried, missing: tuple[EvidenceNotKept, ...], actor: Actor) -> DryRun:
    """Of what follows a laboratory is told its part."""
    decision = trial.decision
    last = trial.changes[-1].snapshot if trial.changes else None
    part = own_part(actor.laboratory or "", last) if last and actor.role is Role.LAB else None
    waits = last.waits if last else ()
    return DryRun(
        accepted=decision.accepted,
        code=decision.code,
        reason=decision.reason,
        rests_on=decision.rests_on,
        follows=_what_follows(trial, part) if decision.accepted else (),
        letters=tuple(
            LetterToBe(
                title=paper.title,
                recipient=RECIPIENTS[paper.recipient],
                recipient_name=paper.recipient_name,
                replaces=paper.corrects,
            )
            for change in trial.changes
            for paper in change.papers
            if part is None or paper.document_id in part.letters
        ),
        phase=last.phase if last else None,
        outcome=last.outcome if last else None,
        waiting_for=tuple(one for one in waits if part is None or part.has_wait(one.id)),
        evidence_not_kept=missing,
    )
