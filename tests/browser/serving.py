"""The API listens for a browser; how large the browsers are."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import ViewportSize

from local.commands.serving import serve_api
from settings import Settings
from tests.store.builders import until

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[None]:
    """The API listens, and is ended."""
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_api(settings, stop))
    await until(lambda: serving.done() or listens(settings.api_port))
    assert not serving.done()
    yield
    stop.set()
    assert await serving


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
