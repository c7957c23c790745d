"""The rule for text at the API's doors: every field of every body, and every part of an address."""

import re
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.web.address import FOR_PEOPLE
from law.vocabulary import Role
from tests.api.builders import (
    Tokens,
    assert_problem,
    client_of,
    eventually,
    order_example,
    ordered,
)

HIDDEN = "\u202e"
Path = tuple[str | int, ...]

# Pages for people: a character that no text may have is answered as on any page, in HTML.
_PAGES = ("/cunzheng", "/gongshi", "/gonggao")


def _with_bodies(app: FastAPI) -> list[APIRoute]:
    return [route for route in _routes(app) if route.body_field is not None]


def _routes(app: FastAPI) -> list[APIRoute]:
    within: list[Any] = [getattr(route, "original_router", app) for route in app.routes]
    once = {id(router): router for router in within}.values()
    routes = [route for router in once for route in router.routes]
    return [route for route in routes if isinstance(route, APIRoute) and route.path != "/docs"]


def _at(route: APIRoute, value: str) -> str:
    """The route's address with one value in every place."""
    return re.sub(r"\{[^}]+\}", value, route.path)


def _texts(annotation: Any, path: Path = ()) -> Iterator[Path]:
    """Where in a body of this type a text may stand."""
    origin = get_origin(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from _texts(field.annotation, (*path, name))
    elif origin in (Union, types.UnionType):
        for kind in get_args(annotation):
            yield from _texts(kind, path)
    elif origin is dict:
        yield from _texts(get_args(annotation)[1], (*path, "2027-01-01"))
    elif origin in (tuple, list):
        yield from _texts(get_args(annotation)[0], (*path, 0))
    elif origin is not None and get_args(annotation):
        yield from _texts(get_args(annotation)[0], path)
    elif annotation is str or getattr(annotation, "__name__", "") == "EmailStr":
        yield path


def _body(path: Path) -> Any:
    """The least that has a text at this place."""
    if not path:
        return f"甲{HIDDEN}乙"
    inner = _body(path[1:])
    return [inner] if isinstance(path[0], int) else {path[0]: inner}


async def test_every_text_of_every_body_is_refused_by_its_place(app: FastAPI, tokens: Tokens) -> None:
    """All models that the API takes in, however deep; the field and the character are named."""
    seen = 0
    for route in _with_bodies(app):
        assert route.body_field is not None
        texts = set(_texts(route.body_field.field_info.annotation))
        (method,) = route.methods or set()
        address = _at(route, "1")
        async with client_of(app, tokens.header(Role.OFFICER)) as client:
            for path in texts:
                answer = await client.request(method, address, json=_body(path))
                document = assert_problem(answer, 422, "invalid")
                pointer = "".join(f"/{part}" for part in path)
                assert [one["pointer"] for one in document["errors"]] == [pointer], route.path
                assert "U+202E" in document["detail"]
                seen += 1
    assert seen > 150


async def test_every_part_of_an_address_is_refused_or_folded(app: FastAPI, tokens: Tokens) -> None:
    """A query's values and the parts of a path; pages for the public too."""
    seen = 0
    async with client_of(app, tokens.header(Role.OFFICER)) as client:
        for route in _routes(app):
            values = route.param_convertors
            method = next(iter(route.methods or {"GET"}))
            if values and not route.path.startswith(FOR_PEOPLE):
                answer = await client.request(method, _at(route, quote("甲\u2067乙")))
                if method == "HEAD":  # whose answers have no body
                    assert answer.status_code == 422
                    continue
                assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
                assert "[U+2067]" in answer.json()["instance"]
                seen += 1
            for field in route.dependant.query_params:
                address = _at(route, "1")
                answer = await client.request(method, address, params={field.alias: "甲\u2067乙"})
                if not route.path.startswith(FOR_PEOPLE):
                    assert_problem(answer, 422, "invalid")
                    seen += 1
    assert seen > 60


@pytest.mark.usefixtures("working")
async def test_what_was_pasted_unseen_is_folded_before_it_is_kept(
    officer: httpx.AsyncClient,
) -> None:
    """In a body, and in what is looked for: both are the same text afterwards."""
    seller = order_example()["seller"] | {"name": "示例\u200b旗舰\ufeff店\u00a0一号"}
    number = await ordered(officer, seller=seller)
    batch = await eventually(officer, f"/batches/{number}", lambda body: body["parties"])
    assert batch["parties"][0]["name"] == "示例旗舰店 一号"
    found = (await officer.get("/batches", params={"q": "示例旗\u200b舰店\u00a0一"})).json()
    assert number in [one["batch_no"] for one in found["items"]]


@pytest.mark.parametrize("name", ["张\u202e三", "张\x10三", "张\ue000三"])
async def test_a_tokens_name_is_a_text_too(app: FastAPI, tokens: Tokens, name: str) -> None:
    async with client_of(app, tokens.header(Role.OFFICER, name=name)) as client:
        assert_problem(await client.get("/batches"), 401, "unauthenticated")


async def test_a_letters_page_answers_a_strange_code_as_any_wrong_one(anybody: httpx.AsyncClient) -> None:
    """It is for people: no problem document, but the page that says so."""
    answer = await anybody.get("/verify/CJ2026-000001-x", params={"code": "\u202e\x00"})
    assert answer.status_code == 404
    assert "核验不通过" in answer.text
