"""The report of an outage: which deadlines passed in it, what became of each, which steps had to wait."""

from datetime import timedelta

from messages.steps import STEPS
from proof.outages.models import HeldStep, OutageReport
from proof.outages.passed import passed_deadlines
from store.reads.on_record import Passage, ReceivedStep


def report_of(passage: Passage, *, answered_within: timedelta) -> OutageReport:
    """Everything that passed in that time; a step decided within ``answered_within`` was answered at once."""
    begin, end = passage.begin, passage.end
    passed = [one for batch in passage.batches for one in passed_deadlines(batch, begin, end)]
    passed.sort(key=lambda one: (one.deadline, one.batch_no))
    held = (one for one in passage.received if one.decision is None or one.waited >= answered_within)
    return OutageReport(
        begin=begin,
        end=end,
        faults=tuple(
            f"批次 {one.batch_no}，{one.wait.title}（{one.whose}）：{fault}"
            for one in passed
            for fault in one.faults
        ),
        deadlines=tuple(passed),
        steps_received=len(passage.received),
        held=tuple(map(_held, held)),
    )


def _held(step: ReceivedStep) -> HeldStep:
    return HeldStep(
        batch_no=step.batch_no,
        title=step.title,
        step_id=step.step_id,
        step=step.step,
        step_title=STEPS[step.step].TITLE,
        actor=step.actor,
        received_at=step.received_at,
        waited=step.waited,
        decision=step.decision,
    )
