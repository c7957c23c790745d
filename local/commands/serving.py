"""The servers that are commands: the API, and Temporal's pages for looking only."""

import asyncio

import uvicorn

from local.serving import serve
from settings import Settings


async def serve_api(settings: Settings, stop: asyncio.Event) -> bool:
    """Serve until ``stop``; False if the API did not come up at all."""
    from api.app import create_app
    from local.impatient import Impatient

    config = uvicorn.Config(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        http=Impatient,
        access_log=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=10,
    )
    return await serve(config, stop)


async def serve_pages(settings: Settings, upstream: str, host: str, stop: asyncio.Event) -> bool:
    """Serve until ``stop``; ``upstream`` is where Temporal's own pages are. False if it did not come up."""
    from api.web.hosts import OwnHosts
    from local.pages import pages

    config = uvicorn.Config(
        pages(upstream, OwnHosts(settings.host_names)),
        host=host,
        port=settings.ui_port,
        ws="none",
        access_log=False,
        # A history that somebody follows is an answer without an end.
        timeout_graceful_shutdown=1,
    )
    return await serve(config, stop)
