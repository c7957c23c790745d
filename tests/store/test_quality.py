"""Quality records in the store: every result in the right records, what was said before kept beside it."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from law.quality import SubjectKind, person_keys
from law.vocabulary import Role, Verdict
from messages.base import Actor
from messages.quality import QualityEntry, RecordSubject
from messages.registers import BusinessEntry, EntryChange, Register
from store.quality import reading, weights
from store.quality.reading import RecordHead
from store.registers import entries
from tests.store.builders import open_one
from tests.store.quality import SELLER, entry, result, say

PRODUCER = RecordSubject(kind=SubjectKind.PRODUCER, key="示例制造有限公司", name="示例制造有限公司")
CLERK = Actor(sub="u-9", name="登记员", role=Role.OFFICER)


async def head(engine: AsyncEngine, said: str, kind: SubjectKind = SubjectKind.SELLER) -> RecordHead:
    found = await reading.head(engine, kind, said)
    assert found is not None
    return found


async def test_a_result_is_in_the_record_of_everybody_it_names(engine: AsyncEngine) -> None:
    batch_no = await result(engine, entry(SELLER, PRODUCER))
    for subject in (SELLER, PRODUCER):
        found = await head(engine, subject.key, subject.kind)
        assert (found.results, found.failed, found.names) == (1, 1, (subject.name,))
        page = await reading.results(engine, subject.kind, found.keys, limit=10, cursor=None)
        assert [(one.batch_no, one.holds) for one in page.items] == [(batch_no, True)]
    assert await reading.head(engine, SubjectKind.PLATFORM, "无此平台") is None


async def test_what_was_said_before_stays_and_counts_no_more(engine: AsyncEngine) -> None:
    """Reopened, then the goods turn out to be another producer's."""
    opening = await open_one(engine)
    other = RecordSubject(kind=SubjectKind.PRODUCER, key="另一厂", name="另一厂")
    said = [entry(SELLER, PRODUCER), entry(SELLER, PRODUCER, verdict=None), entry(SELLER, other)]
    for version, one in enumerate(said, start=1):
        await say(engine, opening, version, one)
    # The same again is not said twice.
    await say(engine, opening, len(said) + 1, said[-1])
    kept = (await reading.said(engine, [opening.batch_no]))[opening.batch_no]
    assert [one.entry for one in kept] == said
    wrongly = await head(engine, PRODUCER.key, PRODUCER.kind)
    assert (wrongly.results, wrongly.failed) == (0, 0)
    page = await reading.results(engine, PRODUCER.kind, wrongly.keys, limit=10, cursor=None)
    assert [(one.no, one.holds) for one in page.items] == [(2, False)]
    assert (await head(engine, other.key, other.kind)).failed == 1
    assert (await head(engine, SELLER.key)).failed == 1


async def test_a_result_that_is_open_again_is_told_and_not_counted(engine: AsyncEngine) -> None:
    opening = await open_one(engine)
    await say(engine, opening, 1, entry())
    await say(engine, opening, 2, entry(verdict=None))
    found = await head(engine, SELLER.key)
    assert (found.results, found.failed, found.open_again) == (0, 0, 1)


@pytest.mark.parametrize(
    "said", ["J-1", "91330106MA2AAAAA0X", "示例制造有限公司", "示例 制造有限公司（标称）"]
)
async def test_a_producer_of_the_registers_is_found_by_code_and_name(engine: AsyncEngine, said: str) -> None:
    """Goods say the name alone; the register knows that it is one legal person."""
    of = BusinessEntry(name="示例制造有限公司", registration="91330106MA2AAAAA0X")
    put = EntryChange[BusinessEntry](holds_from=date(2026, 1, 1), reason="登记", entry=of)
    await entries.put(engine, Register.BUSINESSES, "J-1", put, CLERK)
    by_code = RecordSubject(kind=SubjectKind.PRODUCER, key="91330106ma2aaaaa0x", name="示例制造")
    await result(engine, entry(PRODUCER))
    await result(engine, entry(by_code))
    assert (await head(engine, said, SubjectKind.PRODUCER)).failed == 2


async def test_somebody_of_the_registers_without_a_result_has_an_empty_record(engine: AsyncEngine) -> None:
    put = EntryChange[BusinessEntry](
        holds_from=date(2026, 1, 1), reason="登记", entry=BusinessEntry(name="新店有限公司")
    )
    await entries.put(engine, Register.BUSINESSES, "J-2", put, CLERK)
    assert (await head(engine, "J-2")).results == 0


async def test_records_are_listed_by_how_often_they_failed_and_found_by_a_piece(engine: AsyncEngine) -> None:
    """Page by page, each once."""
    shops = [
        RecordSubject(kind=SubjectKind.SELLER, key=f"店{n}有限公司", name=f"店{n}有限公司") for n in range(5)
    ]
    for times, shop in enumerate(shops):
        for _ in range(times):
            await result(engine, entry(shop))
        await result(engine, entry(shop, verdict=Verdict.CONFORMING))
    found, cursor = [], None
    while True:
        page = await reading.listed(engine, SubjectKind.SELLER, limit=2, cursor=cursor)
        found += [(one.key, one.results, one.failed) for one in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert found == [(f"店{n}有限公司", n + 1, n) for n in (4, 3, 2, 1, 0)]
    one = await reading.listed(engine, SubjectKind.SELLER, q="店３ 有限", limit=9, cursor=None)
    assert [shop.key for shop in one.items] == ["店3有限公司"]


async def test_weights_count_each_nonconforming_batch_once_since_a_day(engine: AsyncEngine) -> None:
    """Under whichever of the candidate's keys."""
    keys = person_keys("示例旗舰店", "91330106MA2AAAAA0X")
    by_name = RecordSubject(kind=SubjectKind.SELLER, key=keys[1], name="示例旗舰店")
    told: list[QualityEntry] = [
        entry(SELLER, by_name),
        entry(by_name),
        entry(SELLER, final_on=date(2020, 1, 1)),
        entry(SELLER, verdict=Verdict.CONFORMING),
        entry(SELLER, verdict=None),
    ]
    for one in told:
        await result(engine, one)
    candidates = {"J1": keys, "J2": ("无人",)}
    since = date(2025, 1, 1)
    assert await weights.nonconforming(engine, SubjectKind.SELLER, candidates, since=since) == {
        "J1": 2,
        "J2": 0,
    }


async def test_what_was_said_is_never_rewritten(engine: AsyncEngine, superuser: AsyncEngine) -> None:
    """Not even by whoever owns the tables."""
    await result(engine, entry())
    for statement in ("update quality_entries set no = 9", "delete from quality_entries"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with superuser.begin() as connection:
                await connection.execute(text(statement))


async def test_a_record_is_read_page_by_page_though_a_batch_is_in_it_twice(engine: AsyncEngine) -> None:
    """Under the key of before its registration was put right, and under that of after."""
    before = SELLER.model_copy(update={"key": "示例旗舰店"})
    await result(engine, entry(SELLER))
    opening = await open_one(engine)
    await say(engine, opening, 1, entry(before))
    await say(engine, opening, 2, entry(SELLER))
    seen, cursor = [], None
    while True:
        page = await reading.results(
            engine, SubjectKind.SELLER, [before.key, SELLER.key], limit=1, cursor=cursor
        )
        seen += [(one.batch_no == opening.batch_no, one.holds) for one in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert sorted(seen) == [(False, True), (True, False), (True, True)]
