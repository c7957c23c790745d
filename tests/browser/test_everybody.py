"""The site can be used by everybody: without a script, on a telephone, with a keyboard, read aloud."""

import re
from itertools import pairwise

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.async_api import ViewportSize

from tests.browser.conftest import Visit
from tests.browser.content import STATUS
from tests.browser.looking import focused
from tests.browser.serving import DESKTOP, PHONE

pytestmark = pytest.mark.browser

every_page = pytest.mark.parametrize("name", STATUS)
JUDGED = "axe.run({resultTypes: ['violations']})"


@every_page
async def test_no_page_fails_a_rule_of_accessibility(visit: Visit, name: str) -> None:
    """Of all the rules that axe-core knows, contrast of colours too, on a desk and on a telephone."""
    page = await visit(name, DESKTOP, scripts=True)
    await page.evaluate(AXE_SCRIPT)
    for size in (DESKTOP, PHONE):
        await page.set_viewport_size(size)
        found = AxeResults(await page.evaluate(JUDGED))
        assert found.violations_count == 0, found.generate_report()


@every_page
async def test_no_page_is_wider_than_a_telephone(visit: Visit, name: str) -> None:
    """Neither of today nor of the smallest: nobody has to scroll sideways, and nothing is cut off."""
    page = await visit(name, PHONE)
    for width in (PHONE["width"], 320):
        await page.set_viewport_size({"width": width, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        outside = await page.evaluate(
            "[...document.querySelectorAll('main *')]"
            ".filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.outerHTML)"
        )
        assert outside == []


@every_page
async def test_every_page_has_its_parts_in_order(visit: Visit, name: str) -> None:
    """In Chinese, with banner, columns, one main part, closing words, and no level of heading left out."""
    page = await visit(name)
    assert await page.locator("html").get_attribute("lang") == "zh-CN"
    heard = await page.locator("body").aria_snapshot()
    for part in ("- banner:", '- navigation "栏目":', "- main:", "- contentinfo:"):
        assert heard.count(part) == 1, heard
    assert heard.startswith('- link "跳到正文"')
    headings = re.findall(r'- heading "(.*)" \[level=(\d)\]', heard)
    levels = [int(level) for _, level in headings]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert headings[0][0] in await page.title()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "telephone"])
async def test_the_keyboard_comes_everywhere_and_is_seen(visit: Visit, size: ViewportSize) -> None:
    """In the order of the page: skip link, columns, fields, button, results; each with a visible outline."""
    page = await visit("抽检结果公示", size)
    words = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        words.append(await focused(page))
        if words[-1].startswith("316L"):
            break
    # A field for a day takes the keyboard once for each of its parts.
    reached = list(dict.fromkeys(words))
    assert reached[:11] == [
        "跳到正文", "抽检结果公示", "公告", "随机抽查", "网络商品经营者", "商品名称", "商标",
        "第三方交易平台", "结果", "发布日期自", "发布日期至",
    ]  # fmt: skip
    assert reached[11] == "查询"
    assert reached[12].startswith("316L")


async def test_the_skip_link_leads_past_the_columns(visit: Visit) -> None:
    """Tab and Enter: the next thing the keyboard comes to is in the main part."""
    page = await visit("公示")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("name", ["公示", "公告", "有更正的公示", "核验通过"])
async def test_text_can_be_made_twice_as_large(visit: Visit, name: str) -> None:
    """WCAG 1.4.4, on a telephone: whoever needs large letters does not scroll sideways either."""
    page = await visit(name, PHONE, scripts=True)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
