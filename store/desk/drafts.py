"""What lies on somebody's desk, a season at the longest: forms begun, and the answer to their last list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit

_KEEP = text("""
    insert into drafts (sub, place, fields) values (:sub, :place, cast(:fields as jsonb))
    on conflict (sub, place) do update set fields = excluded.fields, saved_at = clock_timestamp()
""")
_OLD = text("delete from drafts where sub = :sub and saved_at < clock_timestamp() - interval '90 days'")
_ONE = text("select fields, saved_at from drafts where sub = :sub and place = :place")
_PLACES = text("""
    select place, saved_at from drafts where sub = :sub and starts_with(place, :under)
    order by saved_at desc limit 50
""")
_DROP = text("delete from drafts where sub = :sub and place = :place")


@dataclass(frozen=True)
class KeptDraft:
    fields: dict[str, Any]
    saved_at: datetime


@dataclass(frozen=True)
class DraftPlace:
    """Where something lies, and since when."""

    place: str
    saved_at: datetime


async def keep(engine: AsyncEngine, sub: str, place: str, fields: Mapping[str, Any]) -> None:
    """In the place of an earlier one of theirs; ``place`` is the address of the form or answer."""
    row = {"sub": sub, "place": place, "fields": to_json(fields).decode()}
    async with autocommit(engine) as connection:
        await connection.execute(_OLD, {"sub": sub})
        await connection.execute(_KEEP, row)


async def found(engine: AsyncEngine, sub: str, place: str) -> KeptDraft | None:
    async with autocommit(engine) as connection:
        row = (await connection.execute(_ONE, {"sub": sub, "place": place})).one_or_none()
    return None if row is None else KeptDraft(row.fields, row.saved_at)


async def places(engine: AsyncEngine, sub: str, under: str) -> list[DraftPlace]:
    """Of what this account has begun, that whose place begins so; the latest first."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_PLACES, {"sub": sub, "under": under})
        return [DraftPlace(**row._asdict()) for row in rows]


async def drop(engine: AsyncEngine, sub: str, place: str) -> None:
    async with autocommit(engine) as connection:
        await connection.execute(_DROP, {"sub": sub, "place": place})
