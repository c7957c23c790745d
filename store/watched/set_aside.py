"""Batches for which Temporal does not take what it is sent: set aside with its reason, tried again slower."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit

# Part of a statement that reads ``batch_no``: not those that are resting.
NOT_RESTING = """
    not exists (select from set_aside s where s.batch_no = {batch_no} and s.again_at > clock_timestamp())
"""
_NOTE = text("""
    insert into set_aside as s (batch_no, reason, times, first_at, again_at)
    values (:batch_no, :reason, 1, clock_timestamp(), clock_timestamp() + interval '1 minute')
    on conflict (batch_no) do update set
        reason = excluded.reason, times = s.times + 1,
        again_at = clock_timestamp()
            + least(interval '1 minute' * power(2, least(s.times, 6)), interval '1 hour')
""")
_FORGET = text("delete from set_aside where batch_no = any(:batch_nos)")
_ALL = text(
    "select batch_no, reason, times, first_at, again_at from set_aside order by first_at limit :limit"
)


@dataclass(frozen=True)
class SetAside:
    """A batch that does not get on since ``first_at``, why, and when it is tried again."""

    batch_no: str
    reason: str
    times: int
    first_at: datetime
    again_at: datetime


async def note(engine: AsyncEngine, batch_no: str, reason: str) -> None:
    """Set a batch aside, for twice as long as the last time: from a minute to an hour."""
    async with autocommit(engine) as connection:
        await connection.execute(_NOTE, {"batch_no": batch_no, "reason": reason})


async def forget(engine: AsyncEngine, batch_nos: list[str]) -> None:
    """These have been taken after all."""
    async with autocommit(engine) as connection:
        await connection.execute(_FORGET, {"batch_nos": batch_nos})


async def standing_aside(engine: AsyncEngine, limit: int) -> list[SetAside]:
    """Those that stand aside, the longest first."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_ALL, {"limit": limit})
        return [SetAside(**row._mapping) for row in rows]
