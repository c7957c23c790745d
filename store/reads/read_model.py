"""The read model: batches, what is owed, the record; needs no worker to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Phase, Recipient
from messages.base import Actor
from messages.records import TimelineKind
from messages.snapshot import DocumentStatus, Snapshot
from store.desk.held import HELD, InHand, held
from store.documents.queued import TO_POST
from store.engine import autocommit
from store.errors import BatchUnknown, CursorInvalid, DocumentUnknown
from store.reads.pages import Page, after, page_of
from store.reads.wanted import WantedBatches

_BATCH = text("""
    select snapshot, opened_at, clock_timestamp() + clock_ahead as clock
    from batches where batch_no = :batch_no
""")
_PHASES = text("""
    select split_part(key, ':', 2) as phase, at from timeline
    where batch_no = :batch_no and kind = 'phase' and key like 'phase:%' order by seq
""")
_DOCUMENT = """
    d.document_id, d.batch_no, d.kind, d.recipient, d.recipient_name, d.address, d.title, d.fields,
    d.field_titles, d.rests_on, d.sha256, d.created_at, d.sent_at, d.corrects, d.number
"""
_DOCUMENTS = text(f"""
    select {_DOCUMENT}, o.channel, o.detail, ({TO_POST}) is true as to_post
    from documents d join outbox o using (document_id) join batches b on b.batch_no = d.batch_no
    where d.batch_no = :batch_no order by o.no
""")
_LINE = "seq, at, recorded_at, kind, text, rests_on, actor, data, key, prev_hash, hash"
_AT_ONCE = 500
_BATCH_OF_DOCUMENT = text("select batch_no from documents where document_id = :document_id")
_KNOWN = text("select 1 from batches where batch_no = :batch_no")


@dataclass(frozen=True)
class DocumentRow:
    """A document as made out; ``status`` is what the batch's snapshot knows of its service.

    ``to_post``: it lies in the post queue.
    """

    document_id: str
    batch_no: str
    kind: DocumentKind
    recipient: Recipient
    recipient_name: str
    address: str | None
    title: str
    fields: dict[str, Any]
    field_titles: dict[str, str]
    rests_on: str
    sha256: str
    created_at: datetime
    sent_at: datetime | None
    corrects: str | None
    number: str
    channel: str | None
    detail: str | None
    to_post: bool
    status: DocumentStatus


@dataclass(frozen=True)
class WholeBatch:
    """One batch; ``clock`` is the ledger's for this batch, by which its waits are overdue or not."""

    snapshot: Snapshot
    opened_at: datetime
    clock: datetime
    documents: tuple[DocumentRow, ...]


@dataclass(frozen=True)
class PhaseBegun:
    """When a batch came to a phase; to some it may come more than once."""

    phase: Phase
    at: datetime


@dataclass(frozen=True)
class BatchRow:
    """One batch of a list."""

    snapshot: Snapshot
    opened_at: datetime
    clock: datetime
    holder: InHand | None

    @property
    def overdue(self) -> bool:
        return any(self.snapshot.is_overdue(wait, self.clock) for wait in self.snapshot.waits)


@dataclass(frozen=True)
class TimelineRow:
    """One line of the record, with its place in the chain."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: TimelineKind
    text: str
    rests_on: str
    actor: Actor
    data: dict[str, Any]
    key: str
    prev_hash: str
    hash: str


async def batch(engine: AsyncEngine, batch_no: str) -> WholeBatch:
    """Raises ``BatchUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_BATCH, {"batch_no": batch_no})).one_or_none()
        if row is None:
            raise BatchUnknown(batch_no)
        documents = (await connection.execute(_DOCUMENTS, {"batch_no": batch_no})).all()
    snapshot = _with_letters_left(
        Snapshot.model_validate(row.snapshot),
        {document.document_id: document.sent_at for document in documents},
    )
    status = {document.document_id: document.status for document in snapshot.documents}
    return WholeBatch(
        snapshot,
        row.opened_at,
        row.clock,
        tuple(_document(document, status.get(document.document_id)) for document in documents),
    )


async def phases(engine: AsyncEngine, batch_no: str) -> tuple[PhaseBegun, ...]:
    """The phases that a batch has come to, in order."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_PHASES, {"batch_no": batch_no})
        return tuple(PhaseBegun(Phase(row.phase), row.at) for row in rows)


def _with_letters_left(snapshot: Snapshot, sent_at: Mapping[str, datetime | None]) -> Snapshot:
    """A letter that nothing follows from has left although the batch has not been written since."""
    documents = tuple(
        state.model_copy(update={"status": DocumentStatus.SENT, "sent_on": day_in_shanghai(left)})
        if state.status is DocumentStatus.TO_SEND and (left := sent_at.get(state.document_id)) is not None
        else state
        for state in snapshot.documents
    )
    return snapshot.model_copy(update={"documents": documents})


async def batch_of_document(engine: AsyncEngine, document_id: str) -> str:
    """The number of the batch a document belongs to. Raises ``DocumentUnknown``."""
    async with autocommit(engine) as connection:
        found = await connection.execute(_BATCH_OF_DOCUMENT, {"document_id": document_id})
        batch_no: str | None = found.scalar_one_or_none()
    if batch_no is None:
        raise DocumentUnknown(document_id)
    return batch_no


async def timeline(engine: AsyncEngine, batch_no: str) -> tuple[TimelineRow, ...]:
    """The whole record of a batch, in order. Raises ``BatchUnknown``."""
    page = await timeline_page(engine, batch_no, limit=_AT_ONCE)
    lines = list(page.items)
    while page.next_cursor is not None:
        page = await timeline_page(engine, batch_no, limit=_AT_ONCE, cursor=page.next_cursor)
        lines += page.items
    return tuple(lines)


async def timeline_page(
    engine: AsyncEngine, batch_no: str, *, limit: int, cursor: str | None = None
) -> Page[TimelineRow]:
    """The record of a batch from its first line on. Raises ``BatchUnknown`` and ``CursorInvalid``."""
    position = after(cursor, "seq")
    conditions = {
        "batch_no = :batch_no": True,
        "seq > cast(cast(:seq as text) as int)": cursor is not None,
    }
    statement = select(f"{_LINE} from timeline", conditions, "seq")
    rows = await rows_of(engine, statement, position | {"batch_no": batch_no}, limit)
    if not rows:
        await _require_batch(engine, batch_no)
    return page_of(rows, limit, _line, lambda row: [str(row.seq)])


async def _require_batch(engine: AsyncEngine, batch_no: str) -> None:
    async with autocommit(engine) as connection:
        if (await connection.execute(_KNOWN, {"batch_no": batch_no})).one_or_none() is None:
            raise BatchUnknown(batch_no)


_LISTED = f"""
    b.batch_no, b.snapshot, b.opened_at, clock_timestamp() + b.clock_ahead as clock, {HELD}
    from batches b left join holders h on h.batch_no = b.batch_no
"""


async def list_batches(
    engine: AsyncEngine,
    wanted: WantedBatches,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[BatchRow]:
    """The newest first. Raises ``CursorInvalid``."""
    before = after(cursor, "before")
    conditions = {"b.batch_no < :before": cursor is not None, **wanted.conditions}
    statement = select(_LISTED, conditions, "b.batch_no desc")
    parameters = before | wanted.parameters
    rows = await rows_of(engine, statement, parameters, limit)
    return page_of(rows, limit, _batch_row, lambda row: [row.batch_no])


def select(what: str, conditions: Mapping[str, bool], order: str) -> TextClause:
    """Only the conditions asked for: each combination has its own plan, and so uses its own index."""
    wanted = [condition for condition, asked in conditions.items() if asked]
    where = f"where {' and '.join(wanted)}" if wanted else ""
    return text(f"select {what} {where} order by {order} limit :limit")


async def rows_of(
    engine: AsyncEngine, statement: TextClause, parameters: dict[str, Any], limit: int
) -> list[Row[Any]]:
    """A page's rows and one more. Raises ``CursorInvalid`` for a value that PostgreSQL cannot read."""
    named = {name: value for name, value in parameters.items() if f":{name}" in statement.text}
    async with autocommit(engine) as connection:
        try:
            return list((await connection.execute(statement, named | {"limit": limit + 1})).all())
        except DBAPIError as error:
            if _bad_cursor(error):
                raise CursorInvalid from error
            raise


def _bad_cursor(error: DBAPIError) -> bool:
    """Only cursors are cast from text in these statements (SQLSTATE class 22, data exception)."""
    return str(getattr(error.orig, "sqlstate", "") or "").startswith("22")


def _document(row: Row[Any], status: DocumentStatus | None = None) -> DocumentRow:
    sent = DocumentStatus.TO_SEND if row.sent_at is None else DocumentStatus.SENT
    return DocumentRow(
        document_id=row.document_id,
        batch_no=row.batch_no,
        kind=DocumentKind(row.kind),
        recipient=Recipient(row.recipient),
        recipient_name=row.recipient_name,
        address=row.address,
        title=row.title,
        fields=row.fields,
        field_titles=row.field_titles,
        rests_on=row.rests_on,
        sha256=row.sha256,
        created_at=row.created_at,
        sent_at=row.sent_at,
        corrects=row.corrects,
        number=row.number,
        channel=row.channel,
        detail=row.detail,
        to_post=row.to_post,
        status=status or sent,
    )


def _batch_row(row: Row[Any]) -> BatchRow:
    return BatchRow(Snapshot.model_validate(row.snapshot), row.opened_at, row.clock, held(row))


def _line(row: Row[Any]) -> TimelineRow:
    fields = row._asdict()
    return TimelineRow(**fields | {"kind": TimelineKind(row.kind), "actor": Actor.model_validate(row.actor)})
