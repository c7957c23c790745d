"""Whoever looks with a browser is told on a page, in Chinese; programs go on getting the document."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import make_url

from local.embedded.ports import free_port
from settings import Settings
from tests.api.builders import assert_problem, client_of, running

_BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
_PAGES = (
    "/gongshi",
    "/gongshi/x",
    "/gonggao",
    "/gongshi.atom",
    "/cunzheng",
    f"/verify/{'a' * 26}",
    f"/verify/disposal/CJ2026-000001/1/{'a' * 32}",
)


@pytest.fixture
async def cut_off(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """To an application whose database is away."""
    url = make_url(settings.database_url or "").set(host="127.0.0.1", port=free_port(), query={})
    away = settings.model_copy(update={"database_url": url.render_as_string(hide_password=False)})
    async with running(away) as application, client_of(application, {}) as client:
        yield client


def _assert_page(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "网络交易商品质量抽检" in answer.text
    assert '<a href="/gongshi">' in answer.text


async def test_an_address_that_there_is_not_is_a_page_for_a_browser(anybody: httpx.AsyncClient) -> None:
    """Whatever stands in it is not shown; programs get what they always got."""
    answer = await anybody.get("/gongsi/<script>", headers=_BROWSER)
    _assert_page(answer, 404)
    assert "没有这个页面" in answer.text
    assert "script" not in answer.text
    for headers in ({}, {"Accept": "application/json"}):
        assert_problem(await anybody.get("/gongsi", headers=headers), 404, "not_found")


async def test_a_method_that_a_page_does_not_know_is_told_on_a_page(anybody: httpx.AsyncClient) -> None:
    """With what HTTP wants to be said."""
    answer = await anybody.post("/gongshi", headers=_BROWSER)
    _assert_page(answer, 405)
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("path", _PAGES)
async def test_while_the_database_is_away_a_browser_is_asked_to_come_again(
    cut_off: httpx.AsyncClient, path: str
) -> None:
    """A page that says when, and nothing of how it is made."""
    answer = await cut_off.get(path, headers=_BROWSER)
    _assert_page(answer, 503)
    assert answer.headers["retry-after"] == "5"
    assert "请过几分钟再试" in answer.text
    assert "数据库" not in answer.text
    assert_problem(await cut_off.get(path), 503, "database_unavailable")


async def test_calls_stay_calls_in_a_browser(anybody: httpx.AsyncClient, cut_off: httpx.AsyncClient) -> None:
    """What has its own code is told by the document, whatever is accepted beside it."""
    assert_problem(await anybody.get("/batches", headers=_BROWSER), 401, "unauthenticated")
    assert_problem(await cut_off.get("/public/results", headers=_BROWSER), 503, "database_unavailable")
