"""By which names this machine may be asked: what keeps a foreign page from reading us through a browser.

A page of somebody's may have its own name point to 127.0.0.1 and then ask us as its own origin (DNS
rebinding). The browser always sends the name it asked for; a name that is not ours gets nothing.
"""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_ALWAYS = "localhost"


class OwnHosts:
    """The names of an installation: this machine's loopback, and those it was told."""

    def __init__(self, names: Collection[str], *, any_address: bool = False) -> None:
        """``any_address``: a numeric address other than loopback is ours too. Rebinding needs a name."""
        self._names = {name.lower().rstrip(".") for name in names if name} | {_ALWAYS}
        self._any_address = any_address

    def has(self, host: str) -> bool:
        """Whether a ``Host`` header, with or without a port, names us."""
        name = _name_of(host)
        try:
            return ip_address(name).is_loopback or self._any_address or name in self._names
        except ValueError:
            return name in self._names


class OnlyOwnHosts:
    """ASGI: requests that name another host are answered by ``refusal``, before anything reads them.

    A request without the header is no browser's (HTTP/1.0 of a load balancer's probe) and passes.
    """

    def __init__(self, app: ASGIApp, hosts: OwnHosts, refusal: ASGIApp) -> None:
        self._app = app
        self._hosts = hosts
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            host = Headers(scope=scope).get("host")
            if host and not self._hosts.has(host):
                await self._refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _name_of(host: str) -> str:
    """The name in a ``Host`` header, without port and brackets; empty where it cannot be read."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""
