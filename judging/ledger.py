"""All that a batch's course follows from, and what it would follow from had a step said something else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel

from judging.world import Letters
from law.calendar import day_in_shanghai
from messages.envelope import RefusalCode, StepEnvelope
from messages.judging import JudgeInput
from messages.names import order_id
from messages.opening import CalendarInForce, Opening
from messages.order import BatchOrder
from messages.steps import STEPS, StepName
from workflows.procedure.case import Case

_CORRECTIONS = (StepName.RECORD_CORRECTED, StepName.CORRECTION_CONFIRMED)


@dataclass(frozen=True)
class Ledger:
    """All that a batch's course follows from: its opening, the steps as filed, how its letters went.

    ``past_the_limit``: the steps that were refused for the repeat limit, as it was counted then.
    ``instead``: what steps should have said, by their ids; None for one that never happened.
    ``is_another_order``: names and addresses were put right, the parties stay the same. ``is_judged_anew``:
    it tells what would have been, not what was.
    """

    opening: Opening
    steps: tuple[StepEnvelope, ...]
    calendar: CalendarInForce
    letters: Letters
    past_the_limit: frozenset[UUID] = frozenset()
    instead: Mapping[UUID, dict[str, Any] | None] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    is_another_order: bool = False
    is_judged_anew: bool = False

    def before(self, position: int) -> "Ledger":
        """What was filed before a place in the ledger."""
        return replace(self, steps=tuple(step for step in self.steps if (step.position or 0) < position))

    def says_already(self, question: JudgeInput) -> bool:
        """Whether the step says so as it stands: as it was filed, or by the correction that holds."""
        filed = {step.step_id: step for step in self.steps}
        wrong = filed.get(question.corrects)
        model: type[BaseModel] = STEPS[wrong.step] if wrong else BatchOrder
        if question.corrected_by is not None:
            body = filed[question.corrected_by].body["body"]
        else:
            body = wrong.body if wrong else self.opening.order.model_dump(mode="json")
        if body is None or question.body is None:
            return body is question.body
        return model.model_validate(body) == model.model_validate(question.body)

    def is_undone(self, case: Case, step_id: UUID) -> bool:
        """Whether a step was put right as one that never happened, so that nothing of it can fall."""
        holds = case.accepted.get(str(step_id))
        if holds is None or holds.corrected_by is None:
            return False
        correction = next(one for one in self.steps if str(one.step_id) == holds.corrected_by)
        return correction.body["body"] is None

    def put_right_by(self, step: StepEnvelope) -> UUID | None:
        """What a correction, or its confirmation, puts right; None for every other step."""
        proposed = step.body.get("correction") if step.step is StepName.CORRECTION_CONFIRMED else None
        known = {str(one.step_id): one for one in self.steps}
        proposal = known.get(str(proposed)) if proposed else step
        if proposal is None or proposal.step is not StepName.RECORD_CORRECTED:
            return None
        return UUID(str(proposal.body["corrects"]))

    def said_of(self, step: StepEnvelope) -> dict[str, Any]:
        """Which step it is, for people: whose, of what day, and of a correction what it is of."""
        corrects = self.put_right_by(step)
        return {
            "step_id": step.step_id,
            "step": step.step,
            "party": step.body.get("party"),
            "recipient": step.body.get("recipient"),
            "filed_on": step.received_at and day_in_shanghai(step.received_at),
            "corrects": next((one.step for one in self.steps if one.step_id == corrects), None),
        }

    def had_it_said(self, corrects: UUID, body: dict[str, Any] | None, told: Mapping[str, Any]) -> "Ledger":
        """The same, with a step as it should have been. What is to be judged comes before what was judged
        then: a later correction of the same step holds from the start. The order is put right as well."""
        if corrects == order_id(self.opening.batch_no):
            return replace(
                self,
                opening=self.opening.ordered(BatchOrder.model_validate(body)),
                told=told,
                is_another_order=True,
                is_judged_anew=True,
            )
        instead = {corrects: body, **self.instead}
        return replace(self, instead=instead, told=told, is_judged_anew=True)


class Recorded(Protocol):
    """What is on record of one batch; ``store.ledger.journal`` reads it."""

    @property
    def opening(self) -> Opening: ...
    @property
    def steps(self) -> Sequence[StepEnvelope]: ...
    @property
    def calendar(self) -> CalendarInForce: ...
    @property
    def kept(self) -> dict[str, Any] | None: ...
    @property
    def left_at(self) -> Mapping[str, datetime]: ...
    @property
    def refused(self) -> Mapping[UUID, RefusalCode | None]: ...


def ledger_of(found: Recorded, until: datetime) -> Ledger:
    """The ledger of a batch as it is on record; its case knows its letters.

    A correction that was refused has never had an effect, and has none in a play.
    """
    opening, kept, refused = found.opening, found.kept, found.refused
    case = Case.taken_up(opening, kept) if kept else Case(opening=opening)
    letters = Letters.of(case.documents.values(), found.left_at, until)
    counted = tuple(one for one in found.steps if not (one.step in _CORRECTIONS and one.step_id in refused))
    past = frozenset(step_id for step_id, code in refused.items() if code is RefusalCode.REPEAT_LIMIT)
    return Ledger(opening, counted, found.calendar, letters, past)
