"""Plans and schemes at the desk, and ordering under them by names."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from settings import Settings
from tests.api.builders import Tokens
from tests.api.planning import PLAN, SCHEME, Bureau
from tests.console.visitors import Page, Visitor, at_the_desk


@pytest.fixture
async def bureau(house: FastAPI, alone: Settings) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(house, Tokens(alone), stack)
        await bureau.registers()
        yield bureau


async def test_an_order_is_put_together_by_names(house: FastAPI, bureau: Bureau) -> None:
    """Scheme, then seller; laboratory and platform are those of the scheme, and where there is one, that."""
    scheme_id = await bureau.scheme()
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await clerk.see("/console/orders/new")
        assert SCHEME["content"]["title"] in page.text
        page = await clerk.see("/console/orders/new", scheme=scheme_id, q="示例旗舰")
        page = await clerk.see(page.links["选取：示例旗舰店"])
        chosen = dict(page.filled("下一步：核对"))
        assert chosen["scheme_id"] == scheme_id
        assert (chosen["laboratory"], chosen["platform"], chosen["seller_code"]) == ("LAB-01", "PT-01", "J1")
        goods = {"goods__name": "儿童保温杯", "goods__trademark": "示例牌", "goods__spec_model": uuid4().hex}
        page = await clerk.press(page, "下一步：核对", **goods, goods__link="https://shop.example.com/i/1")
        assert "浙江省示例检验院（LAB-01）" in page.text
        page = await clerk.press(page, "提交")
        assert page.path.startswith("/console/batches/CJ"), page.text
    officer = await bureau.caller(Role.OFFICER)
    order = (await officer.get(f"/batches/{page.path.rpartition('/')[2]}/order")).json()
    assert order["seller"]["name"] == "示例旗舰店"
    assert order["laboratory"]["contract_no"] == "JYHT-2026-01"


async def test_another_ground_of_an_emergency_is_said_and_shown(house: FastAPI, bureau: Bureau) -> None:
    """Without it the order is refused; the page of the batch tells why it was sampled."""
    scheme_id = await bureau.scheme()
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await clerk.see(f"/console/orders/under/{scheme_id}", seller="J1")
        goods = {"goods__name": "儿童保温杯", "goods__trademark": "示例牌", "goods__spec_model": uuid4().hex}
        said = goods | {"goods__link": "https://shop.example.com/i/1", "kind": "emergency"}
        page = await clerk.press(page, "下一步：核对", **said, emergency_ground="other")
        assert page.status == 409
        assert "须写明是何种情形" in page.text
        page = await clerk.press(page, "下一步：核对", other_ground="开学季专项整治")
        assert "开学季专项整治" in page.text
        page = await clerk.press(page, "提交")
        assert "应急抽检：其他需要开展应急抽检的情形（开学季专项整治）" in page.text, page.text
        like = await clerk.see("/console/orders/whole", like=page.path.rpartition("/")[2])
        begun = dict(like.filled("下一步：核对"))
        assert not begun.get("emergency_ground")
        assert not begun["other_ground"]


async def test_what_the_registers_refuse_is_told_at_the_order(house: FastAPI, bureau: Bureau) -> None:
    scheme_id = await bureau.scheme()
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await clerk.see(f"/console/orders/under/{scheme_id}", seller="J9")
        goods = {"goods__name": "儿童保温杯", "goods__link": "https://shop.example.com/i/1"}
        page = await clerk.press(page, "下一步：核对", **goods)
        assert page.status == 409
        assert "J9 没有登记" in page.text
        assert (await clerk.see("/console/orders/under/FA2000-0001")).status == 404


async def test_an_order_is_judged_before_it_is_given(house: FastAPI, bureau: Bureau) -> None:
    """What is missing, and what the procedure refuses, is told at its field; what would follow beside."""
    scheme_id = await bureau.scheme()
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await clerk.see(f"/console/orders/under/{scheme_id}", seller="J1")
        page = await clerk.press(page, "下一步：核对")
        assert page.status == 422
        told = page.tree.xpath("//*[@class='summary']//li")
        assert [one.text_content() for one in told] == [
            "商品 › 商品名称：缺少该项",
            "商品 › 商品链接：缺少该项",
        ]
        goods = {"goods__name": "儿童保温杯", "goods__link": "https://shop.example.com/i/1"}
        page = await clerk.press(page, "下一步：核对", **goods, goods__trademark="示例牌")
        assert page.status == 409
        assert "由处室负责人本人办理" in page.tree.xpath("string(//*[@id='goods.spec_model-error-1'])")
        assert "依据§3" in page.text
        page = await clerk.press(page, "下一步：核对", goods__spec_model=uuid4().hex)
        assert page.status == 200, page.text
        assert "示例旗舰店（J1）" in page.text
        assert "占用方案" in page.tree.xpath("string(//section[@aria-labelledby='follows'])")


async def test_a_plan_is_drafted_returned_submitted_again_and_approved_by_another(house: FastAPI) -> None:
    """What is lacking is told; the remarks stand there; the approved draft has its PDF."""
    content = {
        f"content__{name}": str(PLAN["content"][name]) for name in ("title", "budget", "year", "scope")
    }
    async with (
        at_the_desk(house, Role.OFFICER) as clerk,
        at_the_desk(house, Role.APPROVER) as leader,
    ):
        page = await clerk.see("/console/plans/plans/new")
        page = await clerk.press(await clerk.press(page, "下一步：核对", **content), "提交")
        where = page.path
        assert "尚缺" in page.text, page.text
        assert not page.tree.xpath("//button[text()='提交审批']")
        page = await changed(clerk, where, focus="安全性能指标")
        await clerk.press(page, "提交审批")
        assert where in (await leader.see("/console/approvals")).links.values()
        page = await leader.see(where)
        page = await leader.press(page, "退回", remarks="预算依据不足")
        assert "退回意见：预算依据不足" in (await clerk.see(where)).text
        page = await changed(clerk, where, focus="安全性能指标，预算依据见附件")
        assert "批准" not in [one.text for one in page.tree.iter("button")]
        await clerk.press(page, "提交审批")
        page = await leader.press(await leader.see(where), "批准")
        assert "已批准" in page.text, page.text
        pdf = await leader.client.get(next(to for to in page.links.values() if to.endswith(".pdf")))
        assert pdf.content.startswith(b"%PDF")
        assert PLAN["content"]["title"] in (await leader.see("/console/plans", in_force="true")).links


async def changed(clerk: Visitor, where: str, *, focus: str) -> Page:
    """The next draft, with a ground and this focus."""
    page = await clerk.see(f"{where}/change")
    if not page.tree.xpath("//*[@name='content.grounds.0.details']"):
        page = await clerk.press(page, "添加一项制定依据")
    ground = {"content__grounds__0__ground": "complaints", "content__grounds__0__details": "投诉集中"}
    page = await clerk.press(page, "下一步：核对", content__focus=focus, **ground)
    return await clerk.press(page, "提交")


async def test_a_scheme_is_approved_by_nobody_who_drafted_it(house: FastAPI, bureau: Bureau) -> None:
    """A refusal is told on its page."""
    plan_id = await bureau.plan()
    officer = await bureau.caller(Role.OFFICER, "approver-01")
    new = (await officer.post("/schemes", json={"plan_id": plan_id, "content": SCHEME["content"]})).json()[
        "id"
    ]
    assert (await officer.post(f"/schemes/{new}/submitted")).status_code == 200
    async with at_the_desk(house, Role.APPROVER, "approver-01") as leader:
        page = await leader.press(await leader.see(f"/console/plans/schemes/{new}"), "批准")
        assert page.status == 403
        assert "没有办理" in page.text
    async with at_the_desk(house, Role.OFFICER) as clerk:
        page = await clerk.see("/console/plans/schemes/new", plan_id=plan_id)
        assert dict(page.filled("下一步：核对"))["plan_id"] == plan_id
        assert "LAB-01 浙江省示例检验院" in page.text
