"""The sample bureau: loaded once, ordered under at once, ended and never deleted."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.web.days import today
from law.vocabulary import Role
from local.commands import sampling
from local.scenarios import sample
from messages.approvals import Matter
from messages.named_order import NamedOrder
from messages.registers import Register
from settings import Settings
from store.plans import reading as planned
from store.registers import reading
from store.samples import is_fresh
from tests.api.builders import Tokens, assert_problem, client_of, running

ORDER: dict[str, Any] = NamedOrder.model_json_schema()["example"]


@pytest.fixture
def own(settings: Settings, engine: AsyncEngine, database_url: str) -> Settings:
    """A database of its own, empty; Temporal is away."""
    assert engine
    return settings.model_copy(update={"database_url": database_url, "temporal_address": "127.0.0.1:9"})


@pytest.fixture
async def officer(own: Settings, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async with running(own) as application, client_of(application, tokens.header(Role.OFFICER)) as client:
        yield client


async def test_a_newcomer_orders_at_once(
    own: Settings, engine: AsyncEngine, officer: httpx.AsyncClient
) -> None:
    """The example of an order fits the sample; everything of it is marked."""
    assert await is_fresh(engine)
    said = await sampling.load(own, only_fresh=True)
    scheme = (await officer.get("/schemes")).json()["items"][0]
    assert (scheme["id"] in said, scheme["sample"], scheme["state"]) == (True, True, "approved")
    answer = await officer.post("/batches", json=ORDER | {"scheme_id": scheme["id"]})
    assert answer.status_code == 201, answer.text
    async with engine.connect() as connection:
        told = (await connection.execute(text("select count(*) from told"))).scalar_one()
    assert told == 0, "no outside platform hears of what is only tried out"
    for register in Register:
        listed = (await officer.get(f"/{register}")).json()["items"]
        assert listed
        assert all(one["sample"] for one in listed)


async def test_what_is_in_use_gets_no_sample(own: Settings, engine: AsyncEngine) -> None:
    """A start loads it into an empty database only; by hand it is loaded once."""
    await sampling.load(own, only_fresh=False)
    assert "没有装入" in await sampling.load(own, only_fresh=True)
    await sampling.load(own, only_fresh=False)
    asked: dict[str, Any] = dict.fromkeys(("q", "plan_id", "in_force", "cursor"))
    assert len((await planned.listed(engine, Matter.SCHEME, limit=9, **asked)).items) == 1
    assert len(await reading.versions(engine, Register.LABORATORIES, "LAB-01")) == 1


async def test_removed_it_has_ended_and_what_was_ordered_stays(
    own: Settings, engine: AsyncEngine, officer: httpx.AsyncClient
) -> None:
    """No list shows it, nothing is ordered under it; the batch is whole, and it can be loaded again."""
    scheme_id = await sample.load(engine, today())
    order = ORDER | {"scheme_id": scheme_id}
    batch_no = (await officer.post("/batches", json=order)).json()["batch_no"]
    assert "停用" in await sampling.remove(own)
    assert await sampling.remove(own) == "没有示例数据。"
    for register in Register:
        assert (await officer.get(f"/{register}")).json()["items"] == []
    assert (await officer.get("/schemes", params={"in_force": "true"})).json()["items"] == []
    again = order | {"goods": order["goods"] | {"spec_model": "另一型号"}}
    assert_problem(await officer.post("/batches", json=again), 409, "entry_not_held")
    assert (await officer.get(f"/batches/{batch_no}")).status_code == 200
    ended = await reading.one(engine, Register.PLATFORMS, "PT-01", on=today())
    assert (ended.ended, ended.reason) == (True, "移除示例数据")
    renewed = await sample.load(engine, today())
    assert renewed != scheme_id
    assert (await officer.post("/batches", json=again | {"scheme_id": renewed})).status_code == 201
