"""Databases of the tests: each owned by the owner's role, used with the services' rights."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from local.embedded.postgres import SUPERUSER
from store.engine import autocommit, make_engine
from store.migrate import upgrade
from store.roles import OWNER


@dataclass(frozen=True)
class Addresses:
    """One database, as each role reaches it."""

    service: str

    @property
    def owner(self) -> str:
        return self._as(OWNER)

    @property
    def superuser(self) -> str:
        return self._as(SUPERUSER)

    def of(self, database: str) -> "Addresses":
        """Another database of the same server."""
        url = make_url(self.service).set(database=database)
        return Addresses(url.render_as_string(hide_password=False))

    def _as(self, role: str) -> str:
        return make_url(self.service).set(username=role).render_as_string(hide_password=False)


async def create(addresses: Addresses, name: str, *, migrated: bool = True) -> Addresses:
    """A new database on the server of ``addresses``."""
    server = make_engine(addresses.superuser, pool_size=1)
    async with autocommit(server) as connection:
        await connection.execute(text(f"create database {name} owner {OWNER}"))
    await server.dispose()
    made = addresses.of(name)
    if migrated:
        await upgrade(made.owner)
    return made


async def tamper(engine: AsyncEngine, statement: str, **parameters: object) -> None:
    """As somebody would who may do anything in the database of ``engine``, whatever guards it."""
    async with autocommit(engine) as connection:
        database = (await connection.execute(text("select current_database()"))).scalar_one()
        socket = (await connection.get_raw_connection()).driver_connection._addr
    superuser = make_engine(
        f"postgresql://{SUPERUSER}@/{database}?host={quote(str(Path(socket).parent))}", pool_size=1
    )
    try:
        async with superuser.begin() as connection:
            await connection.execute(text("set local session_replication_role = replica"))
            await connection.execute(text(statement), parameters)
    finally:
        await superuser.dispose()
