"""A batch as a Temporal workflow: its start, its signals, its query. Its course is ``batch/course.py``."""

from collections.abc import Sequence
from datetime import datetime

from temporalio import workflow
from temporalio.common import RawValue

from law.vocabulary import Outcome, Verdict
from messages.base import OPERATOR, Message
from messages.envelope import StepEnvelope
from messages.opening import CALENDAR_ANNOUNCED, COMPARE_WITH_RECORD, WORKFLOW_TYPE, Carried, Opening
from messages.snapshot import Snapshot
from messages.steps import StepName
from workflows.batch.course import run
from workflows.batch.effects import TemporalWorld
from workflows.batch.loop import Batch
from workflows.procedure.case import Case
from workflows.procedure.snapshot import snapshot_of


class Closing(Message):
    """How a batch ended; the workflow's result."""

    batch_no: str
    outcome: Outcome
    final_verdict: Verdict | None
    closed_at: datetime


@workflow.defn(name=WORKFLOW_TYPE)
class BatchWorkflow:
    """A batch. Steps arrive as signals named as in procedure section 2, each with an envelope."""

    @workflow.init
    def __init__(self, opening: Opening, carried: Carried | None) -> None:
        case = Case.taken_up(opening, carried.case) if carried else Case(opening=opening)
        calendar = carried.calendar if carried else opening.calendar
        world = TemporalWorld(opening, cancel_asked=lambda: self.batch.cancel_asked())
        self.batch = Batch(world, case, calendar, carried)

    @workflow.run
    async def run(self, opening: Opening, carried: Carried | None) -> Closing:  # noqa: ARG002 (as __init__)
        await run(self.batch)
        return self._closing()

    def _closing(self) -> Closing:
        case = self.batch.case
        assert case.outcome is not None
        return Closing(
            batch_no=case.batch_no,
            outcome=case.outcome,
            final_verdict=case.final_verdict,
            closed_at=workflow.now(),
        )

    @workflow.signal(dynamic=True)
    def take(self, name: str, args: Sequence[RawValue]) -> None:
        """Every signal: takes what comes with it and no more, so that none can fail the workflow."""
        try:
            if name == CALENDAR_ANNOUNCED:
                return self.batch.calendar_announced(self._revision(args))
            if name == COMPARE_WITH_RECORD:
                return self.batch.compare_with_record()
            self.batch.take(self._envelope(StepName(name), args))
        except Exception as error:  # whatever it is, it must not hold up the batch
            self.batch.take_unreadable(workflow.uuid4(), name[:50], str(error)[:500])

    def _revision(self, args: Sequence[RawValue]) -> int:
        """Of the calendar to count on; an operator may leave it out."""
        return int(workflow.payload_converter().from_payload(args[0].payload, int)) if args else 0

    def _envelope(self, step: StepName, args: Sequence[RawValue]) -> StepEnvelope:
        """An envelope from the API, or what an operator sent from the Temporal UI: at least a body."""
        raw = workflow.payload_converter().from_payload(args[0].payload, dict) if args else {}
        if not isinstance(raw, dict):
            raise ValueError("not an envelope")
        given = {"step_id": str(workflow.uuid4()), "actor": OPERATOR.model_dump(), "body": {}} | raw
        return StepEnvelope.model_validate(given | {"step": step, "batch_no": self.batch.case.batch_no})

    @workflow.query
    def snapshot(self) -> Snapshot:
        """The case as it stands in memory; the read model is reconciled against this."""
        return snapshot_of(self.batch.case)
