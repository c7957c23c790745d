"""Databases of the tests: each owned by the owner's role, used with the services' rights."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from local.embedded.postgres import SUPERUSER
from store.engine import autocommit, make_engine
from store.migrate import upgrade
from store.roles import OWNER

# How many batch numbers each database has to itself.
NUMBERS = 20_000

_numbers = count(1)


@dataclass(frozen=True)
class Addresses:
    """One database, as each role reaches it."""

    service: str

    @property
    def name(self) -> str:
        return str(make_url(self.service).database)

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


async def create(addresses: Addresses, *, migrated: bool = True) -> Addresses:
    """A new database on the server of ``addresses``, under a name of its own.

    Its batches have workflows on the same Temporal server as every other's: none has a number of another.
    """
    number = next(_numbers)
    name = f"choujian_{number}"
    await _sent(addresses.superuser, f"create database {name} owner {OWNER}")
    made = addresses.of(name)
    if migrated:
        await upgrade(made.owner)
        year = "extract(year from now() at time zone 'Asia/Shanghai')"
        await _sent(made.service, f"insert into counters values ({year}, {number * NUMBERS})")
    return made


async def _sent(address: str, statement: str) -> None:
    engine = make_engine(address, pool_size=1)
    async with autocommit(engine) as connection:
        await connection.execute(text(statement))
    await engine.dispose()


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
