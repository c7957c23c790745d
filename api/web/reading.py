"""Reads of personal data are kept with the answer: who, what, of which batches, when, from where."""

from collections.abc import Iterable
from contextvars import ContextVar

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.problems import Problem, problem_response
from messages.base import Actor
from store.access import log

# What is about nobody: deadlines counted on paper, working days, how many tasks there are, the health of the
# parts.
_ABOUT_NOBODY = ("/deadlines/", "/calendars", "/tasks/counts", "/health", "/docs", "/openapi.json")
_BATCHES = "/batches/"
_LONGEST = 2000
_seen: ContextVar[set[str]] = ContextVar("seen")


def seen(batch_nos: Iterable[str]) -> None:
    """Note that the answer is about these batches; whoever answers a read of several says so."""
    if (noted := _seen.get(None)) is not None:
        noted.update(batch_nos)


class KeepsReads:
    """ASGI: no answer to a read leaves before the read is on record; where that fails, nothing is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _reads(scope) or scope["path"].startswith(_ABOUT_NOBODY):
            await self._app(scope, receive, send)
            return
        # Shared by whatever copies of the scope the routes are given.
        state = scope.setdefault("state", {})
        batch_nos: set[str] = set()
        _seen.set(batch_nos)
        failure: Exception | None = None

        async def kept(message: Message) -> None:
            nonlocal failure
            if failure is not None:
                return
            if message["type"] == "http.response.start" and message["status"] < 400 and "caller" in state:
                try:
                    await _note(scope, state["caller"], batch_nos, message["status"])
                except Exception as error:
                    failure = error
                    return
            await send(message)

        await self._app(scope, receive, kept)
        if failure is not None:
            detail = "查阅记录暂时无法写入，因此不能查阅；请稍后重试。"
            problem = Problem(503, "database_unavailable", detail, headers={"Retry-After": "5"})
            await problem_response(Request(scope), problem)(scope, receive, send)


def _reads(scope: Scope) -> bool:
    """Whether the answer tells what is on record; that of a step that is only tried does as well."""
    return scope["method"] == "GET" or b"dry_run=" in scope["query_string"]


async def _note(scope: Scope, actor: Actor, batch_nos: set[str], status: int) -> None:
    path: str = scope["path"]
    if path.startswith(_BATCHES):
        batch_nos.add(path.removeprefix(_BATCHES).partition("/")[0])
    client = scope.get("client")
    await log.note(
        scope["app"].state.runtime.engine,
        actor,
        path=path[:_LONGEST],
        query=scope["query_string"].decode("latin-1")[:_LONGEST],
        batch_nos=batch_nos,
        status=status,
        client=client[0] if client else "",
    )
