"""The page of the interface, in a browser that keeps to the policy it came with."""

import pytest
from playwright.async_api import Browser, ConsoleMessage

from tests.browser.content import Site

pytestmark = pytest.mark.browser


async def test_the_page_of_the_interface_works_under_its_own_policy(site: Site, chromium: Browser) -> None:
    """It shows the calls, opens one and takes a token, which is gone when the page is loaded again."""
    complaints: list[str] = []
    page = await chromium.new_page()

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("console", said)
    await page.goto(f"{site.address}/docs")
    await page.locator(".opblock-tag").first.click()
    await page.locator(".opblock-summary").first.click()
    await page.locator(".opblock-body").first.wait_for()
    await page.locator(".auth-wrapper .authorize").first.click()
    await page.locator(".modal-ux input").fill("a-token")
    await page.locator(".modal-ux button.authorize").click()
    await page.locator(".modal-ux button", has_text="Logout").wait_for()
    assert await page.evaluate("JSON.stringify(localStorage)") == "{}"
    await page.reload()
    await page.locator(".authorization__btn.unlocked, .auth-wrapper .authorize.unlocked").first.wait_for()
    await page.close()
    assert complaints == []
