"""Somebody at the desk without a browser: pages as trees, forms as a pressed button sends them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from lxml import html

from law.vocabulary import Role
from tests.console.seats import person, seated


class Page:
    """An answer that is a page."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.tree: Any = html.fromstring(answer.text, base_url=str(answer.request.url))

    @property
    def path(self) -> str:
        return self.answer.request.url.path

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", self.tree.find(".//main").text_content())

    @property
    def h1(self) -> str:
        return str(self.tree.findtext(".//h1"))

    @property
    def links(self) -> dict[str, str]:
        return {re.sub(r"\s+", "", one.text_content()): one.get("href") for one in self.tree.iter("a")}

    def form(self, button: str) -> Any:
        """The form that has this button."""
        return next(one for one in self.tree.forms if self._button(one, button) is not None)

    def _button(self, form: Any, text: str) -> Any:
        return next((one for one in form.iter("button") if one.text_content().strip() == text), None)

    def filled(self, button: str, **values: Any) -> list[tuple[str, str]]:
        """What the browser would send: what stands in the form, with these changed; None is left out."""
        form = self.form(button)
        changed = {name.replace("__", "."): value for name, value in values.items()}
        sent = [(name, value) for name, value in form.form_values() if name not in changed]
        for name, value in changed.items():
            told = value if isinstance(value, list) else [value]
            sent += [(name, one) for one in told if one is not None]
        pressed = self._button(form, button)
        return [*sent, (pressed.get("name"), pressed.get("value"))] if pressed.get("name") else sent


class Visitor:
    """Signed in; follows redirects as a browser does."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def see(self, path: str, **query: Any) -> Page:
        return Page(await self.client.get(path, params=query or None))

    async def press(self, page: Page, button: str, /, **values: Any) -> Page:
        action = page.form(button).get("action") or str(page.answer.request.url)
        content = httpx.QueryParams(page.filled(button, **values))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Page(await self.client.post(action, content=str(content), headers=headers))


@asynccontextmanager
async def at_the_desk(app: FastAPI, role: Role, sub: str = "") -> AsyncIterator[Visitor]:
    """One in this role; without ``sub`` the one whom the API's tests call so as well."""
    async with seated(app, person(role, sub or f"{role}-01"), follow_redirects=True) as client:
        yield Visitor(client)
