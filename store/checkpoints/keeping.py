"""Checkpoints kept: made once a day under one lock, read by everybody, stamped and mailed each once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.engine import autocommit
from store.errors import CheckpointUnknown
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('choujian checkpoints', 0))")
_DUE = text("""
    select clock_timestamp() as now, cast(clock_timestamp() at time zone 'Asia/Shanghai' as date) as day,
        c.no, c.day as last_day, c.note
    from (select) as once left join (select no, day, note from checkpoints order by no desc limit 1) c on true
""")
# The hash as the timeline has it, which nobody may change; the batch's own row says only where its end is.
_HEADS = text("""
    select b.batch_no, t.seq, t.hash from batches b
    join timeline t on t.batch_no = b.batch_no and t.seq = b.last_seq
""")
_KEEP = text("""
    insert into checkpoints (no, day, made_at, size, root, note)
    values (:no, :day, :made_at, :size, :root, :note)
""")
_KEEP_HEADS = text("""
    insert into checkpoint_heads (batch_no, no, seq, hash)
    select h.batch_no, :no, h.seq, h.hash
    from unnest(cast(:batch_nos as text[]), cast(:seqs as int[]), cast(:hashes as text[]))
        as h(batch_no, seq, hash)
    where h.hash is distinct from (
        select k.hash from checkpoint_heads k where k.batch_no = h.batch_no order by k.no desc limit 1)
""")
_HEADS_AT = text("""
    select distinct on (batch_no) batch_no, seq, hash from checkpoint_heads where no <= :no
    order by batch_no, no desc
""")
_COLUMNS = """
    c.no, c.day, c.made_at, c.size, c.root, c.note, s.authority, s.stamped_at, s.token
    from checkpoints c left join checkpoint_stamps s using (no)
"""
_ONE = text(f"select {_COLUMNS} where c.no = coalesce(:no, (select max(no) from checkpoints))")
_ALL = text(f"select {_COLUMNS} order by c.no")
_UNSTAMPED = text(f"select {_COLUMNS} where s.no is null order by c.no limit :limit")
_UNMAILED = text(f"""
    select {_COLUMNS} where not exists (select from checkpoint_mails m where m.no = c.no)
    order by c.no limit :limit
""")
_STAMP = text("""
    insert into checkpoint_stamps (no, authority, token, stamped_at)
    values (:no, :authority, :token, :stamped_at) on conflict (no) do nothing
""")
_MAILED = text("""
    insert into checkpoint_mails (no, sent_to, sent_at) values (:no, :sent_to, clock_timestamp())
    on conflict (no) do nothing
""")
_GONE = text("""
    select h.batch_no, h.seq, h.no from checkpoint_heads h
    left join timeline t on t.batch_no = h.batch_no and t.seq = h.seq and t.hash = h.hash
    where t.hash is null and h.batch_no = coalesce(:batch_no, h.batch_no) order by h.no, h.batch_no
""")
_CHANGES = text("select no, batch_no, seq, hash from checkpoint_heads order by no")


@dataclass(frozen=True)
class BatchHead:
    """The last line of one batch's timeline."""

    batch_no: str
    seq: int
    hash: str


@dataclass(frozen=True)
class Draft:
    """A checkpoint that is to be signed; ``before`` is the whole note of the one before."""

    no: int
    day: date
    before: str | None
    heads: tuple[BatchHead, ...]


@dataclass(frozen=True)
class SignedDraft:
    """What makes a checkpoint of a draft."""

    root: bytes
    note: str


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on record, and its time stamp where it has one."""

    no: int
    day: date
    made_at: datetime
    size: int
    root: str
    note: str
    authority: str | None
    stamped_at: datetime | None
    token: bytes | None


async def make(engine: AsyncEngine, seal: Callable[[Draft], SignedDraft]) -> int | None:
    """Make today's checkpoint (Asia/Shanghai, the database's clock); its number, None where it is there.

    A day that was missed is caught up by the next one made, which covers all that happened meanwhile.
    """
    async with engine.begin() as connection:
        await connection.execute(_LOCK)
        due = (await connection.execute(_DUE)).one()
        if due.last_day is not None and due.last_day >= due.day:
            return None
        heads = await _heads(connection)
        draft = Draft((due.no or 0) + 1, due.day, due.note, heads)
        sealed = seal(draft)
        made = {"no": draft.no, "day": draft.day, "made_at": due.now, "size": len(heads)}
        await connection.execute(_KEEP, made | {"root": sealed.root.hex(), "note": sealed.note})
        columns: dict[str, Any] = {
            "batch_nos": [head.batch_no for head in heads],
            "seqs": [head.seq for head in heads],
            "hashes": [head.hash for head in heads],
        }
        await connection.execute(_KEEP_HEADS, {"no": draft.no, **columns})
        return draft.no


async def _heads(connection: AsyncConnection) -> tuple[BatchHead, ...]:
    return _in_order(await connection.execute(_HEADS))


def _in_order(rows: Iterable[Row[Any]]) -> tuple[BatchHead, ...]:
    """As the tree has them; how a database would sort them depends on its locale."""
    return tuple(sorted((BatchHead(**row._asdict()) for row in rows), key=attrgetter("batch_no")))


async def heads_at(engine: AsyncEngine, no: int) -> tuple[BatchHead, ...]:
    """The heads that a checkpoint is of, in the order of its tree."""
    async with autocommit(engine) as connection:
        return _in_order(await connection.execute(_HEADS_AT, {"no": no}))


async def one(engine: AsyncEngine, no: int | None = None) -> Checkpoint:
    """The checkpoint of this number, or the newest. Raises ``CheckpointUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_ONE, {"no": no})).one_or_none()
    if row is None:
        raise CheckpointUnknown(no)
    return Checkpoint(**row._asdict())


async def every(engine: AsyncEngine) -> list[Checkpoint]:
    """All of them, the oldest first."""
    async with autocommit(engine) as connection:
        return [Checkpoint(**row._asdict()) for row in await connection.execute(_ALL)]


async def listing(engine: AsyncEngine, *, limit: int, cursor: str | None = None) -> Page[Checkpoint]:
    """The newest first. Raises ``CursorInvalid``."""
    position = after(cursor, "before")
    statement = select(
        _COLUMNS, {"c.no < cast(cast(:before as text) as int)": cursor is not None}, "c.no desc"
    )
    found = await rows_of(engine, statement, position, limit)
    return page_of(found, limit, lambda row: Checkpoint(**row._asdict()), lambda row: [str(row.no)])


async def unstamped(engine: AsyncEngine, limit: int) -> list[Checkpoint]:
    """Those without a time stamp, the oldest first."""
    return await _waiting(engine, _UNSTAMPED, limit)


async def unmailed(engine: AsyncEngine, limit: int) -> list[Checkpoint]:
    """Those that nobody has been mailed, the oldest first."""
    return await _waiting(engine, _UNMAILED, limit)


async def _waiting(engine: AsyncEngine, statement: Any, limit: int) -> list[Checkpoint]:
    async with autocommit(engine) as connection:
        return [Checkpoint(**row._asdict()) for row in await connection.execute(statement, {"limit": limit})]


async def keep_stamp(
    engine: AsyncEngine, no: int, *, authority: str, token: bytes, stamped_at: datetime
) -> None:
    """Keep an authority's answer; of two the first."""
    stamp = {"no": no, "authority": authority, "token": token, "stamped_at": stamped_at}
    async with autocommit(engine) as connection:
        await connection.execute(_STAMP, stamp)


async def note_mailed(engine: AsyncEngine, no: int, sent_to: Sequence[str]) -> None:
    async with autocommit(engine) as connection:
        await connection.execute(_MAILED, {"no": no, "sent_to": " ".join(sent_to)})


async def changes(engine: AsyncEngine) -> dict[int, list[BatchHead]]:
    """By checkpoint, the heads that were new in it."""
    found: dict[int, list[BatchHead]] = {}
    async with autocommit(engine) as connection:
        for no, batch_no, seq, digest in await connection.execute(_CHANGES):
            found.setdefault(no, []).append(BatchHead(batch_no, seq, digest))
    return found


async def gone(engine: AsyncEngine, batch_no: str | None = None) -> list[tuple[str, int, int]]:
    """Batch, line and checkpoint of every head that is not on its timeline any more as it was."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_GONE, {"batch_no": batch_no})
        return [(row.batch_no, row.seq, row.no) for row in rows]
