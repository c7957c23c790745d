"""Signing in at the bureau's own provider, and binding an account to it through an invitation."""

import hmac
import logging
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.console import visitors
from api.console.desk import cookie_name, forget, set_cookie
from api.console.invitations import invited, use_up
from api.console.route import ConsoleRoute
from api.console.signing_in import Then, asked
from api.web.problems import Problem
from api.web.provider import Provider, ProviderAway, ProviderQuestion, ProviderRefused
from api.web.runtime import Deps, Runtime
from store.accounts import people

router = APIRouter(prefix="/console/provider", include_in_schema=False, route_class=ConsoleRoute)

_log = logging.getLogger(__name__)
_HOW = "统一身份认证"
# What the browser keeps while it is away is a cookie, and must fit into one.
_LONGEST_THEN = 1500
_NOT_SIGNED_IN = "统一身份认证没有确认您的身份，请重新登录。"
_UNKNOWN = "您在统一身份认证中的账号没有绑定本系统的账号，请向系统管理员要邀请链接。"
_BOUND = "您在统一身份认证中的账号已经绑定了本系统的另一个账号，请联系系统管理员。"
_Invitation = Annotated[str, Query(max_length=100)]
_Answered = Annotated[str, Query(max_length=4000)]


@router.get("")
async def go(
    request: Request, deps: Deps, then: Then = visitors.HOME, invitation: _Invitation = ""
) -> Response:
    """To the provider, with what its answer must fit; ``invitation`` binds whoever comes back."""
    visitors.not_too_often(request, deps)
    provider = _provider(deps)
    if invitation:
        await invited(deps, invitation)
    question = ProviderQuestion()
    try:
        answer = RedirectResponse(await provider.address(question), 303)
    except (ProviderAway, ProviderRefused) as error:
        raise _away(error) from error
    after = quote(visitors.ours(then), safe="")
    kept = (
        question.state,
        question.nonce,
        question.verifier,
        after if len(after) <= _LONGEST_THEN else quote(visitors.HOME, safe=""),
        quote(invitation, safe=""),
    )
    set_cookie(answer, deps.settings, _cookie(deps), "|".join(kept))
    return answer


@router.get("/back")
async def back(request: Request, deps: Deps, state: _Answered = "", code: _Answered = "") -> Response:
    """With the provider's word; it is good for the browser that asked, and once."""
    visitors.not_too_often(request, deps)
    provider = _provider(deps)
    kept = request.cookies.get(_cookie(deps), "").split("|")
    if len(kept) != 5 or not hmac.compare_digest(state.encode(), kept[0].encode()):
        answer: Response = asked(request, deps, 403, then=visitors.HOME, error=_NOT_SIGNED_IN)
    else:
        question = ProviderQuestion(*kept[:3])
        answer = await _answered(request, deps, provider, question, code, unquote(kept[3]), unquote(kept[4]))
    forget(answer, deps.settings, _cookie(deps))
    return answer


async def _answered(
    request: Request,
    deps: Runtime,
    provider: Provider,
    question: ProviderQuestion,
    code: str,
    then: str,
    invitation: str,
) -> Response:
    try:
        if not code:
            raise ProviderRefused("no code")
        person = await provider.person(question, code)
    except ProviderRefused as refused:
        _log.warning("the provider's answer was not taken: %s", refused)
        return asked(request, deps, 403, then=visitors.ours(then), error=_NOT_SIGNED_IN)
    except ProviderAway as error:
        raise _away(error) from error
    known = await people.account_of_provider(deps.engine, person)
    if invitation:
        account = await invited(deps, invitation)
        if known is not None and known.sub != account.sub:
            return asked(request, deps, 409, then=visitors.HOME, error=_BOUND)
        await use_up(deps, invitation)
        await people.bind(deps.engine, account.sub, person, by=account.actor)
        known = account
    if known is None or known.ended_at:
        return asked(request, deps, 403, then=visitors.HOME, error=_UNKNOWN)
    return await visitors.begun(request, deps, known.sub, _HOW, visitors.ours(then))


def _provider(deps: Runtime) -> Provider:
    if deps.provider is None:
        raise Problem(404, "not_found", "本系统没有接入统一身份认证。")
    return deps.provider


def _cookie(deps: Runtime) -> str:
    return cookie_name(deps.settings, "provider")


def _away(error: Exception) -> Problem:
    _log.warning("the provider cannot be asked: %s", error)
    detail = "统一身份认证暂时连接不上，请稍后再试。"
    return Problem(503, "provider_away", detail, headers={"Retry-After": "30"})
