"""Letters as they are opened: typeset once from a document's facts, kept byte for byte, never made again."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.letter import LetterFacts
from messages.names import document_typeset_line
from messages.records import TimelineEntry, TimelineKind
from store.documents import papers
from store.engine import autocommit
from store.errors import DocumentUnknown
from store.ledger import timeline
from store.ledger.lock import lock_batch

_CODE_LENGTH = 20
_KEPT = text("select sha256, pdf, made_at from letters where document_id = :document_id")
_FACTS = text("""
    select d.document_id, d.batch_no, d.kind, d.number, d.title, d.recipient, d.recipient_name, d.address,
        d.fields, d.field_titles, d.facts, d.rests_on, d.sha256, d.created_at, d.corrects,
        earlier.number as corrects_number
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
_PROOF = text("""
    select d.sha256, d.number, d.title, d.batch_no, d.created_at, d.fields, d.facts,
        (select t.data ->> 'sha256' from timeline t
            where t.batch_no = d.batch_no and t.key = 'document-issued:' || d.document_id) as issued_sha256,
        l.sha256 as pdf_sha256, encode(sha256(l.pdf), 'hex') as pdf_is,
        (select t.data ->> 'pdf_sha256' from timeline t
            where t.batch_no = d.batch_no and t.key = 'document-typeset:' || d.document_id) as typeset_sha256
    from documents d left join letters l using (document_id) where d.document_id = :document_id
""")
_CORRECTED_BY = text("""
    select number, created_at from documents where corrects = :document_id order by created_at, document_id
""")


class LetterMaker(Protocol):
    """Makes a letter of a document's facts. Raises ``LetterFaulty``."""

    @property
    def version(self) -> str:
        """The digest of what decides the bytes beside the facts: compiler, templates, fonts."""

    def typeset(self, letter: LetterFacts) -> bytes:
        """The PDF; the same bytes for the same facts."""


@dataclass(frozen=True)
class Kept:
    """A letter as everybody opens it."""

    sha256: str
    pdf: bytes
    made_at: datetime


@dataclass(frozen=True)
class Correction:
    number: str
    created_at: datetime


@dataclass(frozen=True)
class Proof:
    """What a holder of a letter is told; ``faults`` says in Chinese what in our own record does not agree."""

    number: str
    title: str
    batch_no: str
    created_at: datetime
    sha256: str
    pdf_sha256: str | None
    corrected_by: tuple[Correction, ...]
    faults: tuple[str, ...]


def code_of(document_id: str, sha256: str) -> str:
    """What stands in a letter's QR code: only who knows what the letter says can know it."""
    return hashlib.sha256(f"{document_id}:{sha256}".encode()).hexdigest()[:_CODE_LENGTH]


async def facts(engine: AsyncEngine, document_id: str) -> LetterFacts:
    """What a document's letter is made from. Raises ``DocumentUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_FACTS, {"document_id": document_id})).one_or_none()
    if row is None:
        raise DocumentUnknown(document_id)
    return LetterFacts(**row._asdict(), code=code_of(document_id, row.sha256))


async def opened(engine: AsyncEngine, document_id: str, typesetter: LetterMaker) -> Kept:
    """The letter, made now if nobody has needed it before; of two that make it the first is kept.

    Raises ``DocumentUnknown``, and ``LetterFaulty`` where no letter can be made of it.
    """
    if (kept := await _kept(engine, document_id)) is not None:
        return kept
    letter = await facts(engine, document_id)
    pdf = await asyncio.to_thread(typesetter.typeset, letter)
    return await _keep(engine, letter, pdf, typesetter.version)


async def proof(engine: AsyncEngine, document_id: str, code: str) -> Proof | None:
    """What the record says of a letter to somebody who holds it; None for whoever does not."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_PROOF, {"document_id": document_id})).one_or_none()
        if row is None or code != code_of(document_id, row.sha256):
            return None
        later = (await connection.execute(_CORRECTED_BY, {"document_id": document_id})).all()
    return Proof(
        number=row.number,
        title=row.title,
        batch_no=row.batch_no,
        created_at=row.created_at,
        sha256=row.sha256,
        pdf_sha256=row.pdf_sha256,
        corrected_by=tuple(Correction(**one._asdict()) for one in later),
        faults=tuple(_faults(row)),
    )


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
