"""What is really bought and sealed counts for the repeat limit, of two at once the second (§3)."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.goods import Goods
from law.vocabulary import Outcome
from messages.records import GoodsClaim
from store.ledger import batches, record
from store.ledger.record import SampledOtherwise
from tests.store.builders import change, ended, open_one, order, snapshot

OVER = (Outcome.ABANDONED, Outcome.VOIDED)
SEALED = Goods.named("样品牌、示例", "T-1")


def claim(goods: Goods = SEALED, judged_on: int | None = 0) -> GoodsClaim:
    return GoodsClaim(goods=goods, judged_on=judged_on, not_counted=OVER)


async def sealed(engine: AsyncEngine, claimed: GoodsClaim, batch_no: str | None = None) -> str:
    """A batch of goods of its own, sealed as others; nothing is written where they were sampled before."""
    batch_no = batch_no or (await open_one(engine)).batch_no
    written = replace(change(snapshot(batch_no, 1)), goods=claimed)
    await record.write(engine, written, time_skipping=False)
    return batch_no


async def test_of_two_sealings_at_once_one_passes(engine: AsyncEngine) -> None:
    """Ten batches ordered of different goods turn out to be of the same: one is the first."""
    results = await asyncio.gather(*(sealed(engine, claim()) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1, results
    refused = [result.sampled for result in results if isinstance(result, SampledOtherwise)]
    assert [(one.goods, one.times) for one in refused] == [(SEALED, 1)] * 9


async def test_an_order_counts_what_was_sealed_and_a_sealing_what_was_ordered(engine: AsyncEngine) -> None:
    """One count for both; one trademark of several is enough."""
    await open_one(engine, order(trademark="样品牌", spec_model="t1"))
    with pytest.raises(SampledOtherwise):
        await sealed(engine, claim())
    first = await sealed(engine, claim(judged_on=1))
    assert await batches.goods_of(engine, first) == SEALED
    with pytest.raises(SampledOtherwise) as counted:
        await sealed(engine, claim(Goods.named("示例", "T-1")))
    assert counted.value.sampled.times == 1


async def test_with_a_reason_it_is_sealed_however_often(engine: AsyncEngine) -> None:
    for _ in range(3):
        await sealed(engine, claim(judged_on=None))


async def test_what_was_ordered_and_not_sealed_is_free_again(engine: AsyncEngine) -> None:
    """The batch samples what was sealed; what it was ordered for may be ordered by another."""
    ordered = (await open_one(engine, order(trademark="原商标", spec_model="T-2"))).batch_no
    await sealed(engine, claim(), ordered)
    await sealed(engine, claim(Goods.named("原商标", "T-2")))


async def test_an_unknown_trademark_is_noted_and_counts_for_nobody(engine: AsyncEngine) -> None:
    unknown = Goods.named("/", "T-3")
    first = await sealed(engine, claim(unknown, None))
    assert await batches.goods_of(engine, first) == Goods(trademarks=(), spec_model="t3")
    await sealed(engine, claim(unknown))


@pytest.mark.parametrize("outcome", OVER)
async def test_what_came_to_nothing_is_no_sampling(engine: AsyncEngine, outcome: Outcome) -> None:
    first = await sealed(engine, claim())
    await record.write(engine, change(ended(first, 2, outcome)), time_skipping=False)
    await sealed(engine, claim())
    with pytest.raises(SampledOtherwise):
        await sealed(engine, claim())
