"""What only a worker is told of (mail server, mailbox) is looked at by it, for ``GET /health``."""

import asyncio
import logging
from contextlib import suppress
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncEngine

from settings import Settings
from store.watched import heartbeats
from store.watched.heartbeats import Beating

_log = logging.getLogger(__name__)
_EVERY_SECONDS = 60.0
_PATIENCE_SECONDS = 5.0
_PORTS = {"smtp": 25, "smtps": 465, "imap": 143, "imaps": 993}
_LONGEST_REASON = 200


async def keep_watching(engine: AsyncEngine, settings: Settings) -> None:
    """Look once a minute, until cancelled. A database that is away now is there at one of the next looks."""
    while True:
        try:
            await look(engine, settings)
        except Exception:
            _log.exception("could not look at the servers outside just now")
        await asyncio.sleep(_EVERY_SECONDS)


async def look(engine: AsyncEngine, settings: Settings) -> None:
    """See whether each server answers, and note it."""
    for name, url in ((heartbeats.MAIL, settings.smtp_url), (heartbeats.MAILBOX, settings.bounces_url)):
        if not url:
            await heartbeats.beat(engine, name, Beating.NOT_CONFIGURED)
            continue
        trouble = await _trouble_with(url)
        state = Beating.WORKING if trouble is None else Beating.FAILING
        await heartbeats.beat(engine, name, state, trouble or "")


async def _trouble_with(url: str) -> str | None:
    """Why a mail server does not greet us, without password; None where it does. No letter is sent."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=True if parts.scheme in {"smtps", "imaps"} else None
            )
            try:
                greeting = (await reader.readline()).decode("ascii", "replace").strip()
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except (OSError, ValueError) as error:
        return f"{host}:{port} {str(error) or '没有答复'}"[:_LONGEST_REASON]
    return None if greeting.startswith(("220", "* OK", "* PREAUTH")) else f"{host}:{port} {greeting}"[:200]
