"""Somebody signed in at the desk: a browser's client, and its pages as trees."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
from fastapi import FastAPI
from lxml import html
from sqlalchemy.ext.asyncio import AsyncEngine

from api.console.desk import cookie_name
from law.vocabulary import Role
from messages.base import Actor
from store.accounts import people, sessions
from store.errors import AccountExists

BY = Actor(sub="tests", name="测试", role=Role.ADMIN)


def person(role: Role, sub: str, name: str = "张三", laboratory: str = "LAB-01") -> Actor:
    return Actor(sub=sub, name=name, role=role, laboratory=laboratory if role is Role.LAB else None)


async def session_of(engine: AsyncEngine, actor: Actor, unit: str = "") -> str:
    """What a browser of theirs holds; the account is made where there is none."""
    with suppress(AccountExists):
        await people.add(engine, actor, unit=unit, by=BY)
    return await sessions.begin(engine, actor.sub, how="link", agent="tests", client="127.0.0.1")


@asynccontextmanager
async def seated(
    app: FastAPI, actor: Actor, unit: str = "", *, follow_redirects: bool = False
) -> AsyncIterator[httpx.AsyncClient]:
    """A client that holds a session of this person, whose account is made where there is none."""
    token = await session_of(app.state.runtime.engine, actor, unit)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://localhost",
        cookies={cookie_name(app.state.runtime.settings): token},
        follow_redirects=follow_redirects,
    ) as client:
        yield client


async def page(client: httpx.AsyncClient, path: str, status: int = 200, **query: Any) -> Any:
    answer = await client.get(path, params=query or None)
    assert answer.status_code == status, answer.text
    return html.fromstring(answer.text)


def words(tree: Any) -> str:
    """What stands there, without what is between."""
    return "".join(tree.text_content().split())


def links(tree: Any) -> dict[str, str]:
    """Where each link leads, by what it says."""
    return {words(one): one.get("href") for one in tree.iter("a")}


async def send(client: httpx.AsyncClient, tree: Any, path: str, **fields: str) -> httpx.Response:
    """The form of a page, with what is entered."""
    token = tree.xpath("//input[@name='form_token']/@value")[0]
    return await client.post(path, data={"form_token": token, **fields})
