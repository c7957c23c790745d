"""How far a list of orders is: asked while it is taken in, and of one that came to no end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from store.plans.locking import hold
from tests.api.builders import Tokens, assert_problem, eventually
from tests.api.planning import Bureau
from tests.api.test_bulk_orders import count, put_in, row, states


@pytest.fixture
async def bureau(empty_app: FastAPI, tokens: Tokens) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(empty_app, tokens, stack)
        await bureau.registers()
        yield bureau


@asynccontextmanager
async def held_up(engine: AsyncEngine, scheme_id: str) -> AsyncIterator[None]:
    """No batch can be ordered under this scheme for the time being."""
    async with engine.begin() as connection:
        await hold(connection, scheme_id)
        yield


async def cut_off(engine: AsyncEngine, scheme_id: str) -> None:
    """A list of a thousand rows that somebody handed in two minutes ago, and nothing since."""
    statement = text("""
        insert into order_runs (scheme_id, started_by, started_at, total, unused_columns)
        values (:scheme_id, cast(:by as jsonb), clock_timestamp() - interval '2 minutes', 1000, '[]')
    """)
    by = Actor(sub="officer-01", name="王某", role=Role.OFFICER).model_dump_json()
    async with engine.begin() as connection:
        await connection.execute(statement, {"scheme_id": scheme_id, "by": by})


async def progress(caller: httpx.AsyncClient, address: str) -> dict[str, Any]:
    found: dict[str, Any] = (await caller.get(address)).json()
    return found


async def test_how_far_it_is_can_be_asked_meanwhile(bureau: Bureau, engine: AsyncEngine) -> None:
    """Whoever does not wait is told under which number; what is answered stands there, and what is left."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    address = f"/schemes/{scheme_id}/orders"
    async with held_up(engine, scheme_id):
        rows = [row(商品链接=None), row(), row(承检机构="LAB-99")]
        begun = await officer.post(address, json={"rows": rows}, params={"wait": False})
        assert (begun.status_code, begun.json()["state"]) == (202, "running"), begun.text
        run = begun.headers["location"]
        assert run == f"{address}/runs/{begun.json()['no']}"
        so_far = await eventually(officer, run, lambda one: one["counts"])
        assert (so_far["state"], so_far["total"], so_far["left"]) == ("running", 3, 2)
        assert states(so_far["rows"]) == ["invalid"]
        assert await count(engine) == 0
    done = await eventually(officer, run, lambda one: one["left"] == 0)
    assert (done["state"], done["started_by"]["sub"]) == ("finished", "officer-01")
    assert done["counts"] == {"invalid": 1, "ordered": 1, "refused": 1}
    assert states(done["rows"]) == ["invalid", "ordered", "entry_not_held"]
    assert (await officer.get(f"/batches/{done['rows'][1]['batch_no']}")).status_code == 200
    assert (await progress(officer, f"{run}?rows=false")) == done | {"rows": []}


async def test_whoever_waits_is_answered_as_ever_and_may_ask_again(bureau: Bureau) -> None:
    """The answer names its number; a trial has none. The newest stands first."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    address, rows = f"/schemes/{scheme_id}/orders", [row(), row(商标="另一牌")]
    for dry_run, expected in ((True, 0), (False, 1), (False, 2)):
        answer = (await officer.post(address, json={"rows": rows}, params={"dry_run": dry_run})).json()
        listed = await progress(officer, f"{address}/runs")
        assert len(listed["items"]) == expected
        if dry_run:
            assert answer["run"] is None
            continue
        assert listed["items"][0]["no"] == answer["run"]
        assert (await progress(officer, f"{address}/runs/{answer['run']}"))["rows"] == answer["rows"]
    first = await progress(officer, f"{address}/runs?limit=1")
    second = await progress(officer, f"{address}/runs?limit=1&cursor={first['next_cursor']}")
    assert [one["counts"] for one in first["items"] + second["items"]] == [
        {"ordered_before": 2},
        {"ordered": 2},
    ]


async def test_what_was_cut_off_goes_on_with_the_same_list(bureau: Bureau, engine: AsyncEngine) -> None:
    """As when the service dies amid it: what was ordered is there, once, and the rest follows."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    rows = [row() for _ in range(6)]
    before = await put_in(officer, scheme_id, rows[:2])
    async with held_up(engine, scheme_id):
        dying = asyncio.create_task(put_in(officer, scheme_id, rows))
        runs = f"/schemes/{scheme_id}/orders/runs"
        await eventually(officer, runs, lambda one: one["items"][0]["counts"] == {"ordered_before": 2})
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying
    told = await put_in(officer, scheme_id, rows)
    assert states(told) == ["ordered_before"] * 2 + ["ordered"] * 4
    assert [one["batch_no"] for one in told[:2]] == [one["batch_no"] for one in before]
    assert await count(engine) == 6
    cut_off = (await progress(officer, runs))["items"][1]
    assert (cut_off["left"], cut_off["counts"]) == (4, {"ordered_before": 2})


async def test_one_that_is_quiet_for_long_has_stopped(bureau: Bureau, engine: AsyncEngine) -> None:
    """Whoever took it in answers no more."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    await cut_off(engine, scheme_id)
    (stopped,) = (await progress(officer, f"/schemes/{scheme_id}/orders/runs"))["items"]
    assert (stopped["state"], stopped["left"], stopped["last_at"]) == ("stopped", 1000, None)


async def test_of_what_is_not_nothing_is_told(bureau: Bureau) -> None:
    """Another scheme's number, an unknown scheme, somebody who does not order."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    other = await bureau.scheme()
    answer = await officer.post(f"/schemes/{scheme_id}/orders", json={"rows": [row()]})
    address = f"orders/runs/{answer.json()['run']}"
    assert (await officer.get(f"/schemes/{scheme_id}/{address}")).status_code == 200
    assert_problem(await officer.get(f"/schemes/{other}/{address}"), 404, "order_run_unknown")
    assert_problem(await officer.get("/schemes/FA2000-0001/orders/runs"), 404, "planned_unknown")
    approver = await bureau.caller(Role.APPROVER)
    for further in (address, "orders/runs"):
        assert_problem(await approver.get(f"/schemes/{scheme_id}/{further}"), 403, "role_not_allowed")
