"""An order that names scheme and laboratory: frozen whole, refused in words, the last sample given once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from copy import deepcopy
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.named_order import NamedOrder
from tests.api.builders import Tokens, assert_problem, order_example
from tests.api.planning import LABORATORY, PLATFORM, SCHEME, SELLER, Bureau

ORDER: dict[str, Any] = NamedOrder.model_json_schema()["example"]


@pytest.fixture
async def bureau(empty_app: FastAPI, tokens: Tokens) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(empty_app, tokens, stack)
        await bureau.registers()
        yield bureau


def named(scheme_id: str, **changes: Any) -> dict[str, Any]:
    """Of goods that nobody has sampled this year."""
    goods = ORDER["goods"] | {"spec_model": uuid4().hex}
    return {**ORDER, "scheme_id": scheme_id, "goods": goods} | changes


async def opening(engine: AsyncEngine, batch_no: str) -> dict[str, Any]:
    async with engine.connect() as connection:
        found = await connection.execute(
            text("select opening from batches where batch_no = :batch_no"), {"batch_no": batch_no}
        )
        whole: dict[str, Any] = found.scalar_one()
        return whole


async def refused(bureau: Bureau, body: dict[str, Any], code: str) -> str:
    answer = await (await bureau.caller(Role.OFFICER)).post("/batches", json=body)
    detail: str = assert_problem(answer, 409, code)["detail"]
    return detail


async def test_what_a_batch_needs_is_frozen_into_it(bureau: Bureau, engine: AsyncEngine) -> None:
    """Scheme, laboratory, contract, seller with both addresses, platform; and what it was ordered under."""
    officer = await bureau.caller(Role.OFFICER)
    scheme_id = await bureau.scheme()
    answer = await officer.post("/batches", json=named(scheme_id))
    assert answer.status_code == 201, answer.text
    whole = await opening(engine, answer.json()["batch_no"])
    order = whole["order"]
    assert order["scheme"]["reference"].startswith("杭市监网抽方〔")
    assert order["scheme"]["items"] == ["耐热冲击", "标志"]
    assert order["scheme"]["standards"] == ["GB/T 29606-2013"]
    assert order["scheme"]["platforms"] == ["示例电商平台"]
    assert (order["laboratory"]["contract_no"], order["laboratory"]["contract_days"]) == ("JYHT-2026-01", 20)
    assert order["seller"]["name"] == SELLER["entry"]["name"]
    assert order["seller"]["url"] == "https://shop.example.com/s/1"
    assert order["platform"]["seller_address"] == "浙江省杭州市余杭区示例仓库3号"
    assert whole["regulation"]["planning"] is None
    assert whole["under"] == {
        "scheme_id": scheme_id,
        "scheme_version": 1,
        "kind": "儿童保温杯",
        "cost": "2900.00",
        "laboratory": "LAB-01",
        "seller": "J1",
        "platform": "PT-01",
        "producer": None,
        "commission": None,
        "bureau": None,
        "draw_id": None,
        "candidate": None,
    }


async def test_the_batch_stands_alone_when_registers_go_on(bureau: Bureau, engine: AsyncEngine) -> None:
    """The same key gives the same batch, though the laboratory's contract has ended since."""
    officer, supervisor = await bureau.caller(Role.OFFICER), await bureau.caller(Role.SUPERVISOR)
    body, key = named(await bureau.scheme()), {"Idempotency-Key": str(uuid4())}
    first = (await officer.post("/batches", json=body, headers=key)).json()
    ended = LABORATORY | {"holds_from": "2026-02-01", "ended": True, "reason": "合同解除"}
    assert (await supervisor.put("/laboratories/LAB-01", json=ended)).status_code == 200
    again = await officer.post("/batches", json=body, headers=key)
    assert (again.status_code, again.json()) == (201, first)
    other = await officer.post("/batches", json=body | {"kind": "emergency"}, headers=key)
    assert_problem(other, 409, "key_reused")
    assert (await opening(engine, first["batch_no"]))["order"]["laboratory"]["name"] == "浙江省示例检验院"
    assert "LAB-01" in await refused(bureau, named(body["scheme_id"]), "entry_not_held")


async def test_of_two_for_the_last_sample_one_gets_it(bureau: Bureau) -> None:
    """Ten at once for three places: three numbers, seven refusals in words."""
    officer = await bureau.caller(Role.OFFICER)
    scheme_id = await bureau.scheme(product_kinds=[{"kind": "儿童保温杯", "batches": 3}])
    answers = await asyncio.gather(*(officer.post("/batches", json=named(scheme_id)) for _ in range(10)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 3 + [409] * 7
    problem = assert_problem(next(a for a in answers if a.status_code == 409), 409, "quantity_used_up")
    assert "共3批次，已下达3批次" in problem["detail"]


async def test_of_two_for_the_last_money_one_gets_it(bureau: Bureau) -> None:
    """A batch costs 2,900 yuan here; 5,800 are two."""
    officer = await bureau.caller(Role.OFFICER)
    scheme_id = await bureau.scheme(budget="5800.00")
    answers = await asyncio.gather(*(officer.post("/batches", json=named(scheme_id)) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    assert "剩余0.00元" in await refused(bureau, named(scheme_id), "budget_used_up")


async def test_an_adjustment_gives_room_and_never_takes_what_is_ordered(bureau: Bureau) -> None:
    """The version in force counts; fewer than were ordered cannot be approved."""
    officer, approver = await bureau.caller(Role.OFFICER), await bureau.caller(Role.APPROVER)
    scheme_id = await bureau.scheme(product_kinds=[{"kind": "儿童保温杯", "batches": 1}])
    address = f"/schemes/{scheme_id}"
    assert (await officer.post("/batches", json=named(scheme_id))).status_code == 201
    await refused(bureau, named(scheme_id), "quantity_used_up")
    for kind, batches, said in (("玩具", 5, "已下达1批次"), ("儿童 保温杯", 2, "")):
        kinds = {"product_kinds": [{"kind": kind, "batches": batches}]}
        draft = {"content": SCHEME["content"] | kinds, "reason": "调整数量"}
        assert (await officer.put(address, json=draft)).status_code == 200
        submitted = await officer.post(f"{address}/submitted")
        if said:
            assert said in assert_problem(submitted, 409, "planning_incomplete")["detail"]
    assert (await approver.post(f"{address}/approved")).status_code == 200
    assert (await officer.post("/batches", json=named(scheme_id))).status_code == 201
    await refused(bureau, named(scheme_id), "quantity_used_up")


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"laboratory": "LAB-99"}, "entry_not_held", "承检机构 LAB-99"),
        ({"laboratory": "LAB-02"}, "laboratory_not_in_scheme", "LAB-02"),
        ({"platform": "PT-02"}, "platform_not_in_scheme", "另一平台"),
        ({"platform": None}, "shop_missing", "没有登记"),
        ({"product_kind": "家具"}, "product_kind_not_in_scheme", "儿童保温杯"),
        ({"consumer_complaint_case": True}, "complaint_case", "投诉"),
        ({"kind": "emergency"}, "emergency_ground_missing", "应急"),
        ({"kind": "emergency", "emergency_ground": "other"}, "emergency_ground_unsaid", "须写明是何种情形"),
        ({"seller_code": "J2", "shop": "https://x.example.com"}, "named_order_incomplete", "住所"),
    ],
    ids=str,
)
async def test_what_is_not_borne_is_refused_in_words(
    bureau: Bureau, changes: dict[str, Any], code: str, said: str
) -> None:
    """By scheme, register or regulation; nothing is taken of the scheme."""
    supervisor = await bureau.caller(Role.SUPERVISOR)
    for address, change, entry in (
        ("/laboratories/LAB-02", LABORATORY, {"name": "另一检验院", "registration": None}),
        ("/platforms/PT-02", PLATFORM, {"name": "另一平台", "registration": None}),
        ("/businesses/J2", SELLER, {"name": "无址商行", "registration": "无", "place": None}),
    ):
        answer = await supervisor.put(address, json=change | {"entry": change["entry"] | entry})
        assert answer.status_code == 200, answer.text
    assert said in await refused(bureau, named(await bureau.scheme(), **changes), code)


@pytest.mark.parametrize(
    ("path", "to", "code"),
    [
        (("qualifications", 0, "valid_until"), "2026-03-01", "qualification_expired"),
        (("qualifications", 0, "standard"), "GB 2-2020", "laboratory_not_qualified"),
        (("contracts", 0, "holds_to"), "2026-03-01", "laboratory_out_of_contract"),
        (("contracts", 0, "prices", 0, "item"), "别的", "price_missing"),
    ],
    ids=["expired", "another standard", "out of contract", "no price"],
)
async def test_a_laboratory_is_judged_by_the_register_of_the_day(
    bureau: Bureau, path: tuple[str | int, ...], to: str, code: str
) -> None:
    """The register as it holds today, not as it was when the scheme was approved."""
    scheme_id = await bureau.scheme()
    await _put_laboratory(await bureau.caller(Role.SUPERVISOR), path, to)
    await refused(bureau, named(scheme_id), code)


async def _put_laboratory(supervisor: httpx.AsyncClient, path: tuple[str | int, ...], to: str) -> None:
    change = deepcopy(LABORATORY)
    entry: Any = change["entry"]
    *parents, last = path
    for parent in parents:
        entry = entry[parent]
    entry[last] = to
    answer = await supervisor.put("/laboratories/LAB-01", json=change | {"reason": "更新"})
    assert answer.status_code == 200, answer.text


async def test_a_scheme_is_in_force_or_nothing_is_ordered(bureau: Bureau) -> None:
    """A draft, one that has ended, one that nobody knows."""
    officer, supervisor = await bureau.caller(Role.OFFICER), await bureau.caller(Role.SUPERVISOR)
    body = SCHEME | {"plan_id": await bureau.plan()}
    draft = (await officer.post("/schemes", json=body)).json()["id"]
    await refused(bureau, named(draft), "scheme_not_approved")
    scheme_id = await bureau.scheme(body["plan_id"])
    await supervisor.post(f"/schemes/{scheme_id}/ended", json={"reason": "任务完成"})
    await refused(bureau, named(scheme_id), "scheme_ended")
    unknown = await officer.post("/batches", json=named("FA2000-0001"))
    assert_problem(unknown, 404, "planned_unknown")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"seller_code": None}, ""),
        ({"goods": {"name": "杯"}}, "/goods/trademark"),
        ({"laboratory": "有空 格"}, "/laboratory"),
    ],
)
async def test_what_cannot_be_read_is_pointed_at(
    bureau: Bureau, changes: dict[str, Any], pointer: str
) -> None:
    """As of what was sent; so it is for the order that says everything itself."""
    officer = await bureau.caller(Role.OFFICER)
    problem = assert_problem(await officer.post("/batches", json={**ORDER, **changes}), 422, "invalid")
    assert problem["errors"][0]["pointer"] == pointer
    whole = order_example()
    whole["goods"].pop("name")
    problem = assert_problem(await officer.post("/batches", json=whole), 422, "invalid")
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["field"]) == (
        "/goods/name",
        "商品 › 商品名称",
    )
