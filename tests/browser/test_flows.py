"""Temporal's pages as staff see them in a real Chromium: a batch can be looked at, nothing done to it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from temporalio.client import Client, WorkflowExecutionStatus

from local.commands.serving import serve_pages
from local.embedded.parts import hidden_pages, start_temporal
from local.embedded.ports import free_port
from settings import Settings
from tests.browser.serving import DESKTOP, listens
from tests.store.builders import until

pytestmark = pytest.mark.browser
BATCH = "batch-CJ2026-000001"


@pytest.fixture(scope="module")
async def flows(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Client]]:
    """The pages' address, with one batch to be seen, and Temporal beside it."""
    folder = tmp_path_factory.mktemp("flows")
    own = hidden_pages()
    temporal = start_temporal(None, free_port(), own, time_skipping=False, log=folder / "log")
    settings = Settings(home=folder, ui_port=free_port())
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_pages(settings, own.url, "127.0.0.1", stop))
    client = await Client.connect(temporal.address)
    await client.start_workflow("Batch", id=BATCH, task_queue="nobody", static_summary="儿童保温杯")
    await until(lambda: serving.done() or listens(settings.ui_port), 20)
    yield f"http://127.0.0.1:{settings.ui_port}", client
    stop.set()
    assert await serving
    temporal.stop()


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    page = await chromium.new_page(viewport=DESKTOP)
    page.set_default_timeout(20_000)
    yield page
    await page.close()


async def test_a_batch_can_be_looked_at_and_not_touched(
    flows: tuple[str, Client], page: Page, tmp_path: Path
) -> None:
    """From the list to its page and its history; whatever would act is switched off, and refused besides."""
    address, client = flows
    refused = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    await page.goto(f"{address}/namespaces/default/workflows")
    await page.get_by_role("link", name=BATCH).first.click()
    await expect(page.get_by_role("heading", name=BATCH)).to_be_visible()
    for name in ("Request Cancellation", "More Actions"):
        for button in await page.get_by_role("button", name=name).all():
            await expect(button).to_be_disabled()
    await page.get_by_role("tab", name="Event History").click()
    await expect(page.get_by_text("Workflow Execution Started").first).to_be_visible()
    assert refused == []
    picture = await page.screenshot(path=tmp_path / "flows.png")
    assert len(picture) > 10_000

    path = f"/api/v1/namespaces/default/workflows/{BATCH}/terminate"
    status = await page.evaluate(
        "path => fetch(path, {method: 'POST', body: '{}'}).then(r => r.status)", path
    )
    assert status == 403
    description = await client.get_workflow_handle(BATCH).describe()
    assert description.status is WorkflowExecutionStatus.RUNNING


async def test_another_site_cannot_read_them(flows: tuple[str, Client], page: Page) -> None:
    """Neither from a page of its own, nor by a name of its own that points to this machine."""
    address, _ = flows
    foreign = address.replace("127.0.0.1", "evil.localhost")
    answer = await page.goto(foreign)
    assert answer is not None
    assert answer.status == 403
    script = "url => fetch(url, {mode: 'no-cors'}).then(r => r.type + r.status, () => 'failed')"
    assert await page.evaluate(script, f"{address}/api/v1/settings") in ("failed", "opaque0")
