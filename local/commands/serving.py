"""The API's server process: uvicorn, ended by an event instead of by its own signal handlers."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn

from api.app import create_app
from settings import Settings


class _Server(uvicorn.Server):
    """uvicorn raises the signal again after a clean end, which would make the exit code a failure."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_api(settings: Settings, stop: asyncio.Event) -> bool:
    """Serve until ``stop``; False if the API did not come up at all."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        access_log=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=10,
    )
    server = _Server(config)

    async def end_when_asked() -> None:
        await stop.wait()
        server.should_exit = True

    asking = asyncio.create_task(end_when_asked())
    try:
        await server.serve()
    finally:
        asking.cancel()
    return server.started
