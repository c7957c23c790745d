"""No order of events changes what silence is: the exhaustive test of procedure section 5.

Every order of {committed, signalled, signalled again, timer, worker away, worker back} that causality allows,
under both settings of the SDK's flag that changes how a timer and a signal of one workflow task are ordered.
What the outcome must be says ``orders.in_law``, from the facts alone. Server and worker killed: tests/faults.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.procedure.orders import FACTS, FORMALITIES, OBJECTION, ORDERS, Facts, Play, Right, Stage, in_law

either_flag = pytest.mark.usefixtures("flag")


@pytest.fixture(scope="module", params=[False, True], ids=["as_today", "single_batch"])
async def flag(crew, request) -> AsyncIterator[None]:
    """Both orders in which the SDK may hand over what one workflow task brings."""
    await crew.leave()
    crew.single_batch = request.param
    await crew.come()
    yield
    await crew.leave()
    crew.single_batch = False
    await crew.come()


async def assert_law(table, crew, plays: Sequence[Play]) -> None:
    await Stage(table, crew).play(plays)
    wrong = []
    for play in plays:
        assert play.wait is not None
        assert play.envelope is not None
        assert play.envelope.received_at is not None
        if play.held is not in_law(play.facts, play.ends_at, play.envelope.received_at):
            wrong.append(f"{play}: {'held' if play.held else 'lapsed'} at {play.envelope.received_at}")
    assert wrong == []


def test_the_orders_are_all_there() -> None:
    """Six events in 720 orders; one in twelve respects that filing comes before signalling, and so on."""
    assert len(ORDERS) == 60


@either_flag
async def test_every_order(table, crew) -> None:
    """Each order once under each setting, rights and facts taking turns; ``make faults`` plays them all."""
    turn = int(crew.single_batch)
    rights = OBJECTION, FORMALITIES
    plays = [
        Play(rights[(n + turn) % 2], order, FACTS[(n // 2 + 3 * turn) % len(FACTS)])
        for n, order in enumerate(ORDERS)
    ]
    await assert_law(table, crew, plays)


@pytest.mark.faults
@either_flag
@pytest.mark.parametrize(
    ("right", "facts"),
    # Formalities know no postmark.
    [(OBJECTION, facts) for facts in FACTS]
    + [(FORMALITIES, facts) for facts in FACTS if facts.postmark is None],
    ids=str,
)
async def test_every_order_with_all_facts(table, crew, right: Right, facts: Facts) -> None:
    """The whole product."""
    async with asyncio.timeout(600):
        await assert_law(table, crew, [Play(right, order, facts) for order in ORDERS])
