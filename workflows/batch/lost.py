"""What a restored database has lost of a batch whose workflow knows it: named, and never made up again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from messages.envelope import StepEnvelope
from messages.names import restored_line
from messages.records import TimelineKind
from messages.standing import StandingResult
from messages.steps import STEPS
from workflows.procedure.case import Case
from workflows.procedure.change import Change
from workflows.procedure.deciding import answer_again


@dataclass(frozen=True)
class Lost:
    """``words`` say it to people; ``answered`` are steps whose answer was lost, ``standing`` is the rest."""

    words: str
    data: dict[str, Any]
    answered: tuple[StepEnvelope, ...]
    standing: StandingResult

    @classmethod
    def of(cls, case: Case, standing: StandingResult) -> Self:
        answered = tuple(step for step in standing.steps if _is_answered(case, step))
        new = tuple(step for step in standing.steps if step not in answered)
        steps = {str(lost): case.accepted[str(lost)] for lost in standing.lost}
        titles = "、".join(STEPS[taken.step].TITLE for taken in steps.values() if taken.step)
        where = "记录中没有本批次" if standing.is_missing else f"记录只到第{standing.version}次变更"
        ledger = f"登记簿中已没有的步骤：{titles}。" if titles else ""
        return cls(
            words=f"数据库恢复自较早的备份：{where}，流程已到第{case.version}次，自流程所存案卷补入，"
            f"各项期限不变。{ledger}此间时间线、文书的记录已丢失的，不予补造",
            data={
                "record": standing.version,
                "workflow": case.version,
                "lost_steps": {step_id: taken.model_dump(mode="json") for step_id, taken in steps.items()},
            },
            answered=answered,
            standing=standing.model_copy(update={"steps": new}),
        )

    def put_back(self, change: Change, now: datetime) -> None:
        """Have the record take the case over as it is, and say so."""
        change.puts_back = True
        corrections = change.case.corrections
        lost = tuple(dict.fromkeys((*corrections.lost, *self.data["lost_steps"])))
        change.case.corrections = corrections.model_copy(update={"lost": lost})
        change.note(
            restored_line(change.case.version),
            TimelineKind.RESTORED,
            self.words,
            "规程第9节",
            data=self.data,
        )
        for step in self.answered:
            answer_again(change, step, now)


def _is_answered(case: Case, step: StepEnvelope) -> bool:
    """Whether the batch has decided a step, though the record has no answer.

    A place proves nothing alone: after the backup the ledger has given it out once more. What came after the
    batch's last record is new.
    """
    if str(step.step_id) in case.accepted:
        return True
    if step.received_at is None or step.position is None or case.recorded_at is None:
        return False
    return step.received_at <= case.recorded_at and step.position <= case.position
