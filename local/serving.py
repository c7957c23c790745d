"""A web server of ours as a process: uvicorn, ended by an event instead of by its own signal handlers."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn


class _Server(uvicorn.Server):
    """uvicorn raises the signal again after a clean end, which would make the exit code a failure."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(config: uvicorn.Config, stop: asyncio.Event) -> bool:
    """Serve until ``stop``; False if it did not come up at all."""
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
