"""Bringing the database up to date, from the migrations that come with the package."""

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit, make_engine

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('choujian migrations', 0))")


def _config() -> Config:
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


@lru_cache(maxsize=1)
def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


async def upgrade(database_url: str) -> None:
    """Migrate to the newest version; two processes may do so together, the second finds it done."""
    engine = make_engine(database_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(_LOCK)
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def is_current(engine: AsyncEngine) -> bool:
    """Whether the database is at this program's version."""
    try:
        async with autocommit(engine) as connection:
            version = (await connection.execute(text("select version_num from alembic_version"))).scalar()
    except ProgrammingError:  # there is no table yet
        return False
    return version == _head()
