"""A batch computed from its ledger alone: the filed steps played through the pure procedure in memory."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Outcome, Phase
from messages.envelope import RefusalCode, StepEnvelope
from messages.opening import Opening
from messages.records import DispatchResult
from store.ledger.filings import ENVELOPE, as_envelope
from tests.quick.memory import Memory
from tests.quick.played import InMemory

_BATCH = text("select opening, clock_timestamp() + clock_ahead as clock from batches where batch_no = :no")
_STEPS = text(f"select {ENVELOPE} from ledger l where batch_no = :no order by position")
_MAILED = text("""
    select document_id, sent_at from documents join outbox using (document_id)
    where batch_no = :no and email is not null and channel = 'email' and sent_at is not null
""")


@dataclass(frozen=True)
class Computed:
    """What must have come of a batch: its end, each step's answer, its papers and what it waits for."""

    phase: Phase
    outcome: Outcome | None
    answers: dict[UUID, tuple[bool, RefusalCode | None]]
    papers: Counter[tuple[str, str]]
    waits: dict[str, datetime | None]


@dataclass
class _AsMailed(Memory):
    """Each letter leaves when the mail server took it: that is a fact from outside, as a step is.

    A timer rings at its time, not a second later: a step may have been stamped in that second.
    """

    mails: bool = True
    late: timedelta = timedelta(microseconds=1)
    left: dict[str, datetime] = field(default_factory=dict)

    async def mail(self, batch_no: str, document_id: str, words: str) -> DispatchResult:  # noqa: ARG002
        if document_id not in self.left:
            await asyncio.Event().wait()
        if (at := self.left[document_id]) > self.clock:
            await self.sleep(at - self.clock, words)
        return DispatchResult(sent_at={document_id: at})


async def computed(engine: AsyncEngine, batch_no: str) -> Computed:
    """Everything a batch must have come to by now. Raises ``AssertionError`` where it never rests."""
    async with engine.connect() as connection:
        row = (await connection.execute(_BATCH, {"no": batch_no})).one()
        steps = [as_envelope(step) for step in await connection.execute(_STEPS, {"no": batch_no})]
        left = {one.document_id: one.sent_at for one in await connection.execute(_MAILED, {"no": batch_no})}
    opening = Opening.model_validate(row.opening)
    world = _AsMailed(opening, opening.opened_at, in_force=opening.calendar, left=left)
    return await _played(InMemory(world), steps, row.clock)


async def _played(batch: InMemory, steps: list[StepEnvelope], until: datetime) -> Computed:
    world, after_closing = batch.world, {}
    try:
        await batch.settled()
        for step in steps:
            assert step.received_at is not None
            await batch.go_to(step.received_at)
            world.ledger.append(step)
            if batch.is_closed:  # the store refuses it: nobody is there any more
                after_closing[step.step_id] = (False, RefusalCode.BATCH_CLOSED)
                continue
            batch.batch.take(step)
            world.wake()
            await batch.settled()
        await batch.go_to(until)
    finally:
        batch.end()
        for letter in world.begun:
            letter.cancel()
    papers = (paper for change in world.changes for paper in change.papers)
    answers = {no: (decision.accepted, decision.code) for no, decision in world.decisions.items()}
    return Computed(
        batch.case.phase,
        batch.case.outcome,
        answers | after_closing,
        Counter((str(paper.kind), str(paper.recipient)) for paper in papers),
        {wait_id: one.wait.deadline for wait_id, one in batch.case.waits.items()},
    )
