"""Every document of a batch can be opened as a letter, whatever course the batch took."""

import io
import os
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy.ext.asyncio import AsyncEngine

from letters.typesetting import Typesetter
from local.scenarios.courses import COURSES, Course
from local.scenarios.player import play
from messages.records import TimelineKind
from store.documents import letters
from store.ledger import timeline
from store.reads import read_model
from tests.procedure.conftest import Table

TYPESETTER = Typesetter("https://bureau.example")
# Between them these make out every kind of document.
TELLING = [c for c in COURSES if c.name in {"accepted_by_silence", "objection_refused", "retest_upheld"}]


def printed(pdf: bytes) -> str:
    """The text of a letter as a reader of the PDF gets it, without its line breaks."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def values(fields: object) -> list[str]:
    """Every text in a document's fields."""
    if isinstance(fields, dict):
        return [value for part in fields.values() for value in values(part)]
    if isinstance(fields, list):
        return [value for part in fields for value in values(part)]
    return [str(fields)] if fields is not None else []


@pytest.mark.parametrize("course", TELLING, ids=lambda course: course.name)
async def test_every_document_of_a_course_is_a_letter(
    table: Table, engine: AsyncEngine, course: Course
) -> None:
    """Number, addressee and batch are on each; opened twice it is the same file, its hash on the timeline."""
    batch_no = await table.open()
    await play(table, batch_no, course, print)
    await table.closed(batch_no)
    documents = (await read_model.batch(engine, batch_no)).documents
    for document in documents:
        kept = await letters.opened(engine, document.document_id, TYPESETTER)
        assert (await letters.opened(engine, document.document_id, TYPESETTER)).sha256 == kept.sha256
        facts = await letters.facts(engine, document.document_id)
        if folder := os.environ.get("CHOUJIAN_LETTERS_TO_LOOK_AT"):
            (Path(folder) / f"{document.kind}-{document.recipient}.json").write_text(facts.model_dump_json())
        said = printed(kept.pdf)
        for part in (document.number, batch_no, facts.facts["bureau"]):
            assert part in said, (document.kind, part)
        assert document.recipient_name in said or document.recipient_name == "公众"
        proof = await letters.proof(engine, facts.secret)
        assert proof is not None
        assert (proof.faults, proof.later, proof.pdf_sha256) == ((), (), kept.sha256)
    lines = await read_model.timeline(engine, batch_no)
    hashes = [line.data["pdf_sha256"] for line in lines if line.kind is TimelineKind.DOCUMENT_TYPESET]
    assert len(set(hashes)) == len(documents)
    assert await timeline.verify(engine, batch_no) == []
