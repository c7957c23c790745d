"""Staff of a laboratory see and do only what concerns their own batches."""

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from tests.api.builders import Tokens, assert_problem, client_of, laboratory, ordered, step_example

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
