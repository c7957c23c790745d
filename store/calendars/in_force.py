"""The calendar that deadlines are counted on, as a process holds it: read again once a minute."""

import time
from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from messages.opening import CalendarInForce
from store.calendars import arrangements

_FRESH_SECONDS = 60.0


class AnnouncedCalendar:
    """Looks for newly imported years once a minute; in between it answers from memory."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._in_force: CalendarInForce | None = None
        self._read_at = 0.0
        self._for_batches: dict[int, CalendarInForce] = {}

    async def __call__(self, at_least: int = 0) -> CalendarInForce:
        """The calendar in force, as of an import no older than that which made the revision ``at_least``."""
        held = self._in_force
        old = time.monotonic() - self._read_at > _FRESH_SECONDS
        if held is None or old or held.revision < at_least:
            held = await arrangements.in_force(self._engine)
            self._in_force, self._read_at, self._for_batches = held, time.monotonic(), {}
        return held

    async def for_batch(self, regulation_date: date, at_least: int = 0) -> CalendarInForce:
        """The years of it that matter to a batch; the same object each time, for many batches share it."""
        whole = await self(at_least)
        year = regulation_date.year
        if year not in self._for_batches:
            self._for_batches[year] = whole.for_batch_of(regulation_date)
        return self._for_batches[year]
