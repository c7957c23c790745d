"""Opening batches: gapless numbers, one batch for one key, the repeat limit also when orders race."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Category, Outcome
from messages.order import BatchOrder
from store.errors import KeyReused
from store.ledger import batches, record
from store.reads import read_model
from tests.store.builders import CALENDAR, OFFICER, REGULATION, change, ended, open_one, order


class Repeated(Exception):
    pass


def at_most_one(earlier: int) -> None:
    if earlier >= 1:
        raise Repeated


async def open_limited(engine: AsyncEngine, of: BatchOrder) -> batches.Opened:
    return await batches.open_batch(
        engine,
        order=of,
        category=Category.SELLER_IN_CITY,
        regulation=REGULATION,
        calendar=CALENDAR,
        actor=OFFICER,
        key=None,
        judge_repeat=at_most_one,
    )


async def number_of(engine: AsyncEngine) -> int:
    return int((await open_one(engine)).batch_no.rpartition("-")[2])


async def test_numbers_have_no_gaps(engine: AsyncEngine) -> None:
    """Orders at once get following numbers; one that is refused takes none."""
    before = await number_of(engine)
    same = order()
    await open_limited(engine, same)
    opened = await asyncio.gather(*(open_one(engine) for _ in range(20)))
    with pytest.raises(Repeated):
        await open_limited(engine, same)
    numbers = sorted(int(opening.batch_no.rpartition("-")[2]) for opening in opened)
    assert numbers == list(range(before + 2, before + 22))
    assert await number_of(engine) == before + 22


async def test_of_two_orders_at_once_one_passes(engine: AsyncEngine) -> None:
    """Ten orders of the same trademark and model arriving together: one passes the limit."""
    same = order(trademark="同一牌", spec_model="T-1")
    results = await asyncio.gather(*(open_limited(engine, same) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(result, batches.Opened) for result in results) == 1
    assert sum(isinstance(result, Repeated) for result in results) == 9


async def test_another_spelling_is_no_way_past_the_limit(engine: AsyncEngine) -> None:
    """Width, case and spaces do not make another trademark or model; another model does."""
    await open_limited(engine, order(trademark="Ａcme", spec_model="SL 500"))
    with pytest.raises(Repeated):
        await open_limited(engine, order(trademark="ACME", spec_model="sl500"))
    assert (await open_limited(engine, order(trademark="ACME", spec_model="SL-501"))).fresh


async def test_an_unknown_trademark_is_not_counted(engine: AsyncEngine) -> None:
    """Two unknown trademarks are not the same one; a person judges those."""
    await open_limited(engine, order(trademark=None))
    assert (await open_limited(engine, order(trademark=None))).fresh


@pytest.mark.parametrize("outcome", [Outcome.ABANDONED, Outcome.VOIDED, Outcome.CONFORMING])
async def test_some_outcomes_do_not_count(engine: AsyncEngine, outcome: Outcome) -> None:
    """A batch that was abandoned or voided does not use up the year's sampling."""
    same = order(trademark="同一牌", spec_model="T-1")
    first = await open_limited(engine, same)
    await record.write(engine, change(ended(first.opening.batch_no, 1, outcome)), time_skipping=False)
    if outcome in REGULATION.readings.outcomes_not_counted_as_sampling:
        assert (await open_limited(engine, same)).fresh
    else:
        with pytest.raises(Repeated):
            await open_limited(engine, same)


async def test_one_key_opens_one_batch(engine: AsyncEngine) -> None:
    """The same key and order give the same batch, also at once; another order is refused."""
    key, same = uuid4(), order()
    openings = await asyncio.gather(*(open_one(engine, same, key) for _ in range(10)))
    assert len({opening.batch_no for opening in openings}) == 1
    assert len({opening.opened_at for opening in openings}) == 1
    with pytest.raises(KeyReused):
        await open_one(engine, order(), key)


async def test_a_new_batch_can_be_read_at_once(engine: AsyncEngine) -> None:
    """Before its workflow has run a batch is seen as ordered, and is to be started until it is marked."""
    opening = await open_one(engine)
    view = await read_model.batch(engine, opening.batch_no)
    assert (view.snapshot.version, view.snapshot.phase, view.opened_at) == (0, "ordered", opening.opened_at)
    assert await batches.unstarted(engine, 60, 10) == []
    assert await batches.unstarted(engine, 0, 10) == [opening]
    await batches.mark_started(engine, opening.batch_no)
    assert await batches.unstarted(engine, 0, 10) == []
