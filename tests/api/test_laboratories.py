"""Staff of a laboratory see and do only what concerns their own batches."""

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from local.scenarios.courses import example_body
from messages.steps import StepName
from tests.api.builders import Tokens, assert_problem, client_of, laboratory, ordered, step_example, told

pytestmark = pytest.mark.usefixtures("working")


async def test_another_laboratorys_batch_does_not_exist(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Reads, the timeline, a step and its answer are all 404, as for a number never given."""
    batch_no = await ordered(officer, laboratory=laboratory("LAB-77"))
    path = f"/batches/{batch_no}/steps/purchased"
    filed = await officer.post(path, json=step_example("purchased"))
    location = filed.headers["location"]
    for read in (f"/batches/{batch_no}", f"/batches/{batch_no}/timeline", location):
        assert (await officer.get(read)).status_code == 200
        assert_problem(await lab.get(read), 404, "batch_unknown")
    assert_problem(await lab.post(path, json=step_example("purchased")), 404, "batch_unknown")
    timeline = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    assert not [entry for entry in timeline if entry["actor"]["role"] == Role.LAB]


async def test_its_own_batches_it_sees_and_serves(
    officer: httpx.AsyncClient, app: FastAPI, tokens: Tokens
) -> None:
    """Lists and inbox hold its own only; the steps a laboratory may do, it does."""
    own = await ordered(officer, laboratory=laboratory("LAB-78"))
    await ordered(officer)
    async with client_of(app, tokens.header(Role.LAB, lab="LAB-78")) as client:
        answer = await client.post(f"/batches/{own}/steps/purchased", json=step_example("purchased"))
        assert answer.status_code == 200
        assert (await client.get(f"/batches/{own}")).status_code == 200
        listed = (await client.get("/batches")).json()["items"]
        assert [batch["batch_no"] for batch in listed] == [own]
        tasks = (await client.get("/tasks")).json()["items"]
        assert {task["batch_no"] for task in tasks} == {own}


async def test_of_one_applicant_it_need_not_say_whose_formalities_it_has_completed(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient, app: FastAPI, tokens: Tokens
) -> None:
    """The ledger says it all the same: nothing in it is left to be guessed."""
    batch_no = await told(officer, lab)
    path = f"/batches/{batch_no}/steps"
    async with client_of(app, tokens.header(Role.APPROVER)) as approver:
        for who, step, changes in (
            (officer, StepName.NOTICE_DELIVERED, {"recipient": "seller"}),
            (officer, StepName.NOTICE_DELIVERED, {"recipient": "producer"}),
            (officer, StepName.OBJECTION_FILED, {"party": "producer"}),
            (approver, StepName.OBJECTION_DECIDED, {"party": "producer"}),
            (officer, StepName.RETEST_LAB_APPOINTED, {}),
        ):
            body = example_body(step, datetime.now(UTC), changes)
            answer = await who.post(f"{path}/{step}", json=body)
            assert answer.status_code == 200, answer.text
    body = {"completed_on": example_body(StepName.RESULT_ACCEPTED, datetime.now(UTC))["accepted_on"]}
    async with client_of(app, tokens.header(Role.LAB, lab="LAB-02")) as retesting:
        answer = await retesting.post(f"{path}/{StepName.RETEST_FORMALITIES_COMPLETED}", json=body)
    assert answer.status_code == 200, answer.text
    lines = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    (filed,) = [one for one in lines if one["data"].get("step") == StepName.RETEST_FORMALITIES_COMPLETED]
    assert filed["data"]["body"]["party"] == "producer"
