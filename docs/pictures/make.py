"""``make pictures``: those of docs/first-hour.md, from a running stack that has played ``choujian demo``."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
from playwright.async_api import Page, async_playwright

from law.vocabulary import Role
from local.commands import finding
from local.commands.tokens import issue
from local.scenarios.courses import example_order

_HERE = Path(__file__).parent
_CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
_SIZE = {"width": 1100, "height": 760}


async def main() -> None:
    settings = finding.of_stack()
    contested, fresh = await _batches(settings.api_url, issue(settings, Role.OFFICER))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport=_SIZE, locale="zh-CN")
        await _take(page, f"{settings.api_url}/console/sign-in", "sign-in")
        link = [sys.executable, "-m", "local.commands.cli", "sign-in", "officer"]
        await page.goto((await asyncio.to_thread(subprocess.check_output, link, text=True)).strip())
        console = f"{settings.api_url}/console"
        await _take(page, f"{console}/", "inbox")
        await _take(page, f"{console}/batches/{contested}", "case")
        await _take(page, f"{console}/batches/{fresh}/steps/purchased/new", "form")
        await _take(page, f"{console}/batches/{contested}/evidence", "evidence")
        await _take(page, f"{console}/post", "post")
        await page.goto(f"{console}/batches/{contested}")
        await _take(page, await _first(page, "a[href$='/correct']"), "correction")
        await page.goto(f"{console}/batches/{contested}")
        await page.goto(await _first(page, "a[href*='/steps/objection_filed/new?party=seller']"))
        await page.fill("[name=grounds]", "对耐热冲击项目的检验方法有异议")
        await page.check("[name=how][value=counter]")
        await page.get_by_role("button", name="下一步：核对").click()
        await page.screenshot(path=_HERE / "check.png")
        await browser.close()


async def _batches(api: str, token: str) -> tuple[str, str]:
    """One in its windows, and one that is just ordered."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=api, headers=headers, trust_env=False, timeout=30) as client:
        listed = (await client.get("/batches", params={"phase": "objection"})).json()["items"]
        now = datetime.now(UTC)
        order = example_order(now, goods={"spec_model": f"SL-{uuid4().hex[:6].upper()}"})
        fresh = (await client.post("/batches", json=order)).json()["batch_no"]
    if not listed:
        raise SystemExit("没有处于异议期的批次：请先运行 choujian demo。")
    return listed[0]["batch_no"], fresh


async def _first(page: Page, selector: str) -> str:
    href = await page.locator(selector).first.get_attribute("href")
    assert href is not None
    return page.url.split("/console")[0] + href


async def _take(page: Page, address: str, name: str) -> None:
    await page.goto(address)
    await page.screenshot(path=_HERE / f"{name}.png")


asyncio.run(main())
