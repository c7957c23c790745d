"""The sweep of the evidence, an hour's share at a time."""

import asyncio
import logging
import time
from datetime import timedelta

from temporalio import activity

from evidence.checking import CheckStopped, Pace
from evidence.keyring import NoRootKey
from evidence.objects import PlaceAway
from evidence.room import EvidenceRoom
from evidence.sweeping import Swept, sweep
from store.watched import heartbeats
from store.watched.heartbeats import Beating

_log = logging.getLogger(__name__)
# 100 TB in the cycle, and a quarter of what a disk gives.
_BYTES_PER_SECOND = 64 * 1024**2
_FOR_SECONDS = 3000.0
_BEAT_SECONDS = 5.0
_DAMAGED_AFTER = timedelta(days=1)
# A disk that is gone is told by a few files; the others follow with the next hours.
_MOST_DAMAGED = 5


class Sweeping:
    def __init__(self, room: EvidenceRoom) -> None:
        self._room = room

    @activity.defn(name="sweep_evidence")
    async def sweep(self) -> int:
        """Read files again for most of an hour, or until the worker stops; how many."""
        pace = Pace(_BYTES_PER_SECOND)
        sweeping = asyncio.create_task(self._sweep(pace))
        try:
            while not sweeping.done():
                activity.heartbeat()
                await asyncio.wait([sweeping], timeout=_BEAT_SECONDS)
                if activity.is_worker_shutdown():
                    pace.stop()
        finally:
            pace.stop()
            await asyncio.wait([sweeping])
        return sweeping.result()

    async def _sweep(self, pace: Pace) -> int:
        until = time.monotonic() + _FOR_SECONDS

        def goes_on(swept: Swept) -> bool:
            return time.monotonic() < until and swept.damaged < _MOST_DAMAGED

        try:
            swept = await sweep(self._room, pace, goes_on=goes_on, damaged_after=_DAMAGED_AFTER)
        except CheckStopped:
            return 0
        except (NoRootKey, PlaceAway) as error:
            _log.warning("evidence cannot be read again: %s", error)
            await heartbeats.beat(self._room.engine, heartbeats.EVIDENCE, Beating.FAILING, str(error))
            return 0
        await heartbeats.beat(self._room.engine, heartbeats.EVIDENCE)
        return swept.looked
