"""The end of evidence: what falls due, what is held, and its disposal by two people.

Disposed of is the key of each file; name, digests, keepers and the timeline stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from messages.approvals import ApprovalVerdict, Matter
from messages.base import Actor
from messages.names import disposal_line, hold_line
from messages.records import TimelineEntry, TimelineKind
from store.approvals import deciding
from store.canonical import model_json
from store.engine import autocommit
from store.errors import (
    DisposalByProposer,
    EvidenceHeld,
    EvidenceNotDue,
    NothingHeld,
    NothingProposed,
)
from store.evidence import certificates
from store.evidence.kept import append_line
from store.ledger.lock import LockedBatch, lock_batch

_RESTS_ON = "§5"
# By the batch's own clock; a batch that was taken up again is not closed.
_STANDING = """
    select b.batch_no, cast(b.snapshot ->> 'keep_evidence_until' as date) as keep_until,
        (select count(*) from evidence e where e.batch_no = b.batch_no and e.disposal_no is null) as files,
        (select coalesce(sum(e.size), 0) from evidence e
            where e.batch_no = b.batch_no and e.disposal_no is null) as size,
        (select h.reason from evidence_holds h where h.batch_no = b.batch_no and h.lifted_at is null) as held,
        d.no, d.reason, d.approval_no, d.proposed_by, d.proposed_at, b.phase = 'closed'
            and cast(b.snapshot ->> 'keep_evidence_until' as date)
                < cast((clock_timestamp() + b.clock_ahead) at time zone 'Asia/Shanghai' as date) as is_due
    from batches b left join lateral (
        select d.no, d.reason, d.approval_no, p.proposed_by, p.proposed_at
        from evidence_disposals d join approvals p on p.no = d.approval_no
        where d.batch_no = b.batch_no and p.decided_at is null
    ) d on true
"""
_ONE = text(f"{_STANDING} where b.batch_no = :batch_no")
_DUE = text(f"""
    select * from ({_STANDING} where b.phase = 'closed'
        and exists (select from evidence e where e.batch_no = b.batch_no and e.disposal_no is null)) s
    where (is_due or keep_until < cast(:before as date)) and (proposed_by is not null or not :proposed)
    order by keep_until, batch_no limit :limit
""")
_PROPOSE = text("""
    insert into evidence_disposals (batch_no, reason, approval_no)
    values (:batch_no, :reason, :approval_no) returning no
""")
_DESTROY = text("""
    with gone as (
        update evidence set sealed_key = null, disposal_no = :no
        where batch_no = :batch_no and disposal_no is null
        returning evidence_id, sha256, sm3, filename, media_type, size, received_at
    )
    select gone.*, (
        select json_agg(json_build_object('keeper', k.keeper, 'since', k.at) order by k.no)
        from evidence_keepers k where k.evidence_id = gone.evidence_id
    ) as keepers
    from gone order by received_at, evidence_id
""")
_HOLD = text("""
    insert into evidence_holds (batch_no, reason, placed_by, placed_at)
    values (:batch_no, :reason, cast(:by as jsonb), :clock)
    on conflict (batch_no) where lifted_at is null do nothing returning no
""")
_LIFT = text("""
    update evidence_holds set lifted_by = cast(:by as jsonb), lifted_reason = :reason, lifted_at = :clock
    where batch_no = :batch_no and lifted_at is null returning no
""")
_DISPOSALS = text("""
    select d.no, d.reason, p.proposed_by, p.proposed_at, p.decided_by as approved_by,
        p.decided_at as approved_at
    from evidence_disposals d join approvals p on p.no = d.approval_no
    where d.batch_no = :batch_no order by d.no
""")


@dataclass(frozen=True)
class KeptUntil:
    """Of a batch with evidence; once it is closed and ``is_due`` no rule asks to keep that any longer.

    ``held``: why it is kept all the same.
    """

    batch_no: str
    keep_until: date | None
    is_due: bool
    files: int
    size: int
    held: str | None
    proposed_by: Actor | None


@dataclass(frozen=True)
class Disposal:
    """Who proposed it and who approved it; with the approval the keys are gone."""

    no: int
    reason: str
    proposed_by: Actor
    proposed_at: datetime
    approved_by: Actor | None
    approved_at: datetime | None


async def due(
    engine: AsyncEngine, limit: int, before: date | None = None, *, proposed: bool = False
) -> list[KeptUntil]:
    """What is due, and what falls due by the day ``before``; what fell due first comes first.

    ``proposed``: that alone whose disposal waits for a leader.
    """
    asked = {"limit": limit, "before": before, "proposed": proposed}
    async with autocommit(engine) as connection:
        rows = (await connection.execute(_DUE, asked)).all()
    return [_standing(row) for row in rows]


async def standing(engine: AsyncEngine, batch_no: str) -> KeptUntil:
    """How long the evidence of a batch that there is has to be kept."""
    async with autocommit(engine) as connection:
        return _standing((await connection.execute(_ONE, {"batch_no": batch_no})).one())


async def hold(engine: AsyncEngine, batch_no: str, reason: str, by: Actor) -> None:
    """Keep everything of a batch until the hold is lifted. Raises ``BatchUnknown`` and ``EvidenceHeld``."""
    async with engine.begin() as connection:
        batch = await lock_batch(connection, batch_no)
        no = (await connection.execute(_HOLD, _by(batch, by) | {"reason": reason})).scalar_one_or_none()
        if no is None:
            raise EvidenceHeld
        await _note(
            connection, batch, hold_line(no), TimelineKind.EVIDENCE_HELD, f"证据暂缓处置：{reason}", by
        )


async def lift(engine: AsyncEngine, batch_no: str, reason: str, by: Actor) -> None:
    """Raises ``BatchUnknown`` and ``NothingHeld``."""
    async with engine.begin() as connection:
        batch = await lock_batch(connection, batch_no)
        no = (await connection.execute(_LIFT, _by(batch, by) | {"reason": reason})).scalar_one_or_none()
        if no is None:
            raise NothingHeld
        key, words = f"{hold_line(no)}:lifted", f"解除证据暂缓处置：{reason}"
        await _note(connection, batch, key, TimelineKind.EVIDENCE_RELEASED, words, by)


async def propose(engine: AsyncEngine, batch_no: str, reason: str, by: Actor) -> None:
    """Once more is that proposal. Raises ``BatchUnknown``, ``EvidenceNotDue`` and ``EvidenceHeld``."""
    async with engine.begin() as connection:
        batch = await lock_batch(connection, batch_no)
        if (await _require_due(connection, batch_no)).no is not None:
            return
        approval_no = await deciding.propose(connection, Matter.DISPOSAL, batch_no, by, batch.clock)
        said = {"batch_no": batch_no, "reason": reason, "approval_no": approval_no}
        no = (await connection.execute(_PROPOSE, said)).scalar_one()
        words = f"提出处置证据：{reason}"
        await _note(connection, batch, disposal_line(no), TimelineKind.DISPOSAL_PROPOSED, words, by)


async def approve(engine: AsyncEngine, batch_no: str, by: Actor) -> Sequence[UUID]:
    """The keys are gone with this; the files, which nobody can open any more, are for the caller to delete.

    Raises ``BatchUnknown``, ``EvidenceNotDue``, ``EvidenceHeld``, ``NothingProposed`` and
    ``DisposalByProposer``.
    """
    async with engine.begin() as connection:
        batch = await lock_batch(connection, batch_no)
        standing = await _require_due(connection, batch_no)
        if standing.no is None:
            raise NothingProposed
        number = await certificates.next_number(connection, batch_no)
        await deciding.decide(
            connection,
            standing.approval_no,
            by,
            ApprovalVerdict.APPROVED,
            on_own=DisposalByProposer(),
            at=batch.clock,
        )
        gone = (await connection.execute(_DESTROY, {"batch_no": batch_no, "no": standing.no})).all()
        data = certificates.line_data(number, standing, gone)
        key = f"{disposal_line(standing.no)}:approved"
        words = f"处置证据{len(gone)}件，密钥已销毁，摘要保留（{number}）"
        await _note(connection, batch, key, TimelineKind.EVIDENCE_DISPOSED, words, by, data)
    return [one.evidence_id for one in gone]


async def disposals(engine: AsyncEngine, batch_no: str) -> list[Disposal]:
    """One after the other; more than one where files came in after the first."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_DISPOSALS, {"batch_no": batch_no})
        return [
            Disposal(
                **row._asdict()
                | {
                    "proposed_by": Actor.model_validate(row.proposed_by),
                    "approved_by": _actor(row.approved_by),
                }
            )
            for row in rows
        ]


async def _require_due(connection: AsyncConnection, batch_no: str) -> Row[Any]:
    row = (await connection.execute(_ONE, {"batch_no": batch_no})).one()
    if not row.is_due or not row.files:
        raise EvidenceNotDue
    if row.held is not None:
        raise EvidenceHeld
    return row


def _standing(row: Row[Any]) -> KeptUntil:
    return KeptUntil(
        batch_no=row.batch_no,
        keep_until=row.keep_until,
        is_due=bool(row.is_due),
        files=row.files,
        size=int(row.size),
        held=row.held,
        proposed_by=_actor(row.proposed_by),
    )


async def _note(
    connection: AsyncConnection,
    batch: LockedBatch,
    key: str,
    kind: TimelineKind,
    words: str,
    by: Actor,
    data: dict[str, Any] | None = None,
) -> None:
    entry = TimelineEntry(
        key=key, at=batch.clock, kind=kind, text=words, rests_on=_RESTS_ON, actor=by, data=data or {}
    )
    await append_line(connection, batch, entry)


def _by(batch: LockedBatch, by: Actor) -> dict[str, Any]:
    return {"batch_no": batch.batch_no, "by": model_json(by), "clock": batch.clock}


def _actor(stored: Any) -> Actor | None:
    return None if stored is None else Actor.model_validate(stored)
