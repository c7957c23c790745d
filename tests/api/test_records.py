"""Quality records, progress and statistics over HTTP, of batches that were really played."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy.ext.asyncio import AsyncEngine

from law.quality import SubjectKind
from law.vocabulary import Role, Verdict
from messages.named_order import NamedOrder
from messages.quality import FailedItem, RecordSubject
from settings import Settings
from tests.api.builders import Tokens, assert_problem, ordered, running
from tests.api.planning import Bureau
from tests.application import elsewhere
from tests.store.quality import entry, result

SHOP = RecordSubject(kind=SubjectKind.SELLER, key="档案店有限公司", name="档案店有限公司")
ITEM = FailedItem(name="耐热冲击", standard="GB/T 1", requirement="无裂纹", measured="=1+1")


@pytest.fixture
async def bureau(
    engine: AsyncEngine, settings: Settings, database_url: str, tokens: Tokens
) -> AsyncIterator[Bureau]:
    """On a database of its own, empty."""
    assert engine
    async with AsyncExitStack() as stack:
        application = await stack.enter_async_context(running(elsewhere(settings, database_url)))
        yield Bureau(application, tokens, stack)


@pytest.fixture
async def officer(bureau: Bureau) -> httpx.AsyncClient:
    return await bureau.caller(Role.OFFICER)


@pytest.fixture
async def recorded(engine: AsyncEngine) -> list[str]:
    """One nonconforming and one conforming result of the same shop, in this order."""
    return [
        await result(engine, entry(SHOP, failed=(ITEM,), report_no="JY-1")),
        await result(engine, entry(SHOP, verdict=Verdict.CONFORMING)),
    ]


async def test_a_record_tells_every_result_with_its_batch(
    officer: httpx.AsyncClient, recorded: list[str]
) -> None:
    """The newest first, with the rate and its interval; by the name in any spelling."""
    answer = await officer.get("/records/seller/档案店 有限公司")
    assert answer.status_code == 200, answer.text
    said = answer.json()
    of_now = [one for one in said["items"] if one["batch_no"] in recorded]
    assert [one["batch"] for one in of_now] == [f"/batches/{no}" for no in reversed(recorded)]
    assert [one["entry"]["verdict"] for one in of_now] == ["conforming", "nonconforming"]
    assert said["nonconforming"]["of"] == 2 * said["nonconforming"]["count"]
    assert 0 < said["nonconforming"]["low"] < 0.5 < said["nonconforming"]["high"] < 1
    only = (await officer.get("/records/seller/档案店有限公司?verdict=nonconforming&limit=1")).json()
    assert [one["batch_no"] for one in only["items"]] == recorded[:1]


@pytest.mark.usefixtures("recorded")
async def test_records_are_searched(officer: httpx.AsyncClient) -> None:
    found = (await officer.get("/records", params={"kind": "seller", "q": "案店有限"})).json()["items"]
    assert [(one["key"], one["record"]) for one in found] == [
        ("档案店有限公司", "/records/seller/%E6%A1%A3%E6%A1%88%E5%BA%97%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8")
    ]
    assert (await officer.get("/records", params={"q": "没有这家店"})).json()["items"] == []


async def test_of_somebody_unknown_there_is_no_record(officer: httpx.AsyncClient) -> None:
    assert_problem(await officer.get("/records/seller/没有这家店"), 404, "record_unknown")
    assert_problem(await officer.get("/records/product/只有商标"), 404, "record_unknown")
    assert (await officer.get("/records/nobody/x")).status_code == 422


async def test_a_laboratory_reads_no_records_and_no_figures(bureau: Bureau) -> None:
    lab = await bureau.caller(Role.LAB)
    for address in (
        "/records",
        "/records/seller/x",
        "/exports/records.csv",
        "/statistics",
        "/statistics.xlsx",
        "/plans/JH2026-001/progress",
    ):
        assert_problem(await lab.get(address), 403, "role_not_allowed")


async def test_records_are_exported_for_credit_platforms(
    officer: httpx.AsyncClient, recorded: list[str]
) -> None:
    """CSV and XLSX alike, only what holds; no cell is run as a formula."""
    query = {"kind": "seller", "key": "档案店有限公司", "verdict": "nonconforming"}
    answer = await officer.get("/exports/records.csv", params=query)
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    row = next(row for row in rows if row["批次编号"] == recorded[0])
    told = {name: row[name] for name in ("名称", "最终结论", "不合格项目", "确定日期", "检验报告")}
    assert told == {
        "名称": "档案店有限公司",
        "最终结论": "不合格",
        "不合格项目": "耐热冲击",
        "确定日期": "2026-11-01",
        "检验报告": "JY-1",
    }
    assert recorded[1] not in answer.text
    book = load_workbook(io.BytesIO((await officer.get("/exports/records.xlsx", params=query)).content))
    assert [cell.value for cell in book.active[1]] == list(row)
    later = query | {"from": "2026-11-02"}
    assert recorded[0] not in (await officer.get("/exports/records.csv", params=later)).text


async def test_statistics_count_what_was_asked_for(officer: httpx.AsyncClient) -> None:
    """A new order makes one more of its platform, and none of another time."""

    async def total(**query: Any) -> dict[str, Any]:
        answer = await officer.get("/statistics", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["total"]
        return found

    assert (await total(platform="示例电商平台", kind="routine"))["ordered"] == 0
    await ordered(officer)
    assert (await total(platform="示例电商平台", kind="routine"))["ordered"] == 1
    assert (await total(platform="没有这个平台"))["ordered"] == 0
    assert (await total(**{"to": "2020-01-01"}))["nonconforming"]["rate"] is None


async def test_statistics_are_a_workbook(officer: httpx.AsyncClient) -> None:
    """The same figures, two sheets."""
    answer = await officer.get("/statistics.xlsx", params={"from": str(date(2026, 1, 1))})
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["进度和结果", "按期情况"]
    figures = (await officer.get("/statistics", params={"from": "2026-01-01"})).json()["total"]
    header, total = ([cell.value or "" for cell in row] for row in list(book["进度和结果"].rows)[:2])
    assert total[header.index("已下达")] == str(figures["ordered"])


async def test_progress_of_a_plan_tells_its_schemes(bureau: Bureau) -> None:
    """Planned, ordered and spent of each; one without an order is among them."""
    await bureau.registers()
    plan = await bureau.plan(budget="100000.00")
    first = await bureau.scheme(plan)
    second = await bureau.scheme(plan, budget="1000.00", title="另一方案")
    officer = await bureau.caller(Role.OFFICER)
    order = NamedOrder.model_json_schema()["example"] | {"scheme_id": first}
    assert (await officer.post("/batches", json=order)).status_code == 201
    said = (await officer.get(f"/plans/{plan}/progress")).json()
    assert (said["planned"], said["total"]["ordered"], said["budget"]) == (40, 1, "100000.00")
    schemes = {one["key"]: one for one in said["dimensions"][0]["lines"]}
    assert {id_: one["ordered"] for id_, one in schemes.items()} == {first: 1, second: 0}
    assert schemes[second]["name"] == "另一方案"
    assert (schemes[first]["spent"], schemes[first]["budget"]) == (said["total"]["spent"], "72000.00")
    assert float(said["total"]["spent"]) > 600
    book = load_workbook(io.BytesIO((await officer.get(f"/plans/{plan}/progress.xlsx")).content))
    assert "另一方案" in [row[1].value for row in book["进度和结果"].rows]
    approver = await bureau.caller(Role.APPROVER)
    await approver.post(f"/schemes/{second}/ended", json={"reason": "改用另一方案"})
    assert (await officer.get(f"/plans/{plan}/progress")).json()["planned"] == 20, "those in force"
    assert_problem(await officer.get("/plans/JH2000-001/progress"), 404, "planned_unknown")
    assert_problem(await officer.get(f"/plans/{first}/progress"), 404, "planned_unknown")
