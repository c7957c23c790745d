"""Orders in bulk: an answer for each row, the same list never twice."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from lists import writing
from messages.registers import BusinessChange
from tests.api.builders import Tokens, assert_problem
from tests.api.planning import Bureau

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = dict[str, str | None]


@pytest.fixture
async def bureau(empty_app: FastAPI, tokens: Tokens) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(empty_app, tokens, stack)
        await bureau.registers()
        yield bureau


def row(**changes: str | None) -> Row:
    """Of goods that nobody has sampled this year."""
    return {
        "承检机构": "LAB-01",
        "平台": "PT-01 示例电商平台",
        "经营者": "J1",
        "标称生产者名称": "浙江示例制造有限公司",
        "商品名称": "儿童保温杯",
        "商标": "示例牌",
        "规格型号": uuid4().hex,
        "商品链接": "https://shop.example.com/i/1001",
        "抽检方式": "常规抽检",
    } | changes


async def put_in(
    caller: httpx.AsyncClient, scheme_id: str, rows: list[Row], *, dry_run: bool = False
) -> list[dict[str, Any]]:
    answer = await caller.post(
        f"/schemes/{scheme_id}/orders", json={"rows": rows}, params={"dry_run": dry_run}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["dry_run"] is dry_run
    told: list[dict[str, Any]] = answer.json()["rows"]
    assert len(told) == len(rows)
    return told


def states(told: list[dict[str, Any]]) -> list[str]:
    return [one["code"] or one["status"] for one in told]


async def started(engine: AsyncEngine, many: int) -> bool:
    """Whether the workflows of so many batches run, within half a minute."""
    of_these = text("select count(*) from batches where started_at is not null")
    for _ in range(300):
        async with engine.connect() as connection:
            if (await connection.execute(of_these)).scalar_one() == many:
                return True
        await asyncio.sleep(0.1)
    return False


async def count(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text("select count(*) from batches"))).scalar_one())


async def test_every_row_is_answered_and_all_good_ones_go_in(bureau: Bureau, engine: AsyncEngine) -> None:
    """Half, wrong, not borne and twice: each is told why, and none spoils another."""
    officer, twice = await bureau.caller(Role.OFFICER), uuid4().hex
    rows = [
        row(规格型号=twice),
        row(商品链接=None),
        row(承检机构="LAB-99"),
        row(规格型号=twice, 商品名称="另一名称"),
        row(规格型号="不详"),
        row(抽检方式="随便"),
        row(抽检方式="应急抽检"),
        row(抽检方式="应急抽检", 应急抽检情形="突发商品安全事件"),
        row(抽检方式="应急抽检", 应急抽检情形="其他需要开展应急抽检的情形"),
        row(抽检方式="应急抽检", 应急抽检情形="其他需要开展应急抽检的情形", 其他应急情形的说明="专项整治"),
        row(处室负责人同意重复抽检的理由="跨季"),
        row(受委托的下级局="西湖区局"),
    ]
    scheme_id = await bureau.scheme()
    expected = [
        *("ordered", "invalid", "entry_not_held", "repeat_limit", "identity_unknown", "invalid"),
        *("emergency_ground_missing", "ordered", "emergency_ground_unsaid", "ordered"),
        *("supervisor_needed", "invalid"),
    ]
    assert states(await put_in(officer, scheme_id, rows, dry_run=True)) == expected
    assert await count(engine) == 0
    told = await put_in(officer, scheme_id, rows)
    assert states(told) == expected
    assert [one["row"] for one in told] == list(range(1, 13))
    assert told[1]["reason"] == "缺少商品链接。"
    assert "LAB-99" in told[2]["reason"]
    assert told[8]["reason"] == "以“其他”情形开展应急抽检的，须写明是何种情形。"
    assert "委托书编号" in told[11]["reason"]
    assert await count(engine) == 3
    batch = await officer.get(f"/batches/{told[0]['batch_no']}")
    assert batch.json()["category"] == "seller_in_city"
    ordered = (await officer.get(f"/batches/{told[9]['batch_no']}/order")).json()
    assert (ordered["emergency_ground"], ordered["other_ground"]) == ("other", "专项整治")


async def test_the_same_list_again_does_nothing_twice(bureau: Bureau, engine: AsyncEngine) -> None:
    """By whomever, in whatever order; a row put right goes in, its neighbours stay what they are."""
    officer, other = await bureau.caller(Role.OFFICER), await bureau.caller(Role.OFFICER, "officer-02")
    scheme_id = await bureau.scheme()
    rows = [row(), row(), row(承检机构="LAB-99")]
    first = await put_in(officer, scheme_id, rows)
    for dry_run in (True, False):
        again = await put_in(officer, scheme_id, rows[::-1], dry_run=dry_run)
        assert states(again) == ["entry_not_held", "ordered_before", "ordered_before"]
        assert [one["batch_no"] for one in again[1:]] == [first[1]["batch_no"], first[0]["batch_no"]]
    assert states(await put_in(other, scheme_id, rows[:2])) == ["key_reused"] * 2
    rows[2]["承检机构"] = "LAB-01"
    assert states(await put_in(officer, scheme_id, rows)) == ["ordered_before", "ordered_before", "ordered"]
    assert await count(engine) == 3


async def test_a_row_may_have_a_number_of_its_own(bureau: Bureau, engine: AsyncEngine) -> None:
    """Then the number tells rows apart: the same with other content is refused and not ordered again."""
    officer, supervisor = await bureau.caller(Role.OFFICER), await bureau.caller(Role.SUPERVISOR)
    scheme_id = await bureau.scheme()
    one = row(自编号="7")
    told = await put_in(officer, scheme_id, [one, one, one | {"商品名称": "改了名称"}])
    assert states(told) == ["ordered", "invalid", "invalid"]
    assert "与第1行相同" in told[1]["reason"]
    changed = await put_in(officer, scheme_id, [one | {"商品名称": "改了名称"}])
    assert states(changed) == ["key_reused"]
    assert "自编号“7”" in changed[0]["reason"]
    alike = row(规格型号=None, 处室负责人同意重复抽检的理由="型号不明，同意抽检")
    twice = [alike | {"自编号": "8"}, alike | {"自编号": "9"}]
    assert states(await put_in(supervisor, scheme_id, twice)) == ["ordered", "ordered"]
    assert await count(engine) == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"product_kinds": [{"kind": "儿童保温杯", "batches": 2}]}, "quantity_used_up"),
        ({"budget": "5800.00"}, "budget_used_up"),
    ],
)
async def test_a_trial_counts_what_the_rows_before_would_take(
    bureau: Bureau, engine: AsyncEngine, changes: dict[str, Any], code: str
) -> None:
    """As the real thing: two places, and the third row is refused in both."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme(**changes)
    rows = [row() for _ in range(3)]
    for dry_run in (True, False):
        told = await put_in(officer, scheme_id, rows, dry_run=dry_run)
        assert states(told) == ["ordered", "ordered", code]
    assert await count(engine) == 2


async def test_a_template_offers_the_choices_and_is_taken_in(bureau: Bureau) -> None:
    """What a person fills in of it by its drop-downs, as XLSX; as CSV too."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    answer = await officer.get(f"/schemes/{scheme_id}/orders.xlsx")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    book = load_workbook(io.BytesIO(answer.content))
    sheet, choices = book.worksheets
    titles = [cell.value for cell in sheet[1]]
    offered = {column[0].value: column[1].value for column in choices.iter_cols()}
    assert offered["承检机构"] == "LAB-01 浙江省示例检验院"
    rules = {rule.formula1: str(rule.sqref) for rule in sheet.data_validations.dataValidation}
    place = list(offered).index("承检机构")
    assert rules[f"'选项'!${'ABCDE'[place]}$2:${'ABCDE'[place]}$2"] == "C2:C1001"
    filled = row() | offered
    filled.pop("应急抽检情形")
    for at, title in enumerate(titles, start=1):
        sheet.cell(2, at).value = filled.get(str(title))
    packed = io.BytesIO()
    book.save(packed)
    address = f"/schemes/{scheme_id}/orders"
    told = await officer.post(address, content=packed.getvalue(), headers={"Content-Type": XLSX})
    assert (told.status_code, told.json()["counts"]) == (200, {"ordered": 1}), told.text
    second = row()
    csv = writing.to_csv(tuple(second), [[value or "" for value in second.values()]])
    told = await officer.post(address, content=csv, headers={"Content-Type": "text/csv"})
    assert told.json()["rows"][0] | {"batch_no": ""} == {
        **{"row": 2, "status": "ordered", "batch_no": "", "code": None, "reason": None}
    }


async def test_what_is_no_list_under_a_scheme_is_refused_whole(bureau: Bureau) -> None:
    """Unknown, not approved, too long, no columns, by somebody who does not order."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    address, body = f"/schemes/{scheme_id}/orders", {"rows": [row()]}
    unknown = await officer.post("/schemes/FA2000-0001/orders", json=body)
    assert_problem(unknown, 404, "planned_unknown")
    many = await officer.post(address, json={"rows": [{"商品名称": "杯", "承检机构": "L"}] * 1_001})
    assert_problem(many, 422, "table_header_unknown")
    long = "承检机构,经营者,商品名称,商品链接,抽检方式\n" + "L,J,杯,https://x.example.com,常规抽检\n" * 1_001
    answer = await officer.post(address, content=long.encode(), headers={"Content-Type": "text/csv"})
    assert "1000个批次" in assert_problem(answer, 413, "table_too_long")["detail"]
    approver = await bureau.caller(Role.APPROVER)
    assert_problem(await approver.post(address, json=body), 403, "role_not_allowed")
    assert_problem(await approver.get(f"{address}.xlsx"), 403, "role_not_allowed")


async def test_a_long_list_of_several_sellers_goes_in_whole_and_once(
    bureau: Bureau, engine: AsyncEngine
) -> None:
    """Six sellers, one scheme; each batch has its number and runs, and the same again opens none."""
    officer = await bureau.caller(Role.OFFICER)
    seller = BusinessChange.model_json_schema()["example"]
    for no in range(6):
        entry = seller["entry"] | {"name": f"示例商行{no}", "registration": f"自然人{no}"}
        put = await officer.put(f"/businesses/S{no}", json=seller | {"entry": entry})
        assert put.status_code == 200, put.text
    kinds, money = [{"kind": "儿童保温杯", "batches": 60}], "174000.00"
    plan_id = await bureau.plan(budget=money)
    scheme_id = await bureau.scheme(plan_id, product_kinds=kinds, budget=money)
    rows = [row(经营者=f"S{no % 6}") for no in range(60)]
    told = await put_in(officer, scheme_id, rows)
    assert set(states(told)) == {"ordered"}
    assert len({one["batch_no"] for one in told}) == await count(engine) == 60
    assert await started(engine, 60)
    assert set(states(await put_in(officer, scheme_id, rows))) == {"ordered_before"}
    assert await count(engine) == 60
