"""What a batch played in memory would have on record, and the certificates that can be made out of it."""

from datetime import datetime, timedelta
from typing import Any

from messages.envelope import StepEnvelope
from messages.records import Paper, TimelineKind
from proof.certificates.composing import NoDeadline, certificate_of
from store.documents.papers import HandedOver, Issued, Letter, among_lines
from store.ledger import timeline
from store.ledger.lock import LockedBatch
from store.reads.on_record import LedgerRow, Record, RecordedLine
from tests.quick.memory import Memory

_READ = ("seq", "at", "recorded_at", "kind", "text", "key", "data")


def record_of(world: Memory) -> Record:
    """Timeline and ledger as the store writes and reads them."""
    opening, rows = world.opening, timeline_of(world)
    return Record(
        batch_no=opening.batch_no,
        snapshot=world.changes[-1].snapshot,
        regulation=opening.regulation.model_dump(mode="json"),
        clock=world.clock,
        last_seq=rows[-1]["seq"],
        last_hash=rows[-1]["hash"],
        lines=tuple(_line(row) for row in rows),
        chain=tuple({"batch_no": opening.batch_no, **row} for row in rows),
        ledger={str(step.step_id): _row(world, step) for step in world.ledger},
        arrangements={year.digest: year for year in world.in_force.calendar.years},
    )


def timeline_of(world: Memory) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    seq, last_hash = 0, ""
    known: set[str] = set()
    for change, at in zip(world.changes, world.recorded_at, strict=True):
        letters = [_letter(paper) for paper in change.papers]
        issued = {one.paper.document_id: Issued("第1号", "0" * 64, None) for one in letters}
        lines = timeline.distinct(among_lines(change.lines, letters, issued, change.now))
        lines = tuple(line for line in lines if line.key not in known)
        known |= {line.key for line in lines}
        locked = LockedBatch(
            batch_no=world.opening.batch_no,
            opened_at=world.opening.opened_at,
            version=0,
            last_seq=seq,
            last_hash=last_hash,
            clock_ahead=timedelta(),
            last_stamp=None,
            database_now=at,
        )
        chained = timeline.chain(locked, lines)
        rows += chained.rows
        seq, last_hash = chained.last_seq, chained.last_hash
    return rows


def _letter(paper: Paper) -> Letter:
    return Letter(paper, HandedOver(channel="outbox" if paper.by_hand else "website", detail=""))


def _line(row: dict[str, Any]) -> RecordedLine:
    said = {name: row[name] for name in _READ}
    at = {name: datetime.fromisoformat(row[name]) for name in ("at", "recorded_at")}
    return RecordedLine(**(said | at | {"kind": TimelineKind(row["kind"])}))


def _row(world: Memory, step: StepEnvelope) -> LedgerRow:
    assert step.received_at is not None
    assert step.body_sha256 is not None
    return LedgerRow(
        step_id=str(step.step_id),
        step=step.step,
        body=step.body,
        body_sha256=step.body_sha256,
        actor=step.actor.model_dump(mode="json"),
        received_at=step.received_at,
        decision=world.decisions.get(step.step_id),
    )


def certificates(world: Memory) -> dict[str, dict[str, Any]]:
    """One of every deadline that the batch has or had, as whoever has it reads it."""
    record, found = record_of(world), {}
    waits = {line.data["wait_id"] for line in record.lines if line.kind is TimelineKind.WAIT_OPENED}
    for wait_id in sorted(waits):
        try:
            found[wait_id] = certificate_of(record, wait_id).model_dump(mode="json")
        except NoDeadline:
            continue
    return found
