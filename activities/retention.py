"""Looking after the evidence of a closed batch."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client

from messages.retention import RetentionStanding
from store.evidence import retention
from temporal import running

_AT_A_TIME = 200


class Retaining:
    def __init__(self, engine: AsyncEngine, client: Client, task_queue: str) -> None:
        self._engine = engine
        self._client = client
        self._task_queue = task_queue

    @activity.defn(name="look_after_evidence")
    async def look(self, batch_no: str) -> RetentionStanding:
        """How it stands, and tell the custodian what has fallen due; doing so twice tells once."""
        return await retention.look(self._engine, batch_no)

    async def start_watches(self) -> int:
        """Have somebody watch over what nobody does; how many."""
        found = await retention.unwatched(self._engine, _AT_A_TIME)
        for batch_no in found:
            await running.watch_over_evidence(self._client, batch_no, task_queue=self._task_queue)
            await retention.watched(self._engine, batch_no)
        return len(found)
