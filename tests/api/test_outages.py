"""The outage report over HTTP: who may read it, what it shows, what cannot be asked."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from tests.api.builders import PEOPLE, Tokens, assert_problem, client_of
from tests.api.test_forecast import planner
from tests.proof.builders import NOW, WINDOW, batch_with, counted, due, filed, silent, written

__all__ = ["planner"]  # the fixture of a caller on an empty database

PERIOD = {"from": (NOW - timedelta(days=3)).isoformat(), "to": (NOW + timedelta(days=3)).isoformat()}


async def test_a_silence_is_shown_with_what_it_rests_on(
    planner: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    """The deadline, whose it was, when the ledger was asked; no faults."""
    batch_no = await batch_with(engine, counted(WINDOW, -1), *silent(-1))
    body = (await planner.get("/outages", params=PERIOD)).json()
    (one,) = body["deadlines"]
    assert (one["batch_no"], one["became"], one["whose"]) == (batch_no, "lapsed", "示例旗舰店 示例旗舰店")
    assert (one["last_day"], one["wait"]["rests_on"]) == (str(due(-1)[0]), "§6")
    assert one["ledger_asked_at"] is not None
    assert (body["faults"], body["held"], body["steps_received"]) == ([], [], 0)


async def test_what_does_not_hold_is_said_first(planner: httpx.AsyncClient, engine: AsyncEngine) -> None:
    """With the batch and the step; the step is among those that wait for their decision."""
    batch_no = await batch_with(engine, counted(WINDOW, 0))
    objection = await filed(engine, batch_no)
    await written(engine, batch_no, silent(0), 2)
    body = (await planner.get("/outages", params=PERIOD)).json()
    assert len(body["faults"]) == 2
    assert all(batch_no in fault and str(objection.step_id) in fault for fault in body["faults"])
    (held,) = body["held"]
    assert (held["step_id"], held["decision"]) == (str(objection.step_id), None)


@pytest.mark.parametrize("role", PEOPLE)
async def test_leaders_and_auditors_may_read_it(empty_app: FastAPI, tokens: Tokens, role: Role) -> None:
    """It goes across all batches: not for laboratories, nor for officers."""
    async with client_of(empty_app, tokens.header(role)) as client:
        answer = await client.get("/outages", params=PERIOD)
    if role in (Role.APPROVER, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR):
        assert answer.status_code == 200
    else:
        assert_problem(answer, 403, "role_not_allowed")


async def test_periods_that_cannot_be_asked_for(
    planner: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    """Backwards, too long, without offset, without an end."""
    backwards = {"from": PERIOD["to"], "to": PERIOD["from"]}
    assert_problem(await planner.get("/outages", params=backwards), 422, "period_invalid")
    too_long = PERIOD | {"from": (NOW - timedelta(days=200)).isoformat()}
    assert_problem(await planner.get("/outages", params=too_long), 422, "period_invalid")
    for wrong in ({"from": "2026-11-20T18:00:00"}, {"from": "x"}):
        assert_problem(await planner.get("/outages", params=PERIOD | wrong), 422, "invalid")
    assert_problem(await planner.get("/outages", params={"from": PERIOD["from"]}), 422, "invalid")
    assert_problem(await anybody.get("/outages", params=PERIOD), 401, "unauthenticated")
