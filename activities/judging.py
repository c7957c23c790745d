"""Judging a batch anew where its record was wrong, from the ledger alone (procedure section 10)."""

import logging

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from judging.apart import Apart
from judging.ledger import ledger_of
from judging.play import judged_anew
from messages.judging import Judged, JudgeInput
from store.ledger.journal import journal

_log = logging.getLogger(__name__)


class Judging:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._apart = Apart()

    @activity.defn(name="judge_anew")
    async def judge_anew(self, question: JudgeInput) -> Judged:
        """How the batch would stand, had a step said something else from the start.

        What cannot be judged is answered as a defect: tried for ever, it would hold up the batch.
        """
        found = await journal(self._engine, question.batch_no)
        try:
            ledger = ledger_of(found, question.until)
            return await self._apart.play(lambda: judged_anew(ledger, question))
        except Exception as defect:
            _log.exception("%s could not be judged anew", question.batch_no)
            return Judged(defect=type(defect).__name__)
