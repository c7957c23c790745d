"""Checks an operator runs against the database."""

from sqlalchemy.ext.asyncio import create_async_engine

from settings import Settings
from store import timeline


async def verify_timeline(settings: Settings, batch_no: str | None) -> list[str]:
    """The problems found in the hash chains of one batch or of all."""
    assert settings.database_url is not None, "resolve() gives a database or raises"
    engine = create_async_engine(settings.database_url)
    try:
        return await timeline.verify(engine, batch_no)
    finally:
        await engine.dispose()
