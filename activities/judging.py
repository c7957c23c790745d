"""Judging a batch anew where its record was wrong, from the ledger alone (procedure section 10)."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from judging.play import judged_anew, ledger_of
from messages.judging import Judged, JudgeInput
from store.ledger.journal import journal


class Judging:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @activity.defn(name="judge_anew")
    async def judge_anew(self, question: JudgeInput) -> Judged:
        """How the batch would stand, had a step said something else from the start."""
        found = await journal(self._engine, question.batch_no)
        ledger = ledger_of(
            found.opening,
            found.steps,
            found.calendar,
            found.kept,
            found.left_at,
            found.past_the_limit,
            question.until,
        )
        return await judged_anew(ledger, question)
