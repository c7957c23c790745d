"""One plan, scheme or commission to oneself: who drafts, decides, orders or draws under it takes turns."""

from sqlalchemy import text

from store.direct import Connection

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('planned ' || :what, 0))")


async def hold(connection: Connection, what: str) -> None:
    """Until the transaction ends; ``what``: its id, or a matter while an id is given."""
    await connection.execute(_LOCK, {"what": what})
