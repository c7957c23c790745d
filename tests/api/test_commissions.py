"""Commissions: drafted, approved, numbered as letters, ended or replaced; what is ordered under them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.named_order import NamedOrder
from settings import Settings
from tests.api.builders import Tokens, assert_problem, order_example, running
from tests.api.planning import COMMISSION, Bureau
from tests.letters.builders import printed

ORDER: dict[str, Any] = NamedOrder.model_json_schema()["example"]
CONTENT = COMMISSION["content"]
TWO = [{"kind": "儿童保温杯", "batches": 2}]


@pytest.fixture
async def bureau(
    settings: Settings, engine: AsyncEngine, database_url: str, tokens: Tokens
) -> AsyncIterator[Bureau]:
    """On a database of its own, empty; Temporal is away: batches are opened, and start later."""
    assert engine
    away = {"database_url": database_url, "temporal_address": "127.0.0.1:9"}
    async with AsyncExitStack() as stack:
        application: FastAPI = await stack.enter_async_context(running(settings.model_copy(update=away)))
        bureau = Bureau(application, tokens, stack)
        await bureau.registers()
        yield bureau


def under(scheme_id: str, commission_id: str, **changes: Any) -> dict[str, Any]:
    """Of goods that nobody has sampled this year."""
    goods = ORDER["goods"] | {"spec_model": uuid4().hex}
    return {**ORDER, "scheme_id": scheme_id, "commission_id": commission_id, "goods": goods} | changes


async def refused(bureau: Bureau, body: dict[str, Any], code: str) -> str:
    answer = await (await bureau.caller(Role.OFFICER)).post("/batches", json=body)
    detail: str = assert_problem(answer, 409, code)["detail"]
    return detail


async def drafted(bureau: Bureau, scheme_id: str, **changes: Any) -> str:
    body = {"scheme_id": scheme_id, "content": CONTENT | changes}
    answer = await (await bureau.caller(Role.OFFICER)).post("/commissions", json=body)
    assert answer.status_code == 201, answer.text
    address: str = answer.headers["Location"]
    return address


async def test_a_commission_is_approved_by_another_and_is_a_letter_that_stays(bureau: Bureau) -> None:
    """Returned with remarks and put right before; approved it has a number, and is written to the bureau."""
    officer, approver = await bureau.caller(Role.OFFICER), await bureau.caller(Role.APPROVER)
    address = await drafted(bureau, await bureau.scheme(), work="待定")
    assert address == "/commissions/WT2026-0001"
    await officer.post(f"{address}/submitted")
    back = (await approver.post(f"{address}/returned", json={"remarks": "工作内容不明"})).json()
    assert (back["state"], back["remarks"]) == ("returned", "工作内容不明")
    await officer.put(address, json={"content": CONTENT})
    await officer.post(f"{address}/submitted")
    assert_problem(await officer.post(f"{address}/approved"), 403, "role_not_allowed")
    approved = (await approver.post(f"{address}/approved")).json()
    assert (approved["state"], approved["number"]) == ("approved", "杭市监网抽托〔2026〕1号")
    letters = [await officer.get(approved["versions"][0]["letter"]) for _ in range(2)]
    assert letters[0].content == letters[1].content
    assert letters[0].headers["etag"] == letters[1].headers["etag"]
    said = printed(letters[0].content).replace(" ", "").replace("\n", "")
    for words in (
        "杭州市西湖区市场监督管理局：",
        "一事一委托",
        "西湖区儿童保温杯网络抽检",
        "杭市监网抽方〔2026〕1号",
        "GB/T29606-2013",
        "至2026年12月31日（含当日）",
    ):
        assert words in said, words


async def test_an_approved_commission_is_never_edited_but_ended_or_replaced(bureau: Bureau) -> None:
    """With a reason each; the letter of the one in its place names the number that it replaces."""
    officer, approver = await bureau.caller(Role.OFFICER), await bureau.caller(Role.APPROVER)
    scheme_id = await bureau.scheme()
    first = await bureau.commission(scheme_id)
    change = {"content": CONTENT | {"contact": "另一人"}, "reason": "换人"}
    assert_problem(await officer.put(f"/commissions/{first}", json=change), 409, "commission_settled")
    body = {"scheme_id": scheme_id, "content": CONTENT | {"product_kinds": TWO}, "replaces": first}
    assert_problem(await officer.post("/commissions", json=body), 422, "invalid")
    new = (await officer.post("/commissions", json=body | {"reason": "批次数量调减"})).json()["id"]
    assert (await officer.get(f"/commissions/{first}")).json()["ended_on"] is None
    await officer.post(f"/commissions/{new}/submitted")
    approved = (await approver.post(f"/commissions/{new}/approved")).json()
    assert approved["replaces"] == first
    ended = (await officer.get(f"/commissions/{first}")).json()
    assert (ended["state"], ended["end_reason"]) == ("ended", f"由 {new} 替换：批次数量调减")
    said = printed((await officer.get(approved["versions"][0]["letter"])).content).replace("\n", "")
    assert "取代杭市监网抽托〔2026〕1号" in said.replace(" ", "")
    assert "已于" in await refused(bureau, under(scheme_id, first), "commission_ended")
    gone = await approver.post(f"/commissions/{new}/ended", json={"reason": "任务完成"})
    assert gone.json()["end_reason"] == "任务完成"
    assert [one["state"] for one in (await officer.get("/commissions")).json()["items"]] == ["ended"] * 2


async def test_what_a_commission_lacks_is_told(bureau: Bureau) -> None:
    """Its elements; what its scheme does not have; a day that has passed; whom it cannot be given to."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    many = [{"kind": "儿童保温杯", "batches": 21}, {"kind": "电热毯", "batches": 1}]
    address = await drafted(
        bureau, scheme_id, work=None, until="2020-01-01", product_kinds=many, contact=None
    )
    lacks = "；".join((await officer.get(address)).json()["lacks"])
    for words in ("工作内容", "联系方式", "2020年1月1日", "只有20批次", "“电热毯”不在抽检实施方案之中"):
        assert words in lacks, words
    missing = assert_problem(await officer.post(f"{address}/submitted"), 409, "planning_incomplete")
    assert missing["missing"]
    for changes, words in (
        ({"code": "QX-99"}, "QX-99"),
        ({"to": "laboratory", "code": "LAB-99"}, "LAB-99"),
    ):
        unfit = await drafted(bureau, scheme_id, **changes)
        told = assert_problem(await officer.post(f"{unfit}/submitted"), 409, "planning_incomplete")
        assert words in told["detail"]
    elsewhere = {"scheme_id": "FA2026-0099", "content": CONTENT}
    assert_problem(await officer.post("/commissions", json=elsewhere), 404, "planned_unknown")


async def test_a_laboratory_is_commissioned_with_what_its_scheme_tests(bureau: Bureau) -> None:
    """Under its contract, whose number the letter says; but no bureau carries a batch out under it."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    given = await bureau.commission(scheme_id, to="laboratory", code="LAB-01", title="儿童保温杯委托检验")
    one = (await officer.get(f"/commissions/{given}")).json()
    said = printed((await officer.get(one["versions"][0]["letter"])).content)
    for words in ("浙江省示例检验院：", "JYHT-2026-01", "耐热冲击"):
        assert words in said.replace(" ", ""), words
    assert "检验机构" in await refused(bureau, under(scheme_id, given), "commission_not_to_bureau")


async def test_numbers_of_commissions_have_no_gaps(bureau: Bureau) -> None:
    """Approved at once, or refused in between: each next number follows."""
    officer, approver = await bureau.caller(Role.OFFICER), await bureau.caller(Role.APPROVER)
    scheme_id = await bureau.scheme()
    addresses = [await drafted(bureau, scheme_id, title=f"第{number}事") for number in range(4)]
    for address in addresses:
        assert (await officer.post(f"{address}/submitted")).status_code == 200
    await approver.post(f"{addresses[1]}/returned", json={"remarks": "不办"})
    await asyncio.gather(*(approver.post(f"{address}/approved") for address in addresses))
    found = (await officer.get("/commissions", params={"in_force": True})).json()["items"]
    assert sorted(one["number"] for one in found) == [
        f"杭市监网抽托〔2026〕{number}号" for number in (1, 2, 3)
    ]


async def test_the_batch_carries_the_commission_whole(bureau: Bureau, engine: AsyncEngine) -> None:
    """Number, matter and bureau as words; ids and code beside, for counting."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    given = await bureau.commission(scheme_id)
    answer = await officer.post("/batches", json=under(scheme_id, given))
    assert answer.status_code == 201, answer.text
    async with engine.connect() as connection:
        opening = (await connection.execute(text("select opening from batches"))).scalar_one()
    assert opening["order"]["commission"] == {
        "bureau": "杭州市西湖区市场监督管理局",
        "commission_no": "杭市监网抽托〔2026〕1号",
        "matter": "西湖区儿童保温杯网络抽检",
    }
    assert (opening["under"]["commission"], opening["under"]["bureau"]) == (given, "QX-03")


async def test_the_batch_tells_who_carries_it_out(bureau: Bureau) -> None:
    """By the commission that the order names, or in the order's own words; where nobody else does, nobody."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    given = await bureau.commission(scheme_id)
    names = ("name", "code", "commission_no", "commission_id", "matter")
    matter, number = "西湖区儿童保温杯网络抽检", "杭市监网抽托〔2026〕1号"
    in_words = {
        "bureau": "杭州市滨江区市场监督管理局",
        "commission_no": "杭市监委〔2026〕9号",
        "matter": "专项",
    }
    for order, expected in (
        (under(scheme_id, given), ("杭州市西湖区市场监督管理局", "QX-03", number, given, matter)),
        (order_example(commission=in_words), (in_words["bureau"], None, "杭市监委〔2026〕9号", None, "专项")),
        (order_example(), None),
    ):
        answer = await officer.post("/batches", json=order)
        assert answer.status_code == 201, answer.text
        told = (await officer.get(answer.headers["location"])).json()["executing_bureau"]
        assert told == (expected and dict(zip(names, expected, strict=True)))


async def test_an_order_is_refused_in_words_where_the_commission_does_not_bear_it(bureau: Bureau) -> None:
    """Not there, not approved, of another scheme, of other goods, used up; both ways at once."""
    officer, plan_id = await bureau.caller(Role.OFFICER), await bureau.plan()
    kinds = [{"kind": "儿童保温杯", "batches": 5}, {"kind": "保温壶", "batches": 5}]
    scheme_id, other = [
        await bureau.scheme(plan_id, product_kinds=kinds, budget="30000.00") for _ in range(2)
    ]
    one = {"kind": "儿童保温杯", "batches": 1}
    given = await bureau.commission(scheme_id, product_kinds=[one])
    draft = (await drafted(bureau, scheme_id)).rsplit("/", 1)[1]
    cup = {"product_kind": "儿童保温杯"}
    unknown = await officer.post("/batches", json=under(scheme_id, "WT2026-0099", **cup))
    assert_problem(unknown, 404, "planned_unknown")
    assert "尚未批准" in await refused(bureau, under(scheme_id, draft, **cup), "commission_not_approved")
    assert other in await refused(bureau, under(other, given, **cup), "commission_of_other_scheme")
    pot = under(scheme_id, given, product_kind="保温壶")
    assert "儿童保温杯" in await refused(bureau, pot, "product_kind_not_commissioned")
    assert (await officer.post("/batches", json=under(scheme_id, given, **cup))).status_code == 201
    assert "没有剩余" in await refused(bureau, under(scheme_id, given, **cup), "commission_used_up")
    twice = {"bureau": "杭州市西湖区市场监督管理局", "commission_no": "1", "matter": "一事"}
    both = await officer.post("/batches", json=under(scheme_id, given, commission=twice, **cup))
    assert_problem(both, 422, "invalid")


async def test_of_two_who_order_the_last_under_a_commission_one_gets_it(bureau: Bureau) -> None:
    """Eight at once for two places, under a scheme that has more."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    given = await bureau.commission(scheme_id, product_kinds=TWO)
    bodies = [under(scheme_id, given) for _ in range(8)]
    answers = await asyncio.gather(*(officer.post("/batches", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 6
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"commission_used_up"}


async def test_a_list_of_orders_names_commissions(bureau: Bureau) -> None:
    """Its template offers those of the scheme; a trial counts what the rows before would take."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    given = await bureau.commission(scheme_id, product_kinds=TWO)
    template = await officer.get(f"/schemes/{scheme_id}/orders.xlsx")
    assert template.status_code == 200
    row = {
        "承检机构": "LAB-01",
        "平台": "PT-01",
        "经营者": "J1",
        "商品名称": "儿童保温杯",
        "商标": "示例牌",
        "商品链接": "https://shop.example.com/i/1001",
        "抽检方式": "常规抽检",
        "委托编号": f"{given} 西湖区儿童保温杯网络抽检",
    }
    rows = [row | {"规格型号": f"SL-{number}"} for number in range(3)]
    for query, status in (({"dry_run": True}, "ordered"), ({}, "ordered"), ({}, "ordered_before")):
        answer = await officer.post(f"/schemes/{scheme_id}/orders", json={"rows": rows}, params=query)
        said = [(one["status"], one["code"]) for one in answer.json()["rows"]]
        assert said == [(status, None)] * 2 + [("refused", "commission_used_up")]


async def test_nobody_decides_on_a_draft_that_he_has_not_read(bureau: Bureau) -> None:
    """The leader has the first before him; it was returned and written anew meanwhile."""
    officer, approver = await bureau.caller(Role.OFFICER), await bureau.caller(Role.APPROVER)
    address = await drafted(bureau, await bureau.scheme())
    await officer.post(f"{address}/submitted", params={"version": 1})
    await approver.post(f"{address}/returned", json={"remarks": "数量过多"}, params={"version": 1})
    fewer = {"content": CONTENT | {"product_kinds": TWO}}
    assert (await officer.put(address, json=fewer, params={"version": 1})).status_code == 200
    other = {"content": CONTENT | {"contact": "另一人"}}
    assert_problem(await officer.put(address, json=other, params={"version": 1}), 409, "draft_replaced")
    seen = {"version": 1}
    assert_problem(await officer.post(f"{address}/submitted", params=seen), 409, "draft_replaced")
    await officer.post(f"{address}/submitted", params={"version": 2})
    waiting = (await approver.get("/commissions", params={"submitted": True})).json()["items"]
    assert [one["id"] for one in waiting] == [address.rpartition("/")[2]]
    assert_problem(await approver.post(f"{address}/approved", params=seen), 409, "draft_replaced")
    back = await approver.post(f"{address}/returned", params=seen, json={"remarks": "仍然过多"})
    assert "所看到的是第1稿" in assert_problem(back, 409, "draft_replaced")["detail"]
    assert (await approver.post(f"{address}/approved", params={"version": 2})).status_code == 200
    assert (await approver.get("/commissions", params={"submitted": True})).json()["items"] == []


async def test_commissions_share_what_their_scheme_has(bureau: Bureau) -> None:
    """Twenty batches: of two bureaus each gets ten, a third none; one to a laboratory takes nothing away."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    ten = [{"kind": "儿童保温杯", "batches": 10}]
    await bureau.commission(scheme_id, product_kinds=ten)
    eleven = await drafted(bureau, scheme_id, product_kinds=[{"kind": "儿童 保温杯", "batches": 11}])
    told = assert_problem(await officer.post(f"{eleven}/submitted"), 409, "planning_incomplete")
    assert "只余10批次" in told["detail"]
    second = await bureau.commission(scheme_id, product_kinds=ten)
    await bureau.commission(scheme_id, to="laboratory", code="LAB-01")
    third = await drafted(bureau, scheme_id, product_kinds=TWO)
    assert_problem(await officer.post(f"{third}/submitted"), 409, "planning_incomplete")
    anew = {"scheme_id": scheme_id, "replaces": second, "reason": "更正", "content": CONTENT}
    body = anew | {"content": CONTENT | {"product_kinds": ten}}
    order = {**under(scheme_id, second), "product_kind": "儿童保温杯"}
    assert (await officer.post("/batches", json=order)).status_code == 201
    new = (await officer.post("/commissions", json=body)).json()["id"]
    told = assert_problem(await officer.post(f"/commissions/{new}/submitted"), 409, "planning_incomplete")
    assert "只余9批次" in told["detail"], "one of the ten that it replaces is ordered"


async def test_what_is_taken_along_is_what_the_list_shows(bureau: Bureau) -> None:
    """Under a scheme, under a commission: the sheet has the batches of the page, and no others."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    given = await bureau.commission(scheme_id)
    ordered = {
        None: await officer.post("/batches", json=under(scheme_id, given) | {"commission_id": None}),
        given: await officer.post("/batches", json=under(scheme_id, given)),
    }
    numbers = {of: answer.json()["batch_no"] for of, answer in ordered.items()}
    assert (await officer.get(f"/commissions/{given}")).json()["lacks"] == []
    for asked, expected in (
        ({"scheme_id": scheme_id}, {*numbers.values()}),
        ({"commission_id": given}, {numbers[given]}),
        ({"scheme_id": "FA2000-0001"}, set()),
    ):
        listed = (await officer.get("/batches", params=asked)).json()["items"]
        sheet = (await officer.get("/exports/batches.csv", params=asked)).text.splitlines()[1:]
        assert {one["batch_no"] for one in listed} == expected
        assert {line.partition(",")[0] for line in sheet} == expected
