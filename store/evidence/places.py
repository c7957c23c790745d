"""Where sealed files may lie beside the place of the settings: noted before the first is moved there."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit

_KNOWN = text("select place from evidence_places order by noted_at, place")
_NOTE = text(
    "insert into evidence_places (place) select unnest(cast(:places as text[])) on conflict do nothing"
)
_FORGET = text("delete from evidence_places where place = any(:places)")


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
