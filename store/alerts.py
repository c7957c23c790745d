"""Alerts to staff, each noted once by its key, whether it could be sent or not."""

from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.records import AlertInput
from store.canonical import storable
from store.engine import autocommit

_NOTE = text("""
    insert into alerts as a (key, batch_no, to_title, level, title, text, state, created_at)
    values (:key, :batch_no, :to_title, :level, :title, :text, 'waiting', clock_timestamp())
    on conflict (key) do update set key = excluded.key
    returning a.state
""")
_SETTLE = text("update alerts set state = :state, settled_at = clock_timestamp() where key = :key")


class AlertState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    NOT_CONFIGURED = "not_configured"
    FAILED = "failed"


async def note(engine: AsyncEngine, alert: AlertInput) -> AlertState:
    """Write the alert down once; gives its state so far."""
    async with autocommit(engine) as connection:
        row = await connection.execute(_NOTE, storable(alert.model_dump(mode="json")))
        return AlertState(row.scalar_one())


async def settle(engine: AsyncEngine, key: str, state: AlertState) -> None:
    async with autocommit(engine) as connection:
        await connection.execute(_SETTLE, {"key": key, "state": state})
