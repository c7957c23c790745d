"""An API that ends itself with SIGKILL, at the nth effect of requests to one path; it starts in no time."""

import asyncio
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from settings import Settings
from tests.evidence import effects
from tests.evidence.serving import is_alive

# What takes long is loaded once: each API is forked from a process that has it.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["api.app", "local.commands.serving", __name__])


class DyingApi:
    def __init__(self, settings: Settings, path: str, nth: int) -> None:
        self._process = _FORKS.Process(target=_serve, args=(settings, path, nth), daemon=True)
        self._process.start()
        end = time.monotonic() + 60
        while not is_alive(settings.api_port):
            assert self._process.is_alive()
            assert time.monotonic() < end
            time.sleep(0.02)

    def has_died(self) -> bool:
        """Whether it has killed itself, within ten seconds."""
        self._process.join(10)
        return self._process.exitcode == -signal.SIGKILL

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


@dataclass(frozen=True)
class _Dying:
    """ASGI."""

    app: ASGIApp
    path: str
    nth: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) != ("POST", self.path):
            await self.app(scope, receive, send)
            return

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                effects.reached("answer")
            await send(message)

        with effects.watched(effects.Watch(self.nth, _end)):
            await self.app(scope, receive, answered)


def _end(_where: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _serve(settings: Settings, path: str, nth: int) -> None:
    import api.app
    from local.commands.serving import serve_api

    effects.install(pytest.MonkeyPatch())
    made = api.app.create_app

    def create_app(settings: Settings) -> ASGIApp:
        return _Dying(made(settings), path, nth)

    api.app.create_app = create_app  # type: ignore[assignment]
    asyncio.run(serve_api(settings, asyncio.Event()))
