"""Reading a request's JSON: who asks comes first, then size, type, syntax and characters."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.web.auth import authenticate
from api.web.problems import Problem
from messages.text import TextsRefused, cleaned_json

MAX_BODY_BYTES = 1024 * 1024
_JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)


class JsonRoute(APIRoute):
    """A route with a JSON body.

    FastAPI reads the body before it asks who is calling; here a caller without a good token learns
    nothing about its body, and the body is turned away before it can do harm.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def checked(request: Request) -> Response:
            authenticate(request)
            raw = await read(request, MAX_BODY_BYTES)
            if not raw:
                return await handler(_Parsed(request, raw, None))
            if not is_json(request):
                detail = "请求正文应为 JSON（Content-Type: application/json）。"
                raise Problem(415, "unsupported_media_type", detail)
            return await handler(_Parsed(request, raw, parsed(raw)))

        return checked


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
    """The body, which is at most so many bytes long; no more of it is ever held."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > limit:
            raise _too_large(limit)
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
    try:
        return cleaned_json(content)
    except TextsRefused as refused:
        raise _refused(refused) from None


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
    errors = [{"field": path[-1] if path else "请求内容", "pointer": pointer, "message": str(refused)}]
    return Problem(422, "invalid", f"{pointer or '请求内容'}：{refused}", errors=errors)
