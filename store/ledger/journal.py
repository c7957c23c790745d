"""All that a batch's course follows from, as it is on record: opening, steps in their order, letters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.envelope import RefusalCode, StepEnvelope
from messages.opening import CalendarInForce, Opening
from store.calendars import arrangements
from store.errors import BatchUnknown
from store.ledger.filings import ENVELOPE, as_envelope

_BATCH = text("""
    select opening, kept, greatest(clock_timestamp() + clock_ahead, last_stamp) as clock
    from batches where batch_no = :batch_no
""")
_STEPS = text(f"""
    select {ENVELOPE}, (d.decision ->> 'accepted')::boolean as accepted, d.decision ->> 'code' as code
    from ledger l left join decisions d using (step_id)
    where l.batch_no = :batch_no order by l.position
""")
# What people hand over leaves by a step of theirs.
_LEFT = text("""
    select d.document_id, d.sent_at from documents d join outbox o using (document_id)
    where d.batch_no = :batch_no and d.sent_at is not null and o.channel is distinct from 'outbox'
""")


@dataclass(frozen=True)
class Journal:
    """Of one batch. ``left_at``: of letters that left by themselves. ``refused``: the steps that
    were refused, and why. ``kept``: its case as last recorded, None before the first record."""

    opening: Opening
    calendar: CalendarInForce
    steps: tuple[StepEnvelope, ...]
    left_at: Mapping[str, datetime]
    refused: Mapping[UUID, RefusalCode | None]
    kept: dict[str, Any] | None
    clock: datetime


async def journal(engine: AsyncEngine, batch_no: str) -> Journal:
    """As of one moment. Raises ``BatchUnknown``."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        row = (await connection.execute(_BATCH, {"batch_no": batch_no})).one_or_none()
        if row is None:
            raise BatchUnknown(batch_no)
        steps = (await connection.execute(_STEPS, {"batch_no": batch_no})).all()
        left = await connection.execute(_LEFT, {"batch_no": batch_no})
        opening = Opening.model_validate(row.opening)
        in_force = await arrangements.in_force_on(connection)
        return Journal(
            opening=opening,
            calendar=in_force.for_batch_of(opening.order.regulation_date),
            steps=tuple(as_envelope(step) for step in steps),
            left_at={letter.document_id: letter.sent_at for letter in left},
            refused={
                one.step_id: one.code and RefusalCode(one.code) for one in steps if one.accepted is False
            },
            kept=row.kept,
            clock=row.clock,
        )
