"""The API killed amid a list of orders: what was ordered stays, and the same list goes on from there."""

import asyncio
import re
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from local.commands.sampling import load
from tests.api.test_bulk_orders import row
from tests.faults.clients import Clients
from tests.faults.stack import Part, Stack, bounded
from tests.store.builders import until

pytestmark = pytest.mark.faults

_ANSWERED = text("select count(*) from order_run_rows where run_no = (select max(no) from order_runs)")
_BATCHES = text("select count(*), count(started_at) from batches where batch_no = any(:numbers)")


async def some_answered(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        return bool((await connection.execute(_ANSWERED)).scalar_one() >= 3)


async def all_started(engine: AsyncEngine, numbers: list[str]) -> bool:
    async with engine.connect() as connection:
        return tuple((await connection.execute(_BATCHES, {"numbers": numbers})).one()) == (20, 20)


@bounded(150)
async def test_a_list_goes_on_where_the_api_was_killed(
    stack: Stack, clients: Clients, engine: AsyncEngine
) -> None:
    """No row is ordered twice, no batch is left without its workflow, and both runs tell their part."""
    found = re.search(r"FA\d{4}-\d+", await load(stack.settings, only_fresh=False))
    assert found
    address, body = f"/schemes/{found.group()}/orders", {"rows": [row() for _ in range(20)]}
    post = asyncio.create_task(clients.call("POST", address, body=body))
    await until(lambda: some_answered(engine))
    stack.kill(Part.API)
    assert await post is None, "it died over it"
    await stack.start(Part.API)
    again = (await clients.until_answered("POST", address, body=body)).json()
    states = Counter(one["status"] for one in again["rows"])
    assert states["ordered_before"] >= 3, states
    assert states["ordered_before"] + states["ordered"] == 20, states
    runs = (await clients.until_answered("GET", f"{address}/runs")).json()["items"]
    assert [one["left"] > 0 for one in runs] == [False, True]
    numbers = list({one["batch_no"] for one in again["rows"]})
    # What the killed API had not started, the relay starts.
    await until(lambda: all_started(engine, numbers), 60)
