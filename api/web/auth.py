"""Who is calling: bearer tokens, and what a role may do. The actor comes from the token only."""

import json
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OKPKey
from pydantic import ValidationError

from api.web.problems import Problem
from api.web.revocations import Revocations
from law.separation import SYSTEM_ACCOUNTS
from law.vocabulary import Role
from messages.base import Actor
from messages.text import cleaned
from messages.words import ROLES
from settings import Settings

_PEOPLE = frozenset(Role) - {Role.SYSTEM}
# Everybody but laboratories, who see their own part.
BUREAU = _PEOPLE - {Role.LAB}
_CLOCK_DRIFT_SECONDS = 30
_MOST_TOKENS = 1000


class Verifier(Protocol):
    """Turns a bearer token into the actor it stands for; one per kind of identity provider.

    Raises :class:`Problem` 401 for a token that is not good, 503 where tokens cannot be checked at all.
    """

    def verify(self, token: str) -> Actor: ...


class LocalIssuer:
    """Checks tokens of the local issuer, whose public key lies in the data folder."""

    # An allow-list: the token's own header never chooses (RFC 9864).
    ALGORITHMS = ("Ed25519",)

    def __init__(self, settings: Settings, revocations: Revocations) -> None:
        self._revocations = revocations
        self._public_key: Path = settings.home_dir / "issuer" / "public.jwk"
        self._read: tuple[int, OKPKey] | None = None
        # Claims of tokens whose signature is good under this key; whether they still hold is asked each time.
        self._signed: dict[str, dict[str, Any]] = {}
        self._claims = jwt.JWTClaimsRegistry(
            leeway=_CLOCK_DRIFT_SECONDS,
            iss={"essential": True, "value": settings.token_issuer},
            aud={"essential": True, "value": settings.token_audience},
            exp={"essential": True},
            sub={"essential": True},
            name={"essential": True},
            role={"essential": True},
        )

    def verify(self, token: str) -> Actor:
        try:
            claims = self._claims_of(token)
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise unauthenticated("令牌已过期，请重新取得令牌。") from None
        except (JoseError, ValueError, TypeError, RecursionError):
            raise unauthenticated("令牌无效。") from None
        if self._revocations.has(claims.get("jti"), claims["sub"], claims.get("iat")):
            raise unauthenticated("令牌已被撤销，请重新取得令牌。")
        return _actor(claims)

    def _claims_of(self, token: str) -> dict[str, Any]:
        """What a token claims; its signature, which cannot change, is checked when it first comes."""
        key = self._key()
        claims = self._signed.get(token)
        if claims is None:
            claims = jwt.decode(token, key, algorithms=self.ALGORITHMS).claims
            if len(self._signed) >= _MOST_TOKENS:
                self._signed.clear()
            self._signed[token] = claims
        return claims

    def _key(self) -> OKPKey:
        try:
            changed = self._public_key.stat().st_mtime_ns
            if self._read is None or self._read[0] != changed:
                self._read = (changed, OKPKey.import_key(json.loads(self._public_key.read_bytes())))
                self._signed.clear()
        except OSError:
            detail = "本机令牌的公钥尚未生成，暂时无法验证身份。"
            raise Problem(503, "issuer_key_missing", detail, headers={"Retry-After": "5"}) from None
        return self._read[1]


def _actor(claims: dict[str, Any]) -> Actor:
    try:
        role = Role(claims["role"])
        actor = Actor(
            sub=_text(claims["sub"]),
            name=_text(claims["name"]),
            role=role,
            laboratory=_text(claims.get("lab")) if role is Role.LAB else None,
            bureau=_text(claims["bureau"]) if claims.get("bureau") is not None else None,
        )
    except (ValueError, ValidationError):
        raise unauthenticated("令牌中的账号、姓名、角色或所属机构不完整。") from None
    if actor.sub in SYSTEM_ACCOUNTS:
        raise unauthenticated("令牌中的账号为系统自用，不能由人使用。")
    if actor.bureau is not None and role is not Role.OFFICER:
        raise unauthenticated("令牌写明了下级局，身份却不是执法人员。")
    if role not in _PEOPLE:
        raise unauthenticated("令牌中的角色不能由人使用。")
    return actor


def _text(claim: Any) -> str:
    if not isinstance(claim, str):
        raise ValueError("not a text")
    text = cleaned(claim).strip()
    if not 0 < len(text) <= 200 or not text.isprintable():
        raise ValueError("not a plain text")
    return text


def unauthenticated(detail: str) -> Problem:
    """401, with the challenge that RFC 6750 asks for."""
    return Problem(
        401,
        "unauthenticated",
        detail,
        headers={"WWW-Authenticate": 'Bearer realm="choujian", error="invalid_token"'},
    )


def authenticate(request: Request) -> Actor:
    """The caller, verified once per request."""
    known: Actor | None = getattr(request.state, "caller", None)
    return known or verified(request, bearer_of(request))


def bearer_of(request: Request) -> str:
    """The token in the request's header. Raises :class:`Problem` 401 where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(
            401,
            "unauthenticated",
            "请在 Authorization 头中以 Bearer 方式提供令牌。",
            headers={"WWW-Authenticate": 'Bearer realm="choujian"'},
        )
    return token.strip()


def verified(request: Request, token: str) -> Actor:
    """Whom the token stands for: the request's caller, who is noted with what is read."""
    verifier: Verifier = request.app.state.runtime.verifier
    request.state.caller = actor = verifier.verify(token)
    return actor


bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    bearerFormat="JWT",
    description="在此填入令牌；本机试用时用 `choujian token 角色` 取得。",
)


async def caller(
    request: Request, _shown: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
) -> Actor:
    """Dependency of every route that needs a token."""
    return authenticate(request)


async def _of_this_bureau(actor: Annotated[Actor, Depends(caller)]) -> Actor:
    if actor.bureau is not None:
        raise Problem(
            403, "commissioning_bureau_only", "由委托的市局办理；下级局的执法人员只办理受委托的批次。"
        )
    return actor


# A subordinate bureau's officers are let in where a route says so; it tells them of their own alone.
EveryCaller = Annotated[Actor, Depends(caller)]
Caller = Annotated[Actor, Depends(_of_this_bureau)]


def require(actor: Actor, roles: Collection[Role], what: str) -> None:
    """Raises :class:`Problem` 403 for a caller who has none of these roles."""
    if actor.role not in roles:
        may = "、".join(ROLES[role] for role in Role if role in roles)
        raise Problem(
            403,
            "role_not_allowed",
            f"“{what}”由{may}办理；您的身份是{ROLES[actor.role]}。",
        )


def only(roles: Collection[Role], what: str) -> Callable[[Actor], Awaitable[Actor]]:
    """Dependency: the caller, who must have one of these roles, and be of this bureau or a laboratory."""

    async def allowed(actor: Caller) -> Actor:
        require(actor, roles, what)
        return actor

    return allowed


def only_everywhere(roles: Collection[Role], what: str) -> Callable[[Actor], Awaitable[Actor]]:
    """As :func:`only`, and a subordinate bureau's officers too."""

    async def allowed(actor: EveryCaller) -> Actor:
        require(actor, roles, what)
        return actor

    return allowed
