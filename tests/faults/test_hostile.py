"""Hostile callers beside an honest one: no token, however it is used, ends a batch or fills its history."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowExecution

from law.vocabulary import Role
from local.commands.tokens import issue
from local.scenarios.courses import COURSES, example_body
from local.scenarios.player import perform
from messages.names import workflow_id
from messages.steps import StepName
from temporal import connecting
from tests.faults.clients import Clients, Table
from tests.faults.stack import Stack, bounded

pytestmark = pytest.mark.faults

REQUESTS = int(os.environ.get("CHOUJIAN_HOSTILE_REQUESTS", "1800"))
_CALLERS = 6
_EVENTS, _BYTES = 5_120, 5 * 1024 * 1024  # a tenth of what the server ends a workflow at


async def _hostile(
    http: httpx.AsyncClient, token: str, batch_no: str, number: int, answers: Counter[int]
) -> None:
    """The largest report that is read, filed again and again where it belongs nowhere."""
    body = example_body(StepName.REPORT_SUBMITTED, datetime.now(UTC), {})
    one = body["items"][0]
    body["items"] = [{**one, "name": f"项目{n}" + "长" * 130} for n in range(100)]
    assert 40 * 1024 < len(json.dumps(body, ensure_ascii=False).encode()) < 64 * 1024
    for _ in range(number):
        answer = await http.post(
            f"/batches/{batch_no}/steps/report_submitted",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
        )
        answers[answer.status_code] += 1
        assert answer.status_code in {202, 409, 429}, answer.text
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) > 0


@bounded(600)
async def test_no_number_of_hostile_callers_fills_a_history(
    stack: Stack, clients: Clients, engine: AsyncEngine, http: httpx.AsyncClient
) -> None:
    """One laboratory's people send refused reports without end; the officers' work goes on to its outcome."""
    table = Table(clients, stack)
    batch_no = await clients.open()
    course = COURSES[0]
    for act in course.acts[:2]:
        await perform(table, batch_no, act)
    answers: Counter[int] = Counter()
    tokens = [issue(stack.settings, Role.LAB.value, subject=f"hostile-{n}") for n in range(_CALLERS)]
    async with asyncio.TaskGroup() as group:
        for token in tokens:
            group.create_task(_hostile(http, token, batch_no, REQUESTS // _CALLERS, answers))
        for act in course.acts[2:4]:
            await asyncio.sleep(2)
            await perform(table, batch_no, act)
    assert answers[429] > 0
    assert answers[200] == 0
    for act in course.acts[4:]:
        await perform(table, batch_no, act)
    view = (await clients.until_answered("GET", f"/batches/{batch_no}", Role.AUDITOR)).json()
    assert view["outcome"] == course.outcome
    async for run in _runs(stack, batch_no):
        assert run.history_length < _EVENTS
        size = run.raw_info.history_size_bytes
        assert size < _BYTES, size
    async with engine.connect() as connection:
        asked = text("select sum(length(cast(data as text))) from timeline where batch_no = :no")
        told = (await connection.execute(asked, {"no": batch_no})).scalar_one()
    assert told < 1024 * 1024, told


async def _runs(stack: Stack, batch_no: str) -> AsyncIterator[WorkflowExecution]:
    client = await connecting.connect(stack.settings)
    async for run in client.list_workflows(f"WorkflowId = '{workflow_id(batch_no)}'"):
        yield run
