"""Every wait of one batch, open and ended, with the account of its deadline."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.counting import Deadline
from messages.snapshot import Wait
from store.engine import autocommit

_WAITS = text("""
    select state, wait, trace, reminded, opened_at, ended_at,
        state = 'open' and overdue_from <= statement_timestamp() as overdue
    from waits where batch_no = :batch_no order by opened_at, due, wait_id
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
    return tuple(
        WaitRow(
            wait=Wait.model_validate(row.wait),
            state=row.state,
            overdue=row.overdue,
            trace=None if row.trace is None else Deadline.model_validate(row.trace),
            reminded=row.reminded,
            opened_at=row.opened_at,
            ended_at=row.ended_at,
        )
        for row in rows
    )
