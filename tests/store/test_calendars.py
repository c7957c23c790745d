"""Announced years are imported, and replaced when the announcement is corrected."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import CalendarYear
from store.calendars import arrangements

YEAR = CalendarYear(
    year=2027,
    version="国办发明电〔2026〕0号",
    announced=True,
    holidays={date(2027, 1, 1): "元旦"},
    makeup_days=(date(2027, 1, 3),),
)


async def test_what_was_counted_on_is_kept_for_good(engine: AsyncEngine, superuser: AsyncEngine) -> None:
    """Found by its digest under the name it was first known by; nobody changes or removes it."""
    renamed = YEAR.model_copy(update={"version": "chinesecalendar-9"})
    assert renamed.digest == YEAR.digest
    await arrangements.keep(engine, [YEAR])
    await arrangements.keep(engine, [renamed, YEAR])
    assert await arrangements.kept(engine, [YEAR.digest, "unknown"]) == (YEAR,)
    for statement in ("update calendar_arrangements set version = ''", "delete from calendar_arrangements"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with superuser.begin() as connection:
                await connection.execute(text(statement))
