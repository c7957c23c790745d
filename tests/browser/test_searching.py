"""Whoever looks for something finds it with the keyboard alone, and is told how much there is."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from law.calendar import chinese_day
from tests.browser.conftest import Visit
from tests.browser.content import ELSEWHERE, GOODS, MANY, PRODUCER, SHORT_GOODS, Site
from tests.browser.serving import PHONE

pytestmark = pytest.mark.browser


async def go_to(page: Page, label: str) -> None:
    """Tab until the field with this label has the keyboard."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        on = await page.evaluate("document.activeElement.labels?.[0]?.innerText ?? ''")
        if on == label:
            return
    raise AssertionError(f"{label} is not reached")


async def ask(page: Page, label: str, typed: str) -> None:
    await go_to(page, label)
    await page.keyboard.type(typed)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/gongshi?**")


async def follow(page: Page, link: str) -> None:
    """By the keyboard: onto the link, Enter."""
    await page.get_by_role("link", name=link).focus()
    await page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("label", "typed", "said", "first"),
    [
        ("网络商品经营者", "第7号", "查到1项（网络商品经营者含“第7号”）", "羊毛混纺围巾"),
        ("商品名称", "保温杯大容量", "查到5项（商品名称含“保温杯大容量”）", GOODS),
        ("商标", "qingci", "查到4项（商标含“qingci”）", GOODS),
        ("第三方交易平台", "金鸡湖", f"查到{MANY}项（第三方交易平台含“金鸡湖”）", None),
        ("商品名称", "没有这种", "没有符合条件的抽检结果公示（商品名称含“没有这种”）", None),
    ],
)
async def test_a_piece_of_a_name_finds(
    visit: Visit, label: str, typed: str, said: str, first: str | None
) -> None:
    """Tab to the field, type, Enter: how many there are or that there is none, and what was asked stays."""
    page = await visit("抽检结果公示")
    await ask(page, label, typed)
    await expect(page.get_by_role("status")).to_contain_text(said)
    await expect(page.get_by_label(label, exact=True)).to_have_value(typed)
    assert typed in await page.title()
    if first:
        assert first in await page.locator(".list tbody th > a").all_inner_texts()


async def test_an_outcome_finds(visit: Visit) -> None:
    """Chosen with the arrow keys: only results that came out so."""
    page = await visit("抽检结果公示")
    await go_to(page, "结果")
    await page.keyboard.press("ArrowDown")
    await go_to(page, "发布日期自")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**outcome=conforming**")
    await expect(page.get_by_role("status")).to_contain_text("查到1项（结果为“合格”）")
    assert await page.locator(".list tbody th > a").all_inner_texts() == [SHORT_GOODS]


@pytest.mark.parametrize(
    ("label", "day", "said", "count"),
    [("发布日期自", 5, "查到3项（发布日期自", 3), ("发布日期至", 1, f"查到{MANY}项（发布日期至", 20)],
)
async def test_a_day_finds(visit: Visit, site: Site, label: str, day: int, said: str, count: int) -> None:
    """Typed part by part: what was published from that day on, or until that day."""
    page = await visit("抽检结果公示")
    of = site.first_day + timedelta(day)
    await ask(page, label, f"{of:%m%d%Y}")
    await expect(page.get_by_role("status")).to_contain_text(f"{said}{chinese_day(of)}）")
    await expect(page.get_by_label(label)).to_have_value(str(of))
    await expect(page.locator(".list tbody tr")).to_have_count(count)


async def test_the_next_page_keeps_the_search(visit: Visit) -> None:
    """Reached and left with the keyboard: the rest of as many in all, what was asked still in its field."""
    page = await visit("抽检结果公示")
    await ask(page, "第三方交易平台", ELSEWHERE)
    await expect(page.locator(".list tbody tr")).to_have_count(20)
    await follow(page, "下一页")
    await expect(page.get_by_role("status")).to_contain_text(
        f"查到{MANY}项（第三方交易平台含“{ELSEWHERE}”）。这是续页。"
    )
    await expect(page.get_by_label("第三方交易平台")).to_have_value(ELSEWHERE)
    await expect(page.locator(".list tbody tr")).to_have_count(MANY - 20)
    await expect(page.get_by_role("link", name="下一页")).to_have_count(0)
    await follow(page, "回到第一页")
    await expect(page.get_by_label("第三方交易平台")).to_have_value(ELSEWHERE)
    await expect(page.locator(".list tbody tr")).to_have_count(20)


async def test_announcements_are_searched_too(visit: Visit) -> None:
    """By the same names, and by nothing that no announcement has; a telephone goes on past the form."""
    page = await visit("公告列表", PHONE)
    await expect(page.get_by_label("商标")).to_have_count(0)
    await expect(page.get_by_label("结果")).to_have_count(0)
    await go_to(page, "商品名称")
    await page.keyboard.type("吸管水壶")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/gonggao?**")
    await expect(page.get_by_role("status")).to_contain_text("查到3项")
    await expect(page.locator(".list tbody tr").first).to_be_in_viewport()


async def test_an_addressee_finds_what_serves_it(visit: Visit) -> None:
    """The first field there is on announcements; the results, which serve nobody, have none."""
    page = await visit("公告列表")
    await go_to(page, "受送达人")
    await page.keyboard.type("九鼎不锈钢")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/gonggao?**")
    await expect(page.get_by_role("status")).to_contain_text("查到1项（受送达人含“九鼎不锈钢”）")
    await expect(page.locator(".list tbody th > a")).to_have_text(
        [f"受送达人：{PRODUCER}，送达文书：抽检结果通知书"]
    )
    page = await visit("抽检结果公示")
    await expect(page.get_by_label("受送达人")).to_have_count(0)


async def test_who_found_nothing_goes_on_from_there(visit: Visit) -> None:
    """One link leads back to everything."""
    page = await visit("没有查到")
    await expect(page.get_by_role("status")).to_contain_text("没有符合条件的抽检结果公示")
    await follow(page, "查看全部")
    await expect(page.get_by_role("status")).to_contain_text("新发布的在前")
