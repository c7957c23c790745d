"""Work that goes on beside the relay, for as long as it runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from store.engine import DATABASE_AWAY

EVERY_SECONDS = 4.0
_log = logging.getLogger(__name__)


async def keep(what: str, work: Callable[[], Awaitable[float]]) -> None:
    """Do it again and again until cancelled; ``work`` gives the seconds until the next time."""
    while True:
        pause = EVERY_SECONDS
        try:
            pause = await work()
        except DATABASE_AWAY as error:
            _log.warning("%s: the database is away: %s", what, error)
        except Exception:  # whatever it is, the next round may do better
            _log.exception("%s: not just now", what)
        await asyncio.sleep(pause)
