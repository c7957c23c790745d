"""What stands in an address, cleaned like every text that comes in, before any route sees it."""

from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.web.problems import Problem, problem_response
from messages.text import TextRefused, cleaned, legible

# Pages for people: what nobody can have written there is answered like anything else that is not found.
FOR_PEOPLE = ("/verify/", "/gongshi", "/gonggao", "/cunzheng")


class CleanAddress:
    """Path and query, folded; 422 where one has a character that no text may have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                scope = _cleaned(scope)
            except TextRefused as refused:
                scope = {**scope, "path": legible(scope["path"])}
                problem = Problem(422, "invalid", f"地址{refused}。")
                await problem_response(Request(scope), problem)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _cleaned(scope: Scope) -> Scope:
    path, query = scope["path"], scope["query_string"]
    said = legible if path.startswith(FOR_PEOPLE) else cleaned
    if not (path.isascii() and path.isprintable()):
        scope = {**scope, "path": said(path)}
    if b"%" in query or not query.isascii():
        values = parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True)
        clean = [(said(name), said(value)) for name, value in values]
        if clean != values:
            scope = {**scope, "query_string": urlencode(clean).encode()}
    return scope
