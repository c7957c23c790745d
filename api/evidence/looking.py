"""Looking at a file in the browser, whose pictures and players cannot send a token of their own.

The page asks, with its token, to look at one file; from then on, for an hour, the browser sends that token
along to this file's content and nowhere else, in a cookie that no script can read. So it is checked with each
range that is read, as every token is, and each stands on the access log under the name of whoever looks.
"""

from typing import Annotated

from fastapi import Depends, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials

from api.web.auth import authenticate, bearer, bearer_of, verified
from messages.base import Actor

_COOKIE = "look"
_SECONDS = 3600


def let_look(request: Request, answer: Response, content_path: str, *, https: bool) -> None:
    """From now on the caller's browser may read what lies at ``content_path``."""
    answer.set_cookie(
        _COOKIE,
        bearer_of(request),
        max_age=_SECONDS,
        path=content_path,
        secure=https,
        httponly=True,
        samesite="strict",
    )


async def _looker(
    request: Request, _shown: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
) -> Actor:
    look = request.cookies.get(_COOKIE)
    if look is None or "authorization" in request.headers:
        return authenticate(request)
    return verified(request, look)


Looker = Annotated[Actor, Depends(_looker)]
