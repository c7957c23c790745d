"""Putting a record right over HTTP: what would follow is told beforehand, what was wrong stays to be seen."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from api.web.limits import RateLimit
from law.vocabulary import Role
from tests.api.builders import Tokens, assert_problem, client_of, ordered, step_example

pytestmark = pytest.mark.usefixtures("working")


async def bought(officer: httpx.AsyncClient) -> tuple[str, str]:
    """A batch whose purchase is on record, and the id of that step."""
    batch_no = await ordered(officer)
    answer = await officer.post(f"/batches/{batch_no}/steps/purchased", json=step_example("purchased"))
    assert answer.status_code == 200, answer.text
    return batch_no, answer.json()["step_id"]


async def test_a_step_is_tried_without_being_filed(officer: httpx.AsyncClient) -> None:
    """Whether it would be accepted, what would follow, and what is awaited then."""
    batch_no = await ordered(officer)
    path = f"/batches/{batch_no}/steps/purchased?dry_run=true"
    answer = await officer.post(path, json=step_example("purchased"))
    assert answer.status_code == 200, answer.text
    trial = answer.json()
    assert trial["accepted"] is True
    assert [wait["step"] for wait in trial["waiting_for"]] == ["received"]
    assert (await officer.get(f"/batches/{batch_no}/steps")).json()["items"] == []
    refused = await officer.post(
        f"/batches/{batch_no}/steps/sealed?dry_run=true", json=step_example("sealed")
    )
    assert refused.status_code == 200
    assert (refused.json()["accepted"], refused.json()["code"]) == (False, "out_of_order")


async def test_what_was_ordered_and_filed_can_be_read_again(officer: httpx.AsyncClient) -> None:
    """With who filed it, what it carried and its answer."""
    batch_no, step_id = await bought(officer)
    order = (await officer.get(f"/batches/{batch_no}/order")).json()
    assert order["goods"]["name"] == "儿童保温杯"
    (step,) = (await officer.get(f"/batches/{batch_no}/steps")).json()["items"]
    assert (step["step_id"], step["status"], step["title"]) == (step_id, "accepted", "网络购样")
    assert step["body"]["order"] == step_example("purchased")["order"]
    assert step["corrected_by"] == []


async def test_a_record_is_put_right_by_two_people(
    officer: httpx.AsyncClient, app: FastAPI, tokens: Tokens
) -> None:
    """What would follow is told before; the wrong step stays, marked as corrected."""
    batch_no, step_id = await bought(officer)
    steps = f"/batches/{batch_no}/steps"
    right = step_example("purchased")
    right["order"] = right["order"] | {"order_no": "2026090100099"}
    step = {"corrects": step_id, "body": right, "reason": "订单号抄错一位"}
    trial = await officer.post(f"{steps}/record_corrected?dry_run=true", json=step)
    assert trial.status_code == 200, trial.text
    assert (trial.json()["accepted"], trial.json()["follows"]) == (True, [])
    proposed = await officer.post(f"{steps}/record_corrected", json=step)
    assert proposed.status_code == 200, proposed.text
    correction = proposed.json()["step_id"]
    confirmation = {"correction": correction, "confirmed": True, "reason": "经核对订单截图，属实"}
    assert (await officer.post(f"{steps}/correction_confirmed", json=confirmation)).status_code == 403
    async with client_of(app, tokens.header(Role.SUPERVISOR)) as supervisor:
        confirmed = await supervisor.post(f"{steps}/correction_confirmed", json=confirmation)
    assert confirmed.status_code == 200, confirmed.text
    wrong = (await officer.get(f"{steps}/{step_id}")).json()
    assert wrong["body"]["order"] != right["order"]
    assert [one["correction"] for one in wrong["corrected_by"]] == [correction]
    assert wrong["corrected_by"][0]["body"]["order"] == right["order"]
    back = step | {"body": step_example("purchased"), "reason": "原订单号无误"}
    trial = await officer.post(f"{steps}/record_corrected?dry_run=true", json=back)
    assert trial.json()["follows"] == ["此前对“网络购样”的更正不再适用"]


@pytest.mark.parametrize("step", ["00000000-0000-4000-8000-000000000000", None])
async def test_only_a_step_of_the_batch_is_corrected(officer: httpx.AsyncClient, step: str | None) -> None:
    batch_no, _ = await bought(officer)
    body = {"corrects": step or str(uuid4()), "body": None, "reason": "误登"}
    answer = await officer.post(f"/batches/{batch_no}/steps/record_corrected", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_such_step")


async def test_a_laboratory_reads_the_steps_it_filed_itself(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """What was bought under which account, and what was ordered of whom, is not its matter."""
    batch_no, step_id = await bought(officer)
    assert (await lab.get(f"/batches/{batch_no}/steps")).json()["items"] == []
    assert_problem(await lab.get(f"/batches/{batch_no}/steps/{step_id}"), 404, "step_unknown")
    assert_problem(await lab.get(f"/batches/{batch_no}/order"), 403, "role_not_allowed")
    timeline = (await lab.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    assert not [entry for entry in timeline if "body" in entry["data"]]


async def test_what_was_ordered_is_read_as_it_was_put_right(
    officer: httpx.AsyncClient, app: FastAPI, tokens: Tokens
) -> None:
    """By which correction is said beside it; the next correction starts from what holds."""
    batch_no, _ = await bought(officer)
    first = await officer.get(f"/batches/{batch_no}/order")
    assert "Corrected-By" not in first.headers
    order = first.json()
    order["seller"]["email"] = "new@example.com"
    step = {"corrects": first.headers["Step-Id"], "body": order, "reason": "邮箱抄错"}
    steps = f"/batches/{batch_no}/steps"
    proposed = await officer.post(f"{steps}/record_corrected", json=step)
    confirmation = {"correction": proposed.json()["step_id"], "confirmed": True, "reason": "属实"}
    async with client_of(app, tokens.header(Role.SUPERVISOR)) as supervisor:
        assert (await supervisor.post(f"{steps}/correction_confirmed", json=confirmation)).status_code == 200
    again = await officer.get(f"/batches/{batch_no}/order")
    assert again.json()["seller"]["email"] == "new@example.com"
    assert again.headers["Corrected-By"] == proposed.json()["step_id"]
    same = await officer.post(f"{steps}/record_corrected", json=step)
    assert_problem(same, 409, "nothing_changed")


async def test_a_trial_is_a_look_at_the_batch(
    officer: httpx.AsyncClient, app: FastAPI, tokens: Tokens
) -> None:
    """It tells what is on record, and so it is on the access log."""
    batch_no = await ordered(officer)
    path = f"/batches/{batch_no}/steps/purchased"
    assert (await officer.post(f"{path}?dry_run=true", json=step_example("purchased"))).status_code == 200
    async with client_of(app, tokens.header(Role.AUDITOR)) as auditor:
        (look,) = (await auditor.get("/access-log", params={"batch_no": batch_no})).json()["items"]
    assert (look["path"], look["query"]) == (path, "dry_run=true")


async def test_who_tries_too_much_is_told_when_to_come_again(
    officer: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trial plays the whole batch; nobody can keep the service busy with it."""
    monkeypatch.setattr(app.state.runtime, "trials", RateLimit(1))
    batch_no = await ordered(officer)
    path = f"/batches/{batch_no}/steps/purchased?dry_run=true"
    assert (await officer.post(path, json=step_example("purchased"))).status_code == 200
    busy = await officer.post(path, json=step_example("purchased"))
    assert_problem(busy, 429, "too_many")
    assert int(busy.headers["Retry-After"]) > 0
