"""No answer leaves without what keeps a browser from doing more with it than it should."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route

from api.web.body import MAX_BODY_BYTES
from law.vocabulary import Role
from settings import Settings
from tests.api.builders import Tokens, client_of, running

_VALUES = {"batch_no": "CJ1999-000001", "document_id": "x", "wait": "x", "step_id": "0" * 32, "no": "1"}
_POLICY = "content-security-policy"


def _assert_safe(answer: httpx.Response, said: str) -> None:
    assert "default-src 'none'" in answer.headers[_POLICY], said
    assert "frame-ancestors 'none'" in answer.headers[_POLICY], said
    assert answer.headers["x-content-type-options"] == "nosniff", said
    assert answer.headers["referrer-policy"] == "no-referrer", said
    assert "etag" in answer.headers or "cache-control" in answer.headers, said


def _routes(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        within = getattr(route, "original_router", None)
        if within is not None:
            yield from _routes(within.routes)
        elif isinstance(route, Mount):
            yield "GET", f"{route.path}/swagger-ui.css"
        else:
            assert isinstance(route, Route), route
            path = route.path
            for name in route.param_convertors:
                value = _VALUES.get(name, "x")
                path = path.replace(f"{{{name}}}", value).replace(f"{{{name}:uuid}}", value)
            yield from ((method, path) for method in sorted(route.methods or ()))


async def test_every_route_has_them_with_a_token_and_without(
    app: FastAPI, tokens: Tokens, anybody: httpx.AsyncClient
) -> None:
    """Whatever the answer is; what is asked with a token is kept nowhere."""
    routes = list(_routes(app.routes))
    assert len(routes) > 60
    async with client_of(app, tokens.header(Role.OFFICER)) as officer:
        for method, path in routes:
            said = f"{method} {path}"
            _assert_safe(await anybody.request(method, path), said)
            answer = await officer.request(method, path)
            _assert_safe(answer, said)
            assert answer.headers["cache-control"] == "no-store", said


@pytest.fixture
async def faulty(settings: Settings, migrated: object) -> AsyncIterator[httpx.AsyncClient]:
    """To an application with a route that fails, reached by the public through TLS."""
    assert migrated
    secured = settings.model_copy(update={"public_url": "https://jianguan.example.cn"})
    async with running(secured) as application:

        @application.get("/fault")
        async def fault() -> None:
            raise RuntimeError

        async with client_of(application, {}) as client:
            yield client


async def test_every_error_has_them(faulty: httpx.AsyncClient, tokens: Tokens) -> None:
    """Also where no route is reached: another's name, an address that cannot be read, our own faults."""
    officer = tokens.header(Role.OFFICER)
    step = "/batches/CJ1999-000001/steps/sealed"
    answers = {
        403: await faulty.get("/gongshi", headers={"Host": "evil.example.com"}),
        404: await faulty.get("/nowhere"),
        405: await faulty.delete("/gongshi"),
        413: await faulty.post(step, content=b" " * (MAX_BODY_BYTES + 1), headers=officer),
        415: await faulty.post(step, content=b"x", headers=officer),
        422: await faulty.get("/batches/%00"),
        500: await faulty.get("/fault"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        _assert_safe(answer, str(status))
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_tls_is_demanded_only_where_there_is_some(anybody: httpx.AsyncClient) -> None:
    """A browser that was told to would never come back to an installation without."""
    assert "strict-transport-security" not in (await anybody.get("/gongshi")).headers


async def test_the_public_may_keep_what_is_public(anybody: httpx.AsyncClient) -> None:
    """Pages are asked for again each time, assets and keys are not; a verified letter is kept by nobody."""
    kept = {"/gongshi": "public, no-cache", "/.well-known/choujian-keys.txt": "public, max-age=300"}
    for path, said in kept.items():
        assert (await anybody.get(path)).headers["cache-control"] == said
    assert (await anybody.get(f"/verify/{'a' * 26}")).headers["cache-control"] == "no-store"
    asset = await anybody.get("/docs/assets/swagger-ui-bundle.js")
    assert "no-store" not in asset.headers.get("cache-control", "")


async def test_the_page_of_the_interface_keeps_no_token(anybody: httpx.AsyncClient) -> None:
    """Local storage is read by whoever sits down next; and nothing runs that was not written here."""
    page = await anybody.get("/docs")
    assert "persistAuthorization" not in page.text
    scripts = page.headers[_POLICY].partition("script-src ")[2].partition(";")[0]
    assert "unsafe" not in scripts
    assert "'sha256-" in scripts
