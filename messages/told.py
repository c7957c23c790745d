"""What outside platforms are told (procedure section 13): each plan in force, each batch, each result."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from messages.base import Day, Instant, Message
from messages.planning import CommissionContent, PlanContent, SchemeContent
from messages.quality import CountedBatch, QualityEntry


class ToldKind(StrEnum):
    """What an event is about."""

    PLAN = "plan"
    SCHEME = "scheme"
    COMMISSION = "commission"
    TASK = "task"
    RESULT = "result"


OF_BATCHES = frozenset({ToldKind.TASK, ToldKind.RESULT})


class PlannedTold(Message):
    """A plan, scheme or commission as it is in force, with its number as a paper; or that it has ended."""

    id: str
    version: int
    number: str
    made_out_at: Instant
    above: str | None = Field(description="title of the plan of a scheme, of the scheme of a commission")
    above_number: str | None
    reason: str | None
    ended_on: Day | None
    names: dict[str, str] = Field(description="of laboratories, platforms and bureaus by their codes")


class PlanTold(PlannedTold):
    content: PlanContent


class SchemeTold(PlannedTold):
    content: SchemeContent


class CommissionTold(PlannedTold):
    content: CommissionContent


class TaskTold(CountedBatch):
    """A batch as a task: what was ordered of whom, how far it has come and how it ended."""

    batch_no: str


class ResultTold(QualityEntry):
    """A final result, as the quality records have it, and again each time it is put right."""

    batch_no: str


TOLD: dict[ToldKind, type[Message]] = {
    ToldKind.PLAN: PlanTold,
    ToldKind.SCHEME: SchemeTold,
    ToldKind.COMMISSION: CommissionTold,
    ToldKind.TASK: TaskTold,
    ToldKind.RESULT: ResultTold,
}


class ToldEvent(Message):
    """One event: ``source`` and ``sequence`` (from 1, without gaps) name it.

    ``line``: the last line of the timeline, or the version of the plan, that it follows from; None before the
    first.
    """

    no: int
    source: str
    sequence: int
    kind: ToldKind
    content: dict[str, Any]
    sha256: str
    line: int | None
    at: Instant

    @property
    def id(self) -> str:
        """Names it beside its source; another content under the same number, after a restore, is another."""
        return f"{self.sequence}-{self.sha256[:16]}"
