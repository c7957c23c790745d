"""Sessions of the console, and the links that begin one; of both only a digest is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from store.accounts.units import HELD_UNIT
from store.engine import autocommit

# Nobody sits before it any more; and a day's work at the longest.
IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)
_SEEN_AGAIN = timedelta(minutes=1)
LINK_LASTS = {"once": timedelta(minutes=30), "invitation": timedelta(days=3)}

_BEGIN = text("""
    insert into sessions (digest, sub, how, agent, client, ends_at)
    values (:digest, :sub, :how, :agent, :client, clock_timestamp() + cast(:longest as interval))
""")
# A deputy's role is theirs on its days alone, and so is a unit, so each request asks anew. Of two bureaus
# that are the deputy's and of whom they stand in for, the narrower counts.
_OPEN = f"""
    from sessions s
    join accounts a on a.sub = s.sub and a.ended_at is null
    left join deputies d on d.no = s.deputises and d.ended_at is null
        and (clock_timestamp() at time zone 'Asia/Shanghai')::date between d.from_day and d.to_day
    left join accounts o on o.sub = d.stands_in_for and o.ended_at is null
    {HELD_UNIT.format(account="a", unit="h")} {HELD_UNIT.format(account="o", unit="p")}
    where s.ended_at is null and s.ends_at > clock_timestamp()
        and s.seen_at > clock_timestamp() - cast(:idle as interval)
"""
_FOUND = text(f"""
    select s.no, s.sub, a.name, coalesce(h.unit, '') as unit, coalesce(o.role, a.role) as role,
        coalesce(h.bureau, p.bureau) as bureau,
        case when o.sub is null then a.laboratory else o.laboratory end as laboratory,
        o.name as stands_in_for, s.seen_at,
        clock_timestamp() - s.seen_at > cast(:seen_again as interval) as stale
    {_OPEN} and s.digest = :digest
""")
_SEEN = text("update sessions set seen_at = clock_timestamp() where digest = :digest")
_OWN = text(f"""
    select s.no, s.how, s.agent, s.client, s.begun_at, s.seen_at {_OPEN} and s.sub = :sub
    order by s.seen_at desc
""")
_END = text("""
    update sessions set ended_at = clock_timestamp() where no = :no and sub = :sub and ended_at is null
""")
_LEAVE = text("""
    update sessions set ended_at = clock_timestamp() where digest = :digest and ended_at is null
""")
_ACT = text("update sessions set deputises = :deputy where no = :no")
_LINK = text("""
    insert into sign_in_links (digest, sub, kind, ends_at)
    values (:digest, :sub, :kind, clock_timestamp() + cast(:lasts as interval))
""")
_FOLLOWED = text("""
    update sign_in_links set used_at = clock_timestamp()
    where digest = :digest and kind = :kind and used_at is null and ends_at > clock_timestamp()
    returning sub
""")
_INVITED = text("""
    select sub from sign_in_links
    where digest = :digest and kind = 'invitation' and used_at is null and ends_at > clock_timestamp()
""")


@dataclass(frozen=True)
class Session:
    """Who is signed in, in which role they act now; ``stands_in_for`` is the name of whose role it is."""

    no: int
    sub: str
    name: str
    unit: str
    role: Role
    laboratory: str | None
    bureau: str | None
    stands_in_for: str | None
    seen_at: datetime

    @property
    def actor(self) -> Actor:
        return Actor(
            sub=self.sub, name=self.name, role=self.role, laboratory=self.laboratory, bureau=self.bureau
        )


@dataclass(frozen=True)
class OpenSession:
    """One of a person's own sessions, as they see it in their list."""

    no: int
    how: str
    agent: str
    client: str
    begun_at: datetime
    seen_at: datetime


async def begin(engine: AsyncEngine, sub: str, *, how: str, agent: str, client: str) -> str:
    """What the browser is to hold; nothing else opens this session."""
    token = secrets.token_urlsafe(32)
    row = {"digest": _digest(token), "sub": sub, "how": how, "agent": agent[:300], "client": client}
    async with autocommit(engine) as connection:
        await connection.execute(_BEGIN, {**row, "longest": LONGEST})
    return token


async def session(engine: AsyncEngine, token: str) -> Session | None:
    """Whose session it is; None where it was ended, ran out, or the account did. It is seen with that."""
    digest = _digest(token)
    asked = {"digest": digest, "idle": IDLE, "seen_again": _SEEN_AGAIN}
    async with autocommit(engine) as connection:
        row = (await connection.execute(_FOUND, asked)).one_or_none()
        if row is not None and row.stale:
            await connection.execute(_SEEN, {"digest": digest})
    return None if row is None else _session(row)


async def own(engine: AsyncEngine, sub: str) -> list[OpenSession]:
    async with autocommit(engine) as connection:
        rows = await connection.execute(_OWN, {"sub": sub, "idle": IDLE})
        return [OpenSession(**row._asdict()) for row in rows]


async def end(engine: AsyncEngine, sub: str, no: int) -> None:
    """One of their own, this one or another; one that is over stays so."""
    async with autocommit(engine) as connection:
        await connection.execute(_END, {"sub": sub, "no": no})


async def leave(engine: AsyncEngine, token: str) -> None:
    """What a browser held before it signs in anew; what was no session is nothing."""
    async with autocommit(engine) as connection:
        await connection.execute(_LEAVE, {"digest": _digest(token)})


async def act(engine: AsyncEngine, no: int, deputy: int | None) -> None:
    """From now on in that deputy's role, or in their own; whoever asks has made sure that they may."""
    async with autocommit(engine) as connection:
        await connection.execute(_ACT, {"no": no, "deputy": deputy})


async def link(engine: AsyncEngine, sub: str, kind: str) -> str:
    """What stands in a link for this account: ``once`` signs in, ``invitation`` sets password and factor."""
    token = secrets.token_urlsafe(32)
    row = {"digest": _digest(token), "sub": sub, "kind": kind, "lasts": LINK_LASTS[kind]}
    async with autocommit(engine) as connection:
        await connection.execute(_LINK, row)
    return token


async def follow(engine: AsyncEngine, token: str, kind: str) -> str | None:
    """Whose link it is, which is good no more from now on; None where it was not good."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_FOLLOWED, {"digest": _digest(token), "kind": kind})).one_or_none()
    return None if row is None else str(row.sub)


async def invited(engine: AsyncEngine, token: str) -> str | None:
    """Whose invitation it is, which stays good."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_INVITED, {"digest": _digest(token)})).one_or_none()
    return None if row is None else str(row.sub)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _session(row: Row[Any]) -> Session:
    fields = row._asdict()
    del fields["stale"]
    return Session(**fields | {"role": Role(row.role)})
