"""The services' role: it owns nothing, and may do to each table only what the product does."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit
from store.roles import OWNER, SERVICE
from store.schema import metadata

_APPEND_ONLY = (
    "access_log",
    "account_changes",
    "account_units",
    "handovers",
    "revoked_tokens",
    "timeline",
    "decisions",
    "letters",
    "calendar_arrangements",
    "calendar_recounts",
    "checkpoints",
    "checkpoint_heads",
    "checkpoint_stamps",
    "checkpoint_mails",
    "draws",
    "draw_events",
    "evidence_disposals",
    "evidence_keepers",
    "planned",
    "planned_ends",
    "planned_letters",
    "planned_papers",
    "scheme_uses",
    "order_runs",
    "order_run_rows",
    "quality_entries",
    "quality_known",
    "register_entries",
    "register_versions",
)


async def refused(engine: AsyncEngine, statement: str) -> str:
    with pytest.raises(DBAPIError) as error:
        async with autocommit(engine) as connection:
            await connection.execute(text(statement))
    return str(error.value.orig)


@pytest.mark.parametrize("table", ["timeline", "ledger", "decisions", "checkpoints", "batches", "waits"])
async def test_a_service_can_neither_rewrite_the_record_nor_silence_what_guards_it(
    engine: AsyncEngine, table: str
) -> None:
    """Not its rows, not its columns, not its triggers; nor can it make itself another role."""
    for statement in (
        f"delete from {table}",
        f"truncate {table} cascade",
        f"alter table {table} disable trigger all",
        f"alter table {table} add column more text",
        f"alter table {table} owner to {SERVICE}",
        f"drop table {table} cascade",
        f"create trigger mine before insert on {table} execute function choujian_forbid()",
    ):
        said = await refused(engine, statement)
        assert "permission denied" in said or "must be owner" in said, f"{statement}: {said}"


async def test_a_service_cannot_change_a_line_of_the_timeline(engine: AsyncEngine) -> None:
    """It has no right to, whether or not a trigger would stand in its way."""
    for column in metadata.tables["timeline"].columns:
        assert "permission denied" in await refused(engine, f"update timeline set {column.name} = default")


@pytest.mark.parametrize(
    "statement",
    [
        "set session_replication_role = replica",
        f"set role {OWNER}",
        f"grant {OWNER} to {SERVICE}",
        "drop function choujian_forbid cascade",
        "create or replace function choujian_forbid() returns trigger language sql as 'select 1'",
        "create table mine (no int)",
        "update alembic_version set version_num = '0000'",
    ],
)
async def test_a_service_cannot_get_round_its_rights(engine: AsyncEngine, statement: str) -> None:
    assert await refused(engine, statement)


async def test_every_table_is_the_owners_and_grows_or_changes_as_it_must(engine: AsyncEngine) -> None:
    """No table without its owner, none that a service may delete from."""
    asked = text(
        """select c.relname as name, pg_get_userbyid(c.relowner) as owner,
            has_table_privilege(c.oid, 'select') as reads, has_table_privilege(c.oid, 'insert') as grows,
            has_any_column_privilege(c.oid, 'update') as changes,
            has_table_privilege(c.oid, 'delete, truncate, references, trigger, maintain') as destroys
        from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"""
    )
    async with autocommit(engine) as connection:
        found = {row.name: row for row in await connection.execute(asked)}
    assert set(found) == {*metadata.tables, "alembic_version"}
    assert {row.owner for row in found.values()} == {OWNER}
    assert all(row.reads for row in found.values())
    # None is legal record: what is set aside is forgotten once it has been taken after all, an upload once
    # its file is kept, a place once no file lies there, a draft once it is filed, a holder once nobody is,
    # what waits for a platform once it is told nothing more, and a batch is not found by what its record
    # has put right.
    forgotten = {
        "set_aside",
        "uploads",
        "evidence_places",
        "evidence_checks",
        "drafts",
        "holders",
        "batch_search",
        "told_receivers",
        "told_to",
    }
    assert {name for name, row in found.items() if row.destroys} == forgotten
    assert {name for name, row in found.items() if not row.grows} == {"alembic_version"}
    changing = {name for name, row in found.items() if row.changes}
    assert not changing & set(_APPEND_ONLY)
    assert set(metadata.tables) - changing - set(_APPEND_ONLY) == {
        "batch_search",
        "evidence_places",
        "told_receivers",
    }
