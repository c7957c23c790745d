"""Which step decides on what another filed, and who filed what; the judgement is ``law.separation``."""

from typing import Any

from law.separation import decides_on_own
from messages.base import Actor
from messages.envelope import RefusalCode, StepEnvelope
from messages.steps import StepName
from workflows.procedure.case import Case
from workflows.procedure.change import Refused

_APPLICATION = frozenset(
    {
        StepName.OBJECTION_FILED,
        StepName.OBJECTION_SUPPLEMENTED,
        StepName.OBJECTION_WITHDRAWN,
    }
)
_DECIDED_ON: dict[StepName, frozenset[StepName]] = {
    StepName.OBJECTION_DECIDED: _APPLICATION,
    StepName.REOPENING_DECIDED: _APPLICATION | {StepName.RETEST_FORMALITIES_COMPLETED},
}
_KEPT = frozenset[StepName]().union(*_DECIDED_ON.values())


def refuse_own_filing(case: Case, envelope: StepEnvelope) -> None:
    """Refuses a decision by whoever filed what is decided on; of voiding, by whoever opened the batch."""
    if envelope.step is StepName.VOIDED:
        filers = {case.opening.opened_by.sub}
    else:
        filers = _filers(case, envelope.step, envelope.body)
    if decides_on_own(envelope.actor.sub, filers):
        raise Refused(
            RefusalCode.OWN_FILING, "本人登记的事项不能由本人决定，换用其他角色的令牌亦同；请由他人办理"
        )


def filed_by_himself(case: Case, actor: Actor, decision: StepName | None, body: dict[str, Any]) -> bool:
    """Whether who is to let this decision stand filed what it decides on."""
    return decision is not None and decides_on_own(actor.sub, _filers(case, decision, body))


def _filers(case: Case, decision: StepName, body: dict[str, Any]) -> set[str]:
    steps = _DECIDED_ON.get(decision, frozenset())
    return {account for step in steps for account in case.filers.get(_about(step, body), ())}


def keep_proposer(case: Case, account: str, step: StepName | None, body: dict[str, Any] | None) -> None:
    """Who proposed what a filing should have said has filed it, as it holds."""
    if step in _KEPT and body is not None:
        _keep(case, _about(step, body), account)


def keep_filer(case: Case, envelope: StepEnvelope) -> None:
    """Keep who filed an accepted step that another will decide on."""
    if envelope.step in _KEPT:
        _keep(case, _about(envelope.step, envelope.body), envelope.actor.sub)


def _keep(case: Case, key: str, account: str) -> None:
    known = case.filers.get(key, ())
    if account not in known:
        case.filers = {**case.filers, key: (*known, account)}


def _about(step: StepName, body: dict[str, Any]) -> str:
    """A filing's key: the step, and the party where it is a party's."""
    return f"{step}:{body.get('party') or ''}"
