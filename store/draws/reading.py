"""Reading draws: the list, one with its record, what was ordered from it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.draw_course import DrawState
from law.vocabulary import Outcome
from store.draws.standing import EVENTS, DrawOnRecord, event_of, on_record
from store.engine import autocommit
from store.errors import DrawUnknown
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

_ONE = text("select id, content, drafted_by, drafted_at from draws where id = :id")
_EVENTS = text(f"select {EVENTS} where v.draw_id = :id order by v.no")
_NUMBERS = text("select no from draw_events order by no")
_MISSING = text("select coalesce(max(no), 0) - count(*) from draw_events")
_IDS = text("select id from draws order by year, number")
_STATES = """
    case when e.kinds @> '["ended"]' then 'ended' when e.kinds @> '["drawn"]' then 'drawn'
        when e.kinds @> '["frozen"]' then 'frozen' else 'draft' end
"""
_SUMMARY = f"""
    d.id, d.scheme_id, d.title, d.wanted, d.candidates, d.announced_at, d.drafted_at, {_STATES} as state,
    e.frozen_at, e.drawn_at, coalesce(a.kind = 'correction_proposed', false) as is_to_confirm
    from draws d cross join lateral (
        select coalesce(jsonb_agg(v.kind), '[]') as kinds,
            min(v.at) filter (where v.kind = 'frozen') as frozen_at,
            max(v.at) filter (where v.kind in ('drawn', 'corrected')) as drawn_at
        from draw_events v where v.draw_id = d.id) e
    left join lateral (
        select v.kind from draw_events v where v.draw_id = d.id and v.approval_no is not null
        order by v.no desc limit 1) a on true
"""
_ORDERED = text("""
    select u.candidate, u.batch_no, b.outcome from scheme_uses u join batches b using (batch_no)
    where u.draw_id = :id order by u.batch_no
""")


@dataclass(frozen=True)
class DrawSummary:
    """One draw of a list. ``wanted``: how many are drawn of how many ``candidates``."""

    id: str
    scheme_id: str
    title: str
    wanted: int
    candidates: int
    announced_at: datetime
    drafted_at: datetime
    state: DrawState
    frozen_at: datetime | None
    drawn_at: datetime | None
    is_to_confirm: bool


@dataclass(frozen=True)
class OrderedFrom:
    """A batch that was ordered from a candidate."""

    candidate: str
    batch_no: str
    outcome: Outcome | None


async def listed(
    engine: AsyncEngine,
    *,
    limit: int,
    cursor: str | None,
    scheme_id: str | None = None,
    state: DrawState | None = None,
    is_to_confirm: bool = False,
    published: bool = False,
) -> Page[DrawSummary]:
    """The newest first; ``published``: without drafts. Raises ``CursorInvalid``."""
    conditions = {
        "d.scheme_id = :scheme_id": scheme_id is not None,
        f"{_STATES} = :state": state is not None,
        "a.kind = 'correction_proposed'": is_to_confirm,
        "e.frozen_at is not null": published,
        "d.id < :id": cursor is not None,
    }
    parameters = {"scheme_id": scheme_id, "state": state, **after(cursor, "id")}
    rows = await rows_of(engine, select(_SUMMARY, conditions, "d.id desc"), parameters, limit)
    return page_of(rows, limit, _summary, lambda row: [row.id])


async def one(engine: AsyncEngine, draw_id: str) -> DrawOnRecord:
    """Raises ``DrawUnknown``."""
    async with autocommit(engine) as connection:
        return await draw_on(connection, draw_id)


async def draw_on(connection: AsyncConnection, draw_id: str) -> DrawOnRecord:
    """The same, on a connection of the caller's."""
    row = (await connection.execute(_ONE, {"id": draw_id})).one_or_none()
    if row is None:
        raise DrawUnknown(draw_id)
    events = await connection.execute(_EVENTS, {"id": draw_id})
    return await asyncio.to_thread(on_record, row, [event_of(event) for event in events])


async def ordered(engine: AsyncEngine, draw_id: str) -> tuple[OrderedFrom, ...]:
    """The batches that name the draw, whatever came of them."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_ORDERED, {"id": draw_id})
        return tuple(
            OrderedFrom(row.candidate, row.batch_no, row.outcome and Outcome(row.outcome)) for row in rows
        )


async def missing(engine: AsyncEngine) -> int:
    """How many lines have been taken out of the record of all draws, but for those after the last."""
    async with autocommit(engine) as connection:
        return int((await connection.execute(_MISSING)).scalar_one())


async def ids(engine: AsyncEngine) -> list[str]:
    """Of all draws, the oldest first."""
    async with autocommit(engine) as connection:
        return list((await connection.execute(_IDS)).scalars())


async def numbers(engine: AsyncEngine) -> list[int]:
    """Of all lines of the record of all draws, in their order."""
    async with autocommit(engine) as connection:
        return list((await connection.execute(_NUMBERS)).scalars())


def _summary(row: Row[Any]) -> DrawSummary:
    return DrawSummary(**row._asdict() | {"state": DrawState(row.state)})
