"""Documents: made out once, sent once, never altered; the outbox says by which way each left."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import DocumentKind, Recipient
from messages.records import DispatchInput, Paper, TimelineEntry, TimelineKind
from store import timeline
from store.canonical import canonical, sha256, storable
from store.engine import autocommit
from store.errors import DocumentUnknown
from store.lock import LockedBatch, lock_batch

_ISSUE = text(f"""
    with made as (
        insert into documents (document_id, batch_no, kind, recipient, recipient_name, address, email, title,
            fields, field_titles, rests_on, sha256, created_at)
        select d.document_id, :batch_no, d.kind, d.recipient, d.recipient_name, d.address, d.email, d.title,
            d.fields, d.field_titles, d.rests_on, d.sha256, :clock
        from json_to_recordset(cast(:documents as json)) as d(
            document_id text, kind text, recipient text, recipient_name text, address text, email text,
            title text, fields json, field_titles json, rests_on text, sha256 text)
        on conflict (document_id) do nothing
        returning document_id
    ), posted as (
        insert into outbox (document_id, state) select document_id, 'waiting' from made
    ), appended as ({timeline.APPEND}
    )
    update batches set last_seq = :last_seq, last_hash = :last_hash where batch_no = :batch_no
""")
_HELD = text("select document_id from documents where document_id = any(:document_ids)")
_TO_SEND = text("""
    select document_id, batch_no, kind, recipient, recipient_name, address, email, title, fields,
        field_titles, rests_on, created_at
    from documents where document_id = any(:document_ids) and sent_at is null order by document_id
""")
_STANDING = text(
    "select batch_no, title, recipient_name, rests_on, sent_at from documents where document_id = :id"
)
_SENT_AT = text("""
    select document_id, sent_at from documents where document_id = any(:document_ids) and sent_at is not null
""")
_SENT = text(f"""
    with sent as (
        update documents set sent_at = :clock where document_id = :document_id
    ), handed_over as (
        update outbox set state = 'sent', channel = :channel, detail = :detail, handed_over_at = :clock
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


async def issue(engine: AsyncEngine, dispatch: DispatchInput) -> list[Outgoing]:
    """Make the papers out, each once by its ``document_id``; gives those of them not yet sent."""
    document_ids = [paper.document_id for paper in dispatch.papers]
    async with engine.begin() as connection:
        batch = await lock_batch(connection, dispatch.batch_no)
        held = set((await connection.execute(_HELD, {"document_ids": document_ids})).scalars())
        fresh = [paper for paper in dispatch.papers if paper.document_id not in held]
        if fresh:
            chained = timeline.chain(batch, [_issued(paper, dispatch.now) for paper in fresh])
            await connection.execute(
                _ISSUE,
                _appended(batch, chained) | {"documents": json.dumps([_row(paper) for paper in fresh])},
            )
        rows = await connection.execute(_TO_SEND, {"document_ids": document_ids})
        return [_outgoing(row._asdict()) for row in rows]


async def mark_sent(engine: AsyncEngine, document_id: str, channel: str, detail: str) -> datetime:
    """When the document left, by the ledger's clock; for one that had left before, that moment.

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
            left_at: datetime = standing.sent_at
            return left_at
        entry = TimelineEntry(
            key=f"document-sent:{document_id}",
            at=batch.clock,
            kind=TimelineKind.DOCUMENT_SENT,
            text=f"{standing.title}已发出，受送达人：{standing.recipient_name}",
            rests_on=standing.rests_on,
            data={"document_id": document_id, "channel": channel, "detail": detail},
        )
        await connection.execute(
            _SENT,
            _appended(batch, timeline.chain(batch, [entry]))
            | {"document_id": document_id, "channel": channel, "detail": detail},
        )
        return batch.clock


async def sent_at(engine: AsyncEngine, document_ids: list[str]) -> dict[str, datetime]:
    """When each of the documents left; those still here are not in it."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_SENT_AT, {"document_ids": document_ids})
        return {row.document_id: row.sent_at for row in rows}


def _issued(paper: Paper, now: datetime) -> TimelineEntry:
    return TimelineEntry(
        key=f"document-issued:{paper.document_id}",
        at=now,
        kind=TimelineKind.DOCUMENT_ISSUED,
        text=f"制作{paper.title}，受送达人：{paper.recipient_name}",
        rests_on=paper.rests_on,
        data={
            "document_id": paper.document_id,
            "kind": paper.kind,
            "recipient": paper.recipient,
            "sha256": _digest(paper),
        },
    )


def _row(paper: Paper) -> dict[str, Any]:
    row: dict[str, Any] = storable(paper.model_dump(mode="json"))
    return row | {"sha256": _digest(paper)}


def _digest(paper: Paper) -> str:
    return sha256(canonical(storable(paper.model_dump(mode="json")["fields"])))


def _appended(batch: LockedBatch, chained: timeline.Chained) -> dict[str, Any]:
    return {
        "batch_no": batch.batch_no,
        "clock": batch.clock,
        "rows": json.dumps(chained.rows),
        "last_seq": chained.last_seq,
        "last_hash": chained.last_hash,
    }


def _outgoing(row: dict[str, Any]) -> Outgoing:
    return Outgoing(**row | {"kind": DocumentKind(row["kind"]), "recipient": Recipient(row["recipient"])})
