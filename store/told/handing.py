"""How far each receiver has taken in what he is told: at least once, in order, until he has refused it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.told import ToldEvent, ToldKind
from store.engine import autocommit

_KNOWN = text("select kind from told_receivers where receiver = :receiver")
_COME_IN = text("""
    with come as (
        insert into told_receivers (receiver, kind) values (:receiver, :kind)
        on conflict do nothing returning kind
    )
    insert into told_to (receiver, no, state, attempts, next_at)
    select :receiver, t.no, 'waiting', 0, clock_timestamp() from told t join come using (kind) where t.spread
    on conflict do nothing
""")
_LEAVE = text("""
    with known as (
        select * from json_to_recordset(cast(:known as json)) as k(receiver text, kind text)
    ), gone as (
        delete from told_receivers r
        where not exists (select from known k where (k.receiver, k.kind) = (r.receiver, r.kind))
        returning r.receiver, r.kind
    )
    delete from told_to d using gone g, told t
    where d.receiver = g.receiver and d.state = 'waiting' and t.no = d.no and t.kind = g.kind
""")
_SPREAD = text("""
    with new as (
        update told set spread = true
        where no in (select no from told where not spread order by no limit :limit for update)
        returning no, kind
    ), given as (
        insert into told_to (receiver, no, state, attempts, next_at)
        select r.receiver, new.no, 'waiting', 0, clock_timestamp() from new join told_receivers r using (kind)
        on conflict do nothing
    )
    select count(*) from new
""")
_DUE = text("""
    select t.no, t.source, t.sequence, t.kind, t.content, t.sha256, t.line, t.at, d.attempts,
        clock_timestamp() - coalesce(d.first_tried_at, clock_timestamp()) as tried_for
    from told_to d join told t using (no)
    where d.receiver = :receiver and d.state = 'waiting' and d.next_at <= clock_timestamp()
        and t.kind = any(:kinds)
    order by d.no limit :limit
""")
_SETTLE = text("""
    update told_to set state = :state, attempts = attempts + 1, answer = :answer,
        first_tried_at = coalesce(first_tried_at, clock_timestamp()), settled_at = clock_timestamp()
    where receiver = :receiver and no = :no
""")
_LATER = text("""
    update told_to set attempts = attempts + 1, answer = :answer,
        first_tried_at = coalesce(first_tried_at, case when :answered then clock_timestamp() end),
        next_at = clock_timestamp() + cast(:after as interval)
    where receiver = :receiver and no = :no
""")
_BLAME = text("""
    update told_to set first_tried_at = coalesce(first_tried_at, clock_timestamp())
    where receiver = :receiver and no = :no
""")
_AGAIN = text("""
    update told_to set state = 'waiting', attempts = 0, first_tried_at = null, settled_at = null,
        since = clock_timestamp(), next_at = clock_timestamp()
    where receiver = :receiver and state = 'dead'
""")
_STANDINGS = text("""
    select r.receiver, min(r.since) as since,
        (select count(*) from told_to d where d.receiver = r.receiver and d.state = 'waiting') as waiting,
        (select count(*) from told_to d where d.receiver = r.receiver and d.state = 'dead') as dead,
        (select d.settled_at from told_to d where d.receiver = r.receiver and d.state = 'taken'
            order by d.settled_at desc limit 1) as last_taken_at,
        (select d.answer from told_to d where d.receiver = r.receiver and d.state = 'waiting'
            order by d.no limit 1) as answer,
        (select clock_timestamp() - d.since from told_to d
            where d.receiver = r.receiver and d.state = 'waiting' order by d.no limit 1) as oldest
    from told_receivers r group by r.receiver order by r.receiver
""")
_DEAD = text("""
    select d.receiver, t.no, t.source, t.sequence, t.kind, t.at, d.attempts, d.answer, d.settled_at
    from told_to d join told t using (no)
    where d.state = 'dead' and exists (select from told_receivers r where r.receiver = d.receiver)
    order by d.receiver, d.no limit :limit
""")


class ToldState(StrEnum):
    """How far a receiver has taken an event in."""

    WAITING = "waiting"
    TAKEN = "taken"
    DEAD = "dead"


@dataclass(frozen=True)
class DueEvent:
    """An event that a receiver is to be told now; ``tried_for``: since the first answer that put it off."""

    event: ToldEvent
    attempts: int
    tried_for: timedelta


@dataclass(frozen=True)
class ReceiverStanding:
    """``oldest``: for how long the first that waits has done so; ``answer``: the last to it."""

    receiver: str
    since: datetime
    waiting: int
    dead: int
    last_taken_at: datetime | None
    answer: str | None
    oldest: timedelta | None


@dataclass(frozen=True)
class DeadLetter:
    """An event that a receiver refused for good, or did not take in for too long."""

    receiver: str
    no: int
    source: str
    sequence: int
    kind: ToldKind
    at: datetime
    attempts: int
    answer: str | None
    settled_at: datetime


async def come_in(engine: AsyncEngine, receiver: str, kinds: Collection[ToldKind]) -> None:
    """Let ``receiver`` be told of ``kinds`` from now on, and of what there was before, all of it."""
    async with autocommit(engine) as connection:
        known = set((await connection.execute(_KNOWN, {"receiver": receiver})).scalars())
    for kind in sorted(set(kinds) - known):
        async with engine.begin() as connection:
            await connection.execute(_COME_IN, {"receiver": receiver, "kind": kind})


async def leave_others(engine: AsyncEngine, known: Mapping[str, Collection[ToldKind]]) -> None:
    """Tell nobody of anything but who is ``known``, of the kinds that are his.

    What waits for another is forgotten: should he come in again, it is given to him again.
    """
    pairs = [{"receiver": name, "kind": kind} for name, kinds in known.items() for kind in kinds]
    async with autocommit(engine) as connection:
        await connection.execute(_LEAVE, {"known": json.dumps(pairs, ensure_ascii=False)})


async def spread(engine: AsyncEngine, limit: int) -> int:
    """Give new events to everybody who is told of their kind; how many there were."""
    async with engine.begin() as connection:
        return int((await connection.execute(_SPREAD, {"limit": limit})).scalar_one())


async def due(engine: AsyncEngine, receiver: str, kinds: Collection[ToldKind], limit: int) -> list[DueEvent]:
    """What ``receiver`` is to be told now, in the order in which it was written."""
    async with autocommit(engine) as connection:
        asked = {"receiver": receiver, "kinds": list(kinds), "limit": limit}
        rows = (await connection.execute(_DUE, asked)).mappings().all()
    return [_due(**row) for row in rows]


def _due(attempts: int, tried_for: timedelta, **event: Any) -> DueEvent:
    return DueEvent(ToldEvent.model_validate(event), attempts, tried_for)


async def settle(engine: AsyncEngine, receiver: str, no: int, state: ToldState, answer: str) -> None:
    """Taken in, or dead; ``answer`` is what the receiver said."""
    said = {"receiver": receiver, "no": no, "state": state, "answer": answer}
    async with autocommit(engine) as connection:
        await connection.execute(_SETTLE, said)


async def put_off(
    engine: AsyncEngine, receiver: str, no: int, after: timedelta, answer: str, *, answered: bool
) -> None:
    """Not taken in now; it is tried again ``after``. Only what was ``answered`` counts as tried."""
    said = {"receiver": receiver, "no": no, "after": after, "answer": answer, "answered": answered}
    async with autocommit(engine) as connection:
        await connection.execute(_LATER, said)


async def blame(engine: AsyncEngine, receiver: str, no: int) -> None:
    """It broke the connection off, and the next event did not: from now on it counts as tried."""
    async with autocommit(engine) as connection:
        await connection.execute(_BLAME, {"receiver": receiver, "no": no})


async def again(engine: AsyncEngine, receiver: str) -> int:
    """Let all that is dead for ``receiver`` be told once more; how much."""
    async with autocommit(engine) as connection:
        return (await connection.execute(_AGAIN, {"receiver": receiver})).rowcount


async def standings(engine: AsyncEngine) -> list[ReceiverStanding]:
    """Of everybody who is told anything."""
    async with autocommit(engine) as connection:
        rows = (await connection.execute(_STANDINGS)).mappings().all()
    return [ReceiverStanding(**row) for row in rows]


async def dead_letters(engine: AsyncEngine, limit: int) -> list[DeadLetter]:
    """The first of each receiver's that were refused for good."""
    async with autocommit(engine) as connection:
        rows = (await connection.execute(_DEAD, {"limit": limit})).mappings().all()
    return [DeadLetter(**dict(row) | {"kind": ToldKind(row["kind"])}) for row in rows]
