"""The chain: every way of tampering with the record is named."""

from itertools import pairwise

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from store.errors import BatchUnknown
from store.ledger import record, timeline
from store.reads import read_model
from tests.databases import tamper
from tests.store.builders import change, entry, open_one, snapshot


@pytest.fixture
async def batch_no(engine: AsyncEngine) -> str:
    """A batch with five entries, and another one beside it."""
    opening, other = await open_one(engine), await open_one(engine)
    for number in (opening.batch_no, other.batch_no):
        entries = [
            entry(f"k{n}", amount=1e20, text="三", nested={"b": [1, 2.50], "a": None}) for n in range(5)
        ]
        await record.write(engine, change(snapshot(number, 1), *entries), time_skipping=False)
    return opening.batch_no


async def test_an_untouched_record_is_whole(engine: AsyncEngine, batch_no: str) -> None:
    """Nothing is found where nothing was done."""
    await open_one(engine)
    assert await timeline.verify(engine) == []
    assert await timeline.verify(engine, batch_no) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "update timeline set text = text || '。' where batch_no = :b and seq = 3",
            "第 3 条内容与其摘要不符",
        ),
        (
            "update timeline set recorded_at = recorded_at + interval '1 microsecond'"
            " where batch_no = :b and seq = 2",
            "第 2 条内容与其摘要不符",
        ),
        ("update timeline set actor = '{}' where batch_no = :b and seq = 1", "第 1 条内容与其摘要不符"),
        ("delete from timeline where batch_no = :b and seq = 2", "缺少第 2 条记录"),
        ("delete from timeline where batch_no = :b and seq >= 4", "末尾缺少记录：应有 5 条，现有 3 条"),
        ("delete from timeline where batch_no = :b", "末尾缺少记录：应有 5 条，现有 0 条"),
        (
            """insert into timeline select batch_no, 6, hash, 'x', at, kind, text, rests_on, actor, data,
            'new', recorded_at from timeline where batch_no = :b and seq = 5""",
            "第 6 条内容与其摘要不符",
        ),
        (
            """insert into timeline select batch_no, 6, 'x', hash, at, kind, text, rests_on, actor, data,
            'new', recorded_at from timeline where batch_no = :b and seq = 5""",
            "第 6 条与前一条不衔接",
        ),
        ("update batches set last_hash = 'x' where batch_no = :b", "末条摘要与批次登记的不符"),
        ("update batches set last_seq = 4 where batch_no = :b", "末尾多出记录：应有 4 条，现有 5 条"),
    ],
)
async def test_tampering_is_found(
    engine: AsyncEngine, superuser: AsyncEngine, batch_no: str, statement: str, found: str
) -> None:
    """Whatever was changed, removed or inserted, the first break is named, and the other batch is not."""
    await tamper(superuser, statement, b=batch_no)
    (sentence,) = await timeline.verify(engine)
    assert found in sentence
    assert batch_no in sentence
    assert await timeline.verify(engine, batch_no) == [sentence]


async def test_a_record_is_read_in_order(engine: AsyncEngine, batch_no: str) -> None:
    """The timeline reads as it was written, each line with its place in the chain."""
    lines = await read_model.timeline(engine, batch_no)
    assert [line.seq for line in lines] == [1, 2, 3, 4, 5]
    assert all(line.prev_hash == before.hash for before, line in pairwise(lines))
    with pytest.raises(BatchUnknown):
        await read_model.timeline(engine, "CJ1999-000001")


async def test_a_batch_without_entries_has_an_empty_record(engine: AsyncEngine) -> None:
    """Empty is not unknown."""
    assert await read_model.timeline(engine, (await open_one(engine)).batch_no) == ()
