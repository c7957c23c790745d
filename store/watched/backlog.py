"""What has been lying about: steps, letters and alerts that should have gone on long ago."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit

# A fast-forwarded batch's stamps are by its own clock. What people hand over has a duty, which reminds them.
_STEPS = text("""
    select 'unsignalled' as what, count(*) as number, max(age) as oldest from (
        select clock_timestamp() + b.clock_ahead - l.received_at as age
        from ledger l join batches b on b.batch_no = l.batch_no where l.signalled_at is null
    ) a where age > :older_than
    union all
    select 'undecided', count(*), max(age) from (
        select clock_timestamp() + b.clock_ahead - l.received_at as age
        from batches b join ledger l on l.batch_no = b.batch_no and l.position > b.decided_to
        where b.last_position > b.decided_to and l.signalled_at is not null
    ) a where age > :older_than
""")
_LETTERS = text("""
    select (select count(*) from outbox where failure is not null) as failing,
        waiting.number as waiting, waiting.oldest
    from (
        select count(*) as number, max(age) as oldest from (
            select clock_timestamp() + b.clock_ahead - d.created_at as age
            from outbox o join documents d on d.document_id = o.document_id
                join batches b on b.batch_no = d.batch_no
            where o.state = 'waiting' and o.channel is distinct from 'outbox'
        ) a where age > :older_than
    ) waiting
""")
_ALERTS = text("""
    select count(*) filter (where state = 'failed') as failing,
        count(*) filter (where state = 'waiting') as waiting,
        clock_timestamp() - min(created_at) as oldest
    from alerts where state in ('waiting', 'failed')
        and created_at < clock_timestamp() - cast(:older_than as interval)
        and created_at > clock_timestamp() - interval '7 days'
""")
_TAKES_WRITES = text("select current_setting('transaction_read_only') = 'off'")
_CLOCK = text("select clock_timestamp()")


@dataclass(frozen=True)
class Lying:
    """How many, and since when the oldest (None where there is none)."""

    number: int
    oldest: timedelta | None


@dataclass(frozen=True)
class StepsLying:
    """Steps that no signal went out for, and steps that were signalled and are not decided."""

    unsignalled: Lying
    undecided: Lying


@dataclass(frozen=True)
class Failing:
    """What shows signs of not arriving, and what has not been tried yet."""

    failing: int
    waiting: Lying


async def steps(engine: AsyncEngine, older_than: timedelta) -> StepsLying:
    async with autocommit(engine) as connection:
        rows = await connection.execute(_STEPS, {"older_than": older_than})
        return StepsLying(**{row.what: Lying(row.number, row.oldest) for row in rows})


async def letters(engine: AsyncEngine, older_than: timedelta) -> Failing:
    """Letters that an officer must look after, and letters that should have left."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_LETTERS, {"older_than": older_than})).one()
        return Failing(row.failing, Lying(row.waiting, row.oldest))


async def alerts(engine: AsyncEngine, older_than: timedelta) -> Failing:
    """Alerts of the last week that staff have not had."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_ALERTS, {"older_than": older_than})).one()
        return Failing(row.failing, Lying(row.waiting, row.oldest))


async def takes_writes(engine: AsyncEngine) -> bool:
    """Whether a step could be filed now: not on a replica, nor where the server was switched to reading."""
    async with autocommit(engine) as connection:
        return bool((await connection.execute(_TAKES_WRITES)).scalar_one())


async def clock(engine: AsyncEngine) -> datetime:
    """The database's own clock."""
    async with autocommit(engine) as connection:
        now: datetime = (await connection.execute(_CLOCK)).scalar_one()
        return now
