"""A form that was begun: it comes back, and keeping it looks at nothing that it does not need."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.steps import StepName
from store.access import log
from tests.api.builders import body_of, laboratory, ordered
from tests.console.visitors import Page, Visitor, at_the_desk


async def kept(visitor: Visitor, page: Page, **entered: str) -> httpx.Response:
    """As the page's script keeps it while somebody types."""
    sent = [one for one in page.filled("下一步：核对", **entered) if one[0] is not None]
    content = str(httpx.QueryParams([*sent, ("save", "quiet")]))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await visitor.client.post(page.path, content=content, headers=headers)


async def test_what_was_begun_stands_there_again_until_it_is_thrown_away(
    clerk: Visitor, officer: httpx.AsyncClient
) -> None:
    form = f"/console/batches/{await ordered(officer)}/steps/purchased/new"
    page = await clerk.see(form)
    assert "留下的草稿" not in page.text
    assert (await kept(clerk, page, order__order_no="DD-1")).status_code == 204
    page = await clerk.see(form)
    assert "留下的草稿" in page.text
    assert dict(page.filled("下一步：核对"))["order.order_no"] == "DD-1"
    page = await clerk.press(page, "放弃草稿，重新填写")
    assert dict(page.filled("下一步：核对"))["order.order_no"] == ""


async def test_a_draft_is_told_of_and_found_again(clerk: Visitor, officer: httpx.AsyncClient) -> None:
    """Where the button leads it is said; the pages of the batch and of new orders list what was begun."""
    case = f"/console/batches/{await ordered(officer)}"
    for form, listed_at, title in (
        (f"{case}/steps/purchased/new", case, "网络购样"),
        ("/console/orders/whole", "/console/orders/new", "自行填写的下达"),
    ):
        page = await clerk.press(await clerk.see(form), "保存草稿，以后再办")
        assert (page.path, page.links["接着填写"]) == (listed_at, form)
        assert "草稿已保存" in page.text
        again = await clerk.see(listed_at)
        assert "草稿已保存" not in again.text
        listed = again.tree.xpath("//section[@aria-labelledby='begun']//a")
        assert (title, form) in [(one.text, one.get("href")) for one in listed]
    elsewhere = await clerk.see(case, draft="//example.com/")
    assert "草稿已保存" not in elsewhere.text


async def test_keeping_it_looks_at_the_batch_once(
    clerk: Visitor, officer: httpx.AsyncClient, migrated: AsyncEngine
) -> None:
    """Every few seconds: each look is a line of the access log, which people read."""
    number = await ordered(officer)
    page = await clerk.see(f"/console/batches/{number}/steps/purchased/new")
    before = await log.reads(migrated, batch_no=number, limit=200)
    await kept(clerk, page, order__order_no="DD-2")
    after = await log.reads(migrated, batch_no=number, limit=200)
    (look,) = after.items[: len(after.items) - len(before.items)]
    assert look.path == f"/batches/{number}"


async def test_nobody_keeps_one_of_a_batch_that_is_not_there_for_them(
    app: FastAPI, officer: httpx.AsyncClient
) -> None:
    own = await ordered(officer)
    elsewhere = await ordered(officer, laboratory=laboratory("LAB-09"))
    async with at_the_desk(app, Role.LAB) as lab:
        page = await lab.see(f"/console/batches/{own}/steps/purchased/new")
        page.answer.request.url = page.answer.request.url.copy_with(path=page.path.replace(own, elsewhere))
        assert (await kept(lab, page)).status_code == 404


@pytest.mark.usefixtures("working")
async def test_a_correction_that_was_begun_stands_there_again(
    clerk: Visitor, officer: httpx.AsyncClient
) -> None:
    """Also that it never happened; once it is proposed, or thrown away, the step stands there as it is."""
    number = await ordered(officer)
    body = await body_of(officer, number, StepName.PURCHASED)
    step = (await officer.post(f"/batches/{number}/steps/purchased", json=body)).json()["step_id"]
    form = f"/console/batches/{number}/steps/{step}/correct"
    page = await clerk.see(form)
    entered = {"body__order__order_no": "DD-9", "reason": "抄错", "never": "yes"}
    assert (await kept(clerk, page, **entered)).status_code == 204
    page = await clerk.see(form)
    assert "留下的草稿" in page.text
    stands = dict(page.filled("下一步：核对"))
    assert (stands["body.order.order_no"], stands["reason"], stands["never"]) == ("DD-9", "抄错", "yes")
    page = await clerk.press(page, "放弃草稿，重新填写")
    stands = dict(page.filled("下一步：核对"))
    assert (stands["reason"], stands["never"]) == ("", "no")
    page = await clerk.press(page, "下一步：核对", body__order__order_no="DD-9", reason="抄错一位")
    page = await clerk.press(page, "提出更正")
    assert "等待确认" in page.h1
    assert "留下的草稿" not in (await clerk.see(form)).text
