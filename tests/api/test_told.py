"""What outside platforms are told of plans, and who sees how far they have taken it in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.told import ToldKind
from settings import Settings
from store.told import handing
from tests.api.builders import Tokens, assert_problem, running
from tests.api.planning import PLAN, Bureau
from tests.application import elsewhere
from tests.store.telling import refused


@pytest.fixture
async def bureau(
    engine: AsyncEngine, settings: Settings, database_url: str, tokens: Tokens
) -> AsyncIterator[Bureau]:
    """On a database of its own, empty."""
    assert engine
    async with AsyncExitStack() as stack:
        application = await stack.enter_async_context(running(elsewhere(settings, database_url)))
        bureau = Bureau(application, tokens, stack)
        await bureau.registers()
        yield bureau


async def told(engine: AsyncEngine, kind: ToldKind) -> list[dict[str, Any]]:
    asked = text("select source, sequence, content from told where kind = :kind order by no")
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(asked, {"kind": kind})).mappings()]


async def test_what_is_put_in_force_is_told_with_its_number_and_so_is_its_end(
    bureau: Bureau, engine: AsyncEngine
) -> None:
    """A draft is nobody's matter; plan, scheme and commission each under the one before."""
    officer, supervisor = await bureau.caller(Role.OFFICER), await bureau.caller(Role.SUPERVISOR)
    drafted = await officer.post("/plans", json={"content": PLAN["content"]})
    assert drafted.status_code == 201
    assert await told(engine, ToldKind.PLAN) == []
    plan_id = await bureau.plan()
    scheme_id = await bureau.scheme(plan_id)
    commission_id = await bureau.commission(scheme_id)
    (plan,), (scheme,), (commission,) = [
        await told(engine, kind) for kind in (ToldKind.PLAN, ToldKind.SCHEME, ToldKind.COMMISSION)
    ]
    assert (plan["source"], plan["sequence"]) == (plan_id, 1)
    assert plan["content"]["content"]["title"] == PLAN["content"]["title"]
    assert scheme["content"]["above_number"] == plan["content"]["number"]
    assert commission["source"] == commission_id
    assert commission["content"]["above_number"] == scheme["content"]["number"]
    assert commission["content"]["names"]["QX-03"] == "杭州市西湖区市场监督管理局"
    ended = await supervisor.post(f"/commissions/{commission_id}/ended", json={"reason": "任务完成"})
    assert ended.status_code == 200, ended.text
    last = (await told(engine, ToldKind.COMMISSION))[-1]
    assert (last["sequence"], last["content"]["reason"]) == (2, "任务完成")
    assert last["content"]["ended_on"] is not None


async def test_what_was_refused_is_seen_and_told_once_more(bureau: Bureau, engine: AsyncEngine) -> None:
    """The auditor looks, the administrator lets it be told again; nobody else does either."""
    batch_no = await refused(engine, "信用/平台")
    admin, auditor = await bureau.caller(Role.ADMIN), await bureau.caller(Role.AUDITOR)
    for one in (admin, auditor):
        said = (await one.get("/operations/told")).json()
        assert [(of["receiver"], of["waiting"], of["dead"]) for of in said["receivers"]] == [
            ("信用/平台", 0, 1)
        ]
        (dead,) = said["dead"]
        assert (dead["source"], dead["kind"], dead["answer"]) == (batch_no, "task", "HTTP 422")
    again = {"url": "/operations/told/again", "json": {"receiver": "信用/平台"}}
    assert_problem(await auditor.post(**again), 403, "role_not_allowed")
    assert (await admin.post(**again)).json() == {"again": 1}
    assert (await admin.post(**again)).json() == {"again": 0}
    (standing,) = await handing.standings(engine)
    assert (standing.waiting, standing.dead) == (1, 0)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN, Role.AUDITOR, Role.SYSTEM}))
async def test_who_works_on_batches_has_no_part_in_it(bureau: Bureau, role: Role) -> None:
    claims = {"lab": "LAB-01"} if role is Role.LAB else {}
    caller: httpx.AsyncClient = await bureau.caller(role, **claims)
    assert_problem(await caller.get("/operations/told"), 403, "role_not_allowed")
