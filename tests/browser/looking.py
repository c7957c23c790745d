"""Can everybody use it: judged by axe-core on a desktop and a phone, and by the keyboard alone."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.async_api import Page

from tests.browser.serving import DESKTOP, PHONE

_NARROWEST = 320
_MOST_KEYS = 200
# What is wider than the window although nobody can scroll to it alone.
_STICKS_OUT = """
[...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1
  && !one.closest('.course, .scroll, .hidden')).map(one => one.outerHTML.slice(0, 200))
"""


async def judge(page: Page, where: str) -> None:
    """All rules that axe-core knows, contrast of colours too; nobody scrolls sideways on a telephone."""
    await page.evaluate(AXE_SCRIPT)
    for size in (DESKTOP, PHONE):
        await page.set_viewport_size(size)
        found = AxeResults(await page.evaluate("axe.run({resultTypes: ['violations']})"))
        assert found.violations_count == 0, f"{where}\n{found.generate_report()}"
    for width in (PHONE["width"], _NARROWEST):
        await page.set_viewport_size({"width": width, "height": PHONE["height"]})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, where
        assert await page.evaluate(_STICKS_OUT) == [], where
    await page.set_viewport_size(DESKTOP)


async def focused(page: Page) -> str:
    """The words of what the keyboard is on, and that this can be seen."""
    told: list[str] = await page.evaluate(
        """() => {
            const on = document.activeElement, look = getComputedStyle(on), at = on.getBoundingClientRect()
            return [on.labels?.[0]?.innerText ?? on.innerText, look.outlineStyle, look.outlineWidth,
                    at.width > 0 && at.right > 0 && at.bottom > 0 && at.top < innerHeight ? 'seen' : 'hidden']
        }"""
    )
    text, style, width, seen = told
    assert (style, seen) == ("solid", "seen"), told
    assert float(width.removesuffix("px")) >= 2, told
    return text


async def tab_to(page: Page, words: str) -> None:
    """On with the tabulator until the keyboard is on what says this; each stop on the way can be seen."""
    passed = []
    for _ in range(_MOST_KEYS):
        await page.keyboard.press("Tab")
        passed.append(await focused(page))
        if passed[-1].startswith(words):
            return
    raise AssertionError(f"{words} is not reached: {passed}")


async def enter(page: Page) -> None:
    """The key that follows a link and presses a button; the next page is there."""
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
