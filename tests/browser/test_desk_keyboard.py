"""The desk by the keyboard alone: signing in, finding a batch, filing a step, deciding on a correction."""

import re

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from messages.steps import StepName
from store.accounts import people, sessions
from tests.browser.case_file import TO_BE_POSTED, played, to_confirm
from tests.browser.clerk import Office
from tests.browser.looking import enter, focused, judge, tab_to
from tests.browser.serving import DESKTOP

pytestmark = pytest.mark.browser

_PASSWORD = "西湖边的桂花今年开得比往年晚"


async def _typed(page: Page, field: str, said: str) -> None:
    await tab_to(page, field)
    await page.keyboard.type(said)


async def _past_the_head(page: Page) -> None:
    """The first key is for the link that leads past the head; what comes next is in the main part."""
    await page.keyboard.press("Tab")
    assert await focused(page) == "跳到正文"
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("#content$"))


async def _signed_in(page: Page, engine: AsyncEngine, address: str) -> None:
    """From the invitation on: password and second factor set, out again, and in with both."""
    actor = Actor(sub="keys", name="王键", role=Role.OFFICER)
    await people.add(engine, actor, unit="", by=actor)
    await page.goto(f"{address}/console/invitation/{await sessions.link(engine, actor.sub, 'invitation')}")
    factor = pyotp.TOTP(await page.locator("main code").inner_text())
    await _typed(page, "密码", _PASSWORD)
    await _typed(page, "再输入一次", _PASSWORD)
    await _typed(page, "验证器显示的六位数字", factor.now())
    await enter(page)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("待办")
    await tab_to(page, "王键")
    await enter(page)
    await tab_to(page, "退出")
    await enter(page)
    await page.goto(f"{address}/console/batches")
    await _typed(page, "账号", "keys")
    await _typed(page, "密码", _PASSWORD)
    await _typed(page, "动态口令", factor.now())
    await enter(page)
    assert page.url == f"{address}/console/batches"


async def test_a_step_is_filed_by_the_keyboard_alone(
    everybody: Office, desk_engine: AsyncEngine, chromium: Browser
) -> None:
    """Signing in, finding the batch, its form, the check page, the page of what became of it."""
    batch_no = await played(everybody, TO_BE_POSTED)
    page = await chromium.new_page(viewport=DESKTOP)
    await _signed_in(page, desk_engine, everybody.address)
    await _past_the_head(page)
    await _typed(page, "编号、商品、商标", batch_no)
    await enter(page)
    await tab_to(page, "清除筛选")
    await page.keyboard.press("Tab")
    await enter(page)
    assert page.url == f"{everybody.address}/console/batches/{batch_no}"
    await _past_the_head(page)
    await tab_to(page, "办理：")
    await enter(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("文书交寄")
    await _past_the_head(page)
    await _typed(page, "邮件号码", "EM000000099CN")
    await enter(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("核对：文书交寄")
    await judge(page, "check page")
    await tab_to(page, "提交")
    await enter(page)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("已受理")
    await judge(page, "page of what became of it")
    await tab_to(page, "回到批次")
    await enter(page)
    await expect(page.locator("#letters")).to_contain_text("EM000000099CN")
    await page.close()


async def test_a_correction_is_confirmed_by_the_keyboard_alone(everybody: Office) -> None:
    """Found among what waits for approval; what is missing is told, with the way to it; arrows choose."""
    batch_no = await played(everybody, TO_BE_POSTED[:1])
    async with everybody.client(Role.OFFICER) as officer:
        steps = (await officer.get(f"/batches/{batch_no}/steps")).json()["items"]
    purchase = next(one["step_id"] for one in steps if one["step"] == StepName.PURCHASED)
    correction = await to_confirm(everybody, batch_no, purchase)
    page = everybody.pages[Role.SUPERVISOR]
    await page.goto(f"{everybody.address}/console/")
    await tab_to(page, "审批")
    await enter(page)
    await _past_the_head(page)
    while (
        await page.evaluate("document.activeElement.href ?? ''")
        != f"{everybody.address}{_at(batch_no, correction)}"
    ):
        await page.keyboard.press("Tab")
        await focused(page)
    await enter(page)
    await _past_the_head(page)
    await tab_to(page, "作出决定")
    await enter(page)
    assert await focused(page), "what is wrong has the keyboard"
    await judge(page, "refused in place")
    await tab_to(page, "请选择")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    assert await page.locator("[name=confirmed][value=yes]").is_checked()
    await _typed(page, "理由", "与订单截图一致")
    await tab_to(page, "作出决定")
    async with page.expect_navigation():
        await page.keyboard.press("Space")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("已确认")


def _at(batch_no: str, correction: object) -> str:
    return f"/console/batches/{batch_no}/corrections/{correction}"
