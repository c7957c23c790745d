"""Which tokens no longer hold, as this process last heard: asked anew every few seconds."""

import asyncio
import logging

from sqlalchemy.ext.asyncio import AsyncEngine

from api.web.problems import Problem
from store.access.revocations import Revoked, revoked
from store.engine import DATABASE_AWAY

_EVERY_SECONDS = 3.0
_log = logging.getLogger(__name__)


class Revocations:
    """Kept in memory, so that a request costs no question; while the database is away the last word holds.

    ``asked``: the first question has been answered, or could not be.
    """

    def __init__(self, engine: AsyncEngine, every_seconds: float = _EVERY_SECONDS) -> None:
        self._engine = engine
        self._every = every_seconds
        self._revoked: Revoked | None = None
        self.asked = asyncio.Event()

    def has(self, jti: object, sub: object, issued_at: object) -> bool:
        """Whether a token with these claims is. Raises :class:`Problem` 503 while nothing is known."""
        if self._revoked is None:
            detail = "数据库暂时连接不上，无法核对令牌是否已撤销，请稍后重试。"
            raise Problem(503, "database_unavailable", detail, headers={"Retry-After": "5"})
        return self._revoked.has(jti, sub, issued_at)

    async def keep(self) -> None:
        """Ask for ever."""
        while True:
            try:
                self._revoked = await revoked(self._engine)
            except DATABASE_AWAY as error:
                _log.warning("could not ask for revoked tokens just now: %s", type(error).__name__)
            self.asked.set()
            await asyncio.sleep(self._every)
