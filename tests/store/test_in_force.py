"""The calendar a worker counts on: from memory, but never older than the import it was told of."""

import asyncio
from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import CalendarYear
from store.calendars.in_force import AnnouncedCalendar
from tests.store.builders import put_in_force

YEAR = CalendarYear(year=2029, version="虚构", announced=True, holidays={date(2029, 1, 1): "元旦"})


async def test_an_import_is_seen_by_all_who_were_told_of_it(engine: AsyncEngine) -> None:
    """Many ask at once while one of them is still reading; who was not told may wait a minute."""
    calendar = AnnouncedCalendar(engine)
    before = await calendar()
    imported = await put_in_force(engine, YEAR)
    assert imported.revision is not None
    assert (await calendar()) is before
    asking = []
    for _ in range(200):  # turn by turn, so that some ask between the first one's two questions
        asking.append(asyncio.create_task(calendar(imported.revision)))
        await asyncio.sleep(0)
    for found in await asyncio.gather(*asking):
        assert found.calendar.is_announced(2029)
    assert (await calendar()).calendar.is_announced(2029)
