"""Letters on their way out: what is still to be sent, by which way each left, and what became of it there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import DocumentKind, Recipient
from messages.records import DispatchResult, Failure
from store.canonical import model_json
from store.documents.papers import BY_HAND, HandedOver, sent_entry
from store.engine import autocommit
from store.errors import DocumentUnknown
from store.ledger import timeline
from store.ledger.lock import lock_batch

_TO_SEND = text("""
    select document_id, batch_no, kind, recipient, recipient_name, address, email, title, fields,
        field_titles, rests_on, created_at, number, sha256, secret
    from documents join outbox o using (document_id)
    where document_id = any(:document_ids) and sent_at is null and o.channel is distinct from 'outbox'
        and o.status is distinct from 'withdrawn'
    order by document_id
""")
_STANDING = text(
    "select batch_no, title, recipient_name, rests_on, sent_at from documents where document_id = :id"
)
_LEFT = text("""
    select d.document_id, d.sent_at, o.refusal, o.channel from documents d join outbox o using (document_id)
    where d.document_id = any(:document_ids) and (d.sent_at is not null or o.channel = 'outbox')
""")
_ACKNOWLEDGED = text("""
    select d.document_id, d.batch_no, d.kind, d.recipient, o.receipt, d.sent_at
    from documents d join outbox o using (document_id)
    where d.document_id = any(:document_ids) and o.receipt is not null order by d.document_id
""")
_MAILED = text("""
    select d.document_id, d.batch_no, d.kind, d.recipient from documents d join outbox o using (document_id)
    where d.document_id = any(:document_ids) and d.email is not null
        and coalesce(o.channel, 'email') = 'email'
    limit 1
""")
# Anybody can mail us reports of a letter, as many as they like: what they add to it has an end.
_TAKEN_IN = text("""
    update outbox set detail = concat_ws('；', detail, cast(:note as text))
    where document_id = :document_id and position(:note in coalesce(detail, '')) = 0
        and length(coalesce(detail, '')) < 2000
""")
_QUEUED = text("""
    update outbox set channel = :channel, detail = :detail, refusal = cast(:refusal as jsonb)
    where document_id = :document_id
""")
_SENT = text(f"""
    with sent as (
        update documents set sent_at = :clock where document_id = :document_id
    ), handed_over as (
        update outbox set state = 'sent', status = 'sent', channel = :channel, detail = :detail,
            refusal = cast(:refusal as jsonb), receipt = :receipt, handed_over_at = :clock
        where document_id = :document_id
    ), appended as ({timeline.APPEND}
    )
    update batches set last_seq = :last_seq, last_hash = :last_hash where batch_no = :batch_no
""")


@dataclass(frozen=True)
class Outgoing:
    """A document on its way out."""

    document_id: str
    batch_no: str
    kind: DocumentKind
    recipient: Recipient
    recipient_name: str
    address: str | None
    email: str | None
    title: str
    fields: dict[str, Any]
    field_titles: dict[str, str]
    rests_on: str
    created_at: datetime
    number: str
    sha256: str
    secret: str


@dataclass(frozen=True)
class Acknowledged:
    """A letter whose receipt the recipient's own system gave, at ``sent_at`` by the batch's ledger clock."""

    document_id: str
    batch_no: str
    kind: DocumentKind
    recipient: Recipient
    receipt: str
    sent_at: datetime


@dataclass(frozen=True)
class Mailed:
    """A letter that was mailed, or is just being mailed."""

    document_id: str
    batch_no: str
    kind: DocumentKind
    recipient: Recipient


async def to_send(engine: AsyncEngine, document_ids: Sequence[str]) -> list[Outgoing]:
    """Those of the documents that have not left yet."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_TO_SEND, {"document_ids": list(document_ids)})
        return [Outgoing(**_typed(row._asdict())) for row in rows]


async def mark_sent(engine: AsyncEngine, document_id: str, by: HandedOver) -> None:
    """Note that the document left, or that it is left to people; nothing where that is on record.

    Raises ``DocumentUnknown``.
    """
    async with engine.begin() as connection:
        # Outside the lock only to learn the batch: what follows is read again under it.
        standing = (await connection.execute(_STANDING, {"id": document_id})).one_or_none()
        if standing is None:
            raise DocumentUnknown(document_id)
        batch = await lock_batch(connection, standing.batch_no)
        standing = (await connection.execute(_STANDING, {"id": document_id})).one()
        if standing.sent_at is not None:
            return
        if by.channel == BY_HAND:
            await connection.execute(_QUEUED, {"document_id": document_id, **_by(by)})
            return
        entry = sent_entry(
            document_id, standing.title, standing.recipient_name, standing.rests_on, by, batch.clock
        )
        await connection.execute(
            _SENT,
            {
                **timeline.chain(batch, [entry]).parameters,
                "batch_no": batch.batch_no,
                "clock": batch.clock,
                "document_id": document_id,
                **_by(by),
                "receipt": by.receipt,
            },
        )


def _by(by: HandedOver) -> dict[str, Any]:
    refusal = None if by.refusal is None else model_json(by.refusal)
    return {"channel": by.channel, "detail": by.detail, "refusal": refusal}


async def left(engine: AsyncEngine, document_ids: Sequence[str]) -> DispatchResult:
    """When each of the documents left, and which are left to people; not those still to be mailed."""
    async with autocommit(engine) as connection:
        rows = (await connection.execute(_LEFT, {"document_ids": list(document_ids)})).all()
    return DispatchResult(
        sent_at={row.document_id: row.sent_at for row in rows if row.sent_at},
        failed={row.document_id: Failure.model_validate(row.refusal) for row in rows if row.refusal},
        by_hand=tuple(row.document_id for row in rows if not row.sent_at and not row.refusal),
    )


async def acknowledged(engine: AsyncEngine, document_ids: Sequence[str]) -> list[Acknowledged]:
    """Those of the documents for which the recipient's own system gave a receipt."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_ACKNOWLEDGED, {"document_ids": list(document_ids)})
        return [Acknowledged(**_typed(row._asdict())) for row in rows]


async def mailed(engine: AsyncEngine, document_ids: Sequence[str]) -> Mailed | None:
    """The letter that goes by one of these names; None where it is none, or did not go by mail."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_MAILED, {"document_ids": list(document_ids)})).one_or_none()
    return None if row is None else Mailed(**_typed(row._asdict()))


async def note_taken_in(engine: AsyncEngine, document_id: str, note: str) -> None:
    """Add to the outbox, once, that the recipient's server took a letter in; no proof of service."""
    async with autocommit(engine) as connection:
        await connection.execute(_TAKEN_IN, {"document_id": document_id, "note": note})


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"kind": DocumentKind(row["kind"]), "recipient": Recipient(row["recipient"])}
