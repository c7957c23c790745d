"""The migrations make exactly the tables the code knows, and may be run by two at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit, driver_url, make_engine
from store.migrate import RolesFaulty, is_current, upgrade
from store.schema import metadata
from tests.databases import Addresses, create


@pytest.fixture
async def new(superuser: AsyncEngine, addresses: Addresses) -> AsyncIterator[Addresses]:
    """An empty database."""
    made = await create(addresses, migrated=False)
    yield made
    async with autocommit(superuser) as connection:
        await connection.execute(text(f"drop database {made.name} with (force)"))


async def test_two_processes_may_migrate_together(new: Addresses) -> None:
    """Three at once: one does it, the others find it done; before that the database is not current."""
    engine = make_engine(new.service)
    assert not await is_current(engine)
    await asyncio.gather(upgrade(new.owner), upgrade(new.owner), upgrade(new.owner))
    assert await is_current(engine)
    await engine.dispose()


async def test_the_services_role_makes_no_tables(new: Addresses) -> None:
    """Whoever migrates owns what is made; that is never the role that the services have."""
    with pytest.raises(RolesFaulty, match="MIGRATION_DATABASE_URL"):
        await upgrade(new.service)


async def test_migrations_and_tables_agree(engine: AsyncEngine) -> None:
    """Alembic finds no difference between the migrated database and ``store.tables``."""

    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return compare_metadata(context, metadata)

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_addresses_are_understood() -> None:
    """Both spellings of the address are; another kind of database is refused in words."""
    assert driver_url("postgresql+asyncpg://a@b/c") == "postgresql://a@b/c"
    assert driver_url("postgres://a@b/c?sslmode=require") == "postgresql://a@b/c?sslmode=require"
    with pytest.raises(ValueError, match="DATABASE_URL"):
        driver_url("mysql://a@b/c")


async def test_a_closed_connection_is_replaced_unseen(database_url: str) -> None:
    """After the server dropped its connections the next use works."""
    engine = make_engine(database_url, pool_size=1, max_overflow=0)
    other = make_engine(database_url, pool_size=1)
    async with engine.connect() as connection:
        pid = (await connection.execute(text("select pg_backend_pid()"))).scalar_one()
    async with autocommit(other) as connection:
        await connection.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
    await asyncio.sleep(0.1)
    async with engine.connect() as connection:
        assert (await connection.execute(text("select pg_backend_pid()"))).scalar_one() != pid
    await engine.dispose()
    await other.dispose()
