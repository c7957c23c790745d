"""The API on a real PostgreSQL, served to a real Chromium; the site is filled once, tests only read it."""

import os
from collections.abc import AsyncIterator
from typing import Protocol

import pytest
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    async_playwright,
)

from activities.checkpoints import Checkpointing
from local.embedded.ports import free_port
from settings import Settings
from signing.keys import Keyring
from store.engine import make_engine
from tests.browser.case_file import case_file  # noqa: F401 (fixture)
from tests.browser.content import STATUS, Site, fill
from tests.browser.premises import desk, desk_engine, desk_settings, everybody  # noqa: F401 (fixtures)
from tests.browser.serving import DESKTOP, served
from tests.databases import Addresses, create

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Nothing of Chromium's own goes out while a test looks at what the pages do.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
async def site(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The site as the public reaches it; Temporal is away and is not missed."""
    made = await create(addresses)
    database_url = made.service
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        api_port=free_port(),
        database_url=database_url,
        temporal_address="127.0.0.1:9",
    )
    keyring = Keyring(settings.signing_folder)
    keyring.ensure("某市局")
    engine = make_engine(database_url)
    filled = await fill(engine, settings.public_address, keyring)
    await Checkpointing(engine, keyring, None, None).make()
    await engine.dispose()
    async with served(settings):
        yield filled


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """With a profile of its own, thrown away afterwards, and the same language on every machine."""
    # In which order a field for a day takes its parts goes by the language of the browser, not of the page.
    environment: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "en_US"}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=environment)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def tabs(chromium: Browser) -> dict[bool, Page]:
    """Where pages are opened, one after the other: with scripts, which only the tests bring, and without."""
    return {scripts: await chromium.new_page(java_script_enabled=scripts) for scripts in (True, False)}


class Visit(Protocol):
    async def __call__(self, name: str, size: ViewportSize = DESKTOP, *, scripts: bool = False) -> Page: ...


@pytest.fixture
async def visit(site: Site, tabs: dict[bool, Page]) -> AsyncIterator[Visit]:
    """Opens a page of the site by its name, scripts off unless asked for.

    Whatever the test was about: nothing may have been fetched from elsewhere, and Chromium may not have
    complained of anything, such as something that the page's own security policy forbids.
    """
    foreign: list[str] = []
    complaints: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith(f"{site.address}/"):
            foreign.append(request.url)

    def said(message: ConsoleMessage) -> None:
        # That a page is answered with 404 is what some of them are for.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    async def opened(name: str, size: ViewportSize = DESKTOP, *, scripts: bool = False) -> Page:
        page = tabs[scripts]
        await page.set_viewport_size(size)
        await page.emulate_media(media="null")
        answer = await page.goto(site[name])
        assert isinstance(answer, Response)
        assert answer.status == STATUS[name]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        return page

    for page in tabs.values():
        page.set_default_timeout(10_000)
        page.on("request", asked)
        page.on("console", said)
    yield opened
    for page in tabs.values():
        page.remove_listener("request", asked)
        page.remove_listener("console", said)
    assert foreign == []
    assert complaints == []
