"""Random draws at the desk: drawn up by form and by file, frozen, drawn, skipped, corrected by two."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI

from law.calendar import SHANGHAI
from law.vocabulary import Role
from settings import Settings
from signing.keys import Keyring
from tests.api.builders import Tokens
from tests.api.drawing import READ, entered, frozen
from tests.api.planning import Bureau
from tests.console.visitors import Page, Visitor, at_the_desk
from tests.store.builders import until

LATER = f"{datetime.now(SHANGHAI) + timedelta(days=1):%Y-%m-%dT%H:%M}"
TERMS = {
    "title": "保温杯随机抽查",
    "number": "1",
    "seed_what": "双色球第2027001期",
    "seed_where": "cwl.gov.cn",
    "seed_announced_at": LATER,
}


@pytest.fixture
async def bureau(house: FastAPI, alone: Settings) -> AsyncIterator[Bureau]:
    Keyring(alone.signing_folder).ensure("某市局")
    async with AsyncExitStack() as stack:
        bureau = Bureau(house, Tokens(alone), stack)
        await bureau.registers()
        yield bureau


async def test_a_draw_is_drawn_up_by_its_form_and_frozen(house: FastAPI, bureau: Bureau) -> None:
    """Of all who have a shop on the platform; what is frozen is public."""
    scheme_id = await bureau.scheme()
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await clerk.see("/console/draws/new", scheme_id=scheme_id)
        source = {f"seed_source__{name}": TERMS[f"seed_{name}"] for name in ("what", "where", "announced_at")}
        said = {"title": TERMS["title"], "subject": "businesses", "number": "1", "platform": "PT-01"}
        page = await clerk.press(page, "下一步：核对", **said, **source, of_register="yes")
        page = await clerk.press(page, "提交")
        path = page.path
        assert "候选1个" in page.text, page.text
        assert "示例旗舰店" in page.text
        page = await clerk.press(page, "冻结并公布")
        assert "已公布名单" in page.text
        public = await clerk.see(page.links["公众看到的"])
        assert "示例旗舰店" in public.text
        assert "python3 draw.py" in public.text
        assert "此后在本页登记" in (await clerk.see(path)).text, "its seed is not published yet"


async def test_a_list_from_a_file_is_tried_and_kept(house: FastAPI, bureau: Bureau) -> None:
    """Every row that is wrong is told, and nothing is kept of such a list."""
    scheme_id = await bureau.scheme()
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await _uploaded(clerk, scheme_id, "编号,权重,权重的理由\nP1,2,\nP2,很大,重点\n")
        assert page.status == 422
        assert "第3行" in page.text
        page = await _uploaded(clerk, scheme_id, "编号,权重,权重的理由,排除的理由\nP1,2,,\n")
        assert "请写明理由" in page.text
        page = await _uploaded(clerk, scheme_id, "编号,权重,权重的理由,排除的理由\nP1,2,重点,\nP2,,,停售\n")
        assert "候选1个" in page.text
        page = await clerk.press(page, "保存")
        assert page.path.startswith("/console/draws/CQ"), page.text
        assert "停售" in page.text
        page = await clerk.press(page, "终止", reason="名单有遗漏")
        assert "已终止" in page.text


async def test_the_drawn_are_skipped_and_a_wrong_seed_is_corrected_by_two(
    house: FastAPI, bureau: Bureau
) -> None:
    officer = await bureau.caller(Role.OFFICER)
    address = await frozen(officer, await bureau.scheme())
    path = f"/console{address}"
    async with at_the_desk(house, Role.OFFICER) as clerk, at_the_desk(house, Role.APPROVER) as leader:

        async def is_due() -> bool:
            return "登记之后随即抽取" in (await clerk.see(path)).text

        await until(is_due)
        await clerk.press(await clerk.see(path), "登记种子，抽取", **READ)
        first = await entered(officer, address)
        page = await clerk.see(path)
        order = await clerk.see(page.links[f"据以下达：{first['chosen'][0]}"])
        assert dict(order.filled("下一步：核对"))["drawn_from.candidate"] == first["chosen"][0]
        page = await clerk.press(page, "跳过，由下一个递补", reason="店铺已经关闭")
        assert "已跳过：店铺已经关闭" in page.text
        page = await clerk.press(page, "提出更正", seed="03-08-17", read_from="公告", reason="误录")
        assert "确认，重新抽取" not in [one.text for one in page.tree.iter("button")]
        assert path in (await leader.see("/console/approvals")).links.values()
        page = await leader.see(path)
        page = await leader.press(page, "确认，重新抽取", reason="已核对公告")
        assert "种子 03-08-17" in page.text, page.text
        assert "更正种子，重新抽取" in page.text


async def test_a_list_of_draws_is_filtered(house: FastAPI, bureau: Bureau) -> None:
    officer = await bureau.caller(Role.OFFICER)
    address = await frozen(officer, await bureau.scheme())
    async with at_the_desk(house, Role.AUDITOR) as auditor:
        for state, listed in (("frozen", True), ("drawn", False), ("", True)):
            page = await auditor.see("/console/draws", state=state)
            assert (f"/console{address}" in page.links.values()) is listed
        assert "起草随机抽查" not in page.links


async def _uploaded(clerk: Visitor, scheme_id: str, content: str) -> Page:
    page = await clerk.see("/console/draws/upload", scheme_id=scheme_id)
    told = dict(page.filled("下一步：核对", **TERMS, subject="products"))
    told.pop("file", None)
    files = {"file": ("list.csv", content.encode(), "text/csv")}
    return Page(await clerk.client.post("/console/draws/upload", data=told, files=files))
