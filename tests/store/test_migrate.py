"""The migrations make exactly the tables the code knows, and may be run by two at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit, driver_url, make_engine
from store.migrate import _config, is_current, upgrade
from store.tables import metadata


@pytest.fixture
async def new_url(engine: AsyncEngine, postgres_url: str) -> AsyncIterator[str]:
    """An empty database."""
    async with autocommit(engine) as connection:
        await connection.execute(text("create database choujian_new"))
    yield make_url(postgres_url).set(database="choujian_new").render_as_string(hide_password=False)
    async with autocommit(engine) as connection:
        await connection.execute(text("drop database choujian_new with (force)"))


async def test_two_processes_may_migrate_together(new_url: str) -> None:
    """Three at once: one does it, the others find it done; before that the database is not current."""
    engine = make_engine(new_url)
    assert not await is_current(engine)
    await asyncio.gather(upgrade(new_url), upgrade(new_url), upgrade(new_url))
    assert await is_current(engine)
    await engine.dispose()


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


async def test_documents_of_before_get_their_numbers(new_url: str) -> None:
    """In the order in which they were made out, each kind and year by itself; new ones go on from there."""
    engine = make_engine(new_url, pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0003")
        await connection.execute(text(_OLD_BATCH))
        for document_id, kind, day in (
            ("d-1", "result_notice", "2025-12-31T15:59Z"),
            ("d-2", "result_notice", "2025-12-31T16:00Z"),
            ("d-3", "publication", "2026-01-02T00:00Z"),
            ("d-4", "result_notice", "2026-01-03T00:00Z"),
        ):
            old = {"document_id": document_id, "kind": kind, "day": datetime.fromisoformat(day)}
            await connection.execute(_OLD_DOCUMENT, old)
    await upgrade(new_url)
    async with autocommit(engine) as connection:
        rows = await connection.execute(text("select document_id, number from documents"))
        assert {row.document_id: row.number for row in rows} == {
            "d-1": "杭市监网抽结〔2025〕1号",
            "d-2": "杭市监网抽结〔2026〕1号",
            "d-3": "杭市监网抽示〔2026〕1号",
            "d-4": "杭市监网抽结〔2026〕2号",
        }
        last = await connection.execute(text("select kind, year, last from document_series"))
        assert {(row.kind, row.year): row.last for row in last} == {
            ("result_notice", 2025): 1,
            ("result_notice", 2026): 2,
            ("publication", 2026): 1,
        }
        with pytest.raises(DBAPIError, match="append-only"):
            await connection.execute(text("update documents set number = 'x'"))
    await engine.dispose()


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


_OLD_BATCH = """
    insert into batches (batch_no, year, number, order_sha256, opening, opened_at, version, snapshot, phase,
        laboratory)
    values ('CJ2026-000001', 2026, 1, '', '{}', now(), 1, '{}', 'ordered', 'LAB-01')
"""
_OLD_DOCUMENT = text("""
    with made as (
        insert into documents (document_id, batch_no, kind, recipient, recipient_name, title, fields,
            field_titles, rests_on, sha256, created_at)
        values (:document_id, 'CJ2026-000001', :kind, 'seller', '示例旗舰店', '文书',
            '{}', '{}', '§6', '', :day)
        returning document_id
    )
    insert into outbox (document_id, state) select document_id, 'waiting' from made
""")


async def test_letters_of_before_keep_what_became_of_them(new_url: str) -> None:
    """Delivered, on its way, not sent yet: each stands in the post queue as its batch's snapshot had it."""
    engine = make_engine(new_url, pool_size=1)
    told = [
        {"document_id": "d-1", "status": "delivered", "settled_on": "2026-09-18"},
        {"document_id": "d-2", "status": "sent", "settled_on": None},
    ]
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0007")
        await connection.execute(text(_OLD_BATCH))
        await connection.execute(
            text("update batches set snapshot = cast(:snapshot as jsonb)"),
            {"snapshot": json.dumps({"documents": told})},
        )
        for number, (document_id, state) in enumerate([("d-1", "sent"), ("d-2", "sent"), ("d-3", "waiting")]):
            await connection.execute(
                _NUMBERED_DOCUMENT, {"document_id": document_id, "state": state, "number": number}
            )
    await upgrade(new_url)
    async with autocommit(engine) as connection:
        rows = await connection.execute(
            text("select document_id, status, settled_on from outbox order by no")
        )
        assert [tuple(row) for row in rows] == [
            ("d-1", "delivered", date(2026, 9, 18)),
            ("d-2", "sent", None),
            ("d-3", "to_send", None),
        ]
    await engine.dispose()


_NUMBERED_DOCUMENT = text("""
    with made as (
        insert into documents (document_id, batch_no, kind, recipient, recipient_name, title, fields,
            field_titles, facts, rests_on, sha256, created_at, number, series_year, series_no)
        values (:document_id, 'CJ2026-000001', 'result_notice', 'seller', '示例旗舰店', '文书',
            '{}', '{}', '{}', '§6', '', now(), concat('X', cast(:number as int)), 2026, cast(:number as int))
        returning document_id
    )
    insert into outbox (document_id, state) select document_id, :state from made
""")
