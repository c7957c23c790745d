"""Every wait of one batch, open and ended, with the account of its deadline."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.counting import Deadline
from messages.snapshot import Wait
from store.engine import autocommit
from store.reads import is_overdue

_WAITS = text("""
    select w.state, w.wait, w.trace, w.reminded, w.opened_at, w.ended_at,
        clock_timestamp() + b.clock_ahead as clock
    from waits w join batches b using (batch_no)
    where batch_no = :batch_no order by w.opened_at, w.due, w.wait_id
""")


@dataclass(frozen=True)
class WaitRow:
    """A wait as it stands or ended; ``trace`` is None where the procedure sets no period."""

    wait: Wait
    state: str
    overdue: bool
    trace: Deadline | None
    reminded: int | None
    opened_at: datetime
    ended_at: datetime | None


async def waits(engine: AsyncEngine, batch_no: str) -> tuple[WaitRow, ...]:
    """In the order in which they were opened; one that was opened again stands as the latest time."""
    async with autocommit(engine) as connection:
        rows = (await connection.execute(_WAITS, {"batch_no": batch_no})).all()
    found = []
    for row in rows:
        wait = Wait.model_validate(row.wait)
        found.append(
            WaitRow(
                wait=wait,
                state=row.state,
                overdue=row.state == "open" and is_overdue(wait, row.clock),
                trace=None if row.trace is None else Deadline.model_validate(row.trace),
                reminded=row.reminded,
                opened_at=row.opened_at,
                ended_at=row.ended_at,
            )
        )
    return tuple(found)
