"""Somebody who is not signed in yet: their forms, how often they may try, and the session that they begin.

The browser of a visitor holds a token as well, which opens nothing: a form that was not given to it is
refused, so that no other site signs anybody in as somebody else.
"""

import secrets
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.console.desk import Posted, cookie_name, form_token, given_to, hold, read_form, see_other
from api.console.pages import render
from api.web.problems import Problem
from api.web.runtime import Runtime
from store.accounts import sessions

HOME = "/console/"
_LONGEST_TOKEN = 100


def page(request: Request, deps: Runtime, template: str, status: int = 200, /, **shown: Any) -> HTMLResponse:
    """A page with a form for a visitor, whose browser is given what the form must come back with."""
    held = _held(request, deps)
    token = held or secrets.token_urlsafe(32)
    answer = render(template, status, form_token=form_token(token), **shown)
    if not held:
        hold(answer, deps.settings, token)
    return answer


async def form_of(request: Request, deps: Runtime) -> Posted:
    """Raises :class:`Problem` 403 for a form that this browser was not given."""
    return given_to(_held(request, deps), await read_form(request))


def _held(request: Request, deps: Runtime) -> str:
    return request.cookies.get(cookie_name(deps.settings), "")[:_LONGEST_TOKEN]


def not_too_often(request: Request, deps: Runtime) -> None:
    """Raises :class:`Problem` 429 for an address that tries more than an office would."""
    address = request.client.host if request.client else ""
    if seconds := deps.sign_ins.seconds_to_wait(address):
        detail = f"登录的尝试过多，请{seconds}秒后再试。"
        raise Problem(429, "too_many", detail, headers={"Retry-After": str(seconds)})


async def begun(request: Request, deps: Runtime, sub: str, how: str, then: str) -> RedirectResponse:
    """A session of its own for each time: what the browser held before is good for nothing any more."""
    if held := _held(request, deps):
        await sessions.leave(deps.engine, held)
    token = await sessions.begin(
        deps.engine,
        sub,
        how=how,
        agent=request.headers.get("user-agent", ""),
        client=request.client.host if request.client else "",
    )
    answer = see_other(then)
    hold(answer, deps.settings, token)
    return answer


def ours(then: str) -> str:
    """Only back to the console, whatever a link says."""
    inside = then.startswith(HOME) and "\\" not in then and then.isprintable()
    return then if inside else HOME
