"""All that is on record of one batch, read at one moment: what a certificate of a deadline is made out of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.calendar import CalendarYear
from messages.envelope import Decision
from messages.snapshot import Snapshot
from store import calendars
from store.canonical import canonical, instant, sha256
from store.errors import BatchUnknown
from store.timeline import as_hashed

_BATCH = text("""
    select snapshot, opening -> 'regulation' as regulation, last_seq, last_hash,
        greatest(clock_timestamp() + clock_ahead, last_stamp) as clock
    from batches where batch_no = :batch_no
""")
_LINES = text("""
    select seq, prev_hash, hash, at, kind, text, rests_on, actor, data, key, recorded_at
    from timeline where batch_no = :batch_no order by seq
""")
_LEDGER = text("""
    select l.step_id, l.step, l.body, l.body_sha256, l.actor, l.received_at, d.decision
    from ledger l left join decisions d using (step_id) where l.batch_no = :batch_no order by l.position
""")


@dataclass(frozen=True)
class LedgerRow:
    """A step as received, and the procedure's answer to it."""

    step_id: str
    step: str
    body: dict[str, Any]
    body_sha256: str
    actor: dict[str, Any]
    received_at: datetime
    decision: Decision | None

    def as_shown(self) -> dict[str, Any]:
        """What a certificate shows of it."""
        return {
            "step_id": self.step_id,
            "step": self.step,
            "body": self.body,
            "body_sha256": self.body_sha256,
            "actor": self.actor,
            "received_at": instant(self.received_at),
        }


@dataclass(frozen=True)
class Record:
    """One batch's record. ``lines`` are as they were hashed, with their ``hash``; instants there are UTC."""

    batch_no: str
    snapshot: Snapshot
    regulation: dict[str, Any]
    clock: datetime
    last_seq: int
    last_hash: str
    lines: tuple[dict[str, Any], ...]
    ledger: dict[str, LedgerRow]
    arrangements: dict[str, CalendarYear]


async def record_of(engine: AsyncEngine, batch_no: str) -> Record:
    """Everything at one moment. Raises ``BatchUnknown``."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        batch = (await connection.execute(_BATCH, {"batch_no": batch_no})).one_or_none()
        if batch is None:
            raise BatchUnknown(batch_no)
        rows = (await connection.execute(_LINES, {"batch_no": batch_no})).all()
        lines = tuple({**as_hashed(batch_no, row), "hash": row.hash} for row in rows)
        ledger = await _ledger(connection, batch_no, lines)
    digests = {
        arrangement["digest"]
        for line in lines
        for arrangement in line["data"].get("deadline", {}).get("arrangements", ())
    }
    # Kept for good and never changed, so they may be read after the rest.
    kept = await calendars.kept(engine, sorted(digests))
    return Record(
        batch_no=batch_no,
        snapshot=Snapshot.model_validate(batch.snapshot),
        regulation=batch.regulation,
        clock=batch.clock,
        last_seq=batch.last_seq,
        last_hash=batch.last_hash,
        lines=lines,
        ledger=ledger,
        arrangements={year.digest: year for year in kept},
    )


async def _ledger(
    connection: AsyncConnection, batch_no: str, lines: tuple[dict[str, Any], ...]
) -> dict[str, LedgerRow]:
    told = {line["data"]["step_id"]: line["data"].get("body") for line in lines if "step_id" in line["data"]}
    rows = await connection.execute(_LEDGER, {"batch_no": batch_no})
    return {
        str(row.step_id): LedgerRow(
            step_id=str(row.step_id),
            step=row.step,
            body=_as_digested(row.body, told.get(str(row.step_id)), row.body_sha256),
            body_sha256=row.body_sha256,
            actor=row.actor,
            received_at=row.received_at,
            decision=None if row.decision is None else Decision.model_validate(row.decision),
        )
        for row in rows
    }


def _as_digested(kept: dict[str, Any], told: dict[str, Any] | None, digest: str) -> dict[str, Any]:
    """The body that the digest was taken of: jsonb may write a number otherwise (1e2 as 100)."""
    return told if told is not None and sha256(canonical(told)) == digest else kept
