"""What an administrator looks at when something stands still, each with its own line."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.steps import StepName
from store.engine import autocommit

# As the watch counts them; a fast-forwarded batch's stamps are by its own clock.
_STEPS = text("""
    select l.batch_no, l.step, l.received_at, l.signalled_at is not null as is_signalled,
        clock_timestamp() + b.clock_ahead - l.received_at as age
    from ledger l join batches b on b.batch_no = l.batch_no
    where (l.signalled_at is null or b.last_position > b.decided_to and l.position > b.decided_to)
        and clock_timestamp() + b.clock_ahead - l.received_at > :older_than
    order by l.no limit :limit
""")


@dataclass(frozen=True)
class StepLying:
    """A step that is in the ledger and not decided; ``is_signalled``: its batch was told of it."""

    batch_no: str
    step: StepName
    received_at: datetime
    is_signalled: bool
    age: timedelta


async def steps(engine: AsyncEngine, older_than: timedelta, limit: int) -> list[StepLying]:
    """The oldest first."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_STEPS, {"older_than": older_than, "limit": limit})
        return [StepLying(**row._asdict() | {"step": StepName(row.step)}) for row in rows]
