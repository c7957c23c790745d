"""The connection to PostgreSQL: asyncpg under SQLAlchemy Core, times in UTC."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from pydantic_core import from_json, to_json
from sqlalchemy import event, exc
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

# What connecting raises comes from the driver or the system as it is; all else SQLAlchemy wraps. An internal
# client error is what a query gets that is just being sent when the connection breaks.
UNREACHABLE = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    exc.TimeoutError,
    OSError,
)
DATABASE_AWAY = (exc.DBAPIError, *UNREACHABLE)
_SESSION = {
    "application_name": "choujian",
    "timezone": "UTC",
    # Compiling a query costs more than any of ours takes.
    "jit": "off",
    # PostgreSQL's own 4 is a spinning disk's: with it whole tables are read where an index is faster.
    "random_page_cost": "1.1",
}


def driver_url(database_url: str) -> str:
    """``database_url`` as asyncpg itself reads it: without the name of a SQLAlchemy driver."""
    scheme, separator, rest = database_url.partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError("DATABASE_URL 应以 postgresql:// 或 postgresql+asyncpg:// 开头")
    return f"postgresql://{rest}"


def make_engine(database_url: str, *, pool_size: int = 20, max_overflow: int = 0) -> AsyncEngine:
    """An engine for ``postgresql://`` or ``postgresql+asyncpg://`` addresses, libpq's options included.

    No overflow: under load such connections would be made and thrown away with every step.
    """
    address = driver_url(database_url)

    async def connect(*_args: Any, **_kwargs: Any) -> Any:
        return await asyncpg.connect(address, server_settings=_SESSION)

    engine = create_async_engine(
        make_url("postgresql+asyncpg://"),
        pool_size=pool_size,
        max_overflow=max_overflow,
        connect_args={"async_creator_fn": connect, "prepared_statement_cache_size": 256},
        json_serializer=lambda value: to_json(value).decode(),
        json_deserializer=from_json,
        # An error is logged with its statement, and not with what people wrote.
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _replace_closed)
    return engine


def _replace_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """After the server was restarted a pooled connection is replaced unseen, at no round trip's cost."""
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError


@asynccontextmanager
async def autocommit(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection on which each statement is its own transaction: no round trips for begin and commit."""
    async with engine.connect() as connection:
        yield await connection.execution_options(isolation_level="AUTOCOMMIT")
