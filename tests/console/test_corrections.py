"""Putting a record right: proposed on the wrong step's own form, decided on with both sides in view."""

import re

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from messages.names import order_id
from messages.steps import StepName
from tests.api.builders import body_of, ordered
from tests.console.visitors import Page, Visitor, at_the_desk

pytestmark = pytest.mark.usefixtures("working")


async def bought(officer: httpx.AsyncClient) -> tuple[str, str]:
    """A batch whose purchase is on record, and the id of that step."""
    batch_no = await ordered(officer)
    body = await body_of(officer, batch_no, StepName.PURCHASED)
    answer = await officer.post(f"/batches/{batch_no}/steps/purchased", json=body)
    assert answer.status_code == 200, answer.text
    return batch_no, answer.json()["step_id"]


def at(batch_no: str, step_id: object) -> str:
    return f"/console/batches/{batch_no}/steps/{step_id}/correct"


async def proposed(clerk: Visitor, batch_no: str, step_id: str) -> Page:
    """The number of the order, put right; the page of the proposal."""
    page = await clerk.see(at(batch_no, step_id))
    page = await clerk.press(
        page, "下一步：核对", body__order__order_no="2026090100099", reason="订单号抄错一位"
    )
    assert page.status == 200, page.text
    return await clerk.press(page, "提出更正")


async def told_on_the_step_page(clerk: Visitor, batch_no: str, step_id: str, comparison: str) -> None:
    """Who put it right, why, and what it said before; every mention of it leads to the comparison."""
    page = await clerk.see(f"/console/batches/{batch_no}/steps/{step_id}")
    (row,) = page.tree.xpath("//tr[@class='differs']")
    assert "2026090100099" in row.xpath("string(td[2])")
    assert "2026090100099" not in row.xpath("string(td[1])")
    for said in ("已更正", "更正理由：订单号抄错一位", "提出，", "确认"):
        assert said in page.text
    assert not re.search("[0-9a-f]{64}", page.text), "evidence is called by its name"
    assert comparison in page.links.values()
    assert "接下来" not in page.text
    case = await clerk.see(f"/console/batches/{batch_no}")
    assert {"更正记录", "确认更正", "已更正：网络购样，查看对照"} <= case.links.keys(), case.links
    for address in (f"/console/batches/{batch_no}", f"/console/batches/{batch_no}/history"):
        found = (await clerk.see(address)).tree.xpath("//a[contains(@class, 'warn')]/@href")
        assert found == [comparison], address


async def test_a_step_is_put_right_on_its_own_form(
    clerk: Visitor, head: Visitor, leader: Visitor, officer: httpx.AsyncClient
) -> None:
    """What was filed stands in it; only what was changed is marked; another confirms, and it holds."""
    batch_no, step_id = await bought(officer)
    filed = (await officer.get(f"/batches/{batch_no}/steps/{step_id}")).json()
    page = await clerk.see(at(batch_no, step_id))
    assert page.h1 == "更正“网络购样”"
    values = dict(page.form("下一步：核对").form_values())
    assert values["body.order.order_no"] == filed["body"]["order"]["order_no"]
    page = await clerk.press(
        page, "下一步：核对", body__order__order_no="2026090100099", reason="订单号抄错一位"
    )
    assert page.h1 == "核对：更正“网络购样”", page.text
    (changed,) = page.tree.xpath("//tr[@class='differs']")
    assert filed["body"]["order"]["order_no"] in changed.text_content()
    assert "2026090100099" in changed.text_content()
    page = await clerk.press(page, "提出更正")
    assert page.h1 == "更正“网络购样”：等待确认"
    assert page.path in (await clerk.see(f"/console/batches/{batch_no}/steps/{step_id}")).links.values()
    assert "由处室负责人或者分管负责人确认" in page.text
    for one in (head, leader):
        assert page.path in (await one.see("/console/approvals")).links.values()
        inbox = await one.see("/console/", whose="corrections")
        do = inbox.tree.xpath(f"//tr[.//a[@href='/console/batches/{batch_no}']]/th/a/@href")
        assert (await one.see(do[0])).path == page.path
    page = await head.see(page.path)
    assert page.tree.xpath("//tr[@class='differs']")
    page = await head.press(page, "作出决定", confirmed="yes", reason="与订单截图一致")
    assert page.h1 == "更正“网络购样”：已确认"
    assert "与订单截图一致" in page.text
    step = (await officer.get(f"/batches/{batch_no}/steps/{step_id}")).json()
    await told_on_the_step_page(clerk, batch_no, step_id, page.path)
    right = step["corrected_by"][0]["body"]
    assert right["order"].pop("order_no") == "2026090100099"
    step["body"]["order"].pop("order_no")
    assert right == step["body"], "nothing else has become another"


async def test_a_correction_is_turned_down_with_a_reason(
    clerk: Visitor, head: Visitor, officer: httpx.AsyncClient
) -> None:
    batch_no, step_id = await bought(officer)
    page = await proposed(clerk, batch_no, step_id)
    page = await head.press(await head.see(page.path), "作出决定", confirmed="no", reason="")
    assert (page.status, "请写明理由" in page.text) == (422, True)
    page = await head.press(page, "作出决定", reason="与订单截图不一致")
    assert page.h1 == "更正“网络购样”：不予更正"
    step = (await officer.get(f"/batches/{batch_no}/steps/{step_id}")).json()
    assert step["corrected_by"] == []


async def test_nobody_confirms_what_he_proposed(
    head: Visitor, officer: httpx.AsyncClient, app: FastAPI
) -> None:
    """It is said before he writes a reason; what he sends all the same is refused."""
    batch_no, step_id = await bought(officer)
    page = await proposed(head, batch_no, step_id)
    assert "由您本人提出，不能由您本人确认" in page.text
    assert page.path not in (await head.see("/console/approvals")).links.values()
    assert not page.tree.xpath("//textarea[@name='reason']")
    async with at_the_desk(app, Role.SUPERVISOR, "supervisor-02") as other:
        seen = await other.see(page.path)
        sent = seen.filled("作出决定", confirmed="yes", reason="属实", form_token=None)
    token = (await head.see("/console/sessions")).tree.xpath("//input[@name='form_token']/@value")[0]
    content = str(httpx.QueryParams([*sent, ("form_token", token)]))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await head.client.post(page.path, content=content, headers=headers)
    assert answer.status_code == 409
    assert "本人提出的更正不能由本人确认" in answer.text


async def test_what_cannot_have_been_is_told_at_its_field(clerk: Visitor, officer: httpx.AsyncClient) -> None:
    batch_no, step_id = await bought(officer)
    page = await clerk.see(at(batch_no, step_id))
    page = await clerk.press(page, "下一步：核对", body__goods__name="", reason="")
    assert page.status == 422
    assert "#body.goods.name" in page.links.values()
    page = await clerk.press(page, "下一步：核对", body__goods__name="儿童保温杯", reason="")
    assert "#reason" in page.links.values()
    page = await clerk.press(page, "下一步：核对", reason="没有错")
    assert (page.status, "与原登记的相同" in page.text) == (409, True)


async def test_a_purchase_that_others_build_on_cannot_have_never_happened(
    clerk: Visitor, officer: httpx.AsyncClient
) -> None:
    batch_no, step_id = await bought(officer)
    page = await clerk.see(at(batch_no, step_id))
    page = await clerk.press(page, "下一步：核对", never="yes", reason="误登")
    assert page.status == 409
    assert "只能更正内容，不能更正为未发生" in page.text


async def test_of_an_order_names_and_addresses_are_put_right(
    clerk: Visitor, head: Visitor, officer: httpx.AsyncClient
) -> None:
    """Nothing else is asked for, and nothing else becomes another."""
    batch_no, _ = await bought(officer)
    before = (await officer.get(f"/batches/{batch_no}/order")).json()
    page = await clerk.see(at(batch_no, order_id(batch_no)))
    assert not page.tree.xpath("//*[@name='body.scheme.budget' or @name='never']")
    page = await clerk.press(page, "下一步：核对", body__seller__email="new@example.com", reason="邮箱抄错")
    assert page.status == 200, page.text
    page = await clerk.press(page, "提出更正")
    page = await head.press(await head.see(page.path), "作出决定", confirmed="yes", reason="属实")
    assert "已确认" in page.h1
    after = (await officer.get(f"/batches/{batch_no}/order")).json()
    assert after["seller"].pop("email") == "new@example.com"
    before["seller"].pop("email")
    assert after == before


async def test_a_laboratory_and_an_auditor_propose_nothing(app: FastAPI, officer: httpx.AsyncClient) -> None:
    batch_no, step_id = await bought(officer)
    for role in (Role.LAB, Role.AUDITOR, Role.ADMIN):
        async with at_the_desk(app, role) as somebody:
            assert (await somebody.see(at(batch_no, step_id))).status == 403
            assert (await somebody.see("/console/approvals")).status == 403
