"""The door to the API: a page asks what every other client asks, as the person who is signed in.

So a page does nothing that the API cannot, nothing is allowed here that is refused there, and every look is
on the access log like any other.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from api.web.problems import Problem
from messages.base import Actor

_AT_ONCE = 500


class Door:
    """Opened for one person and one page."""

    def __init__(self, app: ASGIApp, actor: Actor, client: tuple[str, int] | None) -> None:
        async def asked(scope: Scope, receive: Receive, send: Send) -> None:
            # Where the routes look for who is calling; from outside nobody can put anything there.
            await app({**scope, "client": client, "state": {"caller": actor}}, receive, send)

        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(asked), base_url="http://127.0.0.1", timeout=None
        )

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Whatever the answer is."""
        asked = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        return await self._client.request(
            method, path, json=json, content=content, params=asked, headers=headers
        )

    async def get(self, path: str, **query: Any) -> Any:
        """What the API answers. Raises :class:`Problem` as it refuses."""
        return (await self.done("GET", path, query=query)).json()

    async def listed(self, path: str, **query: Any) -> list[Any]:
        """All pages of a listing of one batch. Raises :class:`Problem` as it refuses."""
        page = await self.get(path, **query, limit=_AT_ONCE)
        items: list[Any] = page["items"]
        while page["next_cursor"] is not None:
            page = await self.get(path, **query, limit=_AT_ONCE, cursor=page["next_cursor"])
            items += page["items"]
        return items

    async def done(self, method: str, path: str, **said: Any) -> httpx.Response:
        """As :meth:`ask`. Raises :class:`Problem` as the API refuses."""
        answer = await self.ask(method, path, **said)
        if answer.is_error:
            raise problem_of(answer)
        return answer


def problem_of(answer: httpx.Response) -> Problem:
    """The refusal as it came."""
    said: dict[str, Any] = answer.json()
    known = ("type", "title", "status", "detail", "code", "instance")
    extra = {name: value for name, value in said.items() if name not in known}
    return Problem(answer.status_code, said["code"], said["detail"], **extra)
