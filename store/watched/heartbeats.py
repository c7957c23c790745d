"""What the workers say of themselves, and of what only they can reach: one row a thing, its last word."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit

RELAY, MAIL, MAILBOX, EVIDENCE = "relay", "mail", "mailbox", "evidence"
_BEAT = text("""
    insert into heartbeats (name, at, state, detail) values (:name, clock_timestamp(), :state, :detail)
    on conflict (name) do update set at = excluded.at, state = excluded.state, detail = excluded.detail
""")
_ALL = text("select name, clock_timestamp() - at as age, state, detail from heartbeats")


class Beating(StrEnum):
    WORKING = "working"
    FAILING = "failing"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True)
class Heartbeat:
    """The last word of one thing: how long ago, how it was, and what was wrong."""

    age: timedelta
    state: Beating
    detail: str


async def beat(engine: AsyncEngine, name: str, state: Beating = Beating.WORKING, detail: str = "") -> None:
    async with autocommit(engine) as connection:
        await connection.execute(_BEAT, {"name": name, "state": state, "detail": detail})


async def heard(engine: AsyncEngine) -> dict[str, Heartbeat]:
    """By name; nobody has ever spoken of what is missing."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_ALL)
        return {row.name: Heartbeat(row.age, Beating(row.state), row.detail) for row in rows}
