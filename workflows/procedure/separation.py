"""Which step decides on what another filed, and who filed what; the judgement is ``law.separation``."""

from law.separation import decides_on_own
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
        filers = {
            account
            for step in _DECIDED_ON.get(envelope.step, frozenset())
            for account in case.filers.get(_about(step, envelope), ())
        }
    if decides_on_own(envelope.actor.sub, filers):
        raise Refused(
            RefusalCode.OWN_FILING, "本人登记的事项不能由本人决定，换用其他角色的令牌亦同；请由他人办理"
        )


def keep_filer(case: Case, envelope: StepEnvelope) -> None:
    """Keep who filed an accepted step that another will decide on."""
    if envelope.step in _KEPT:
        key = _about(envelope.step, envelope)
        known = case.filers.get(key, ())
        if envelope.actor.sub not in known:
            case.filers = {**case.filers, key: (*known, envelope.actor.sub)}


def _about(step: StepName, envelope: StepEnvelope) -> str:
    """A filing's key: the step, and the party where it is a party's."""
    return f"{step}:{envelope.body.get('party') or ''}"
