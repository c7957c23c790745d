"""Signing in and out: password with a second factor, or a link that is good once; one's own sessions."""

import asyncio
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.console import visitors
from api.console.desk import Form, Posted, Signed, cookie_name, forget, see_other
from api.console.route import ConsoleRoute
from api.web import credentials
from api.web.problems import Problem
from api.web.runtime import Deps, Runtime
from store.accounts import changes, people, sessions
from store.accounts.people import StaffAccount

router = APIRouter(prefix="/console", include_in_schema=False, route_class=ConsoleRoute)

_WRONG = "账号、密码或者动态口令不对。连续出错的，要等一会儿才能再试。"
GONE = "这个链接已经用过，或者已经过期，请向系统管理员另要一个。"
# However little there was to look up: how long a refusal takes says nothing of what was wrong.
_REFUSED_AFTER_SECONDS = 0.4
_MOST_CHANGES = 20
LinkToken = Annotated[str, Path(max_length=100)]
Then = Annotated[str, Query(max_length=2000)]


@router.get("/sign-in")
async def ask(request: Request, deps: Deps, then: Then = visitors.HOME) -> HTMLResponse:
    return asked(request, deps, then=visitors.ours(then))


def asked(
    request: Request, deps: Runtime, status: int = 200, *, then: str, sub: str = "", error: str = ""
) -> HTMLResponse:
    """The sign-in page, with what this installation signs in by."""
    return visitors.page(
        request,
        deps,
        "sign_in.html",
        status,
        then=then,
        sub=sub,
        error=error,
        provider=deps.provider is not None,
        passwords=not deps.settings.oidc_only,
    )


@router.post("/sign-in")
async def sign_in(request: Request, deps: Deps) -> Response:
    began = monotonic()
    only_where_passwords_are(deps)
    form = await visitors.form_of(request, deps)
    visitors.not_too_often(request, deps)
    sub, then = form["sub"].strip()[:200], visitors.ours(form["then"])
    account = await _proved(deps, sub, form)
    if account is None:
        await asyncio.sleep(max(0.0, began + _REFUSED_AFTER_SECONDS - monotonic()))
        return asked(request, deps, 401, then=then, sub=sub, error=_WRONG)
    return await visitors.begun(request, deps, account.sub, "密码和动态口令", then)


async def _proved(deps: Runtime, sub: str, form: Posted) -> StaffAccount | None:
    """Whose account it is where password and code are right; which was wrong, nobody learns."""
    account = await people.account(deps.engine, sub)
    right = await asyncio.to_thread(credentials.fits, account, form["password"])
    if account is None or account.ended_at or credentials.seconds_to_wait(account, credentials.now()):
        return None
    period = deps.second_factors.period_of(account, form["code"]) if right else None
    if period is None or not await people.succeeded(deps.engine, sub, period):
        await people.failed(deps.engine, sub)
        return None
    return account


def only_where_passwords_are(deps: Runtime) -> None:
    """Raises :class:`Problem` 403 where everybody signs in at the bureau's provider."""
    if deps.settings.oidc_only:
        raise Problem(403, "passwords_off", "本系统只用统一身份认证登录。")


@router.get("/link/{token}")
async def follow_link(request: Request, deps: Deps, token: LinkToken) -> Response:
    """Printed by ``choujian sign-in`` on the machine itself; good once."""
    visitors.not_too_often(request, deps)
    sub = await sessions.follow(deps.engine, token, "once")
    if sub is None:
        raise Problem(410, "link_used", GONE)
    return await visitors.begun(request, deps, sub, "一次性链接", visitors.HOME)


@router.post("/sign-out")
async def sign_out(desk: Signed, _form: Form) -> Response:
    await sessions.end(desk.deps.engine, desk.session.sub, desk.session.no)
    answer = see_other("/console/sign-in")
    forget(answer, desk.deps.settings, cookie_name(desk.deps.settings))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.get("/sessions")
async def own_sessions(desk: Signed) -> HTMLResponse:
    """With what was done with one's account: whoever did not ask for it sees it here."""
    engine, sub = desk.deps.engine, desk.session.sub
    return desk.page(
        "sessions.html",
        sessions=await sessions.own(engine, sub),
        deputies=await people.deputies_of(engine, sub),
        changes=await changes.changes(engine, sub, limit=_MOST_CHANGES),
    )


@router.post("/sessions/{no}/ended")
async def end_session(desk: Signed, _form: Form, no: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> Response:
    await sessions.end(desk.deps.engine, desk.session.sub, no)
    return see_other("/console/sessions")


@router.post("/acting")
async def act(desk: Signed, form: Form) -> Response:
    """In the role of whom they stand in for today, or in their own again."""
    standing = {str(one.no): one for one in await people.deputies_of(desk.deps.engine, desk.session.sub)}
    chosen = standing.get(form["deputy"])
    await sessions.act(desk.deps.engine, desk.session.no, chosen.no if chosen else None)
    return see_other(visitors.HOME)
