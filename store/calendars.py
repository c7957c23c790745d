"""The announced years that the calendar library does not know yet, and all that was ever counted on."""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import CalendarYear
from store.canonical import model_json
from store.engine import autocommit

_IMPORT = text("""
    insert into calendar_years (year, arrangement, imported_at)
    values (:year, cast(:arrangement as jsonb), clock_timestamp())
    on conflict (year) do update set arrangement = excluded.arrangement, imported_at = excluded.imported_at
""")
_KEEP = text("""
    insert into calendar_arrangements (digest, year, version, content, kept_at)
    select k.digest, k.year, k.version, k.content, clock_timestamp()
    from json_to_recordset(cast(:kept as json)) as k(digest text, year int, version text, content text)
    on conflict (digest) do nothing
""")
_KEPT = text("select version, content from calendar_arrangements where digest = any(:digests) order by year")
_ANNOUNCED = text("select arrangement from calendar_years order by year")


async def import_year(engine: AsyncEngine, year: CalendarYear) -> None:
    """Keep an announced year; a correction of the announcement replaces it."""
    if not year.announced:
        raise ValueError(f"{year.year}年的放假安排未标明已公布，不能导入")
    async with autocommit(engine) as connection:
        await connection.execute(_IMPORT, {"year": year.year, "arrangement": model_json(year)})


async def announced(engine: AsyncEngine) -> tuple[CalendarYear, ...]:
    """Every imported year."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_ANNOUNCED)
        return tuple(CalendarYear.model_validate(arrangement) for arrangement in rows.scalars())


async def keep(engine: AsyncEngine, years: Iterable[CalendarYear]) -> None:
    """Keep arrangements that deadlines are counted on, each content once; never changed afterwards."""
    kept = [
        {"digest": year.digest, "year": year.year, "version": year.version, "content": year.content}
        for year in years
    ]
    async with autocommit(engine) as connection:
        await connection.execute(_KEEP, {"kept": json.dumps(kept)})


async def kept(engine: AsyncEngine, digests: Sequence[str]) -> tuple[CalendarYear, ...]:
    """The arrangements with these digests, in order of years; the version is the first they were known by.

    One that no deadline was ever counted on is not among them.
    """
    async with autocommit(engine) as connection:
        rows = await connection.execute(_KEPT, {"digests": list(digests)})
        return tuple(
            CalendarYear.model_validate({**json.loads(row.content), "version": row.version}) for row in rows
        )
