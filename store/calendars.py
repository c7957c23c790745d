"""The State Council's announced years that the calendar library does not know yet."""

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
