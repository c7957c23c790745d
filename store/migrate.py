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
from store.roles import OWNER, SERVICE

_ROLES = text(
    "select current_user = :service as is_service, to_regrole(:service) is not null as there_is_one"
)
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('choujian migrations', 0))")


def _config() -> Config:
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


class RolesFaulty(Exception):
    """The services would own what is made, or have no role yet; the text says in Chinese what to do."""


@lru_cache(maxsize=1)
def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


async def upgrade(database_url: str) -> None:
    """Migrate to the newest version, as the owner of the tables; of two at once the second finds it done.

    Raises ``RolesFaulty`` where the services would own the tables, or do not have their role yet.
    """
    engine = make_engine(database_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            roles = (await connection.execute(_ROLES, {"service": SERVICE})).one()
            if roles.is_service:
                raise RolesFaulty(
                    f"数据库结构须以表的所有者（如 {OWNER}）建立，不能以服务所用的角色 {SERVICE}："
                    "请在 MIGRATION_DATABASE_URL 中写明所有者。"
                )
            if not roles.there_is_one:
                raise RolesFaulty(
                    f"数据库中没有服务所用的角色 {SERVICE}：请先建立（deploy/postgres/databases.sh）。"
                )
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
