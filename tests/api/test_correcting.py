"""Putting a record right over HTTP: what would follow is told beforehand, what was wrong stays to be seen."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from tests.api.builders import Tokens, client_of, ordered, step_example

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


@pytest.mark.parametrize("step", ["00000000-0000-4000-8000-000000000000", None])
async def test_only_a_step_of_the_batch_is_corrected(officer: httpx.AsyncClient, step: str | None) -> None:
    batch_no, _ = await bought(officer)
    body = {"corrects": step or str(uuid4()), "body": None, "reason": "误登"}
    answer = await officer.post(f"/batches/{batch_no}/steps/record_corrected", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_such_step")
