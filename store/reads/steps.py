"""Every step of one batch as it was filed: what it said, its answer, and whether it was put right since."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.envelope import Decision, StepEnvelope
from store.engine import autocommit
from store.ledger.filings import CORRECTED, ENVELOPE, as_envelope
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

# A step is put right once the correction is confirmed; several corrections of one step stand in their order.
_STEP = f"""
    {ENVELOPE}, d.decision, c.corrections
    from ledger l left join decisions d on d.step_id = l.step_id
        left join ({CORRECTED}) c on c.corrects = cast(l.step_id as text)
"""
_OF_ONE = text(f"select corrections from ({CORRECTED}) c where corrects = :step_id")


# Looked for among the last that they filed, so that whoever never did this step learns it as fast.
_LATEST = text("""
    select body from (
        select step, body, received_at, step_id from ledger
        where actor ->> 'sub' = :sub order by received_at desc limit 500
    ) as own
    join decisions d using (step_id)
    where own.step = :step and (d.decision ->> 'accepted')::boolean
    order by received_at desc limit 1
""")


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
    engine: AsyncEngine,
    batch_no: str,
    *,
    limit: int,
    cursor: str | None = None,
    laboratory: str | None = None,
    latest_first: bool = False,
) -> Page[StepOnRecord]:
    """In the order of filing or the latest first, of one laboratory or all. Raises ``CursorInvalid``."""
    position = after(cursor, "position")
    conditions = {
        "l.batch_no = :batch_no": True,
        f"l.position {'<' if latest_first else '>'} cast(cast(:position as text) as int)": cursor is not None,
        "l.actor ->> 'laboratory' = :laboratory": laboratory is not None,
    }
    statement = select(_STEP, conditions, "l.position desc" if latest_first else "l.position")
    parameters = position | {"batch_no": batch_no, "laboratory": laboratory}
    rows = await rows_of(engine, statement, parameters, limit)
    return page_of(rows, limit, _step, lambda row: [str(row.position)])


async def latest_of(engine: AsyncEngine, sub: str, step: str) -> dict[str, Any] | None:
    """What the step of this name that this account filed last carried, in whatever batch."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_LATEST, {"sub": sub, "step": step})).one_or_none()
    return None if row is None else row.body


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
        corrections=_corrections(row.corrections),
    )


async def corrections(engine: AsyncEngine, batch_no: str, step_id: UUID) -> tuple[Correction, ...]:
    """How a step, or what was ordered, was put right since, in order."""
    parameters = {"batch_no": batch_no, "step_id": str(step_id)}
    async with autocommit(engine) as connection:
        row = (await connection.execute(_OF_ONE, parameters)).one_or_none()
    return _corrections(row.corrections if row else None)


def _corrections(lines: Iterable[dict[str, Any]] | None) -> tuple[Correction, ...]:
    return tuple(Correction(UUID(line["correction"]), line["body"]) for line in lines or ())
