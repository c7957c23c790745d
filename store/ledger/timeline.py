"""The timeline's chain: every row carries the hash of the one before, the batch keeps the tail's.

So a changed, removed or inserted row is found, a removed tail too; what no chain in one database can show is
a whole history rewritten together with its tail by somebody who may do anything there.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.records import TimelineEntry, TimelineKind
from store.canonical import as_stored, canonical, instant
from store.direct import Connection
from store.engine import autocommit
from store.errors import BatchUnknown
from store.ledger.lock import LockedBatch

# Part of a statement whose parameters include batch_no and :rows, the JSON text of ``Chained.rows``.
APPEND = """
    insert into timeline
        (batch_no, seq, prev_hash, hash, at, kind, text, rests_on, actor, data, key, recorded_at)
    select :batch_no, r.seq, r.prev_hash, r.hash, r.at, r.kind, r.text, r.rests_on, r.actor, r.data, r.key,
        r.recorded_at
    from json_to_recordset(cast(:rows as json)) as r(
        seq int, prev_hash text, hash text, at timestamptz, kind text, text text, rests_on text,
        actor json, data json, key text, recorded_at timestamptz)
    on conflict (batch_no, key) do nothing
    returning seq
"""
_HEAD = text("""
    select last_seq as seq, last_hash as hash, clock_timestamp() + clock_ahead as clock
    from batches where batch_no = :batch_no
""")
_KEYS = text("select key from timeline where batch_no = :batch_no and key = any(:keys)")
_ALL = """
    select b.batch_no, b.last_seq, b.last_hash, t.seq, t.prev_hash, t.hash, t.at, t.kind, t.text, t.rests_on,
        t.actor, t.data, t.key, t.recorded_at
    from batches b left join timeline t on t.batch_no = b.batch_no
    {where} order by b.batch_no, t.seq
"""
_VERIFY_ALL = text(_ALL.format(where=""))
_VERIFY_ONE = text(_ALL.format(where="where b.batch_no = :batch_no"))


# Lines by which a batch's workflow put on record what a restored database had lost.
_PUT_BACK = text(f"""
    select batch_no, seq, text from timeline
    where kind = '{TimelineKind.RESTORED}' and cast(data as jsonb) ? 'lost_steps'
        and (cast(:batch_no as text) is null or batch_no = :batch_no)
    order by batch_no, seq
""")


@dataclass(frozen=True)
class Head:
    """The last line, and what the batch's clock showed when it was read."""

    seq: int
    hash: str
    clock: datetime


@dataclass(frozen=True)
class Chained:
    """Rows ready to be appended after a batch's tail, and the tail they make."""

    rows: tuple[dict[str, Any], ...]
    last_seq: int
    last_hash: str

    @property
    def parameters(self) -> dict[str, Any]:
        """For a statement with ``APPEND`` that moves the batch's tail."""
        return {
            "rows": json.dumps(self.rows, ensure_ascii=False),
            "last_seq": self.last_seq,
            "last_hash": self.last_hash,
        }


def chain(batch: LockedBatch, entries: Iterable[TimelineEntry]) -> Chained:
    """Link ``entries`` behind the batch's tail, stamped with the ledger's clock."""
    seq, last_hash, recorded_at = batch.last_seq, batch.last_hash, instant(batch.clock)
    rows = []
    for entry in entries:
        seq += 1
        row = as_stored(entry) | {
            "seq": seq,
            "prev_hash": last_hash,
            "at": instant(entry.at),
            "recorded_at": recorded_at,
        }
        last_hash = _hash({"batch_no": batch.batch_no} | {name: row[name] for name in _HASHED})
        rows.append(row | {"hash": last_hash})
    return Chained(tuple(rows), seq, last_hash)


def distinct(entries: Iterable[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """Each key once, the first of them."""
    return tuple({entry.key: entry for entry in reversed(list(entries))}.values())[::-1]


async def unwritten(
    connection: Connection, batch_no: str, entries: Sequence[TimelineEntry]
) -> tuple[TimelineEntry, ...]:
    """Those of ``entries`` whose key the batch's timeline does not hold yet."""
    parameters = {"batch_no": batch_no, "keys": [entry.key for entry in entries]}
    held = {row.key for row in await connection.execute(_KEYS, parameters)}
    return tuple(entry for entry in entries if entry.key not in held)


async def head(engine: AsyncEngine, batch_no: str) -> Head:
    """Raises ``BatchUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_HEAD, {"batch_no": batch_no})).one_or_none()
    if row is None:
        raise BatchUnknown(batch_no)
    return Head(**row._asdict())


async def verify(engine: AsyncEngine, batch_no: str | None = None) -> list[str]:
    """The first break of each batch's chain, as Chinese sentences; none when all is whole."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        statement = _VERIFY_ALL if batch_no is None else _VERIFY_ONE
        parameters = {} if batch_no is None else {"batch_no": batch_no}
        result = await connection.stream(statement, parameters)
        return [sentence async for sentence in _breaks(result)]


async def put_back(engine: AsyncEngine, batch_no: str | None = None) -> list[str]:
    """What one batch's record, or any, has lost and its workflow has put back, as Chinese sentences.

    The chain is whole from that line on; of what was before it tells nothing but what the line says.
    """
    async with autocommit(engine) as connection:
        rows = await connection.execute(_PUT_BACK, {"batch_no": batch_no})
        return [f"批次 {row.batch_no} 的时间线第 {row.seq} 条：{row.text}" for row in rows]


async def _breaks(result: Any) -> AsyncIterator[str]:
    rows: list[Row[Any]] = []
    async for row in result:
        if rows and rows[0].batch_no != row.batch_no:
            if sentence := _first_break(rows):
                yield sentence
            rows = []
        rows.append(row)
    if rows and (sentence := _first_break(rows)):
        yield sentence


def _first_break(rows: Sequence[Row[Any]]) -> str | None:
    """What is wrong with one batch's timeline: its rows in order, a single empty one when there is none."""
    batch_no, last_seq, last_hash = rows[0].batch_no, rows[0].last_seq, rows[0].last_hash
    expected, previous = 0, ""
    for row in rows:
        if row.seq is None:
            break
        expected += 1
        if row.seq != expected:
            return f"批次 {batch_no} 的时间线缺少第 {expected} 条记录"
        if row.prev_hash != previous:
            return f"批次 {batch_no} 的时间线第 {row.seq} 条与前一条不衔接"
        if not is_whole(batch_no, row):
            return f"批次 {batch_no} 的时间线第 {row.seq} 条内容与其摘要不符"
        previous = row.hash
    if expected < last_seq:
        return f"批次 {batch_no} 的时间线末尾缺少记录：应有 {last_seq} 条，现有 {expected} 条"
    if expected > last_seq:
        return f"批次 {batch_no} 的时间线末尾多出记录：应有 {last_seq} 条，现有 {expected} 条"
    if previous != last_hash:
        return f"批次 {batch_no} 的时间线末条摘要与批次登记的不符"
    return None


# A line with all that its hash is taken of.
LINE = "seq, prev_hash, hash, at, kind, text, rests_on, actor, data, key, recorded_at"
_HASHED = ("seq", "prev_hash", "at", "kind", "text", "rests_on", "actor", "data", "key", "recorded_at")


def as_hashed(batch_no: str, row: Row[Any]) -> dict[str, Any]:
    """What a line's hash is taken of: every field but the hash itself, instants in UTC."""
    fields = row._asdict() | {"at": instant(row.at), "recorded_at": instant(row.recorded_at)}
    return {"batch_no": batch_no} | {name: fields[name] for name in _HASHED}


def is_whole(batch_no: str, row: Row[Any]) -> bool:
    """Whether a line is what its hash was taken of."""
    return bool(row.hash == _hash(as_hashed(batch_no, row)))


def _hash(value: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()
