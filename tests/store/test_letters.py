"""A letter is made once and kept byte for byte; its hash is on the timeline, and the record can be asked."""

import asyncio
import hashlib
import re
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import end_of_day
from messages.letter import LetterFacts, LetterFaulty
from messages.records import TimelineKind
from store.documents import letters
from store.documents.papers import HandedOver, Letter
from store.errors import DocumentUnknown
from store.ledger import record, timeline
from store.reads import read_model
from tests.databases import tamper
from tests.store.builders import change, open_one, paper, snapshot, wait

BY_HAND = HandedOver("outbox", "待人工递送")


class Press:
    """Prints something else each time: what is opened again must be what was kept."""

    version = "press 1"

    def __init__(self) -> None:
        self.printed = 0

    def typeset(self, letter: LetterFacts) -> bytes:
        self.printed += 1
        return f"%PDF {letter.number} {self.printed}".encode()


class Stuck:
    version = "press 1"

    def typeset(self, letter: LetterFacts) -> bytes:
        raise LetterFaulty(letter.document_id, "没有字形")


async def made_out(engine: AsyncEngine, *document_ids: str) -> str:
    opening = await open_one(engine)
    papers = [Letter(paper(one, facts={"bureau": "某市局"}), BY_HAND) for one in document_ids]
    await record.write(engine, change(snapshot(opening.batch_no, 1)), papers, time_skipping=False)
    return opening.batch_no


async def test_a_letter_is_made_once(engine: AsyncEngine) -> None:
    """Opened by many at once and again later by a newer release, it is the file that was made first."""
    batch_no = await made_out(engine, "d-1")
    press = Press()
    opened = await asyncio.gather(*(letters.opened(engine, "d-1", press) for _ in range(8)))
    (first,) = {letter.pdf for letter in opened}
    assert (await letters.opened(engine, "d-1", Press())).pdf == first
    lines = await read_model.timeline(engine, batch_no)
    (line,) = [line for line in lines if line.kind is TimelineKind.DOCUMENT_TYPESET]
    assert line.data["pdf_sha256"] == hashlib.sha256(first).hexdigest() == opened[0].sha256
    assert line.data["typeset_with"] == "press 1"
    assert await timeline.verify(engine) == []


async def test_a_letter_that_cannot_be_made_leaves_no_trace(engine: AsyncEngine) -> None:
    """It can be made when the fonts are there."""
    batch_no = await made_out(engine, "d-1")
    with pytest.raises(LetterFaulty):
        await letters.opened(engine, "d-1", Stuck())
    assert TimelineKind.DOCUMENT_TYPESET not in [
        line.kind for line in await read_model.timeline(engine, batch_no)
    ]
    assert (await letters.opened(engine, "d-1", Press())).pdf


async def test_there_is_no_letter_of_an_unknown_document(engine: AsyncEngine) -> None:
    with pytest.raises(DocumentUnknown):
        await letters.opened(engine, "d-0", Press())
    assert await letters.proof(engine, "2" * 26) is None


@pytest.mark.parametrize(
    "statement", ["update letters set pdf = ''", "delete from letters", "truncate letters"]
)
async def test_a_kept_letter_cannot_be_altered(
    engine: AsyncEngine, superuser: AsyncEngine, statement: str
) -> None:
    await made_out(engine, "d-1")
    await letters.opened(engine, "d-1", Press())
    with pytest.raises(DBAPIError, match="append-only"):
        async with superuser.begin() as connection:
            await connection.execute(text(statement))


async def test_who_holds_a_letter_can_have_it_verified(engine: AsyncEngine) -> None:
    """By the secret that stands in it; before and after it was opened; nobody else learns that it exists."""
    batch_no = await made_out(engine, "d-1", "d-2")
    facts = await letters.facts(engine, "d-1")
    proof = await letters.proof(engine, facts.secret)
    assert proof is not None
    assert (proof.batch_no, proof.number, proof.faults) == (batch_no, facts.number, ())
    assert (proof.shown_name, proof.verdict, proof.later) == ("示例旗舰店", "不合格", ())
    assert proof.pdf_sha256 is None
    kept = await letters.opened(engine, "d-1", Press())
    again = await letters.proof(engine, facts.secret)
    assert again is not None
    assert (again.faults, again.pdf_sha256) == ((), kept.sha256)
    # Another letter that says the very same has another secret, of which nothing in it tells.
    other = await letters.facts(engine, "d-2")
    assert other.sha256 == facts.sha256
    assert other.secret != facts.secret
    assert re.fullmatch("[2-9a-z]{26}", facts.secret)
    for wrong in ("", "2" * 26, facts.secret[:-1], facts.sha256, "d-1"):
        assert await letters.proof(engine, wrong) is None


async def test_the_last_day_is_that_of_the_period_as_it_stands_now(engine: AsyncEngine) -> None:
    """Of the window that the result notice sets going, however it has been moved since."""
    batch_no = await made_out(engine, "d-1")
    secret = (await letters.facts(engine, "d-1")).secret
    for version, day in ((2, date(2027, 1, 4)), (3, date(2027, 1, 8))):
        held = wait(last_day=day, deadline=end_of_day(day))
        await record.write(engine, change(snapshot(batch_no, version, held)), time_skipping=False)
        proof = await letters.proof(engine, secret)
        assert proof is not None
        assert proof.last_day == day


async def test_a_letter_made_out_again_to_the_same_recipient_is_told(engine: AsyncEngine) -> None:
    batch_no = await made_out(engine, "d-1")
    again = [Letter(paper("d-2", facts={"bureau": "某市局"}), BY_HAND)]
    await record.write(engine, change(snapshot(batch_no, 2)), again, time_skipping=False)
    first, second = await letters.facts(engine, "d-1"), await letters.facts(engine, "d-2")
    old, new = await letters.proof(engine, first.secret), await letters.proof(engine, second.secret)
    assert old is not None
    assert new is not None
    assert [(one.number, one.corrects) for one in old.later] == [(second.number, False)]
    assert new.later == ()


@pytest.mark.parametrize(
    "statement",
    [
        """update documents set fields = '{"verdict": "合格"}'""",
        """update documents set facts = '{"bureau": "别市局"}'""",
        "update letters set pdf = 'another'",
        "update letters set pdf = 'another', sha256 = encode(sha256('another'), 'hex')",
        "update timeline set data = '{}' where key = 'document-issued:d-1'",
    ],
)
async def test_a_tampered_record_verifies_nothing(engine: AsyncEngine, statement: str) -> None:
    """What the record says now is held against what it said when the document was made out."""
    await made_out(engine, "d-1")
    secret = (await letters.facts(engine, "d-1")).secret
    await letters.opened(engine, "d-1", Press())
    await tamper(engine, statement)
    proof = await letters.proof(engine, secret)
    assert proof is not None
    assert proof.faults


async def test_a_record_rewritten_with_its_digest_does_not_bear_the_letter_out(engine: AsyncEngine) -> None:
    """The timeline has said what the letter's digest was."""
    await made_out(engine, "d-1")
    secret = (await letters.facts(engine, "d-1")).secret
    await tamper(engine, "update documents set sha256 = repeat('0', 64)")
    proof = await letters.proof(engine, secret)
    assert proof is not None
    assert proof.faults


async def test_a_corrected_letter_says_by_which(engine: AsyncEngine) -> None:
    """A correction is a document with a number and a letter of its own, that names the old one."""
    await made_out(engine, "d-1", "d-2")
    await tamper(engine, "update documents set corrects = 'd-1' where document_id = 'd-2'")
    first, second = await letters.facts(engine, "d-1"), await letters.facts(engine, "d-2")
    assert (second.corrects, second.corrects_number) == ("d-1", first.number)
    proof = await letters.proof(engine, first.secret)
    assert proof is not None
    assert [(later.number, later.corrects) for later in proof.later] == [(second.number, True)]
