"""Announced years are imported, and replaced when the announcement is corrected."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import CalendarYear
from store import calendars

YEAR = CalendarYear(
    year=2027,
    version="国办发明电〔2026〕0号",
    announced=True,
    holidays={date(2027, 1, 1): "元旦"},
    makeup_days=(date(2027, 1, 3),),
)


async def test_a_year_is_imported_and_corrected(engine: AsyncEngine) -> None:
    """The last import of a year is the one that counts."""
    assert await calendars.announced(engine) == ()
    await calendars.import_year(engine, YEAR)
    assert await calendars.announced(engine) == (YEAR,)
    corrected = YEAR.model_copy(update={"makeup_days": ()})
    await calendars.import_year(engine, corrected)
    assert await calendars.announced(engine) == (corrected,)


async def test_a_guess_is_not_imported(engine: AsyncEngine) -> None:
    """Only what the State Council has announced."""
    with pytest.raises(ValueError, match="已公布"):
        await calendars.import_year(engine, YEAR.model_copy(update={"announced": False}))
