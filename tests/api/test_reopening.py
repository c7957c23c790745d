"""Over HTTP: an application for a closed batch, posted in time or truly late (§6)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from law.calendar import end_of_day
from law.vocabulary import Role
from local.scenarios.courses import CONFORMING, SEALED, Do, delivered, example_body
from local.scenarios.demo import Stage
from local.scenarios.player import perform
from messages.names import workflow_id
from messages.steps import StepName
from settings import Settings
from temporal.connecting import ensure_search_attributes
from tests.api.builders import PEOPLE, Tokens, assert_problem, client_of, running
from verify.certificate import verify
from worker import build_worker

WINDOW = "objection_filed:seller"
OFFICER, LAB, APPROVER = Role.OFFICER, Role.LAB, Role.APPROVER
SERVED = (
    *SEALED,
    Do(OFFICER, StepName.REPORT_RECEIVED, CONFORMING),
    delivered("result_notice", "seller"),
    delivered("result_notice", "platform"),
)


@pytest.fixture
async def skipping(
    settings: Settings, migrated: AsyncEngine, temporal_client: Client
) -> AsyncIterator[FastAPI]:
    """API and worker of a stack on which time may be skipped."""
    skipping = settings.model_copy(update={"time_skipping": True, "task_queue": "api-reopening"})
    await ensure_search_attributes(temporal_client)
    async with (
        build_worker(temporal_client, migrated, skipping),
        running(skipping) as app,
    ):
        yield app


@pytest.fixture
async def officer(skipping: FastAPI, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(skipping, tokens.header(OFFICER)) as client:
        yield client


@pytest.fixture
async def stage(skipping: FastAPI, tokens: Tokens, skipper: TimeSkipper) -> AsyncIterator[Stage]:
    async with client_of(skipping, {}) as client:
        bearers = {role: tokens.header(role)["Authorization"].removeprefix("Bearer ") for role in PEOPLE}
        yield Stage(client, bearers, skipper)


async def closed(stage: Stage) -> tuple[str, date]:
    """A conforming result, silent and published; the workflow has ended."""
    batch_no = await stage.open()
    for act in SERVED:
        await perform(stage, batch_no, act)
    window = next(wait for wait in (await stage.snapshot(batch_no)).waits if wait.id == WINDOW)
    assert window.last_day is not None
    assert window.heard_until is not None
    ahead = window.heard_until - await stage.clock(batch_no) + timedelta(minutes=1)
    await stage.fast_forward(batch_no, ahead)
    await stage.closed(batch_no)
    return batch_no, window.last_day


async def forgotten(client: Client, batch_no: str) -> None:
    """As after its retention: no history, no trace of it in Temporal."""
    handle = client.get_workflow_handle(workflow_id(batch_no))
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=handle.id)
        ),
        retry=True,
    )
    async with asyncio.timeout(60):  # the server takes its time over it
        while True:
            try:
                await handle.describe()
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return
                raise
            await asyncio.sleep(0.1)


async def filed(officer: httpx.AsyncClient, batch_no: str, day: date, last_day: date) -> httpx.Response:
    """An application posted on ``day``, recorded on the day after the window's last."""
    posted = {"how": "post", "postmark": str(day), "filed_on": str(last_day + timedelta(days=1))}
    body = example_body(StepName.OBJECTION_FILED, datetime.now(UTC), posted)
    return await officer.post(f"/batches/{batch_no}/steps/objection_filed", json=body)


async def test_posted_in_time_it_takes_a_closed_batch_up_again_without_its_history(
    stage: Stage, officer: httpx.AsyncClient, temporal_client: Client
) -> None:
    """Accepted for examination; on the approver's decision the result is open, corrected beside the first."""
    batch_no, last_day = await closed(stage)
    await forgotten(temporal_client, batch_no)
    answer = await filed(officer, batch_no, last_day, last_day)
    assert answer.status_code == 200, answer.text
    page = (await officer.get(f"/batches/{batch_no}")).json()
    assert (page["phase"], page["outcome"]) == ("publication", "conforming")
    assert [wait["id"] for wait in page["waiting_for"]] == ["reopening_decided:seller"]
    async with asyncio.timeout(20):  # its clock is moved on to where it was while it starts
        while True:
            if await stage.clock(batch_no) > end_of_day(last_day):
                break
            await asyncio.sleep(0.05)

    await perform(stage, batch_no, Do(APPROVER, StepName.REOPENING_DECIDED))
    page = (await officer.get(f"/batches/{batch_no}")).json()
    assert (page["phase"], page["outcome"]) == ("objection", None)
    assert [wait["id"] for wait in page["waiting_for"]] == ["objection_decided:seller"]
    public = [d for d in (await officer.get("/public/results")).json()["items"] if d["batch_no"] == batch_no]
    first, correction = sorted(public, key=lambda shown: shown["published_at"])
    assert correction["corrects"] == first["document_id"]
    assert first["corrects"] is None

    certificate = (await officer.get(f"/batches/{batch_no}/certificates/{WINDOW}")).json()
    assert certificate["decision"]["state"] == "set_aside"
    assert certificate["decision"]["title"] in verify(certificate)[-1]
    printed = (await officer.get(f"/batches/{batch_no}/certificates/{WINDOW}.html")).text
    assert "该认定自此不再适用" in printed


async def test_a_truly_late_one_is_refused_and_its_letter_can_be_opened(
    stage: Stage, officer: httpx.AsyncClient
) -> None:
    """409 with the last day; the letter is there; the batch is as closed as before, twice over."""
    batch_no, last_day = await closed(stage)
    for _ in range(2):
        answer = await filed(officer, batch_no, last_day + timedelta(days=1), last_day)
        assert str(last_day) in assert_problem(answer, 409, "filed_late")["detail"]
        await stage.closed(batch_no)
    page = (await officer.get(f"/batches/{batch_no}")).json()
    assert (page["phase"], page["waiting_for"]) == ("closed", [])
    (letter,) = [d for d in page["documents"] if d["kind"] == "late_filing_notice"]
    opened = await officer.get(f"/documents/{letter['document_id']}.pdf")
    assert opened.status_code == 200
    assert opened.content.startswith(b"%PDF")
