"""Plans and schemes over HTTP: submitted whole, approved by another, adjusted with a reason."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from tests.api.builders import Tokens, assert_problem
from tests.api.planning import PLAN, SCHEME, Bureau
from tests.letters.builders import printed


@pytest.fixture
async def bureau(empty_app: FastAPI, tokens: Tokens) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(empty_app, tokens, stack)
        await bureau.registers()
        yield bureau


async def test_a_plan_is_drafted_returned_put_right_and_approved(bureau: Bureau) -> None:
    """With remarks and names on record; approved it has a number and a letter that stays as it is."""
    officer, approver = await bureau.caller(Role.OFFICER), await bureau.caller(Role.APPROVER)
    drafted = await officer.post("/plans", json={"content": PLAN["content"] | {"focus": "待定"}})
    address = drafted.headers["Location"]
    submitted = (await officer.post(f"{address}/submitted")).json()
    assert (submitted["state"], submitted["lacks"], submitted["in_force"]) == ("submitted", [], None)
    locked = await officer.put(address, json=PLAN)
    assert_problem(locked, 409, "under_approval")
    back = (await approver.post(f"{address}/returned", json={"remarks": "重点不明"})).json()
    assert (back["state"], back["remarks"]) == ("returned", "重点不明")
    assert_problem(await officer.post(f"{address}/submitted"), 409, "not_submitted")
    assert (await officer.put(address, json=PLAN)).json()["version"] == 2
    for _ in range(2):
        await officer.post(f"{address}/submitted")
    for _ in range(2):
        approved = (await approver.post(f"{address}/approved")).json()
    assert (approved["state"], approved["in_force"]) == ("approved", 2)
    assert approved["number"].startswith("杭市监网抽计〔")
    first, second = reversed(approved["versions"])
    assert (first["approval"]["remarks"], first["letter"]) == ("重点不明", None)
    assert second["approval"]["decided_by"]["sub"] == "approver-01"
    letter = await officer.get(second["letter"])
    assert letter.headers["content-type"] == "application/pdf"
    assert letter.content == (await approver.get(second["letter"])).content
    said = printed(letter.content)
    for words in (approved["number"], "抽检计划", "儿童用品投诉举报集中", "500,000.00元", "安全性能指标"):
        assert words in said


async def test_an_incomplete_scheme_says_what_is_missing(bureau: Bureau) -> None:
    """It can be saved and is not submitted; each lack by its name."""
    officer = await bureau.caller(Role.OFFICER)
    content = {"title": "半份方案", "items": [{"name": "标志", "standard": "GB 1"}]}
    body = {"plan_id": await bureau.plan(), "content": content}
    address = (await officer.post("/schemes", json=body)).headers["Location"]
    problem = assert_problem(await officer.post(f"{address}/submitted"), 409, "planning_incomplete")
    for missing in ("买样人", "承检机构", "检验项目“标志”的标准要求", "费用预算", "第三方交易平台"):
        assert missing in problem["missing"]
    assert (await officer.get(address)).json()["lacks"] == problem["missing"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"budget": "500000.01"}, "超出0.01元"),
        ({"laboratories": ["LAB-01", "LAB-99"]}, "承检机构LAB-99的登记"),
        ({"platforms": ["PT-99"]}, "第三方交易平台PT-99的登记"),
    ],
)
async def test_a_scheme_rests_on_plan_and_registers(
    bureau: Bureau, changes: dict[str, Any], said: str
) -> None:
    """Within the plan's budget; with laboratories and platforms that are in the registers."""
    officer = await bureau.caller(Role.OFFICER)
    body = {"plan_id": await bureau.plan(), "content": SCHEME["content"] | changes}
    address = (await officer.post("/schemes", json=body)).headers["Location"]
    problem = assert_problem(await officer.post(f"{address}/submitted"), 409, "planning_incomplete")
    assert said in problem["detail"]


async def test_a_scheme_waits_for_its_plan(bureau: Bureau) -> None:
    """A draft may be written under a plan that is not approved; it is not submitted under it."""
    officer = await bureau.caller(Role.OFFICER)
    plan_id = (await officer.post("/plans", json=PLAN)).json()["id"]
    body = SCHEME | {"plan_id": plan_id}
    address = (await officer.post("/schemes", json=body)).headers["Location"]
    problem = assert_problem(await officer.post(f"{address}/submitted"), 409, "planning_incomplete")
    assert "所属抽检计划的批准" in problem["detail"]
    assert_problem(await officer.post("/schemes", json=SCHEME | {"plan_id": "无"}), 404, "planned_unknown")


async def test_nobody_approves_what_he_drafted(bureau: Bureau) -> None:
    """In whatever role, submitted by whomever; another approver does."""
    drafter, other = await bureau.caller(Role.SUPERVISOR, "wang"), await bureau.caller(Role.OFFICER, "li")
    address = (await drafter.post("/plans", json=PLAN)).headers["Location"]
    await other.post(f"{address}/submitted")
    for sub in ("wang", "li"):
        himself = await bureau.caller(Role.APPROVER, sub)
        assert_problem(await himself.post(f"{address}/approved"), 403, "planned_same_person")
        refused = await himself.post(f"{address}/returned", json={"remarks": "自己退回"})
        assert_problem(refused, 403, "planned_same_person")
    assert (await (await bureau.caller(Role.APPROVER)).post(f"{address}/approved")).status_code == 200


@pytest.mark.parametrize(
    ("role", "act", "status"),
    [
        (Role.SUPERVISOR, "approved", 403),
        (Role.OFFICER, "approved", 403),
        (Role.SUPERVISOR, "returned", 403),
        (Role.LAB, "submitted", 403),
        (Role.APPROVER, "submitted", 403),
    ],
)
async def test_who_may_do_what(bureau: Bureau, role: Role, act: str, status: int) -> None:
    """Officers and supervisors draft; the approver decides."""
    officer = await bureau.caller(Role.OFFICER)
    address = (await officer.post("/plans", json=PLAN)).headers["Location"]
    await officer.post(f"{address}/submitted")
    body = {"remarks": "意见"} if act == "returned" else None
    answer = await (await bureau.caller(role)).post(f"{address}/{act}", json=body)
    assert answer.status_code == status, answer.text


async def test_an_approved_plan_is_adjusted_as_a_new_version(bureau: Bureau) -> None:
    """With a reason; the first stays in force until the second is approved, and its letter stays readable."""
    officer, approver = await bureau.caller(Role.OFFICER), await bureau.caller(Role.APPROVER)
    address = f"/plans/{await bureau.plan()}"
    changed = {"content": PLAN["content"] | {"budget": "600000.00"}}
    assert_problem(await officer.put(address, json=changed), 422, "reason_missing")
    saved = (await officer.put(address, json=changed | {"reason": "追加预算"})).json()
    assert (saved["state"], saved["version"], saved["in_force"]) == ("draft", 2, 1)
    assert (await officer.get(address, params={"version": 1})).json()["content"]["budget"] == "500000.00"
    await officer.post(f"{address}/submitted")
    approved = (await approver.post(f"{address}/approved")).json()
    assert (approved["in_force"], approved["versions"][0]["reason"]) == (2, "追加预算")
    second, first = [printed((await officer.get(one["letter"])).content) for one in approved["versions"]]
    assert "本文书取代" in second
    assert "追加预算" in second
    assert "500,000.00元" in first


async def test_twice_is_the_same_as_once(bureau: Bureau) -> None:
    """The same key is the same draft, the same draft is not saved again, ten approvals make one number."""
    officer, approver = await bureau.caller(Role.OFFICER), await bureau.caller(Role.APPROVER)
    key = {"Idempotency-Key": str(uuid4())}
    ids = {(await officer.post("/plans", json=PLAN, headers=key)).json()["id"] for _ in range(3)}
    (plan_id,) = ids
    other = PLAN | {"content": PLAN["content"] | {"title": "另一计划"}}
    assert_problem(await officer.post("/plans", json=other, headers=key), 409, "key_reused")
    assert (await officer.put(f"/plans/{plan_id}", json=PLAN)).json()["version"] == 1
    await officer.post(f"/plans/{plan_id}/submitted")
    answers = await asyncio.gather(*(approver.post(f"/plans/{plan_id}/approved") for _ in range(5)))
    assert {(one.status_code, one.json()["number"]) for one in answers} == {
        (200, answers[0].json()["number"])
    }


async def test_what_has_ended_is_listed_apart(bureau: Bureau) -> None:
    """It is found all the same, by a piece of its title."""
    officer, supervisor = await bureau.caller(Role.OFFICER), await bureau.caller(Role.SUPERVISOR)
    scheme_id = await bureau.scheme()
    ended = await supervisor.post(f"/schemes/{scheme_id}/ended", json={"reason": "任务完成"})
    assert (ended.json()["state"], ended.json()["end_reason"]) == ("ended", "任务完成")
    draft = {"content": SCHEME["content"], "reason": "再改"}
    assert_problem(await officer.put(f"/schemes/{scheme_id}", json=draft), 409, "planned_ended")
    for in_force, expected in (("true", []), ("false", [scheme_id])):
        listed = await officer.get("/schemes", params={"q": "保温杯", "in_force": in_force})
        assert [one["id"] for one in listed.json()["items"]] == expected


async def test_what_no_font_can_print_is_not_submitted(bureau: Bureau) -> None:
    """The letter is tried before anybody decides on it."""
    officer = await bureau.caller(Role.OFFICER)
    content = PLAN["content"] | {"focus": "\U0001f9ea"}
    address = (await officer.post("/plans", json={"content": content})).headers["Location"]
    assert (
        "U+1F9EA"
        in assert_problem(await officer.post(f"{address}/submitted"), 409, "letter_faulty")["detail"]
    )
