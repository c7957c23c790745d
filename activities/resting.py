"""Whom not to bother again too soon."""

import logging
import time

from sqlalchemy.ext.asyncio import AsyncEngine

from store.watched import set_aside
from temporal.running import NotTaken

_log = logging.getLogger(__name__)
_FIRST_REST_SECONDS = 30.0
_LONGEST_REST_SECONDS = 3600.0


class Resting:
    """Which batches were signalled lately; those signalled again and again rest longer each time.

    A batch does within a second what it is signalled for. One that does not (a worker of another release, a
    defect) is not to have its history filled with signals.
    """

    def __init__(self) -> None:
        self._until: dict[str, tuple[float, float]] = {}

    def now(self) -> list[str]:
        now = time.monotonic()
        return [batch_no for batch_no, (until, _) in self._until.items() if now < until]

    def note(self, batch_no: str) -> None:
        now = time.monotonic()
        # One that has been quiet for as long again as it had to rest starts afresh.
        self._until = {b: (until, rest) for b, (until, rest) in self._until.items() if now < until + rest}
        _, before = self._until.get(batch_no, (now, _FIRST_REST_SECONDS / 2))
        rest = min(before * 2, _LONGEST_REST_SECONDS)
        self._until[batch_no] = (now + rest, rest)


async def stand_aside(engine: AsyncEngine, refusal: NotTaken) -> None:
    """What Temporal refuses for one batch concerns that batch: it is tried again, slower each time."""
    _log.warning("%s: Temporal does not take it: %s", refusal.batch_no, refusal)
    await set_aside.note(engine, refusal.batch_no, str(refusal))
