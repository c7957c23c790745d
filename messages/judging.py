"""What is asked and answered where a record was wrong: how the batch would stand (procedure section 10)."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from messages.base import Instant, Message
from messages.envelope import Decision, RefusalCode
from messages.steps import StepName


class JudgeInput(Message):
    """Judge a batch anew, as it would stand had a step said something else from the start, or not happened.

    Of the ledger's steps before ``before``, at ``until``. ``told``: last days that parties were told, by
    wait; none is moved earlier. ``corrected_by``: the correction of it that holds.
    """

    batch_no: str
    corrects: UUID
    corrected_by: UUID | None
    body: dict[str, Any] | None
    before: int
    until: Instant
    told: dict[str, date]
    is_proposal: bool = Field(description="nothing follows yet: it is only asked whether it could stand")


class OtherStep(Message):
    """A step that would have been answered otherwise; ``corrects``: what a correction put right."""

    step_id: UUID
    step: StepName
    party: str | None = None
    recipient: str | None = None
    filed_on: date | None = None
    corrects: StepName | None = None


class Fallen(OtherStep):
    """A step that was accepted and would not have been; without a code where it could not have come."""

    code: RefusalCode | None = None
    reason: str | None = None


class Judged(Message):
    """``case``: as it would stand, its JSON without the opening; ``is_same``: the step said so before.

    ``corrected`` is the answer that the step would have got; ``accepted`` and ``fallen`` the other steps
    that would have been answered otherwise than they were. An earlier correction is among the fallen where
    the step that it put right would stand without it. ``defect``: it could not be judged, by our fault.
    """

    case: dict[str, Any] = Field(default_factory=dict)
    is_same: bool = False
    corrected: Decision | None = None
    accepted: tuple[OtherStep, ...] = ()
    fallen: tuple[Fallen, ...] = ()
    defect: str | None = None
