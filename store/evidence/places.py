"""Where sealed files may lie beside the place of the settings: noted before the first is moved there."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit

_KNOWN = text("select place from evidence_places order by noted_at, place")
_NOTE = text(
    "insert into evidence_places (place) select unnest(cast(:places as text[])) on conflict do nothing"
)
_FORGET = text("delete from evidence_places where place = any(:places)")
_LOCK = text("select pg_try_advisory_lock(hashtext('choujian evidence is moved'))")


class AlreadyMoving(Exception):
    """Somebody is moving files at this moment."""


@asynccontextmanager
async def moving(engine: AsyncEngine) -> AsyncIterator[None]:
    """One at a time: two with other aims might each delete what the other has just put.

    It ends with the process at the latest. Raises ``AlreadyMoving``.
    """
    async with autocommit(engine) as connection:
        if not (await connection.execute(_LOCK)).scalar_one():
            raise AlreadyMoving
        try:
            yield
        finally:
            # Not back into the pool: the lock is the connection's.
            await connection.invalidate()


async def known(engine: AsyncEngine) -> list[str]:
    """In the order in which they were noted."""
    async with autocommit(engine) as connection:
        return list((await connection.execute(_KNOWN)).scalars())


async def note(engine: AsyncEngine, places: Iterable[str]) -> None:
    """From now on files are looked for there as well."""
    async with autocommit(engine) as connection:
        await connection.execute(_NOTE, {"places": list(places)})


async def forget(engine: AsyncEngine, places: Iterable[str]) -> None:
    """No file lies there any more, or the settings name the place."""
    async with autocommit(engine) as connection:
        await connection.execute(_FORGET, {"places": list(places)})
