"""Plays run beside the event loop that waits for them: one at a time, whatever is asked at once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Busy(Exception):
    """More plays are asked for at once than will be made."""


class Apart:
    """A play is up to seconds of pure computing; on the loop itself it would hold up everybody else.

    ``most``: so many may be asked for at once; ``play`` raises ``Busy`` beyond.
    """

    def __init__(self, most: int | None = None) -> None:
        self._turn = asyncio.Semaphore(1)
        self._most = most
        self._asked = 0

    async def play(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What ``work`` comes to, in a thread and a loop of its own."""
        if self._most is not None and self._asked >= self._most:
            raise Busy
        self._asked += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(lambda: asyncio.run(work()))
        finally:
            self._asked -= 1
