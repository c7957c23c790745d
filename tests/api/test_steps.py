"""A step's way through the API: accepted, refused, recorded, repeated."""

import asyncio
import time
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from temporalio.client import Client

from api.filing import file_all
from law.vocabulary import Role
from local.embedded.parts import EmbeddedTemporal, start_temporal
from local.embedded.ports import free_port
from messages.base import Actor
from messages.envelope import StepEnvelope
from messages.names import workflow_id
from messages.steps import StepName
from settings import Settings
from store.ledger.filings import filed_steps
from tests.api.builders import Tokens, assert_problem, client_of, eventually, ordered, running, step_example

pytestmark = pytest.mark.usefixtures("working")


async def test_an_accepted_step(officer: httpx.AsyncClient) -> None:
    """200 with the decision; where the answer can be read again."""
    batch_no = await ordered(officer)
    answer = await officer.post(f"/batches/{batch_no}/steps/purchased", json=step_example("purchased"))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["status"], body["step"], body["batch_no"]) == ("accepted", "purchased", batch_no)
    assert body["decision"]["accepted"] is True
    assert answer.headers["location"] == f"/batches/{batch_no}/steps/{body['step_id']}"
    assert body.items() <= (await officer.get(answer.headers["location"])).json().items()


async def test_a_refused_step_says_why_and_what_is_awaited(officer: httpx.AsyncClient) -> None:
    """409 with the decision's code, its reason, the rule and the open waits."""
    batch_no = await ordered(officer)
    answer = await officer.post(f"/batches/{batch_no}/steps/sealed", json=step_example("sealed"))
    document = assert_problem(answer, 409, "out_of_order")
    assert document["rests_on"]
    assert [wait["step"] for wait in document["waiting_for"]] == ["purchased"]
    read = (await officer.get(f"/batches/{batch_no}/steps/{document['step_id']}")).json()
    assert (read["status"], read["decision"]["code"]) == ("refused", "out_of_order")


@pytest.mark.parametrize("step", ["purchased", "sealed"])
async def test_the_same_key_gives_the_same_answer(officer: httpx.AsyncClient, step: str) -> None:
    """Accepted or refused, at once or later, one after the other or together."""
    batch_no, key = await ordered(officer), str(uuid4())
    body = step_example(step)

    async def post() -> tuple[int, str]:
        path = f"/batches/{batch_no}/steps/{step}"
        answer = await officer.post(path, json=body, headers={"Idempotency-Key": key})
        return answer.status_code, answer.text

    together = await asyncio.gather(post(), post(), post())
    assert len({*together, await post()}) == 1
    timeline = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    assert sum(entry["kind"] in ("step_accepted", "step_refused") for entry in timeline) == 1


async def test_a_key_belongs_to_one_request(officer: httpx.AsyncClient) -> None:
    """The same key with another body, step or batch is refused."""
    batch_no, key = await ordered(officer), {"Idempotency-Key": str(uuid4())}
    path, body = f"/batches/{batch_no}/steps/purchased", step_example("purchased")
    assert (await officer.post(path, json=body, headers=key)).status_code == 200
    body["buyer"]["name"] = "赵买样"
    assert_problem(await officer.post(path, json=body, headers=key), 409, "key_reused")
    path = f"/batches/{await ordered(officer)}/steps/purchased"
    answer = await officer.post(path, json=step_example("purchased"), headers=key)
    assert_problem(answer, 409, "key_reused")


async def test_without_a_worker_a_step_is_recorded(
    settings: Settings, tokens: Tokens, officer: httpx.AsyncClient
) -> None:
    """202 with where to ask; the same key says the same; the decision is there once a worker has been."""
    nobody = settings.model_copy(update={"task_queue": "api-nobody", "decision_timeout_seconds": 0.3})
    async with running(nobody) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
        batch_no, key = await ordered(client), str(uuid4())
        path = f"/batches/{batch_no}/steps/purchased"
        for _ in range(2):
            answer = await client.post(path, json=step_example("purchased"), headers={"Idempotency-Key": key})
            assert answer.status_code == 202
            assert answer.headers["location"] == f"/batches/{batch_no}/steps/{key}"
            assert (answer.json()["status"], answer.json()["step_id"]) == ("recorded", key)
            assert answer.json()["decision"] is None
        found = (await officer.get(f"/batches/{batch_no}/steps/{key}")).json()
    assert answer.json().items() <= found.items()


async def test_with_temporal_down_orders_and_steps_are_taken(settings: Settings, tokens: Tokens) -> None:
    """The API starts, opens a batch, records its steps at once, and is ready for more: for load balancers."""
    down = settings.model_copy(update={"temporal_address": f"127.0.0.1:{free_port()}"})
    async with running(down) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
        batch_no = await ordered(client)
        answer = await client.post(f"/batches/{batch_no}/steps/purchased", json=step_example("purchased"))
        assert answer.status_code == 202
        assert (await client.get(answer.headers["location"])).json()["status"] == "recorded"
        assert (await client.get("/health/ready")).status_code == 200
        told = (await client.get("/health")).json()
    parts = {part["name"]: part for part in told["parts"]}
    assert (told["status"], parts["temporal"]["status"]) == ("down", "down")


async def test_temporal_lost_and_found(settings: Settings, tokens: Tokens, tmp_path: Path) -> None:
    """While it is away steps are recorded, without each of them waiting for it; then it is used again."""

    def started() -> EmbeddedTemporal:
        return start_temporal(tmp_path, port, None, time_skipping=False, log=tmp_path / "temporal.log")

    port = free_port()
    temporal = started()
    try:
        lossy = settings.model_copy(update={"temporal_address": temporal.address, "task_queue": "api-nobody"})
        async with running(lossy) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
            await eventually(client, "/health/ready", lambda body: body["status"] == "ok")
            batch_no = await ordered(client)
            temporal.stop()
            path, body = f"/batches/{batch_no}/steps/purchased", step_example("purchased")
            assert (await client.post(path, json=body)).status_code == 202
            start = time.monotonic()
            assert (await client.post(path, json=body)).status_code == 202
            assert time.monotonic() - start < 0.5
            temporal = started()
            await eventually(client, "/health/ready", lambda body: body["status"] == "ok")
    finally:
        temporal.stop()


async def test_a_batch_whose_workflow_was_terminated_goes_on(
    officer: httpx.AsyncClient, temporal_client: Client
) -> None:
    """A click in the Temporal pages ends no case: the next step is decided as if nothing had happened."""
    batch_no = await ordered(officer)
    await eventually(officer, f"/batches/{batch_no}", lambda body: body["phase"] == "sampling")
    await temporal_client.get_workflow_handle(workflow_id(batch_no)).terminate()
    answer = await officer.post(f"/batches/{batch_no}/steps/purchased", json=step_example("purchased"))
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    lines = (await officer.get(f"/batches/{batch_no}/timeline")).json()
    assert "自记录所存案卷恢复办理" in str(lines)


async def test_a_request_to_cancel_is_declined(officer: httpx.AsyncClient, temporal_client: Client) -> None:
    """It is noted on the timeline with whom to ask, and the batch goes on."""
    batch_no = await ordered(officer)
    await eventually(officer, f"/batches/{batch_no}", lambda body: body["phase"] == "sampling")
    await temporal_client.get_workflow_handle(workflow_id(batch_no)).cancel()
    answer = await officer.post(f"/batches/{batch_no}/steps/purchased", json=step_example("purchased"))
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert "取消流程的请求，未予采用" in str((await officer.get(f"/batches/{batch_no}/timeline")).json())


async def test_steps_are_read_in_their_own_batch_only(officer: httpx.AsyncClient) -> None:
    """Another batch's step is unknown here."""
    first, second = await ordered(officer), await ordered(officer)
    answer = await officer.post(f"/batches/{first}/steps/purchased", json=step_example("purchased"))
    step_id = answer.json()["step_id"]
    await eventually(officer, f"/batches/{first}/steps/{step_id}", lambda body: body["status"] == "accepted")
    for path in (f"/batches/{second}/steps/{step_id}", f"/batches/{first}/steps/{uuid4()}"):
        assert_problem(await officer.get(path), 404, "step_unknown")


async def test_many_steps_are_awaited_together(settings: Settings, tokens: Tokens) -> None:
    """With no worker up all are recorded, those of a batch in their order, in the time that one takes."""
    nobody = settings.model_copy(update={"task_queue": "api-nobody", "decision_timeout_seconds": 1})
    async with running(nobody) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
        batches = [await ordered(client) for _ in range(3)]
        envelopes = [
            StepEnvelope(
                step_id=uuid4(),
                batch_no=batch_no,
                step=StepName.PURCHASED,
                body=step_example("purchased"),
                actor=Actor(sub="officer-01", name="张三", role=Role.OFFICER),
            )
            for _ in range(4)
            for batch_no in batches
        ]
        started = time.monotonic()
        filed = await file_all(app.state.runtime, envelopes)
        assert time.monotonic() - started < len(envelopes) / 2
        stored = await filed_steps(app.state.runtime.engine, filed)
    assert filed == dict.fromkeys((one.step_id for one in envelopes), None)
    in_order = [stored[one.step_id].envelope.position for one in envelopes]
    assert in_order == [position for position in (1, 2, 3, 4) for _ in batches]
