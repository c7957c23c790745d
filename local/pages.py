"""Temporal's pages for looking only: a filtering proxy before them, in every stack of ours.

The pages of the development server take any ``Host`` and ``Origin`` and can terminate, cancel, signal and
reset. Before them only reading passes, asked for by one of our own names, and by no other site. Decision 36.
"""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from api.web.hosts import OnlyOwnHosts, OwnHosts

_READING = ("GET", "HEAD")
# A workflow's details and its stack are asked of its worker. Temporal's own interface calls that a POST.
_QUERY = re.compile(r"/api/v1/namespaces/([^/]+)/workflows/([^/]+)/query/([^/]+)")
_SETTINGS = "/api/v1/settings"
# Whatever the pages of a later release call them: each of these hides a button that would be refused.
_WRITING = re.compile(r"(Disable\w*Actions|\w+Disabled)")
# A history is waited for up to a minute.
_PATIENCE = httpx.Timeout(10.0, read=90.0)
_MOST_QUERIED_BYTES = 64 * 1024
_PASSED_ON = (
    "accept",
    "accept-encoding",
    "caller-type",
    "content-type",
    "cookie",
    "if-modified-since",
    "if-none-match",
    "range",
    "temporal-namespace",
    "x-csrf-token",
)
_PASSED_BACK = (
    "accept-ranges",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "last-modified",
    "location",
    "set-cookie",
    "vary",
)
_OWN_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def pages(upstream: str, hosts: OwnHosts) -> ASGIApp:
    """The proxy as an ASGI application; ``upstream`` is where Temporal's own pages listen."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(
            base_url=upstream, timeout=_PATIENCE, trust_env=False, follow_redirects=False
        ) as client:
            app.state.client = client
            yield

    async def answer(request: Request) -> Response:
        reason = _refused(request)
        return await _passed_on(request) if reason is None else _refusal(reason)

    every = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    app = Starlette(routes=[Route("/{path:path}", answer, methods=every)], lifespan=lifespan)
    return OnlyOwnHosts(app, hosts, _refusal("这个地址不是本系统的名称。"))


def _refused(request: Request) -> str | None:
    """Why a request is not passed on; None for one that only reads, and comes from nobody's page but ours."""
    # A browser says of itself from where it asks; whoever follows a link to us is let in.
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site") and (
        request.method not in _READING or request.headers.get("sec-fetch-mode") != "navigate"
    ):
        return "别的网站不能读取这里的内容。"
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        return "别的网站不能读取这里的内容。"
    if request.method in _READING or (request.method == "POST" and _is_query(request)):
        return None
    return "这里只能查看：办理请通过抽检系统的接口，那里知道是谁在办理。"


def _is_query(request: Request) -> bool:
    raw: bytes = request.scope["raw_path"]
    found = _QUERY.fullmatch(raw.decode("latin-1"))
    return found is not None and all(
        part not in ("", ".", "..") and not set("/\\?#%") & set(part) for part in map(unquote, found.groups())
    )


async def _passed_on(request: Request) -> Response:
    client: httpx.AsyncClient = request.app.state.client
    raw: bytes = request.scope["raw_path"]
    headers = {"accept-encoding": "identity"}
    headers |= {name: value for name, value in request.headers.items() if name in _PASSED_ON}
    body = b""
    if request.method == "POST":
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_QUERIED_BYTES:
                return _refusal("请求内容过大。")
    query: bytes = request.scope["query_string"]
    url = client.base_url.copy_with(raw_path=raw + (b"?" + query if query else b""))
    asked = client.build_request(request.method, url, headers=headers, content=body or None)
    try:
        answer = await client.send(asked, stream=True)
        if raw.decode("latin-1").rstrip("/") == _SETTINGS and request.method == "GET":
            return await _as_for_looking(answer)
    except httpx.HTTPError:
        return JSONResponse(
            {"message": "流程引擎（Temporal）的网页暂时连接不上，请稍后再试。"},
            502,
            {**_OWN_HEADERS, "Retry-After": "5"},
        )
    passing = StreamingResponse(_body_of(answer), answer.status_code)
    passing.raw_headers = [
        (name.lower(), value)
        for name, value in answer.headers.raw
        if name.lower().decode("latin-1") in _PASSED_BACK
    ]
    passing.headers.update(_OWN_HEADERS)
    return passing


async def _body_of(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The bytes as they come; a part that dies under way ends the answer, not this process."""
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    except httpx.HTTPError:
        return
    finally:
        await answer.aclose()


async def _as_for_looking(answer: httpx.Response) -> Response:
    """The pages' own settings with every act switched off: they hide the buttons."""
    try:
        told = json.loads(await answer.aread())
    finally:
        await answer.aclose()
    for name, value in told.items():
        if isinstance(value, bool) and _WRITING.fullmatch(name):
            told[name] = True
    response = JSONResponse({**told, "DisableWriteActions": True}, answer.status_code, _OWN_HEADERS)
    for cookie in answer.headers.get_list("set-cookie"):
        response.headers.append("set-cookie", cookie)
    return response


def _refusal(reason: str) -> Response:
    # The pages show ``message`` to whoever looks.
    return JSONResponse({"message": reason}, 403, _OWN_HEADERS)
