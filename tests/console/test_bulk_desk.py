"""Orders in bulk at the desk: a file from the page of a scheme, tried first, then taken in row by row."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from lists import writing
from messages.base import Actor
from settings import Settings
from tests.api.builders import Tokens
from tests.api.planning import Bureau
from tests.api.test_bulk_orders import XLSX, Row, row
from tests.api.test_bulk_runs import cut_off, held_up
from tests.console.seats import seated
from tests.console.visitors import Page, Visitor, at_the_desk


@pytest.fixture
async def bureau(house: FastAPI, alone: Settings) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(house, Tokens(alone), stack)
        await bureau.registers()
        yield bureau


def csv(*rows: Row) -> bytes:
    titles = list(dict.fromkeys(title for one in rows for title in one))
    return writing.to_csv(titles, [[one.get(title) or "" for title in titles] for one in rows])


async def sent(clerk: Visitor, page: Page, content: bytes, name: str = "清单.csv") -> Page:
    """The page's form with this file, as a browser without scripts sends it."""
    form = page.form("下一步：逐行核对")
    fields = {name: value for name, value in form.form_values() if name != "file"}
    kind = XLSX if name.endswith("xlsx") else "text/csv"
    answer = await clerk.client.post(form.action, data=fields, files={"file": (name, content, kind)})
    return Page(answer)


async def done(clerk: Visitor, page: Page) -> Page:
    """The page of a list, looked at again until all its rows are answered."""
    async with asyncio.timeout(30):
        while "正在逐行下达" in page.h1:
            await asyncio.sleep(0.1)
            page = await clerk.see(page.path)
    return page


async def test_a_list_is_tried_and_taken_in_and_orders_nothing_twice(house: FastAPI, bureau: Bureau) -> None:
    """From the scheme's page; all good rows go in, of each bad one stands why, and where the batches are."""
    scheme_id = await bureau.scheme()
    rows = [row(), row(承检机构="LAB-99"), row(), row(商品链接=None)]
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await clerk.see(f"/console/plans/schemes/{scheme_id}")
        upload = await clerk.see(page.links["批量下达"])
        page = await sent(clerk, upload, csv(*rows))
        assert "将会下达2行" in page.text, page.text
        assert "承检机构 LAB-99 没有登记" in page.text
        assert "缺少商品链接。" in page.text
        assert not (await clerk.see("/console/batches")).tree.xpath("//a[contains(@href, '/batches/CJ')]")
        page = await done(clerk, await clerk.press(page, "下达这2个批次"))
        assert "已下达2行" in page.text, page.text
        assert "不予下达1行" in page.text
        batches = [path for text, path in page.links.items() if text.startswith("CJ")]
        assert len(batches) == 2
        for path in batches:
            assert "儿童保温杯" in (await clerk.see(path)).h1
        assert (await clerk.see(page.path)).text == page.text, "looking again orders nothing"
        rows[1]["承检机构"] = "LAB-01"
        page = await sent(clerk, upload, csv(*rows))
        assert "将会下达1行" in page.text, page.text
        assert "此前已经下达2行" in page.text
        assert set(batches) < set(page.links.values())


async def test_the_template_filled_in_comes_back(house: FastAPI, bureau: Bureau) -> None:
    """As it is given out at the desk; what is all ordered already has no button."""
    scheme_id = await bureau.scheme()
    async with at_the_desk(house, Role.SUPERVISOR) as head:
        upload = await head.see(f"/console/orders/under/{scheme_id}/list")
        given = await head.client.get(upload.links["下载本方案的模板（XLSX）"])
        assert given.headers["content-type"] == XLSX
        book = load_workbook(io.BytesIO(given.content))
        sheet = book.worksheets[0]
        filled = row()
        for at, cell in enumerate(sheet[1], start=1):
            sheet.cell(2, at).value = filled.get(str(cell.value))
        packed = io.BytesIO()
        book.save(packed)
        page = await sent(head, upload, packed.getvalue(), "下达.xlsx")
        assert "下达.xlsx：将会下达1行" in page.text, page.text
        assert "已下达1行" in (await done(head, await head.press(page, "下达这1个批次"))).text
        again = await sent(head, upload, packed.getvalue(), "下达.xlsx")
        assert "下达这" not in again.text, again.text


async def test_how_far_it_is_stands_on_a_page(house: FastAPI, bureau: Bureau, engine: AsyncEngine) -> None:
    """It looks again by itself, without scripts too; whoever left finds it again beside the form."""
    scheme_id = await bureau.scheme()
    async with at_the_desk(house, Role.OFFICER) as clerk:
        upload = await clerk.see(f"/console/orders/under/{scheme_id}/list")
        assert "批量下达的" not in upload.text
        page = await sent(clerk, upload, csv(row(), row(商品链接=None)))
        async with held_up(engine, scheme_id):
            page = await clerk.press(page, "下达这1个批次")
            assert page.h1 == "批量下达抽检批次：正在逐行下达"
            assert "还剩2行" in page.text, page.text
            (bar,) = page.tree.iter("progress")
            assert (bar.get("max"), bar.get("value")) == ("2", "0")
            assert page.tree.xpath("//noscript/meta[@http-equiv='refresh']")
            assert page.tree.xpath("//*[@data-again]")
            upload = await clerk.see(upload.path)
            assert "共2行，还剩2行" in upload.text, upload.text
            assert page.path in upload.links.values()
        page = await done(clerk, page)
        assert "已下达1行，有误1行。" in page.text, page.text
        assert not page.tree.xpath("//meta[@http-equiv='refresh'] | //*[@data-again]")
        assert "已经办完" in (await clerk.see(upload.path)).text


async def test_one_that_was_cut_off_says_what_to_do(
    house: FastAPI, bureau: Bureau, engine: AsyncEngine
) -> None:
    scheme_id = await bureau.scheme()
    await cut_off(engine, scheme_id)
    async with at_the_desk(house, Role.OFFICER) as clerk:
        upload = await clerk.see(f"/console/orders/under/{scheme_id}/list")
        assert "中断" in upload.text
        page = await clerk.see(next(path for path in upload.links.values() if "/runs/" in path))
        assert page.h1 == "批量下达抽检批次：中断"
        assert "再交一次，就从中断之处继续，不会重复下达" in page.text
        assert page.links["再交同一个文件"] == upload.path


async def test_what_is_no_list_is_told_at_the_field(house: FastAPI, bureau: Bureau) -> None:
    """Another file than the one that was tried, no file at all, nothing that one could read."""
    scheme_id = await bureau.scheme()
    async with at_the_desk(house, Role.OFFICER) as clerk:
        upload = await clerk.see(f"/console/orders/under/{scheme_id}/list")
        for content in (b"", b"\x00\x01\x02", "甲,乙\n1,2\n".encode()):
            page = await sent(clerk, upload, content)
            assert page.status == 422, page.text
            assert "没有受理" in page.text
        tried = await sent(clerk, upload, csv(row()))
        page = await clerk.press(tried, "下达这1个批次", tried="0" * 64)
        assert "不是刚才试过的那个文件" in page.text


async def test_nobody_orders_in_bulk_who_does_not_order(house: FastAPI, bureau: Bureau) -> None:
    """A subordinate bureau's officer, an approver; under a scheme that is not, nobody."""
    address = f"/console/orders/under/{await bureau.scheme()}/list"
    wang = Actor(sub="xihu", name="王某", role=Role.OFFICER, bureau="QX-03")
    async with seated(house, wang, follow_redirects=True) as client:
        assert (await client.get(address)).status_code == 403
    async with at_the_desk(house, Role.APPROVER) as leader:
        assert (await leader.see(address)).status == 403
        assert "批量下达" not in (await leader.see(address.replace("orders/under", "plans/schemes"))).links
    async with at_the_desk(house, Role.OFFICER) as clerk:
        assert (await clerk.see("/console/orders/under/FA2000-0001/list")).status == 404
