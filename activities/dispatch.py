"""Mailing letters, each once."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.outgoing import OutgoingPort
from messages.records import DispatchInput, DispatchResult
from store import documents


class Dispatching:
    def __init__(self, engine: AsyncEngine, port: OutgoingPort) -> None:
        self._engine = engine
        self._port = port

    @activity.defn(name="dispatch")
    async def dispatch(self, dispatch: DispatchInput) -> DispatchResult:
        """Send what has not left yet, and give the moment at which each letter left.

        What was sent before a failure is not sent again by the next attempt. Only a crash between handing a
        letter over and noting it repeats it, under the same Message-ID.
        """
        for document in await documents.to_send(self._engine, dispatch.document_ids):
            by = await self._port.send(document)
            await documents.mark_sent(self._engine, document.document_id, by)
        return DispatchResult(sent_at=await documents.sent_at(self._engine, dispatch.document_ids))
