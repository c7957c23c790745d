"""Batches that a restored database had lost, and whose number it has given to another order since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.standing import Displaced
from store.canonical import model_json
from store.engine import autocommit

_KEEP = text("""
    insert into displaced (batch_no, opened_at, version, opening, kept)
    values (:batch_no, :opened_at, :version, cast(:opening as json), cast(:kept as json))
    on conflict (batch_no, opened_at) do nothing
""")
_SHOWN = "batch_no, opened_at, version, opening, kept, found_at, dealt_with_at, note"
_WAITING = text(f"select {_SHOWN} from displaced where dealt_with_at is null order by found_at limit :limit")
_OF_NUMBER = text(f"select {_SHOWN} from displaced where batch_no = :batch_no order by opened_at")
_DEAL_WITH = text("""
    update displaced set dealt_with_at = clock_timestamp(), note = :note
    where batch_no = :batch_no and dealt_with_at is null
""")


@dataclass(frozen=True)
class KeptApart:
    """One of them: what it was opened with, and its case as its workflow knew it last."""

    batch_no: str
    opened_at: datetime
    version: int
    opening: dict[str, Any]
    kept: dict[str, Any]
    found_at: datetime
    dealt_with_at: datetime | None
    note: str | None


async def keep(engine: AsyncEngine, one: Displaced) -> None:
    """Keep all that is known of one, once."""
    parameters = {
        "batch_no": one.opening.batch_no,
        "opened_at": one.opening.opened_at,
        "version": one.version,
        "opening": model_json(one.opening),
        "kept": model_json(one.kept),
    }
    async with autocommit(engine) as connection:
        await connection.execute(_KEEP, parameters)


async def waiting(engine: AsyncEngine, limit: int) -> list[KeptApart]:
    """Those that nobody has dealt with, the longest known first."""
    async with autocommit(engine) as connection:
        return [KeptApart(**row._asdict()) for row in await connection.execute(_WAITING, {"limit": limit})]


async def of_number(engine: AsyncEngine, batch_no: str) -> list[KeptApart]:
    """All that once had this number."""
    async with autocommit(engine) as connection:
        return [
            KeptApart(**row._asdict()) for row in await connection.execute(_OF_NUMBER, {"batch_no": batch_no})
        ]


async def deal_with(engine: AsyncEngine, batch_no: str, note: str) -> bool:
    """Note what was done about them; False where there is nothing to be done."""
    async with autocommit(engine) as connection:
        return bool((await connection.execute(_DEAL_WITH, {"batch_no": batch_no, "note": note})).rowcount)
