"""The registers at the desk: found, put in by form and by sheet, every version kept."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from settings import Settings
from tests.api.builders import Tokens
from tests.api.planning import Bureau
from tests.console.visitors import Page, at_the_desk


@pytest.fixture
async def bureau(house: FastAPI, alone: Settings) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(house, Tokens(alone), stack)
        await bureau.registers()
        yield bureau


@pytest.mark.usefixtures("bureau")
async def test_a_laboratory_is_found_and_changed_by_its_form(house: FastAPI) -> None:
    """The form begins with what holds, rows within rows too; the change is a new version."""
    async with at_the_desk(house, Role.SUPERVISOR) as head:
        page = await head.see("/console/registers/laboratories", q="示例检验院")
        page = await head.see(page.links["浙江省示例检验院"])
        assert "2000.00" in page.text
        page = await head.see(page.links["登记变动"])
        assert dict(page.filled("下一步：核对"))["entry.contracts.0.prices.0.price"] == "2000.00"
        page = await head.press(
            page, "下一步：核对", reason="单价调整", entry__contracts__0__prices__0__price="2100"
        )
        assert "2100" in page.text, "what is within a row is told"
        page = await head.press(page, "提交")
        assert page.path == "/console/registers/laboratories/entries/LAB-01", page.text
        assert "2100.00" in page.text
        assert "第1版" in page.links


@pytest.mark.usefixtures("bureau")
async def test_two_who_change_one_entry_do_not_overwrite_each_other(house: FastAPI) -> None:
    """The second is told at his form; what he kept for later was begun at what he had before him."""
    where = "/console/registers/businesses/entries/J1/change"
    async with at_the_desk(house, Role.OFFICER) as clerk, at_the_desk(house, Role.SUPERVISOR) as head:
        page = await clerk.see(where)
        page = await clerk.press(page, "下一步：核对", reason="更名", entry__name="甲店")
        theirs = await head.press(await head.see(where), "下一步：核对", reason="改名", entry__name="乙店")
        await head.press(theirs, "提交")
        page = await clerk.press(page, "提交")
        assert page.status == 409, page.text
        assert "请重新打开，在最近的版本上改" in page.text
        anew = await clerk.see(where)
        assert dict(anew.filled("下一步：核对"))["entry.name"] == "乙店"
        assert "乙店" in (await clerk.see(where.removesuffix("/change"))).h1


@pytest.mark.usefixtures("bureau")
async def test_a_seller_is_put_in_by_its_form(house: FastAPI) -> None:
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await clerk.see("/console/registers/businesses/new", code="不是代码")
        assert page.status == 422
        page = await clerk.see("/console/registers/businesses/new", code="J7")
        page = await clerk.press(page, "下一步：核对", reason="公示信息", entry__name="示例专营店")
        page = await clerk.press(page, "提交")
        assert page.h1.startswith("示例专营店（J7）"), page.text
        again = await clerk.see("/console/registers/businesses/entries/J8/change")
        again = await clerk.press(again, "下一步：核对", reason="公示信息", entry__name="示例专营店")
        assert "J7" in (await clerk.press(again, "提交")).text, "it stands there already"
        assert (await clerk.see("/console/registers/laboratories/new")).status == 403


@pytest.mark.usefixtures("bureau")
async def test_a_sheet_is_tried_and_then_taken_in(house: FastAPI) -> None:
    """What the register gives out it takes back; what is wrong is told row by row."""
    sheet = "代码,名称\nJ1,示例旗舰店（新）\n不是代码,甲\n".encode()
    async with at_the_desk(house, Role.OFFICER) as clerk:
        taken = await clerk.client.get("/console/registers/businesses/list.xlsx")
        assert taken.content.startswith(b"PK")
        page = await sent(clerk.client, await clerk.see("/console/registers/businesses/import"), sheet)
        assert "有变动1行" in page.text
        assert "不能作为代码" in page.text
        page = await clerk.press(page, "登记这1行")
        assert "的结果" in page.h1
        assert (await clerk.see(page.path)).text == page.text
        assert "示例旗舰店（新）" in (await clerk.see("/console/registers/businesses")).text


async def sent(client: httpx.AsyncClient, page: Page, sheet: bytes) -> Page:
    """The import's form, with a file, as a browser sends it."""
    fields: dict[str, Any] = {
        name: value for name, value in page.form("下一步：逐行核对").form_values() if name != "file"
    }
    files = {"file": ("清单.csv", sheet, "text/csv")}
    answer = await client.post(page.path, data=fields | {"reason": "年度核对"}, files=files)
    return Page(answer)
