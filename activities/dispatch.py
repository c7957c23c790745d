"""Making documents out and sending them, each once."""

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
        """Issue the papers, send what has not left yet, and give the moment at which each left.

        What was sent before a failure is not sent again by the next attempt. Only a crash between handing a
        letter over and noting it repeats it, under the same Message-ID.
        """
        for document in await documents.issue(self._engine, dispatch):
            handed_over = await self._port.send(document)
            await documents.mark_sent(
                self._engine, document.document_id, handed_over.channel, handed_over.detail
            )
        sent_at = await documents.sent_at(self._engine, [paper.document_id for paper in dispatch.papers])
        return DispatchResult(sent_at=sent_at)
