"""The post desk in a real browser: a scanner types and sends Enter, a label's code finds its letter."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.async_api import Browser, Page

from law.vocabulary import Role
from local.commands.signing_in import link
from local.commands.tokens import ensure_keys
from local.embedded.ports import free_port
from settings import Settings
from store.documents.papers import HandedOver, Letter
from store.engine import make_engine
from store.ledger import record
from tests.browser.serving import DESKTOP, PHONE, served
from tests.databases import Addresses, create
from tests.store.builders import change, open_one, order, paper, snapshot

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
async def office(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """An API with three letters to be posted; Temporal is away and is not missed."""
    made = await create(addresses)
    settings = Settings(
        home=tmp_path_factory.mktemp("post"),
        api_port=free_port(),
        database_url=made.service,
        temporal_address="127.0.0.1:9",
    )
    ensure_keys(settings.home_dir)
    engine = make_engine(made.service)
    for nth in range(3):
        batch_no = (await open_one(engine, order())).batch_no
        letter = Letter(paper(f"{batch_no}-result_notice-seller-1"), HandedOver("outbox", f"待人工递送{nth}"))
        await record.write(engine, change(snapshot(batch_no, 1)), [letter], time_skipping=False)
    await engine.dispose()
    async with served(settings):
        yield settings


@pytest.fixture
async def desk(office: Settings, chromium: Browser) -> AsyncIterator[Page]:
    """An officer's; its policy is set aside for axe alone."""
    context = await chromium.new_context(viewport=DESKTOP, bypass_csp=True)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(await asyncio.to_thread(link, office, Role.OFFICER, laboratory=None))
    yield page
    await context.close()


async def numbers(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(
        "[...document.querySelectorAll('input[data-letter]')].map(one => one.value)"
    )
    return found


async def test_a_scanner_goes_from_letter_to_letter(desk: Page, office: Settings) -> None:
    """Its Enter sends nothing; after the last number the button that checks is at hand."""
    await desk.goto(f"http://127.0.0.1:{office.api_port}/console/post/postings")
    fields = desk.locator("input[data-letter]")
    label = await fields.nth(1).get_attribute("data-letter")
    assert label is not None
    await desk.get_by_label("扫描标签").focus()
    for typed in (label, "EE000000002CN"):
        await desk.keyboard.type(typed)
        await desk.keyboard.press("Enter")
    await desk.keyboard.type("EE000000003CN")
    await desk.keyboard.press("Enter")
    assert await numbers(desk) == ["", "EE000000002CN", "EE000000003CN"]
    assert await desk.evaluate("document.activeElement.id") == "check"
    await desk.keyboard.press("Enter")
    await desk.get_by_role("heading", name="核对：登记交寄").wait_for()
    await desk.get_by_role("button", name="登记这2条").wait_for()
    await desk.get_by_role("button", name="返回修改").click()
    await desk.get_by_role("heading", name="登记邮件号码").wait_for()
    assert await numbers(desk) == ["", "EE000000002CN", "EE000000003CN"]
    assert await desk.evaluate("document.activeElement.id") == "number.0"


@pytest.mark.parametrize("path", ["", "?state=all", "/postings", "/findings", "/lists/receipts"])
async def test_everybody_can_use_the_post_desk(desk: Page, office: Settings, path: str) -> None:
    """No rule of accessibility fails, and on a telephone nothing sticks out."""
    await desk.goto(f"http://127.0.0.1:{office.api_port}/console/post{path}")
    await desk.evaluate(AXE_SCRIPT)
    for size in (DESKTOP, PHONE):
        await desk.set_viewport_size(size)
        found = AxeResults(await desk.evaluate("axe.run({resultTypes: ['violations']})"))
        assert found.violations_count == 0, found.generate_report()
    assert await desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
