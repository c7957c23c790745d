"""Letters as they are opened: typeset once from a document's facts, kept byte for byte, never made again."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.privacy import without_name
from law.vocabulary import DocumentKind, Recipient
from messages.letter import LetterFacts
from messages.names import document_typeset_line, formalities, window
from messages.records import TimelineEntry, TimelineKind
from store.documents import papers
from store.documents.published import PERSONS
from store.engine import autocommit
from store.errors import DocumentUnknown
from store.ledger import timeline
from store.ledger.lock import lock_batch

_KEPT = text("select sha256, pdf, made_at from letters where document_id = :document_id")
_FACTS = text("""
    select d.document_id, d.batch_no, d.kind, d.number, d.title, d.recipient, d.recipient_name, d.address,
        d.fields, d.field_titles, d.facts, d.rests_on, d.sha256, d.secret, d.created_at, d.corrects,
        earlier.number as corrects_number, coalesce((
            select jsonb_object_agg(listed.document_id, listed.number)
            from documents listed, jsonb_path_query(cast(d.fields as jsonb), '$.**.document_id') as named
            where listed.batch_no = d.batch_no and listed.document_id = named #>> '{}'
        ), '{}') as numbers
    from documents d left join documents earlier on earlier.document_id = d.corrects
    where d.document_id = :document_id
""")
_KEEP = text(f"""
    with kept as (
        insert into letters (document_id, sha256, pdf, typeset_with, made_at)
        values (:document_id, :sha256, :pdf, :typeset_with, :clock)
    ), appended as ({timeline.APPEND}
    )
    update batches set last_seq = :last_seq, last_hash = :last_hash where batch_no = :batch_no
""")
_PROOF = text(f"""
    select d.document_id, d.sha256, d.number, d.title, d.batch_no, d.kind, d.recipient, d.recipient_name,
        d.created_at, d.fields, d.field_titles, d.facts, {PERSONS} as persons,
        t.data ->> 'sha256' as issued_sha256,
        t.data ->> 'deadline_of' as deadline_of, o.status is not distinct from 'withdrawn' as withdrawn,
        l.sha256 as pdf_sha256, encode(sha256(l.pdf), 'hex') as pdf_is,
        (select t.data ->> 'pdf_sha256' from timeline t
            where t.batch_no = d.batch_no and t.key = 'document-typeset:' || d.document_id) as typeset_sha256
    from documents d join batches b using (batch_no) left join letters l using (document_id)
    left join outbox o using (document_id)
    left join timeline t on t.batch_no = d.batch_no and t.key = 'document-issued:' || d.document_id
    where d.secret = :secret
""")
_LATER = text("""
    select later.number, later.created_at, later.corrects is not distinct from d.document_id as corrects
    from documents d join documents later using (batch_no)
    where d.document_id = :document_id and later.document_id <> d.document_id
        and (later.corrects = d.document_id or later.kind = d.kind and later.recipient = d.recipient
            and later.created_at > d.created_at and (d.kind <> 'announcement'
                or (later.facts ->> 'about', later.facts ->> 'about_party')
                    is not distinct from (d.facts ->> 'about', d.facts ->> 'about_party')))
    order by later.created_at, later.series_year, later.series_no
""")
_LAST_DAY = text("select last_day from waits where batch_no = :batch_no and wait_id = :wait_id")


class LetterMaker(Protocol):
    """Makes a letter of a document's facts. Raises ``LetterFaulty``."""

    @property
    def version(self) -> str:
        """The digest of what decides the bytes beside the facts: compiler, templates, fonts."""

    def fault(self, letter: LetterFacts) -> str | None:
        """Why no letter can be made of these facts, in Chinese; None where one can."""

    def typeset(self, letter: LetterFacts) -> bytes:
        """The PDF; the same bytes for the same facts."""


@dataclass(frozen=True)
class Kept:
    """A letter as everybody opens it."""

    sha256: str
    pdf: bytes
    made_at: datetime


@dataclass(frozen=True)
class Later:
    """A document made out since: one that corrects the letter, or of its kind to the same recipient."""

    number: str
    created_at: datetime
    corrects: bool


@dataclass(frozen=True)
class Proof:
    """What a holder of a letter is told; ``faults`` says in Chinese what in our own record does not agree.

    ``shown_name`` is the addressee; natural persons' names are masked in it and in all else but
    ``recipient_name``. ``goods``, ``verdict`` and ``stated`` (the period in words) are what the letter says,
    None where it does not. ``last_day`` is of its period as it stands now. ``withdrawn``: it was taken back.
    ``fields``: all that it carries.
    """

    number: str
    title: str
    batch_no: str
    created_at: datetime
    recipient_name: str
    shown_name: str
    goods: str | None
    verdict: str | None
    stated: str | None
    last_day: date | None
    fields: dict[str, Any]
    field_titles: dict[str, str]
    sha256: str
    pdf_sha256: str | None
    withdrawn: bool
    later: tuple[Later, ...]
    faults: tuple[str, ...]

    @property
    def masks_a_name(self) -> bool:
        """Whose digests, too, would let anybody try out which name they fit."""
        return self.shown_name != self.recipient_name


async def facts(engine: AsyncEngine, document_id: str) -> LetterFacts:
    """What a document's letter is made from. Raises ``DocumentUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_FACTS, {"document_id": document_id})).one_or_none()
    if row is None:
        raise DocumentUnknown(document_id)
    return LetterFacts(**row._asdict())


async def opened(
    engine: AsyncEngine, document_id: str, typesetter: LetterMaker, *, keep: bool = True
) -> Kept:
    """The letter, made now if nobody has needed it before; of two that make it the first is kept.

    Without ``keep`` one that is made now is not kept: whoever only looks leaves the record as it is.
    Raises ``DocumentUnknown``, and ``LetterFaulty`` where no letter can be made of it.
    """
    if (kept := await _kept(engine, document_id)) is not None:
        return kept
    letter = await facts(engine, document_id)
    pdf = await asyncio.to_thread(typesetter.typeset, letter)
    if not keep:
        return Kept(hashlib.sha256(pdf).hexdigest(), pdf, letter.created_at)
    return await _keep(engine, letter, pdf, typesetter.version)


async def proof(engine: AsyncEngine, secret: str) -> Proof | None:
    """What the record says of a letter to somebody who holds it; None for whoever does not."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_PROOF, {"secret": secret})).one_or_none()
        if row is None:
            return None
        later = (await connection.execute(_LATER, {"document_id": row.document_id})).all()
        period = {"batch_no": row.batch_no, "wait_id": _period(row)}
        last_day = (await connection.execute(_LAST_DAY, period)).scalar()
    shown_name, fields, goods = row.recipient_name, row.fields, row.facts.get("goods")
    for person in row.persons:
        shown_name, fields, goods = without_name((shown_name, fields, goods), person)
    said = fields | (fields.get("retest_result") or {})
    return Proof(
        number=row.number,
        title=row.title,
        batch_no=row.batch_no,
        created_at=row.created_at,
        recipient_name=row.recipient_name,
        shown_name=shown_name,
        goods=goods or said.get("sample_name") or said.get("goods_name"),
        verdict=said.get("verdict") or said.get("conclusion"),
        stated=said.get("last_day"),
        last_day=last_day,
        fields=fields,
        field_titles=row.field_titles,
        sha256=row.sha256,
        pdf_sha256=row.pdf_sha256,
        withdrawn=row.withdrawn,
        later=tuple(Later(**one._asdict()) for one in later),
        faults=tuple(_faults(row)),
    )


def _period(row: Row[Any]) -> str | None:
    """The wait whose last day the letter states or sets going."""
    if row.deadline_of is not None:
        return str(row.deadline_of)
    party = Recipient(row.recipient).party
    begins = {DocumentKind.RESULT_NOTICE: window, DocumentKind.RETEST_LAB_NOTICE: formalities}
    named = begins.get(DocumentKind(row.kind))
    return named(party) if named and party else None


def _faults(row: Any) -> list[str]:
    faults = []
    if not row.sha256 == row.issued_sha256 == papers.digest(row.fields, row.facts):
        faults.append("所载内容与制作时登记的摘要不符")
    if row.pdf_sha256 is not None and not row.pdf_sha256 == row.pdf_is == row.typeset_sha256:
        faults.append("版式文件与登记的摘要不符")
    return faults


async def _kept(engine: AsyncEngine, document_id: str) -> Kept | None:
    async with autocommit(engine) as connection:
        row = (await connection.execute(_KEPT, {"document_id": document_id})).one_or_none()
    return None if row is None else Kept(row.sha256, row.pdf, row.made_at)


async def _keep(engine: AsyncEngine, letter: LetterFacts, pdf: bytes, version: str) -> Kept:
    sha256 = hashlib.sha256(pdf).hexdigest()
    async with engine.begin() as connection:
        batch = await lock_batch(connection, letter.batch_no)
        earlier = (await connection.execute(_KEPT, {"document_id": letter.document_id})).one_or_none()
        if earlier is not None:
            return Kept(earlier.sha256, earlier.pdf, earlier.made_at)
        entry = TimelineEntry(
            key=document_typeset_line(letter.document_id),
            at=batch.clock,
            kind=TimelineKind.DOCUMENT_TYPESET,
            text=f"{letter.title}（{letter.number}）的版式文件已固定，受送达人：{letter.recipient_name}",
            rests_on=letter.rests_on,
            data={
                "document_id": letter.document_id,
                "number": letter.number,
                "pdf_sha256": sha256,
                "typeset_with": version,
            },
        )
        await connection.execute(
            _KEEP,
            {
                **timeline.chain(batch, [entry]).parameters,
                "batch_no": letter.batch_no,
                "clock": batch.clock,
                "document_id": letter.document_id,
                "sha256": sha256,
                "pdf": pdf,
                "typeset_with": version,
            },
        )
        return Kept(sha256, pdf, batch.clock)
