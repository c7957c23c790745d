"""The calendar that deadlines are counted on: the built-in years, and those imported since."""

import time

from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import WorkCalendar
from store import calendars

_FRESH_SECONDS = 60.0


class AnnouncedCalendar:
    """Looks for newly imported years once a minute; in between it answers from memory."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._calendar: WorkCalendar | None = None
        self._revision = 0
        self._read_at = 0.0

    async def __call__(self, at_least: int = 0) -> WorkCalendar:
        """The calendar, as of an import no older than that which made the revision ``at_least``."""
        old = time.monotonic() - self._read_at > _FRESH_SECONDS
        if self._calendar is None or old or self._revision < at_least:
            # The revision first: what is approved in between is read, and at worst read again. Kept together,
            # for others ask meanwhile.
            revision = await calendars.revision(self._engine)
            calendar = await calendars.current(self._engine)
            self._calendar, self._revision, self._read_at = calendar, revision, time.monotonic()
            return calendar
        return self._calendar
