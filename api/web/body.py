"""Reading a request's JSON: who asks comes first, then size, type, syntax and characters."""

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from api.web.auth import authenticate
from api.web.problems import Problem
from api.web.wording import clipped
from messages.text import TextsRefused, cleaned_json

# With an envelope and a case around it, this stays far below the 2 MiB that Temporal carries at once.
MAX_BODY_BYTES = 64 * 1024
_MAX_ORDER_BYTES = 128 * 1024
# What a report's text may come to, each character as an escape of JSON.
_MAX_REPORT_BYTES = 640 * 1024
_MAX_DEPTH = 32
# Between two pieces, and for the whole: 5 MiB come through on a line of 350 kbit/s.
_PIECE_SECONDS = 15.0
_WHOLE_SECONDS = 120.0
_JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)


class JsonRoute(APIRoute):
    """A route with a JSON body.

    FastAPI reads the body before it asks who is calling; here a caller without a good token learns
    nothing about its body, and the body is turned away before it can do harm.
    """

    max_body_bytes = MAX_BODY_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def checked(request: Request) -> Response:
            authenticate(request)
            raw = await read(request, self.max_body_bytes)
            if not raw:
                return await handler(_Parsed(request, raw, None))
            if not is_json(request):
                detail = "请求正文应为 JSON（Content-Type: application/json）。"
                raise Problem(415, "unsupported_media_type", detail)
            return await handler(_Parsed(request, raw, parsed(raw)))

        return checked


class OrderRoute(JsonRoute):
    """A route that takes an order, which is longer than any step."""

    max_body_bytes = _MAX_ORDER_BYTES


class ReportRoute(JsonRoute):
    """A route that takes a test report: its text is bounded as such, see ``messages.steps.result``."""

    max_body_bytes = _MAX_REPORT_BYTES


class RegisterRoute(JsonRoute):
    """A route that takes an entry of a register: a laboratory may be qualified for two thousand items."""

    max_body_bytes = _MAX_REPORT_BYTES


class _Parsed(Request):
    """The request again, its body already read and parsed."""

    def __init__(self, request: Request, raw: bytes, content: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._raw, self._content = raw, content

    async def body(self) -> bytes:
        return self._raw

    async def json(self) -> Any:
        return self._content


def is_json(request: Request) -> bool:
    return bool(_JSON_TYPE.match(request.headers.get("content-type", "")))


async def read(request: Request, limit: int) -> bytes:
    """The body, which is at most so many bytes long; no more of it is ever held.

    Raises :class:`Problem` 413, and 408 for a body that does not come to its end.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    raw = bytearray()
    now = asyncio.get_running_loop().time
    end = now() + _WHOLE_SECONDS
    try:
        async with asyncio.timeout(_PIECE_SECONDS) as patience:
            async for piece in request.stream():
                raw += piece
                if len(raw) > limit:
                    raise _too_large(limit)
                patience.reschedule(min(now() + _PIECE_SECONDS, end))
    except (TimeoutError, ClientDisconnect):
        raise Problem(408, "body_not_received", "请求正文没有收完，请检查网络后重新提交。") from None
    return bytes(raw)


def _too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"请求正文不能超过{limit // 1024} KiB。")


def parsed(raw: bytes) -> Any:
    """What the JSON says; its texts are cleaned, what is ambiguous is refused."""
    try:
        content = json.loads(raw.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_constant)
    except Problem:
        raise
    except (ValueError, RecursionError):
        raise Problem(400, "malformed_json", "请求正文不是有效的 JSON。") from None
    if _is_deeper(content, _MAX_DEPTH):
        raise Problem(400, "malformed_json", f"请求正文的 JSON 嵌套不能超过{_MAX_DEPTH}层。")
    try:
        return cleaned_json(content)
    except TextsRefused as refused:
        raise _refused(refused) from None


def _is_deeper(content: Any, most: int) -> bool:
    """Level by level: whoever walks into the content afterwards may recurse."""
    level = [content]
    for _ in range(most):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return any(isinstance(one, dict | list) for one in level)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise Problem(400, "malformed_json", "请求正文的 JSON 中，同一项出现了两次。")
    return content


def _no_constant(name: str) -> Any:
    raise Problem(400, "malformed_json", f"请求正文的 JSON 中不能使用 {name}。")


def _refused(refused: TextsRefused) -> Problem:
    path = refused.path
    pointer = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)
    field = clipped(path[-1]) if path else "请求内容"
    errors = [{"field": field, "pointer": clipped(pointer), "message": str(refused)}]
    return Problem(422, "invalid", f"{clipped(pointer) or '请求内容'}：{refused}", errors=errors)
