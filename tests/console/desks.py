"""People at the desk, as a browser of each: accounts, sessions, and the forms of pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import httpx
from fastapi import FastAPI
from lxml import html
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from store.accounts import people
from tests.console.seats import BY, person, session_of

COOKIE = "choujian_session"
# Each browser has an address of its own, so that how often one may try is counted apart.
_addresses = count(1)


@asynccontextmanager
async def browser(app: FastAPI, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """One that follows nothing by itself; ``token``: of the session that it holds."""
    nth = next(_addresses)
    transport = httpx.ASGITransport(
        app, raise_app_exceptions=False, client=(f"10.0.{nth // 250}.{nth % 250}", 1)
    )
    headers = {"Accept": "text/html", "User-Agent": f"Browser {nth}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        if token is not None:
            client.cookies.set(COOKIE, token, domain="localhost.local", path="/")
        yield client


async def account(
    engine: AsyncEngine, sub: str, role: Role = Role.OFFICER, *, name: str = "王某", unit: str = ""
) -> Actor:
    """One that is there from now on, if it was not."""
    actor = person(role, sub, name)
    if await people.account(engine, sub) is None:
        await people.add(engine, actor, unit=unit, by=BY)
    return actor


@asynccontextmanager
async def desk(
    app: FastAPI, engine: AsyncEngine, sub: str, role: Role = Role.OFFICER
) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who is signed in."""
    token = await session_of(engine, person(role, sub, "王某"))
    async with browser(app, token) as client:
        yield client


def seen(answer: httpx.Response) -> html.HtmlElement:
    """The page of an answer."""
    return html.fromstring(answer.text)


def text(answer: httpx.Response) -> str:
    """What stands in its main part."""
    return " ".join(seen(answer).find(".//main").text_content().split())


def form(answer: httpx.Response, action: str | None = None) -> dict[str, str]:
    """What the page's form would send as it stands; the one to ``action`` where there are several."""
    forms = seen(answer).forms
    chosen = [one for one in forms if one.method == "POST" and action in (None, one.action)]
    return {name: value or "" for name, value in chosen[0].form_values()}


async def send(
    client: httpx.AsyncClient, path: str, action: str | None = None, **filled: str
) -> httpx.Response:
    """Open the page, fill in the form to ``action``, or the only one, and send it."""
    opened = await client.get(path)
    assert opened.status_code == 200, opened.text
    return await client.post(action or path, data=form(opened, action) | filled)
