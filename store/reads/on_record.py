"""What is on record of batches, read at one moment: all that ``proof`` tells is drawn from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.calendar import CalendarYear, day_in_shanghai
from law.regulation import Readings
from messages.base import Actor
from messages.envelope import Decision, StepEnvelope
from messages.records import TimelineEntry, TimelineKind
from messages.snapshot import PartyState, Snapshot
from messages.steps import StepName
from store.calendars import arrangements
from store.canonical import canonical, instant, sha256
from store.errors import BatchUnknown, PeriodInvalid
from store.ledger.filings import ENVELOPE, as_envelope
from store.ledger.timeline import as_hashed

LONGEST = timedelta(days=92)
# What a party posted by the last day is heard for some working days after it; holidays may lie between.
_HEARD_AFTER = timedelta(days=40)

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
# The timeline, not the table of waits: that one holds only the last deadline of each wait.
_BATCHES = text("""
    select b.batch_no, b.opening #> '{regulation,readings}' as readings,
        clock_timestamp() + b.clock_ahead as clock, s.title, s.parties
    from batches b, jsonb_to_record(b.snapshot) as s(title text, parties jsonb)
    where b.batch_no in (
        select batch_no from timeline where kind in ('wait_opened', 'deadline_moved')
        and data #>> '{deadline,last_day}' between :first and :last)
    order by b.batch_no
""")
# Of a deadline only its days: its account day by day is long, and is not needed here.
_DEADLINE_LINES = text("""
    select t.batch_no, t.seq, t.at, t.recorded_at, t.kind, t.text, t.key,
        case when t.kind in ('wait_opened', 'deadline_moved') then json_build_object(
            'wait_id', t.data -> 'wait_id', 'wait', t.data -> 'wait', 'because', t.data -> 'because',
            'deadline', case when t.data -> 'deadline' is not null then json_build_object(
                'last_day', t.data #> '{deadline,last_day}', 'closes_at', t.data #> '{deadline,closes_at}',
                'heard_until', t.data #> '{deadline,heard_until}')
            end) else t.data end as data
    from timeline t
    where t.batch_no = any(:batch_nos) and t.kind in ('wait_opened', 'deadline_moved', 'wait_ended',
        'silence', 'set_aside', 'reminded', 'escalated', 'step_accepted', 'step_refused', 'corrected')
    order by t.batch_no, t.seq
""")
_FILED = text(f"""
    select {ENVELOPE} from ledger l
    where l.batch_no = any(:batch_nos) and l.step in ('objection_filed', 'retest_formalities_completed')
    order by l.batch_no, l.no
""")
_RECEIVED = text("""
    select l.batch_no, l.step_id, l.step, l.actor, l.received_at, d.decision,
        coalesce(d.decided_at, clock_timestamp() + b.clock_ahead) - l.received_at as waited,
        b.snapshot ->> 'title' as title
    from ledger l join batches b using (batch_no) left join decisions d using (step_id)
    where l.received_at between :begin and :end order by l.received_at, l.no
""")


@dataclass(frozen=True)
class RecordedLine:
    """One line of a batch's timeline."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: TimelineKind
    text: str
    key: str
    data: dict[str, Any]


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
    """All that is on record of one batch.

    ``chain`` are the lines as they were hashed, with their ``hash``, in the order of ``lines``; instants
    there are UTC.
    """

    batch_no: str
    snapshot: Snapshot
    regulation: dict[str, Any]
    clock: datetime
    last_seq: int
    last_hash: str
    lines: tuple[RecordedLine, ...]
    chain: tuple[dict[str, Any], ...]
    ledger: dict[str, LedgerRow]
    arrangements: dict[str, CalendarYear]


@dataclass(frozen=True)
class DeadlinesOnRecord:
    """How one batch's deadlines came and went: what a report of those that passed is drawn from.

    ``lines`` are those that bear on a deadline, without its account day by day; ``filed`` is what parties
    filed, in the ledger's order. ``clock`` is the batch's own.
    """

    batch_no: str
    title: str
    clock: datetime
    readings: Readings
    parties: tuple[PartyState, ...]
    lines: tuple[RecordedLine, ...]
    filed: tuple[StepEnvelope, ...]


@dataclass(frozen=True)
class ReceivedStep:
    """A step on the ledger. ``waited``: until its decision, or until now where there is none yet."""

    batch_no: str
    title: str
    step_id: str
    step: StepName
    actor: Actor
    received_at: datetime
    waited: timedelta
    decision: Decision | None


@dataclass(frozen=True)
class Passage:
    """What is on record of the time from ``begin`` to ``end``, both included, by each batch's own clock.

    ``batches`` are those with a deadline in it; ``received`` are the steps that came in.
    """

    begin: datetime
    end: datetime
    batches: tuple[DeadlinesOnRecord, ...]
    received: tuple[ReceivedStep, ...]


def as_put_right(
    lines: Iterable[RecordedLine | TimelineEntry], step_id: str, body: dict[str, Any]
) -> dict[str, Any] | None:
    """What a step says, put right where it was wrong (procedure section 10); None: it never happened."""
    said: dict[str, Any] | None = body
    for line in lines:
        if line.kind is TimelineKind.CORRECTED and line.data["corrects"] == step_id:
            said = line.data["body"]
    return said


async def record_of(engine: AsyncEngine, batch_no: str) -> Record:
    """Everything at one moment. Raises ``BatchUnknown``."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        batch = (await connection.execute(_BATCH, {"batch_no": batch_no})).one_or_none()
        if batch is None:
            raise BatchUnknown(batch_no)
        rows = (await connection.execute(_LINES, {"batch_no": batch_no})).all()
        lines = tuple(map(_line, rows))
        ledger = await _ledger(connection, batch_no, lines)
    digests = {
        arrangement["digest"]
        for line in lines
        for arrangement in line.data.get("deadline", {}).get("arrangements", ())
    }
    # Kept for good and never changed, so they may be read after the rest.
    kept = await arrangements.kept(engine, sorted(digests))
    return Record(
        batch_no=batch_no,
        snapshot=Snapshot.model_validate(batch.snapshot),
        regulation=batch.regulation,
        clock=batch.clock,
        last_seq=batch.last_seq,
        last_hash=batch.last_hash,
        lines=lines,
        chain=tuple({**as_hashed(batch_no, row), "hash": row.hash} for row in rows),
        ledger=ledger,
        arrangements={year.digest: year for year in kept},
    )


async def passage(engine: AsyncEngine, begin: datetime, end: datetime) -> Passage:
    """Everything at one moment. Raises ``PeriodInvalid`` for a time that runs backwards or is too long."""
    if begin > end:
        raise PeriodInvalid("起始时刻晚于终止时刻")
    if end - begin > LONGEST:
        raise PeriodInvalid(f"一次最多查看{LONGEST.days}天")
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        batches = await _batches(connection, begin, end)
        received = (await connection.execute(_RECEIVED, {"begin": begin, "end": end})).all()
    return Passage(begin, end, batches, tuple(map(_received, received)))


async def _batches(
    connection: AsyncConnection, begin: datetime, end: datetime
) -> tuple[DeadlinesOnRecord, ...]:
    """Those with a deadline in the time or some time before: 24:00 of a day, the first moment of the next."""
    first = day_in_shanghai(begin - timedelta(microseconds=1)) - _HEARD_AFTER
    last = day_in_shanghai(end) - timedelta(days=1)
    days = {"first": first.isoformat(), "last": last.isoformat()}
    batches = (await connection.execute(_BATCHES, days)).all()
    numbers = {"batch_nos": [batch.batch_no for batch in batches]}
    lines = _by_batch((await connection.execute(_DEADLINE_LINES, numbers)).all())
    filed = _by_batch((await connection.execute(_FILED, numbers)).all())
    return tuple(
        DeadlinesOnRecord(
            batch_no=batch.batch_no,
            title=batch.title,
            clock=batch.clock,
            readings=Readings.model_validate(batch.readings),
            parties=tuple(map(PartyState.model_validate, batch.parties)),
            lines=tuple(map(_line, lines.get(batch.batch_no, ()))),
            filed=tuple(map(as_envelope, filed.get(batch.batch_no, ()))),
        )
        for batch in batches
    )


def _by_batch(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    return {batch_no: list(of) for batch_no, of in groupby(rows, attrgetter("batch_no"))}


def _line(row: Row[Any]) -> RecordedLine:
    return RecordedLine(row.seq, row.at, row.recorded_at, TimelineKind(row.kind), row.text, row.key, row.data)


def _received(row: Row[Any]) -> ReceivedStep:
    return ReceivedStep(
        batch_no=row.batch_no,
        title=row.title,
        step_id=str(row.step_id),
        step=StepName(row.step),
        actor=Actor.model_validate(row.actor),
        received_at=row.received_at,
        waited=row.waited,
        decision=None if row.decision is None else Decision.model_validate(row.decision),
    )


async def _ledger(
    connection: AsyncConnection, batch_no: str, lines: tuple[RecordedLine, ...]
) -> dict[str, LedgerRow]:
    told = {line.data["step_id"]: line.data.get("body") for line in lines if "step_id" in line.data}
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
