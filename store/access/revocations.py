"""Tokens that no longer hold, though they have not run out."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit

REVOKE = text("insert into revoked_tokens (jti, sub) values (:jti, :sub)")
# Of an account that belongs elsewhere from a day on: what it was issued before says where it did.
REVOKE_FROM = text("""
    insert into revoked_tokens (sub, at)
    values (:sub, cast(cast(:day as date) as timestamp) at time zone 'Asia/Shanghai')
""")
_ALL = text("""
    select jti, sub, max(at) as at from revoked_tokens where at <= clock_timestamp() group by jti, sub
""")


@dataclass(frozen=True)
class Revoked:
    """Single tokens by their ids, and accounts with the moment until which issued tokens are revoked."""

    tokens: frozenset[str] = frozenset()
    accounts: dict[str, datetime] = field(default_factory=dict)

    def has(self, jti: object, sub: object, issued_at: object) -> bool:
        """Whether a token with these claims no longer holds.

        One of a revoked account holds only if it says that it was issued later.
        """
        if jti in self.tokens:
            return True
        until = self.accounts.get(sub) if isinstance(sub, str) else None
        if until is None:
            return False
        return not isinstance(issued_at, int | float) or issued_at <= until.timestamp()


async def revoke(engine: AsyncEngine, *, jti: str | None = None, sub: str | None = None) -> None:
    """Either one token, or all that an account has been issued until now."""
    async with autocommit(engine) as connection:
        await connection.execute(REVOKE, {"jti": jti, "sub": sub})


async def revoked(engine: AsyncEngine) -> Revoked:
    async with autocommit(engine) as connection:
        rows = (await connection.execute(_ALL)).all()
    return Revoked(
        frozenset(row.jti for row in rows if row.jti is not None),
        {row.sub: row.at for row in rows if row.sub is not None},
    )
