"""Document numbers: one series per kind and year, without a gap and without a double, whatever fails."""

import asyncio
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind
from messages.records import Paper
from store.documents import papers
from store.documents.papers import HandedOver, Letter
from store.ledger import record
from store.ledger.lock import lock_batch
from store.reads import read_model
from tests.store.builders import change, open_one, paper, snapshot

BY_HAND = HandedOver("outbox", "待人工递送")
FORM = "杭市监网抽结〔{year}〕{number}号"
YEAR = day_in_shanghai(datetime.now(UTC)).year


def letter(document_id: str, kind: DocumentKind = DocumentKind.RESULT_NOTICE) -> Letter:
    made: Paper = paper(document_id, kind=kind, number_form=FORM)
    return Letter(made, BY_HAND)


async def write(engine: AsyncEngine, batch_no: str, *letters: Letter, version: int = 1) -> None:
    await record.write(engine, change(snapshot(batch_no, version)), letters, time_skipping=False)


async def series(engine: AsyncEngine) -> dict[str, list[int]]:
    """The numbers given of each kind, in order."""
    given: dict[str, list[int]] = defaultdict(list)
    async with engine.connect() as connection:
        for row in await connection.execute(text("select kind, series_no from documents order by series_no")):
            given[row.kind].append(row.series_no)
    return given


async def test_a_number_is_given_with_the_document(engine: AsyncEngine) -> None:
    """In the form of its kind, on the document and on the timeline; each kind counts for itself."""
    opening = await open_one(engine)
    notice, other = letter("d-1"), letter("p-1", DocumentKind.PUBLICATION)
    await write(engine, opening.batch_no, notice, other, letter("d-2"))
    shown = {d.document_id: d.number for d in (await read_model.batch(engine, opening.batch_no)).documents}
    assert shown == {
        "d-1": f"杭市监网抽结〔{YEAR}〕1号",
        "p-1": f"杭市监网抽结〔{YEAR}〕1号",
        "d-2": f"杭市监网抽结〔{YEAR}〕2号",
    }
    lines = {line.key: line for line in await read_model.timeline(engine, opening.batch_no)}
    line = lines["document-issued:d-2"]
    assert line.data["number"] == shown["d-2"]
    assert shown["d-2"] in line.text


async def test_made_out_again_a_document_keeps_its_number(engine: AsyncEngine) -> None:
    """A later record that names it again, also with something new beside it, gives no second number."""
    opening = await open_one(engine)
    await write(engine, opening.batch_no, letter("d-1"))
    await write(engine, opening.batch_no, letter("d-1"), version=2)
    await write(engine, opening.batch_no, letter("d-1"), letter("d-2"), letter("d-2"), version=3)
    assert await series(engine) == {DocumentKind.RESULT_NOTICE: [1, 2]}
    lines = await read_model.timeline(engine, opening.batch_no)
    assert [line.data["number"] for line in lines if line.key == "document-issued:d-1"] == [
        f"杭市监网抽结〔{YEAR}〕1号"
    ]


async def test_what_is_not_written_uses_no_number(engine: AsyncEngine) -> None:
    """A transaction that is rolled back leaves no gap behind it."""
    opening = await open_one(engine)
    await write(engine, opening.batch_no, letter("d-1"))
    async with engine.connect() as connection:
        batch = await lock_batch(connection, opening.batch_no)
        given = await papers.make_out(connection, batch, [letter("d-2"), letter("d-3")])
        assert given["d-3"].number.endswith("〕3号")
        await connection.rollback()
    await write(engine, opening.batch_no, letter("d-4"), version=2)
    assert await series(engine) == {DocumentKind.RESULT_NOTICE: [1, 2]}


async def test_no_gap_and_no_double_with_many_at_once(engine: AsyncEngine) -> None:
    """Forty batches, several kinds each in any order, a third thrown away at first: nobody waits for ever."""
    openings = [await open_one(engine) for _ in range(40)]
    chance = random.Random(7)
    kinds = [DocumentKind.RESULT_NOTICE, DocumentKind.PUBLICATION, DocumentKind.REFERRAL_LETTER]

    async def one(batch_no: str) -> None:
        for version in range(1, 4):
            letters = [letter(f"{batch_no}-{kind}-{version}", kind) for kind in kinds]
            chance.shuffle(letters)
            if chance.random() < 1 / 3:
                async with engine.connect() as connection:
                    batch = await lock_batch(connection, batch_no)
                    await papers.make_out(connection, batch, letters)
                    await asyncio.sleep(0.001)
                    await connection.rollback()
            await write(engine, batch_no, *letters, version=version)

    async with asyncio.timeout(60):
        await asyncio.gather(*(one(opening.batch_no) for opening in openings))
    every = list(range(1, 121))
    assert await series(engine) == dict.fromkeys(kinds, every)


async def test_each_year_begins_anew(engine: AsyncEngine) -> None:
    """The year is that of making out in Asia/Shanghai, by the batch's clock."""
    opening, later = await open_one(engine), await open_one(engine)
    await write(engine, opening.batch_no, letter("d-1"))
    new_year = datetime(YEAR, 12, 31, 16, 0, 1, tzinfo=UTC)
    ahead = change(snapshot(later.batch_no, 1), now=new_year + timedelta(seconds=1))
    await record.write(engine, ahead, [letter("d-2")], time_skipping=True)
    (shown,) = (await read_model.batch(engine, later.batch_no)).documents
    assert shown.number == f"杭市监网抽结〔{YEAR + 1}〕1号"


@pytest.mark.parametrize("change_it", ["number = 'x'", "series_no = 7", "series_year = 1999"])
async def test_a_number_cannot_be_altered(
    engine: AsyncEngine, superuser: AsyncEngine, change_it: str
) -> None:
    """Nor given twice."""
    opening = await open_one(engine)
    await write(engine, opening.batch_no, letter("d-1"))
    with pytest.raises(DBAPIError, match="append-only"):
        async with superuser.begin() as connection:
            await connection.execute(text(f"update documents set {change_it}"))


async def test_a_kind_without_a_form_is_counted_under_its_title(engine: AsyncEngine) -> None:
    """Batches opened under a regulation of before the numbers have documents with numbers too."""
    opening = await open_one(engine)
    await write(engine, opening.batch_no, Letter(paper("d-1"), BY_HAND))
    (shown,) = (await read_model.batch(engine, opening.batch_no)).documents
    assert shown.number == f"抽检结果通知书〔{YEAR}〕1号"
