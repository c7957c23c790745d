"""Staff of a laboratory see and do only what concerns their own batches."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from local.scenarios.courses import example_body
from messages.steps import StepName
from tests.api.builders import Tokens, assert_problem, client_of, laboratory, ordered, step_example, told
from tests.api.tus import kept

pytestmark = pytest.mark.usefixtures("working")
# What ended before the report was taken in.
BEFORE_THE_REPORT = ("purchased", "received", "sealing_scheduled", "sealed", "report_submitted")


@dataclass(frozen=True)
class Seen:
    """What a caller sees of a batch."""

    batch: dict[str, Any]
    letters: list[dict[str, Any]]
    waits: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    evidence: list[str]


async def all_seen(client: httpx.AsyncClient, batch_no: str) -> Seen:
    async def of(what: str = "") -> Any:
        answer = await client.get(f"/batches/{batch_no}{what}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    batch, letters = await of(), await of("/documents")
    assert batch["documents"] == letters
    return Seen(
        batch,
        letters,
        (await of("/waits?limit=500"))["waits"],
        (await of("/timeline?limit=500"))["entries"],
        [one["sha256"] for one in (await of("/evidence"))["items"]],
    )


async def matters(client: httpx.AsyncClient, batch_no: str) -> list[str]:
    """What of this batch its inbox has."""
    tasks = (await client.get("/tasks", params={"limit": 200})).json()["items"]
    return [one["id"] for one in tasks if one["batch_no"] == batch_no]


async def test_why_an_emergency_was_ordered_is_the_bureaus_matter(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """The laboratory is told that it is one."""
    said = {"kind": "emergency", "emergency_ground": "other", "other_ground": "开学季专项整治"}
    number = await ordered(officer, **said)
    for who, expected in ((officer, said), (lab, {"kind": "emergency"})):
        batch = (await who.get(f"/batches/{number}")).json()
        assert {name: batch[name] for name in said if batch[name] is not None} == expected


async def retest_appointed(officer: httpx.AsyncClient, app: FastAPI, tokens: Tokens, batch_no: str) -> None:
    """The seller has applied, LAB-02 is to retest and has its notice."""
    async with client_of(app, tokens.header(Role.APPROVER)) as approver:
        for who, step, changes in (
            (officer, StepName.NOTICE_DELIVERED, {"recipient": "seller"}),
            (officer, StepName.NOTICE_DELIVERED, {"recipient": "producer"}),
            (officer, StepName.OBJECTION_FILED, {}),
            (approver, StepName.OBJECTION_DECIDED, {}),
            (officer, StepName.RETEST_LAB_APPOINTED, {}),
            (
                officer,
                StepName.NOTICE_DELIVERED,
                {"notice": "retest_lab_notice", "recipient": "retest_laboratory"},
            ),
        ):
            body = example_body(step, datetime.now(UTC), changes)
            answer = await who.post(f"/batches/{batch_no}/steps/{step}", json=body)
            assert answer.status_code == 200, answer.text


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


async def test_of_its_batch_a_laboratory_sees_its_part(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient, app: FastAPI, tokens: Tokens
) -> None:
    """Who tests and who retests see each its own waits, letters and verdict; of the parties no papers."""
    batch_no = await told(officer, lab)
    letters = (await officer.get(f"/batches/{batch_no}/documents")).json()
    to_seller = next(one["document_id"] for one in letters if one["recipient"] == "seller")
    digest = await kept(officer, batch_no)
    own = await kept(lab, batch_no)
    seen = await all_seen(lab, batch_no)
    assert {one["recipient"] for one in seen.letters} == {"laboratory"}
    assert seen.batch["first_verdict"] == "nonconforming"
    assert {one["received_on"] for one in seen.batch["parties"]} == {None}
    assert seen.batch["waiting_for"] == []
    assert {one["id"] for one in seen.waits} == {*BEFORE_THE_REPORT}
    assert {one["kind"] for one in seen.lines} >= {"opened", "called", "evidence_received"}
    assert not [one for one in seen.lines if "结果通知书" in one["text"] or "收取" in one["text"]]
    assert seen.evidence == [own]
    window = "objection_filed:seller"
    for path, code in (
        (f"/documents/{to_seller}", "document_unknown"),
        (f"/documents/{to_seller}.pdf", "document_unknown"),
        (f"/batches/{batch_no}/waits/result_notice_sent", "wait_unknown"),
        (f"/batches/{batch_no}/certificates/result_notice_sent", "wait_unknown"),
        (f"/evidence/{digest}", "evidence_unknown"),
        (f"/evidence/{digest}/content", "evidence_unknown"),
    ):
        assert (await officer.get(path, params={"reason": "核对"})).status_code == 200, path
        assert_problem(await lab.get(path, params={"reason": "核对"}), 404, code)
    assert not await matters(lab, batch_no)
    await retest_appointed(officer, app, tokens, batch_no)
    async with client_of(app, tokens.header(Role.LAB, lab="LAB-02")) as retesting:
        seen = await all_seen(retesting, batch_no)
        assert {(one["kind"], one["recipient"]) for one in seen.letters} == {
            ("retest_lab_notice", "retest_laboratory")
        }
        assert seen.batch["first_verdict"] is None
        assert [one["party"] for one in seen.batch["parties"] if one["standing"]] == ["seller"]
        assert {one["id"] for one in seen.waits} == {"retest_laboratory_formalities"}
        assert seen.evidence == []
        assert await matters(retesting, batch_no) == ["retest_laboratory_formalities"]
    again = await all_seen(lab, batch_no)
    assert {one["recipient"] for one in again.letters} == {"laboratory"}
    assert window not in {one["id"] for one in again.waits}


async def test_who_takes_anothers_place_does_not_see_what_that_one_was_sent(
    officer: httpx.AsyncClient, app: FastAPI, tokens: Tokens
) -> None:
    """And the one that dropped out sees nothing any more."""
    batch_no = await ordered(officer, laboratory=laboratory("LAB-41"))
    body = step_example(StepName.LABORATORY_REPLACED, laboratory=laboratory("LAB-42"))
    body["laboratory"]["registration"] = None
    answer = await officer.post(f"/batches/{batch_no}/steps/laboratory_replaced", json=body)
    assert answer.status_code == 200, answer.text
    to_both = (await officer.get(f"/batches/{batch_no}/documents")).json()
    assert {one["recipient_name"] for one in to_both} == {"示例检验院 LAB-41", "示例检验院 LAB-42"}
    async with client_of(app, tokens.header(Role.LAB, lab="LAB-42")) as new:
        letters = (await new.get(f"/batches/{batch_no}/documents")).json()
        assert {one["recipient_name"] for one in letters} == {"示例检验院 LAB-42"}
        lines = (await new.get(f"/batches/{batch_no}/timeline")).json()["entries"]
        assert not [one for one in lines if "LAB-41" in one["text"]]
    async with client_of(app, tokens.header(Role.LAB, lab="LAB-41")) as former:
        assert_problem(await former.get(f"/batches/{batch_no}"), 404, "batch_unknown")


async def test_a_trial_and_a_refusal_tell_a_laboratory_its_part(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """What would follow for others, and what is awaited of them, is not told."""
    batch_no = await told(officer, lab)
    path = f"/batches/{batch_no}/steps/{StepName.RECEIVED}"
    refused = await lab.post(path, json=example_body(StepName.RECEIVED, datetime.now(UTC)))
    assert refused.status_code == 409, refused.text
    assert refused.json()["waiting_for"] == []
    fresh = await ordered(officer)
    bought = f"/batches/{fresh}/steps/{StepName.PURCHASED}"
    trial = await lab.post(bought, json=step_example("purchased"), params={"dry_run": "true"})
    assert {one["id"] for one in trial.json()["waiting_for"]} == {"received"}
