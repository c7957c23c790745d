"""The console's own script asks the API as well: by the session, and only with the token of our pages' forms.

A page of somebody else's makes a browser send the session along, but it cannot read that token, and a request
with a header of this name is sent to another's host only after that host has agreed, which we never do.
"""

import hmac

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.console.desk import came_from_here, cookie_name, form_token
from api.web.auth import unauthenticated
from api.web.problems import Problem, problem_response
from api.web.runtime import Runtime
from messages.base import Actor
from store.accounts import sessions

HEADER = "form-token"


class ScriptsAsk:
    """ASGI: a request with the token of a form is its session's; one without is left as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_a_scripts(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            actor = await _signed_in(request)
        except Problem as problem:
            await problem_response(request, problem)(scope, receive, send)
            return
        await self._app({**scope, "state": {**scope.get("state", {}), "caller": actor}}, receive, send)


def _is_a_scripts(headers: Headers) -> bool:
    """Whoever shows a bearer token is asked for nothing else."""
    return HEADER in headers and "authorization" not in headers


async def _signed_in(request: Request) -> Actor:
    """Raises :class:`Problem` 401 without a session, 403 with what no page of this session was given."""
    deps: Runtime = request.app.state.runtime
    came_from_here(request)
    token = request.cookies.get(cookie_name(deps.settings), "")
    found = await sessions.session(deps.engine, token) if token else None
    if found is None:
        raise unauthenticated("没有登录，或者登录已经过期，请重新登录。")
    if not hmac.compare_digest(request.headers[HEADER].encode(), form_token(token).encode()):
        raise Problem(403, "form_outdated", "网页已经失效，请重新打开后再办理。")
    return found.actor
