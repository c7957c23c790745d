"""Somebody at the desk who knows what a step is to say, and enters only what does not stand there yet."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from playwright.async_api import BrowserContext, Locator, Page
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import TimeSkipper

from api.console.fields import Field, Kind, fields_of
from api.console.forms import EntryForm
from law.vocabulary import Role
from local.scenarios.demo import Stage
from messages.base import Actor
from messages.envelope import Decision
from messages.order import BatchOrder
from messages.steps import STEPS, StepName
from store.accounts import people, sessions
from store.ledger.filings import follow_clock

_BY = Actor(sub="test", name="测试", role=Role.ADMIN)
_NOW = timedelta(minutes=5)
_CHOSEN = (Kind.FEW, Kind.YES_NO)
# How a letter left, and by what its receipt is found, the form knows better than the example of the step.
_KNOWN_BETTER = ("means", "receipt")
_TYPED = (Kind.LINE, Kind.TEXT, Kind.LINES, Kind.NUMBER, Kind.DAY, Kind.INSTANT)


class Office(Stage):
    """People of every role, each with a browser of their own; courses are played here by clicks."""

    def __init__(
        self,
        api: httpx.AsyncClient,
        tokens: dict[Role, str],
        skipper: TimeSkipper,
        engine: AsyncEngine,
        address: str,
        pages: Mapping[Role, Page],
    ) -> None:
        super().__init__(api, tokens, skipper)
        self.over_the_api = (api, tokens, skipper)
        self.engine = engine
        self.address = address
        self.pages = pages
        # What was typed or chosen by hand: the step and the place in its form.
        self.entered: list[tuple[str, str]] = []

    async def fast_forward(self, batch_no: str, by: timedelta) -> None:
        """Time goes by for the ledger as well: forms begin with the day it is."""
        await super().fast_forward(batch_no, by)
        await follow_clock(self.engine, batch_no, await self.clock(batch_no))

    def client(self, role: Role) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.address, headers=self._headers[role], trust_env=False)

    async def order(self, order: dict[str, Any], *, like: str) -> str:
        """Order a batch like an earlier one, where it is not to be otherwise; its number."""
        page = self.pages[Role.OFFICER]
        await page.goto(f"{self.address}/console/orders/whole?like={like}")
        await self.fill(
            page, "order", fields_of(BatchOrder), BatchOrder.model_validate(order).model_dump(mode="json")
        )
        await page.get_by_role("button", name="下一步：核对").click()
        await page.get_by_role("button", name="提交", exact=True).click()
        await page.wait_for_url(re.compile(r"/batches/[^/]+$"))
        return page.url.partition("?")[0].rpartition("/")[2]

    async def do(self, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Decision:
        page = self.pages[role]
        await self.open_form(page, batch_no, step, body)
        await self.fill(page, step, fields_of(STEPS[step]), body)
        await page.get_by_role("button", name="下一步：核对").click()
        if await page.locator(".summary").count():
            raise AssertionError(f"{step}: {await page.locator('.summary').inner_text()}")
        await page.get_by_role("button", name="提交", exact=True).click()
        await page.wait_for_url(re.compile(r"/steps/[0-9a-f-]{36}(\?|$)"))
        step_id = page.url.partition("?")[0].rpartition("/")[2]
        return await self.decided(batch_no, role, step_id)

    async def open_form(self, page: Page, batch_no: str, step: StepName, body: Mapping[str, Any]) -> None:
        """From the page of the batch, by its own link."""
        await page.goto(f"{self.address}/console/batches/{batch_no}")
        links = page.locator(f"a[href*='/steps/{step}/new']")
        hrefs = [await link.get_attribute("href") or "" for link in await links.all()]
        assert hrefs, f"no way to {step}"
        best = max(range(len(hrefs)), key=lambda nth: _fitting(hrefs[nth], body))
        link = links.nth(best)
        await _shown(link)
        await link.click()
        await page.wait_for_url(re.compile(r"/new"))
        if await page.locator("#pick").count():
            await self._picked(page, step, body["laboratory"]["code"])

    async def _picked(self, page: Page, step: str, code: str) -> None:
        """By name from the register, if it stands there."""
        if await page.locator(f"#pick option[value='{code}']").count():
            await page.locator("#pick").select_option(code)
            await page.get_by_role("button", name="填入下面的表单").click()
            await page.wait_for_load_state()
            self.entered.append((step, "pick"))

    async def fill(self, page: Page, step: str, fields: Sequence[Field], body: Mapping[str, Any]) -> None:
        """Every field that says something else, and none that says it already."""
        form = EntryForm(fields, body)
        await self._rows(page, fields, form, "")
        wanted = dict(form.places())
        for place, one in wanted.items():
            await self._answer(page, step, place, one, form.value(place))

    async def _rows(self, page: Page, fields: Sequence[Field], form: EntryForm, at: str) -> None:
        for one in fields:
            place = f"{at}.{one.name}" if at else one.name
            if one.kind is Kind.ROWS:
                want = form.rows(place, required=False)
                rows = page.locator(f"[name=add][value='{place}'] >> xpath=../fieldset")
                while (shown := await rows.count()) != want:
                    wish = ("add", place) if shown < want else ("remove", f"{place}.{shown - 1}")
                    await page.locator(f"[name={wish[0]}][value='{wish[1]}']").click()
                    await page.wait_for_load_state()
            elif one.kind is Kind.GROUP:
                await self._rows(page, one.inner, form, place)

    async def _answer(self, page: Page, step: str, place: str, one: Field, value: str) -> None:
        named = page.locator(f"[name='{place}']")
        # What the form knows beyond what the step would have to say is left as it stands.
        if not value:
            return
        if one.kind in _CHOSEN:
            now = await page.locator(f"[name='{place}']:checked").count()
            chosen = page.locator(f"[name='{place}'][value='{value}']")
            if not (now and (place in _KNOWN_BETTER or await chosen.is_checked())):
                await _shown(chosen)
                await chosen.check()
                self.entered.append((step, place))
        elif one.kind in (Kind.EVIDENCE, Kind.EVIDENCES):
            if not await page.locator(f"[name='{place}']:checked").count():
                await named.first.check()
                self.entered.append((step, place))
        elif one.kind is Kind.MANY:
            if await named.input_value() != value:
                await _shown(named)
                await named.select_option(value)
                self.entered.append((step, place))
        elif one.kind in _TYPED:
            shown = (await named.input_value()).strip()
            if not (_is_there(one.kind, shown, value) or (shown and place in _KNOWN_BETTER)):
                await _shown(named)
                await named.fill(value)
                self.entered.append((step, place))


def _fitting(href: str, body: Mapping[str, Any]) -> int:
    """How much of a link's question the step is about; less where it is about something else."""
    asked = {name: said[0] for name, said in parse_qs(urlsplit(href).query).items()}
    return sum(1 if body.get(name) == said else -5 for name, said in asked.items() if name in body)


def _is_there(kind: Kind, shown: str, wanted: str) -> bool:
    """Whether it says that already; of the time of what happens now, the minute that the form begins with."""
    if kind is Kind.INSTANT and shown:
        apart = datetime.fromisoformat(wanted) - datetime.fromisoformat(shown)
        return abs(apart) < _NOW
    return shown.replace("\r\n", "\n") == wanted


async def _shown(one: Locator) -> None:
    """Open what it is folded away in."""
    closed = one.locator("xpath=ancestor::details[not(@open)]")
    while await closed.count():
        await closed.first.locator("summary").first.click()


async def signed_in(
    context: BrowserContext, engine: AsyncEngine, address: str, role: Role, laboratory: str | None = None
) -> Page:
    """A page of somebody in this role, who came by a link."""
    sub = f"{role}-desk"
    if await people.account(engine, sub) is None:
        actor = Actor(sub=sub, name=f"桌面{role}", role=role, laboratory=laboratory)
        await people.add(engine, actor, unit="", by=_BY)
    page = await context.new_page()
    await page.goto(f"{address}/console/link/{await sessions.link(engine, sub, 'once')}")
    return page
