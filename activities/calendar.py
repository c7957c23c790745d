"""The calendar that deadlines are counted on: the built-in years, and those imported since."""

import time

from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import WorkCalendar
from law.calendar_sources import builtin_calendar
from store import calendars

_FRESH_SECONDS = 60.0


class AnnouncedCalendar:
    """Looks for newly imported years once a minute; in between it answers from memory."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._calendar = builtin_calendar()
        self._read_at = float("-inf")

    async def __call__(self) -> WorkCalendar:
        if time.monotonic() - self._read_at > _FRESH_SECONDS:
            self._calendar = builtin_calendar(await calendars.announced(self._engine))
            self._read_at = time.monotonic()
        return self._calendar
