"""Draws drawn up: each with its whole list, kept as it is for good."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai
from messages.base import Actor
from messages.draws import DrawContent
from store.canonical import canonical, model_json
from store.errors import KeyReused

_FORM = "CQ{year}-{number:04d}"
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('choujian draws drafted', 0))")
_NOW = text("select clock_timestamp() as now")
_BY_KEY = text("select id, asked_sha256, drafted_by ->> 'sub' as sub from draws where key = :key")
_NEXT = text("select coalesce(max(number), 0) + 1 from draws where year = :year")
_ADD = text("""
    insert into draws (id, scheme_id, year, number, key, asked_sha256, title, wanted, candidates,
        announced_at, content, drafted_by)
    values (:id, :scheme_id, :year, :number, :key, :asked_sha256, :title, :wanted, :candidates, :announced_at,
        cast(:content as json), cast(:by as jsonb))
""")


async def create(
    engine: AsyncEngine, content: DrawContent, by: Actor, *, asked_sha256: str, key: UUID | None
) -> str:
    """The id of a new draw; the same key with what was asked before is that one. Raises ``KeyReused``."""
    async with engine.begin() as connection:
        await connection.execute(_LOCK)
        if key is not None and (known := (await connection.execute(_BY_KEY, {"key": key})).one_or_none()):
            if (known.asked_sha256, known.sub) != (asked_sha256, by.sub):
                raise KeyReused(key)
            return str(known.id)
        year = day_in_shanghai((await connection.execute(_NOW)).scalar_one()).year
        number = (await connection.execute(_NEXT, {"year": year})).scalar_one()
        new = _FORM.format(year=year, number=number)
        row = {
            **{"id": new, "year": year, "number": number, "key": key, "asked_sha256": asked_sha256},
            "scheme_id": content.scheme_id,
            "title": content.title,
            "wanted": content.number,
            "candidates": len(content.candidates),
            "announced_at": content.seed_source.announced_at,
            "content": canonical(content.model_dump(mode="json")),
            "by": model_json(by),
        }
        await connection.execute(_ADD, row)
    return new
