"""What the API answers to somebody at the desk, passed through as it comes: files of any length."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Response
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from api.console.desk import Desk
from api.console.route import fault
from api.web.problems import Problem

_FRAMED = "default-src 'none'; frame-ancestors 'self'"
_PASSED_ON = (b"host", b"range", b"if-range", b"if-none-match")


class Through(Response):
    """Asks with the person's name, as the door does; of a refusal a page is made."""

    def __init__(
        self, desk: Desk, path: str, query: Mapping[str, Any] | None = None, *, framed: bool = False
    ) -> None:
        """``framed``: it may be shown within a page of ours."""
        super().__init__()
        self._framed = framed
        self._desk = desk
        self._path = path
        self._query = {name: value for name, value in (query or {}).items() if value not in (None, "", ())}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = bytearray()
        status = 200

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._framed:
                    MutableHeaders(scope=message)["Content-Security-Policy"] = _FRAMED
            if status < 400:
                await send(message)
            elif message["type"] == "http.response.body":
                refused.extend(message.get("body", b""))

        await self._desk.request.app(self._asked(scope), receive, told)
        if status >= 400:
            said = json.loads(refused)
            await fault(Problem(status, said["code"], said["detail"]))(scope, receive, send)

    def _asked(self, scope: Scope) -> Scope:
        kept = ("type", "asgi", "http_version", "scheme", "server", "client", "extensions")
        return {
            **{name: scope[name] for name in kept if name in scope},
            "method": "GET",
            "path": self._path,
            "raw_path": self._path.encode(),
            "root_path": "",
            "query_string": urlencode(self._query, doseq=True).encode(),
            "headers": [one for one in scope["headers"] if one[0] in _PASSED_ON],
            "state": {"caller": self._desk.actor},
        }
