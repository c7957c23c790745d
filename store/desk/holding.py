"""Who has which batch in hand: taken, handed on, let go; each time a line that stays."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from store.accounts.units import HELD_UNIT
from store.desk.held import HELD, InHand, held
from store.engine import autocommit
from store.errors import HolderChanged
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

# Who has batches in hand: the bureau's own people who carry them forward.
HOLDING = (Role.OFFICER, Role.SUPERVISOR, Role.APPROVER)
MOST_COLLEAGUES = 1000
_HOLDER = text(f"select {HELD} from holders h where h.batch_no = :batch_no")
# Each of these changes one row or none: whoever comes second of two finds that it is not as they saw it.
_TAKE = text("""
    insert into holders (batch_no, sub, name) values (:batch_no, :sub, :name) on conflict do nothing
""")
_HAND_ON = text("""
    update holders set sub = :sub, name = :name, since = clock_timestamp()
    where batch_no = :batch_no and sub = :instead_of
""")
_LET_GO = text("delete from holders where batch_no = :batch_no and sub = :instead_of")
_KEEP = text("""
    insert into handovers (batch_no, sub, name, by_sub, by_name, note)
    values (:batch_no, :sub, :name, :by_sub, :by_name, :note)
""")
_COLLEAGUES = text(f"""
    select a.sub, a.name, a.role, coalesce(h.unit, '') as unit
    from accounts a {HELD_UNIT.format(account="a", unit="h")}
    where a.ended_at is null and a.role = any(:roles) and h.bureau is not distinct from :bureau
    order by 4, a.name, a.sub limit :limit
""")


@dataclass(frozen=True)
class Handover:
    """From ``at`` on it was ``name`` who had it; None: nobody."""

    no: int
    sub: str | None
    name: str | None
    by_sub: str
    by_name: str
    note: str
    at: datetime


@dataclass(frozen=True)
class Colleague:
    """Somebody a batch can be handed to."""

    sub: str
    name: str
    role: Role
    unit: str


async def holder(engine: AsyncEngine, batch_no: str) -> InHand | None:
    async with autocommit(engine) as connection:
        row = (await connection.execute(_HOLDER, {"batch_no": batch_no})).one_or_none()
    return None if row is None else held(row)


async def handovers(
    engine: AsyncEngine, batch_no: str, *, limit: int, cursor: str | None = None
) -> Page[Handover]:
    """The latest first. Raises ``CursorInvalid``."""
    position = after(cursor, "no")
    conditions = {
        "batch_no = :batch_no": True,
        "no < cast(cast(:no as text) as bigint)": cursor is not None,
    }
    statement = select("no, sub, name, by_sub, by_name, note, at from handovers", conditions, "no desc")
    rows = await rows_of(engine, statement, position | {"batch_no": batch_no}, limit)
    return page_of(rows, limit, _handover, lambda row: [str(row.no)])


async def pass_on(
    engine: AsyncEngine,
    batch_no: str,
    *,
    to: tuple[str, str] | None,
    instead_of: str | None,
    by: Actor,
    note: str,
) -> None:
    """From now on ``to``, an account and its name, has the batch in hand; None: nobody.

    ``instead_of`` is who has it now, as ``by`` saw it. Raises ``HolderChanged`` where it is not so.
    """
    sub, name = to or (None, None)
    change = _TAKE if instead_of is None else _LET_GO if to is None else _HAND_ON
    said: dict[str, object] = {"batch_no": batch_no, "sub": sub, "name": name, "instead_of": instead_of}
    named = {key: value for key, value in said.items() if f":{key}" in change.text}
    kept = {"batch_no": batch_no, "sub": sub, "name": name, "note": note}
    async with engine.begin() as connection:
        if (await connection.execute(change, named)).rowcount == 0:
            raise HolderChanged
        await connection.execute(_KEEP, kept | {"by_sub": by.sub, "by_name": by.name})


async def colleagues(engine: AsyncEngine, bureau: str | None = None) -> list[Colleague]:
    """Of this bureau, or of a subordinate one."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(
            _COLLEAGUES, {"roles": list(HOLDING), "bureau": bureau, "limit": MOST_COLLEAGUES}
        )
        return [Colleague(**row._asdict() | {"role": Role(row.role)}) for row in rows]


def _handover(row: Row[Any]) -> Handover:
    return Handover(**row._asdict())
