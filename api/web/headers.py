"""What every answer carries, whoever makes it: a policy for browsers, and who may keep it."""

import base64
import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Of an answer that is no page: nothing in it runs, is fetched or is shown in another page.
_NOT_A_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_A_YEAR = 365 * 24 * 3600


def page_policy(*, styles: str, scripts: str = "'none'", further: str = "") -> dict[str, str]:
    """The policy of a page, which alone knows what is in it: where its styles and its scripts come from."""
    policy = (
        f"default-src 'none'; style-src {styles}; script-src {scripts}; {further}form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {"Content-Security-Policy": policy.replace("script-src 'none'; ", "")}


def only(content: str) -> str:
    """The source that is this very style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


class SafeHeaders:
    """ASGI, outermost: no answer leaves without these headers.

    What a page says of itself stands; what was asked with a token is kept by nobody, whatever the route says,
    nor is what the desk shows to whoever is signed in.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """``https``: the public reaches us so, and is to come back in no other way."""
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        with_token = "authorization" in headers or "form-token" in headers
        at_the_desk = scope["path"].startswith("/console/")

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(scope=message), with_token=with_token, at_the_desk=at_the_desk)
            await send(message)

        await self._app(scope, receive, completed)

    def _complete(self, headers: MutableHeaders, *, with_token: bool, at_the_desk: bool) -> None:
        headers.setdefault("Content-Security-Policy", _NOT_A_PAGE)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        if self._https:
            headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}"
        if with_token:
            headers["Cache-Control"] = "no-store"
        elif at_the_desk or "etag" not in headers:
            headers.setdefault("Cache-Control", "no-store")
