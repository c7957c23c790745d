"""Every step of one batch as it was filed: what it said, its answer, and whether it was put right since."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.envelope import Decision, StepEnvelope
from store.ledger.filings import ENVELOPE, as_envelope
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

# A step is put right once the correction is confirmed; several corrections of one step stand in their order.
_STEP = f"""
    {ENVELOPE}, d.decision, (
        select json_agg(t.data order by t.seq) from timeline t
        where t.batch_no = l.batch_no and t.kind = 'corrected'
            and t.data ->> 'corrects' = cast(l.step_id as text)
    ) as corrections
    from ledger l left join decisions d on d.step_id = l.step_id
"""


@dataclass(frozen=True)
class Correction:
    """By which proposal a step was put right, and what it should have said; None: it never happened."""

    correction: UUID
    body: dict[str, Any] | None


@dataclass(frozen=True)
class StepOnRecord:
    """``decision`` is None while there is none."""

    envelope: StepEnvelope
    decision: Decision | None
    corrections: tuple[Correction, ...]


async def steps(
    engine: AsyncEngine, batch_no: str, *, limit: int, cursor: str | None = None
) -> Page[StepOnRecord]:
    """In the order of filing. Raises ``CursorInvalid``."""
    position = after(cursor, "position")
    conditions = {
        "l.batch_no = :batch_no": True,
        "l.position > cast(cast(:position as text) as int)": cursor is not None,
    }
    statement = select(_STEP, conditions, "l.position")
    rows = await rows_of(engine, statement, position | {"batch_no": batch_no}, limit)
    return page_of(rows, limit, _step, lambda row: [str(row.position)])


async def step(engine: AsyncEngine, batch_no: str, step_id: UUID) -> StepOnRecord | None:
    """One of them; None for an id that is no step of this batch."""
    conditions = {"l.batch_no = :batch_no": True, "l.step_id = :step_id": True}
    parameters = {"batch_no": batch_no, "step_id": step_id}
    rows = await rows_of(engine, select(_STEP, conditions, "l.position"), parameters, 1)
    return _step(rows[0]) if rows else None


def _step(row: Row[Any]) -> StepOnRecord:
    return StepOnRecord(
        envelope=as_envelope(row),
        decision=None if row.decision is None else Decision.model_validate(row.decision),
        corrections=tuple(
            Correction(UUID(told["correction"]), told["body"]) for told in row.corrections or ()
        ),
    )
