"""When each kept file was last read again, and what was found: no legal record."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit

# Within which every file is read again.
CYCLE = timedelta(days=30)
_NEXT = text("""
    select e.evidence_id from evidence e left join evidence_checks c using (evidence_id)
    where e.disposal_no is null
        and coalesce(c.checked_at, e.received_at) < clock_timestamp() - cast(:older as interval)
    order by coalesce(c.checked_at, e.received_at) limit 1
""")
_NOTE = text("""
    insert into evidence_checks (evidence_id, checked_at, finding)
    values (:evidence_id, clock_timestamp(), :finding)
    on conflict (evidence_id) do update set checked_at = excluded.checked_at, finding = excluded.finding
""")
_SUMMARY = text("""
    select count(*) as files, count(c.finding) as damaged, count(*) filter (where
            coalesce(c.checked_at, e.received_at) < clock_timestamp() - cast(:late as interval)) as late,
        (array_agg(e.batch_no order by e.batch_no) filter (where c.finding is not null))[1:3] as batch_nos
    from evidence e left join evidence_checks c using (evidence_id) where e.disposal_no is null
""")


class Damage(StrEnum):
    """What is wrong with a file that was kept whole."""

    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True)
class Checked:
    """``late``: not read again within twice the cycle; ``batch_nos`` of some that are ``damaged``."""

    files: int
    damaged: int
    late: int
    batch_nos: tuple[str, ...]


async def next_due(engine: AsyncEngine, older: timedelta = CYCLE) -> UUID | None:
    """The file that was not read again for longest, where that is too long."""
    async with autocommit(engine) as connection:
        found: UUID | None = (await connection.execute(_NEXT, {"older": older})).scalar_one_or_none()
    return found


async def note(engine: AsyncEngine, evidence_id: UUID, finding: Damage | None) -> None:
    """None: it is what it was."""
    async with autocommit(engine) as connection:
        await connection.execute(_NOTE, {"evidence_id": evidence_id, "finding": finding})


async def summary(engine: AsyncEngine) -> Checked:
    async with autocommit(engine) as connection:
        row = (await connection.execute(_SUMMARY, {"late": 2 * CYCLE})).one()
    return Checked(row.files, row.damaged, row.late, tuple(row.batch_nos or ()))
