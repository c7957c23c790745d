"""What was done with accounts, by whom: written with each change, never altered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from messages.base import Actor
from store.engine import autocommit

_CHANGED = text("""
    insert into account_changes (sub, by_sub, by_name, what, detail)
    values (:sub, :by_sub, :by_name, :what, :detail)
""").bindparams(bindparam("detail", type_=JSONB))
# A deputy reads with their own what was made of them.
_CHANGES = text("""
    select no, at, sub, by_sub, by_name, what, detail from account_changes
    where (cast(:sub as text) is null or sub = :sub or detail ->> 'deputy' = :sub)
        and (cast(:before as bigint) is null or no < :before)
    order by no desc limit :limit
""")


@dataclass(frozen=True)
class AccountChange:
    """``detail`` by the names of columns: what each was and is, or what was set."""

    no: int
    at: datetime
    sub: str
    by_sub: str
    by_name: str
    what: str
    detail: dict[str, Any]


async def note(
    connection: AsyncConnection, sub: str, by: Actor, what: str, detail: Mapping[str, object]
) -> None:
    """In the transaction of the change itself."""
    said = {"sub": sub, "by_sub": by.sub, "by_name": by.name, "what": what, "detail": dict(detail)}
    await connection.execute(_CHANGED, said)


async def changes(
    engine: AsyncEngine, sub: str | None, *, before: int | None = None, limit: int
) -> list[AccountChange]:
    """Of one account, or of all; the newest first, ``before`` the last that was seen."""
    asked = {"sub": sub, "before": before, "limit": limit}
    async with autocommit(engine) as connection:
        return [AccountChange(**row._asdict()) for row in await connection.execute(_CHANGES, asked)]
