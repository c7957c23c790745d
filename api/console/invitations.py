"""An invitation is taken up: a password with a second factor is set, or the provider's word bound."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.console import visitors
from api.console.route import ConsoleRoute
from api.console.signing_in import GONE, LinkToken, only_where_passwords_are
from api.web import credentials
from api.web.problems import Problem
from api.web.runtime import Deps, Runtime
from store.accounts import people, sessions
from store.accounts.people import StaffAccount

router = APIRouter(prefix="/console/invitation", include_in_schema=False, route_class=ConsoleRoute)


@router.get("/{token}")
async def show(request: Request, deps: Deps, token: LinkToken) -> Response:
    """Looking does not use it up: mail programs look at links as well."""
    visitors.not_too_often(request, deps)
    account = await invited(deps, token)
    return _asked(request, deps, account, token, deps.second_factors.new(), "")


@router.post("/{token}")
async def accept(request: Request, deps: Deps, token: LinkToken) -> Response:
    only_where_passwords_are(deps)
    form = await visitors.form_of(request, deps)
    visitors.not_too_often(request, deps)
    account = await invited(deps, token)
    password, secret = form["password"], form["secret"][:64]
    error = credentials.refused(password, account)
    if error is None and password != form["again"]:
        error = "两次输入的密码不一样。"
    if error is None and not credentials.holds(secret, form["code"]):
        error = "动态口令不对：请用验证器扫描下面的二维码，输入它现在显示的六位数字。"
    if error is not None:
        return _asked(request, deps, account, token, secret or deps.second_factors.new(), error)
    await use_up(deps, token)
    sealed = deps.second_factors.sealed(secret, account.sub)
    hashed = credentials.hashed(password)
    await people.keep_secrets(deps.engine, account.sub, password=hashed, totp=sealed, by=account.actor)
    return await visitors.begun(request, deps, account.sub, "邀请链接", visitors.HOME)


async def invited(deps: Runtime, token: str) -> StaffAccount:
    """Whom the invitation is for. Raises :class:`Problem` 410 for one that is not good any more."""
    sub = await sessions.invited(deps.engine, token)
    account = await people.account(deps.engine, sub) if sub else None
    if account is None or account.ended_at:
        raise Problem(410, "link_used", GONE)
    return account


async def use_up(deps: Runtime, token: str) -> None:
    """Of two who take it up at once, one gets :class:`Problem` 410."""
    if await sessions.follow(deps.engine, token, "invitation") is None:
        raise Problem(410, "link_used", GONE)


def _asked(
    request: Request, deps: Runtime, account: StaffAccount, token: str, secret: str, error: str
) -> HTMLResponse:
    return visitors.page(
        request,
        deps,
        "invitation.html",
        422 if error else 200,
        account=account,
        token=token,
        secret=secret,
        picture=credentials.picture(secret, account.sub),
        shortest=credentials.SHORTEST,
        error=error,
        provider=deps.provider is not None,
        passwords=not deps.settings.oidc_only,
    )
