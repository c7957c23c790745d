"""Alerts to staff, each noted once by its key, until it has gone out or nobody wants it any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.records import AlertInput
from messages.storable import storable
from store.direct import Connection
from store.engine import autocommit

_NOTE = text("""
    insert into alerts (key, batch_no, to_title, level, title, text, state, created_at)
    select a.key, a.batch_no, a.to_title, a.level, a.title, a.text, 'waiting', clock_timestamp()
    from json_to_recordset(cast(:alerts as json))
        as a(key text, batch_no text, to_title text, level smallint, title text, text text)
    on conflict (key) do nothing
""")
# One that failed is tried again every minute for a day; whoever has not heard by then sees it overdue.
_DUE = text("""
    select key, to_title, title, text from alerts
    where state = 'waiting' or state = 'failed' and settled_at < clock_timestamp() - interval '1 minute'
        and created_at > clock_timestamp() - interval '1 day'
    order by created_at, key limit :limit
""")
_SETTLE = text("update alerts set state = :state, settled_at = clock_timestamp() where key = any(:keys)")


class AlertState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    NOT_CONFIGURED = "not_configured"
    FAILED = "failed"


@dataclass(frozen=True)
class DueAlert:
    """An alert that is to go out now."""

    key: str
    to_title: str
    title: str
    text: str


async def note(connection: Connection, alerts: Sequence[AlertInput]) -> None:
    """Write alerts down, each once; part of the transaction that records why."""
    rows = [storable(alert.model_dump(mode="json")) for alert in alerts]
    await connection.execute(_NOTE, {"alerts": to_json(rows).decode()})


async def due(engine: AsyncEngine, limit: int) -> list[DueAlert]:
    """What is to go out, the oldest first."""
    async with autocommit(engine) as connection:
        return [DueAlert(**row._asdict()) for row in await connection.execute(_DUE, {"limit": limit})]


async def settle(engine: AsyncEngine, keys: Sequence[str], state: AlertState) -> None:
    async with autocommit(engine) as connection:
        await connection.execute(_SETTLE, {"keys": list(keys), "state": state})
