"""By what a batch is found: kept with its record, however it is typed, and no longer than it holds."""

from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.found import FoundBy, FoundKind
from store.ledger import record
from store.reads import finding
from store.reads.part import SeenPart
from tests.store.builders import change, open_one, order, paper, snapshot


async def found(engine: AsyncEngine, q: str, laboratory: str | None = None) -> list[tuple[str, str]]:
    page = await finding.find(engine, q, part=SeenPart(laboratory=laboratory))
    return [(hit.kind.value, hit.said) for hit in page.items]


@pytest.mark.parametrize(
    "q",
    ["北极熊牌", "北极熊", "北极熊®", "极熊", "北 极 熊", "北极熊商标"],
)
@pytest.mark.parametrize("written", ["北极熊", "北极熊牌", "北极熊®"])
async def test_a_trademark_is_found_with_its_ending_and_without(
    engine: AsyncEngine, q: str, written: str
) -> None:
    await open_one(engine, order(trademark=written))
    assert ("trademark", written) in await found(engine, q)
    assert not await found(engine, "熊极")


@pytest.mark.parametrize(
    "q", ["JY-2026-00077", "ｊｙ２０２６０００７７", "jy 2026 00077", "202600077", "00077"]
)
async def test_a_number_is_found_however_it_is_typed(engine: AsyncEngine, q: str) -> None:
    opening = await open_one(engine)
    reported = FoundBy(kind=FoundKind.REPORT, said="JY-2026-00077")
    told = change(snapshot(opening.batch_no, 1), found_by=(reported,))
    await record.write(engine, told, time_skipping=False)
    assert await found(engine, q) == [("report", "JY-2026-00077")]


async def test_what_the_record_does_not_hold_any_more_is_not_found(engine: AsyncEngine) -> None:
    """Corrected: the other number leads there, the wrong one nowhere; a letter's own numbers stay."""
    opening = await open_one(engine)
    wrong = FoundBy(kind=FoundKind.REPORT, said="JY-111")
    posted = FoundBy(kind=FoundKind.POST, said="1234567890123", document_id="d-1")
    first = change(snapshot(opening.batch_no, 1), found_by=(wrong, posted), papers=(paper("d-1"),))
    issued = await record.write(engine, first, [record.Letter(paper("d-1"), None)], time_skipping=False)
    assert issued == {}
    assert await found(engine, "jy111")
    right = FoundBy(kind=FoundKind.REPORT, said="JY-222")
    await record.write(engine, change(snapshot(opening.batch_no, 2), found_by=(right,)), time_skipping=False)
    assert not await found(engine, "jy111")
    assert await found(engine, "jy222") == [("report", "JY-222")]
    assert await found(engine, "1234567890123") == [("post", "1234567890123")]
    [(kind, number)] = await found(engine, "抽检结果通知书")
    assert (kind, "〔" in number) == ("letter", True)
    # Nothing new to be found by: what there was stays.
    await record.write(engine, change(snapshot(opening.batch_no, 3)), time_skipping=False)
    assert await found(engine, "jy222") == [("report", "JY-222")]


async def test_several_words_are_looked_for_in_one_batch(engine: AsyncEngine) -> None:
    tag = uuid4().hex
    cup = await open_one(engine, order(name="保温杯", trademark=f"鲸{tag}"))
    await open_one(engine, order(name="电水壶", trademark=f"鲸{tag}"))
    page = await finding.find(engine, f"保温杯 鲸{tag}")
    assert {hit.batch_no for hit in page.items} == {cup.batch_no}
    assert {hit.kind for hit in page.items} == {FoundKind.GOODS, FoundKind.TRADEMARK}
    assert not await found(engine, "保温杯 没有这个词")


async def test_hits_come_page_by_page_each_once(engine: AsyncEngine) -> None:
    openings = [await open_one(engine, order(name="积木")) for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = await finding.find(engine, "积木", limit=2, cursor=cursor)
        seen += [hit.batch_no for hit in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == sorted((one.batch_no for one in openings), reverse=True)


async def test_a_laboratory_finds_its_own_and_not_by_whom_was_bought(engine: AsyncEngine) -> None:
    opening = await open_one(engine)
    bought = FoundBy(kind=FoundKind.PURCHASE, said="DD-778899")
    sealed = FoundBy(kind=FoundKind.SEAL, said="FT-778899")
    told = change(snapshot(opening.batch_no, 1), found_by=(bought, sealed))
    await record.write(engine, told, time_skipping=False)
    assert await found(engine, "778899") == [("seal", "FT-778899"), ("purchase", "DD-778899")]
    assert await found(engine, "778899", "LAB-01") == [("seal", "FT-778899")]
    assert await found(engine, "778899", "LAB-02") == []


async def test_marks_between_words_are_looked_over(engine: AsyncEngine) -> None:
    tag = uuid4().hex
    opening = await open_one(engine, order(name="保温杯", trademark=f"鲸{tag}"))
    assert {hit.batch_no for hit in (await finding.find(engine, f"- - - - - - 鲸{tag} 保温杯")).items} == {
        opening.batch_no
    }
