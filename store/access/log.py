"""The log of reads: written with each answer that may hold personal data, read by the auditor alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from store.engine import autocommit
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

_NOTE = text("""
    insert into access_log (sub, name, role, path, query, batch_nos, status, client)
    values (:sub, :name, :role, :path, :query, :batch_nos, :status, :client)
""")
_SHOWN = "no, at, sub, name, role, path, query, batch_nos, status, client from access_log"


@dataclass(frozen=True)
class Access:
    """One read: who, in which role, what, of which batches, with what answer, when, from where."""

    at: datetime
    sub: str
    name: str
    role: Role
    path: str
    query: str
    batch_nos: tuple[str, ...]
    status: int
    client: str


async def note(
    engine: AsyncEngine,
    actor: Actor,
    *,
    path: str,
    query: str,
    batch_nos: Collection[str],
    status: int,
    client: str,
) -> None:
    """Keep that somebody has read; ``at`` is the database's clock."""
    row = {
        **actor.model_dump(mode="json", include={"sub", "name", "role"}),
        "path": path,
        "query": query,
        "batch_nos": sorted(batch_nos),
        "status": status,
        "client": client,
    }
    async with autocommit(engine) as connection:
        await connection.execute(_NOTE, row)


async def reads(
    engine: AsyncEngine,
    *,
    batch_no: str | None = None,
    sub: str | None = None,
    day: date | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Access]:
    """The newest first; ``day`` in Asia/Shanghai. Raises ``CursorInvalid``."""
    conditions = {
        "batch_nos @> array[cast(:batch_no as text)]": batch_no is not None,
        "sub = :sub": sub is not None,
        "at >= cast(cast(:day as date) as timestamp) at time zone 'Asia/Shanghai'"
        " and at < cast(cast(:day as date) + 1 as timestamp) at time zone 'Asia/Shanghai'": day is not None,
        "no < cast(cast(:no as text) as bigint)": cursor is not None,
    }
    parameters = {"batch_no": batch_no, "sub": sub, "day": day, **after(cursor, "no")}
    rows = await rows_of(engine, select(_SHOWN, conditions, "no desc"), parameters, limit)
    return page_of(rows, limit, _access, lambda row: [str(row.no)])


def _access(row: Row[Any]) -> Access:
    fields = row._asdict()
    del fields["no"]
    return Access(**fields | {"role": Role(row.role), "batch_nos": tuple(row.batch_nos)})
