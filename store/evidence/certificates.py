"""Disposals as the timeline has them: a certificate says what one line says, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from messages.base import Actor
from messages.disposal import DisposalFacts, DisposedFile
from messages.records import TimelineKind
from store.canonical import as_stored
from store.engine import autocommit
from store.errors import DisposalUnknown
from store.ledger import timeline

_APPROVED = text("""
    select count(*) from evidence_disposals d join approvals p on p.no = d.approval_no
    where d.batch_no = :batch_no and p.decided_at is not null
""")
_LINE = text(f"""
    select seq, hash, at, actor, data from timeline
    where batch_no = :batch_no and kind = '{TimelineKind.EVIDENCE_DISPOSED}'
        and cast(data as jsonb) ->> 'number' = :number
""")
_LINE_AT = text(f"""
    select {timeline.LINE} from timeline
    where batch_no = :batch_no and seq = :seq and kind = '{TimelineKind.EVIDENCE_DISPOSED}'
""")
_GONE = text("""
    select count(*) from evidence e join evidence_disposals d on d.no = e.disposal_no
        join approvals p on p.no = d.approval_no
    where e.batch_no = :batch_no and e.sha256 = any(:digests) and e.sealed_key is null
        and p.decided_at = :at
""")
_FILES = text("""
    select e.evidence_id from evidence e
    where e.batch_no = :batch_no and e.sha256 = any(:digests) and e.disposal_no is not null
""")


@dataclass(frozen=True)
class Disposed:
    """One line of the timeline; ``evidence_ids``: under which the sealed files lay."""

    facts: DisposalFacts
    approved_by: Actor
    approved_at: datetime
    seq: int
    line_hash: str
    evidence_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class ProvenDisposal:
    """What a holder of a certificate is told; ``faults``: in Chinese, what of our record does not agree."""

    batch_no: str
    seq: int
    line_hash: str
    facts: DisposalFacts
    approved_at: datetime
    faults: tuple[str, ...]


def number_of(batch_no: str, nth: int) -> str:
    """The number of the certificate of a batch's first disposal, its second, and so on."""
    return f"证据销毁〔{batch_no}〕{nth}号"


async def next_number(connection: AsyncConnection, batch_no: str) -> str:
    """Within the transaction that approves, before it does; the batch is locked."""
    approved = (await connection.execute(_APPROVED, {"batch_no": batch_no})).scalar_one()
    return number_of(batch_no, approved + 1)


def line_data(number: str, standing: Row[Any], gone: Sequence[Row[Any]]) -> dict[str, Any]:
    """What the line of the timeline carries."""
    facts = DisposalFacts(
        number=number,
        reason=standing.reason,
        keep_until=standing.keep_until,
        proposed_by=Actor.model_validate(standing.proposed_by),
        proposed_at=standing.proposed_at,
        files=tuple(
            DisposedFile.model_validate(
                {name: getattr(one, name) for name in DisposedFile.model_fields}, from_attributes=True
            )
            for one in gone
        ),
    )
    data: dict[str, Any] = as_stored(facts)
    return data


async def disposed(engine: AsyncEngine, batch_no: str, nth: int) -> Disposed:
    """Raises ``DisposalUnknown``."""
    number = number_of(batch_no, nth)
    async with autocommit(engine) as connection:
        line = (await connection.execute(_LINE, {"batch_no": batch_no, "number": number})).one_or_none()
        if line is None:
            raise DisposalUnknown(number)
        facts = DisposalFacts.model_validate(line.data)
        digests = [one.sha256 for one in facts.files]
        ids = (await connection.execute(_FILES, {"batch_no": batch_no, "digests": digests})).scalars()
        return Disposed(facts, Actor.model_validate(line.actor), line.at, line.seq, line.hash, tuple(ids))


async def proven(engine: AsyncEngine, batch_no: str, seq: int, mark: str) -> ProvenDisposal | None:
    """The disposal that stands in this line, whose digest begins so; None where there is none."""
    async with autocommit(engine) as connection:
        line = (await connection.execute(_LINE_AT, {"batch_no": batch_no, "seq": seq})).one_or_none()
        if line is None or not compare_digest(line.hash[: len(mark)], mark):
            return None
        facts = DisposalFacts.model_validate(line.data)
        asked = {"batch_no": batch_no, "digests": [one.sha256 for one in facts.files], "at": line.at}
        gone = (await connection.execute(_GONE, asked)).scalar_one()
    faults = []
    if not timeline.is_whole(batch_no, line):
        faults.append("所载内容与登记的摘要不符")
    if gone != len(facts.files):
        faults.append("所载证据与证据的登记不符")
    return ProvenDisposal(batch_no, seq, line.hash, facts, line.at, tuple(faults))
