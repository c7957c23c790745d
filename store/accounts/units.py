"""To which bureau and office an account belongs, each from a day on; what held before stays on record."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from messages.base import Actor
from store.access.revocations import REVOKE_FROM
from store.accounts.changes import note
from store.engine import autocommit

_TODAY = "(clock_timestamp() at time zone 'Asia/Shanghai')::date"
# Beside an account: its unit of today. Of several from one day on, the one recorded last.
HELD_UNIT = f"""
    left join lateral (
        select u.unit, u.bureau from account_units u
        where u.sub = {{account}}.sub and u.holds_from <= {_TODAY}
        order by u.holds_from desc, u.no desc limit 1
    ) {{unit}} on true
"""
_ON = text(f"""
    select coalesce(cast(:on as date), {_TODAY}) as day, {_TODAY} as today, (
        select row_to_json(h) from (
            select u.unit, u.bureau from account_units u
            where u.sub = :sub and u.holds_from <= coalesce(cast(:on as date), {_TODAY})
            order by u.holds_from desc, u.no desc limit 1) h) as held
""")
_ADD = text("""
    insert into account_units (sub, holds_from, unit, bureau, by_sub, by_name)
    values (:sub, :holds_from, :unit, :bureau, :by_sub, :by_name)
""")
_OF = text("""
    select holds_from, unit, bureau, by_name, at from account_units where sub = :sub
    order by holds_from desc, no desc limit 200
""")
_UNITS = text("""
    select h.bureau, coalesce(h.unit, '') as unit, count(*) as staff from accounts a
    left join lateral (
        select u.unit, u.bureau from account_units u
        where u.sub = a.sub and u.holds_from <= :on order by u.holds_from desc, u.no desc limit 1
    ) h on true
    where a.ended_at is null and a.laboratory is null
    group by 1, 2 order by 1 nulls first, 2 limit 1000
""")


@dataclass(frozen=True)
class UnitHeld:
    """From ``holds_from`` on an account belonged to this office; ``bureau``: a subordinate one's code."""

    holds_from: date
    unit: str
    bureau: str | None
    by_name: str
    at: datetime


@dataclass(frozen=True)
class UnitStaffed:
    """An office with so many accounts in use; ``bureau`` None: of the bureau itself."""

    bureau: str | None
    unit: str
    staff: int


async def put(
    connection: AsyncConnection, actor: Actor, *, unit: str, holds_from: date | None, by: Actor
) -> bool:
    """The unit from that day on, today where none is said; whether that changes what holds today.

    What holds on that day already is not put in again. Tokens that were issued before a later day are good
    until it begins.
    """
    asked = (await connection.execute(_ON, {"sub": actor.sub, "on": holds_from})).one()
    said = {"unit": unit, "bureau": actor.bureau}
    was = asked.held or {"unit": "", "bureau": None}
    if was == said:
        return False
    row = {"sub": actor.sub, "holds_from": asked.day, "by_sub": by.sub, "by_name": by.name, **said}
    await connection.execute(_ADD, row)
    changed = {name: [was[name], said[name]] for name in said if was[name] != said[name]}
    await note(connection, actor.sub, by, "更改单位", {"from_day": str(asked.day), **changed})
    if asked.day > asked.today:
        await connection.execute(REVOKE_FROM, {"sub": actor.sub, "day": asked.day})
    return bool(asked.day <= asked.today)


async def of(engine: AsyncEngine, sub: str) -> list[UnitHeld]:
    """All that an account belonged to and will, the latest first; two hundred at the most."""
    async with autocommit(engine) as connection:
        return [UnitHeld(**row._asdict()) for row in await connection.execute(_OF, {"sub": sub})]


async def staffed(engine: AsyncEngine, on: date) -> list[UnitStaffed]:
    """The units that have staff on a day: the bureau's own first."""
    async with autocommit(engine) as connection:
        return [UnitStaffed(**row._asdict()) for row in await connection.execute(_UNITS, {"on": on})]
