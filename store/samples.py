"""What of registers, plans and schemes is a sample, and whether a database holds nothing yet."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.approvals import Matter
from store.engine import autocommit
from store.registers.entries import HOLDS, SHOWN, EntryVersion, version_of

_IS_FRESH = text("""
    select not exists (select from batches) and not exists (select from planned)
        and not exists (select from register_entries) as is_fresh
""")
_ENTRIES = text(f"select {SHOWN} where e.sample and not v.ended and {HOLDS} order by v.register, v.code")
_PLANNED = text("""
    select p.id, p.matter from planned p
    where p.sample and not exists (select from planned_ends e where e.id = p.id) order by p.matter desc, p.id
""")


async def is_fresh(engine: AsyncEngine) -> bool:
    """Whether nobody has put in or ordered anything."""
    async with autocommit(engine) as connection:
        return bool((await connection.execute(_IS_FRESH)).scalar_one())


async def sample_entries(engine: AsyncEngine, on: date) -> list[EntryVersion]:
    """The sample's entries that hold on a day."""
    async with autocommit(engine) as connection:
        return [version_of(row) for row in await connection.execute(_ENTRIES, {"on": on})]


async def sample_planned(engine: AsyncEngine) -> list[tuple[Matter, str]]:
    """The sample's schemes and plans that have not ended, schemes first."""
    async with autocommit(engine) as connection:
        return [(Matter(row.matter), row.id) for row in await connection.execute(_PLANNED)]
