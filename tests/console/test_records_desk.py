"""Records, progress and statistics at the desk: found, looked at, taken along."""

from contextlib import AsyncExitStack

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.quality import SubjectKind
from law.vocabulary import Role, Verdict
from messages.named_order import NamedOrder
from messages.quality import FailedItem, RecordSubject
from settings import Settings
from tests.api.builders import Tokens
from tests.api.planning import Bureau
from tests.console.visitors import at_the_desk
from tests.store.builders import open_one
from tests.store.quality import entry, result, say

SHOP = RecordSubject(kind=SubjectKind.SELLER, key="档案店有限公司", name="档案店有限公司")
ITEM = FailedItem(name="耐热冲击", standard="GB/T 1", requirement="无裂纹", measured="出现裂纹")


async def test_a_record_is_found_and_tells_its_results(house: FastAPI, engine: AsyncEngine) -> None:
    """With what was said before; each result leads to its batch."""
    failed = await result(engine, entry(SHOP, failed=(ITEM,)))
    reopened = await open_one(engine)
    await say(engine, reopened, 1, entry(SHOP))
    await say(engine, reopened, 2, entry(SHOP, verdict=None))
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await clerk.see("/console/records", q="档案店")
        page = await clerk.see(page.links["档案店有限公司"])
        assert page.h1 == "档案店有限公司"
        assert "1个，其中不合格1个" in page.text
        assert "出现裂纹" in page.text
        assert "正在复核" in page.text
        assert "历次记载（2）" in page.text
        assert page.links[failed] == f"/console/batches/{failed}"
        only = await clerk.see(page.links["只看不合格的"])
        assert failed in only.links
        assert reopened.batch_no not in only.links
        taken = await clerk.client.get(page.links["导出（XLSX）"])
        assert taken.content.startswith(b"PK")
        assert (await clerk.see("/console/records/seller/没有这家")).status == 404
        assert "没有查到" in (await clerk.see("/console/records", q="没有这家")).text


async def test_a_result_that_was_another_producers_is_marked(house: FastAPI, engine: AsyncEngine) -> None:
    opening = await open_one(engine)
    other = SHOP.model_copy(update={"key": "另一店", "name": "另一店"})
    await say(engine, opening, 1, entry(SHOP))
    await say(engine, opening, 2, entry(other, corrections=1, verdict=Verdict.NONCONFORMING))
    async with at_the_desk(house, Role.AUDITOR) as auditor:
        page = await auditor.see("/console/records/seller/档案店有限公司")
        assert "已更正，不再属于本档案" in page.text
        assert "0个，其中不合格0个" in page.text


async def test_a_plans_progress_is_drawn_and_told(house: FastAPI, alone: Settings) -> None:
    """From the plan's page; the figures stand in tables as well, and go along as a workbook."""
    async with AsyncExitStack() as stack:
        bureau = Bureau(house, Tokens(alone), stack)
        await bureau.registers()
        plan = await bureau.plan()
        scheme = await bureau.scheme(plan)
        officer = await bureau.caller(Role.OFFICER)
        order = NamedOrder.model_json_schema()["example"] | {"scheme_id": scheme}
        assert (await officer.post("/batches", json=order)).status_code == 201
        async with at_the_desk(house, Role.APPROVER) as leader:
            page = await leader.see(f"/console/plans/plans/{plan}")
            page = await leader.see(page.links["进度"])
            assert "各现行方案共20批次，已下达1批次" in page.text
            answer = await leader.client.get(page.path)
            assert 'aria-label="各阶段的批次数。已下达：1批次；已购样：0批次' in answer.text
            assert (await leader.client.get(page.links["导出（XLSX）"])).content.startswith(b"PK")


async def test_statistics_are_of_this_year_unless_asked_otherwise(
    house: FastAPI, engine: AsyncEngine
) -> None:
    opening = await open_one(engine)
    await say(engine, opening, 1, None, bought=True, product="电水壶")
    async with at_the_desk(house, Role.SUPERVISOR) as head:
        page = await head.see("/console/statistics")
        assert "电水壶" in page.text
        assert (await head.client.get(page.links["导出（XLSX）"])).content.startswith(b"PK")
        assert "没有符合条件的批次" in (await head.see("/console/statistics", product="没有")).text
        assert "没有符合条件的批次" in (await head.see("/console/statistics", to="2020-01-01")).text
        assert (await head.see("/console/statistics", **{"from": "昨天"})).status == 422


async def test_of_many_the_page_shows_those_with_most_batches(house: FastAPI, engine: AsyncEngine) -> None:
    """A page stays readable; how many are left out is said, and the workbook has them."""
    for number in range(53):
        opening = await open_one(engine)
        await say(engine, opening, 1, None, bought=True, product=f"甲类{number:02}")
    again = await open_one(engine)
    await say(engine, again, 1, None, bought=True, product="甲类52")
    async with at_the_desk(house, Role.SUPERVISOR) as head:
        page = await head.see("/console/statistics")
        assert "甲类52" in page.text
        assert "甲类51" not in page.text
        assert "其余3项见导出的工作簿" in page.text
