"""A platform that outside events go to, for tests of who sees how far it has got."""

from sqlalchemy.ext.asyncio import AsyncEngine

from messages.told import ToldKind
from store.told import handing
from store.told.handing import ToldState
from tests.store.builders import open_one


async def refused(engine: AsyncEngine, receiver: str) -> str:
    """The receiver has refused the events of one order, and taken all others; of which batch."""
    batch_no = (await open_one(engine)).batch_no
    await handing.come_in(engine, receiver, [ToldKind.TASK])
    await handing.spread(engine, 10_000)
    for due in await handing.due(engine, receiver, [ToldKind.TASK], 10_000):
        own = due.event.source == batch_no
        state, answer = (ToldState.DEAD, "HTTP 422") if own else (ToldState.TAKEN, "HTTP 204")
        await handing.settle(engine, receiver, due.event.no, state, answer)
    return batch_no
