"""Commissions and tasks at the desk: drafted, approved, ordered under, replaced; seen by a subordinate."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from messages.base import Actor
from settings import Settings
from tests.api.builders import Tokens
from tests.api.planning import COMMISSION, Bureau
from tests.console.seats import seated
from tests.console.visitors import Page, Visitor, at_the_desk

CONTENT = COMMISSION["content"]
WANG = Actor(sub="xihu", name="王某", role=Role.OFFICER, bureau="QX-03")


@pytest.fixture
async def bureau(house: FastAPI, alone: Settings) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(house, Tokens(alone), stack)
        await bureau.registers()
        yield bureau


async def drafted(clerk: Visitor, scheme_id: str) -> Page:
    """What the scheme says of goods and contact stands there already."""
    page = await clerk.see("/console/plans/commissions/new", scheme_id=scheme_id)
    chosen = dict(page.filled("下一步：核对"))
    assert (chosen["scheme_id"], chosen["content.to"]) == (scheme_id, "bureau")
    assert chosen["content.product_kinds.0.batches"] == "20"
    said = {f"content__{name}": CONTENT[name] for name in ("title", "code", "work", "until")}
    page = await clerk.press(page, "下一步：核对", **said, content__product_kinds__0__batches="1")
    assert "杭州市西湖区市场监督管理局（QX-03）" in page.text
    return await clerk.press(page, "提交")


async def test_a_commission_is_drafted_approved_ordered_under_and_replaced(
    house: FastAPI, bureau: Bureau
) -> None:
    """Each page leads to the next deed; whoever approved it finds it among what waits for him."""
    scheme_id = await bureau.scheme()
    async with (
        at_the_desk(house, Role.OFFICER) as clerk,
        at_the_desk(house, Role.APPROVER) as leader,
    ):
        page = await drafted(clerk, scheme_id)
        where = page.path
        await clerk.press(page, "提交审批")
        assert where in (await leader.see("/console/approvals")).links.values()
        page = await leader.press(await leader.see(where), "批准")
        assert "已批准" in page.text, page.text
        page = await clerk.see(where)
        assert "修改" not in page.links
        order = await clerk.see(f"{page.links['按此委托下达批次']}&seller=J1")
        assert dict(order.filled("下一步：核对"))["commission_id"] == where.rpartition("/")[2]
        goods = {"goods__name": "儿童保温杯", "goods__trademark": "示例牌", "goods__spec_model": uuid4().hex}
        goods |= {"goods__link": "https://shop.example.com/i/1"}
        order = await clerk.press(await clerk.press(order, "下一步：核对", **goods), "提交")
        assert order.path.startswith("/console/batches/CJ"), order.text
        assert f"杭州市西湖区市场监督管理局，受委托：{CONTENT['title']}" in order.text
        assert where in order.links.values()
        listed = await clerk.see(page.links["其下的批次"])
        assert order.path in listed.links.values()
        more = goods | {"goods__spec_model": uuid4().hex}
        again = await clerk.see(f"{page.links['按此委托下达批次']}&seller=J1")
        again = await clerk.press(again, "下一步：核对", **more)
        assert (again.status, "没有剩余" in again.text) == (409, True)
        new = await clerk.see(page.links["另立一件替换"])
        new = await clerk.press(
            new, "下一步：核对", reason="增加批次", content__product_kinds__0__batches="3"
        )
        new = await clerk.press(await clerk.press(new, "提交"), "提交审批")
        await leader.press(await leader.see(new.path), "批准")
        assert "增加批次" in (await clerk.see(where)).text
        tasks = await clerk.see("/console/tasks", scheme=scheme_id)
        assert CONTENT["title"] in tasks.links
        assert "本局" in tasks.text


async def test_a_subordinate_bureau_finds_its_own_and_is_led_nowhere_else(
    house: FastAPI, bureau: Bureau
) -> None:
    """Every place at the head of its pages can be opened; what is the commissioning bureau's is refused."""
    given = await bureau.commission(await bureau.scheme())
    async with seated(house, WANG, follow_redirects=True) as client:
        visitor = Visitor(client)
        page = await visitor.see("/console/")
        places = [one.get("href") for one in page.tree.find(".//nav").iter("a")]
        assert "/console/plans/commissions" in places
        for place in places:
            assert (await visitor.see(place)).status == 200, place
        page = await visitor.see(f"/console/plans/commissions/{given}")
        assert CONTENT["title"] in page.text
        assert not {"按此委托下达批次", "另立一件替换", "修改"} & set(page.links)
        letter = await client.get(f"/console/plans/commissions/{given}/versions/1.pdf")
        assert letter.headers["content-type"] == "application/pdf"
        for refused in (
            "/console/plans",
            "/console/registers/businesses",
            "/console/orders/under/FA2026-0001",
        ):
            assert (await visitor.see(refused)).status == 403, refused
