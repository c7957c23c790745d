"""Sending letters electronically, each once."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.outgoing import OutgoingPort, unprintable
from messages.letter import LetterFaulty
from messages.records import DispatchInput, DispatchResult
from store import documents, letters
from store.documents import HandedOver, Outgoing
from store.letters import Typesetter


class Dispatching:
    def __init__(self, engine: AsyncEngine, port: OutgoingPort, typesetter: Typesetter) -> None:
        self._engine = engine
        self._port = port
        self._typesetter = typesetter

    @activity.defn(name="dispatch")
    async def dispatch(self, dispatch: DispatchInput) -> DispatchResult:
        """Send what has not left yet, and give the moment at which each letter left.

        What was sent before a failure is not sent again by the next attempt. Only a crash between handing a
        letter over and noting it repeats it, under the same Message-ID.
        """
        for document in await documents.to_send(self._engine, dispatch.document_ids):
            by = await self._sent(document)
            await documents.mark_sent(self._engine, document.document_id, by)
        return await documents.left(self._engine, dispatch.document_ids)

    async def _sent(self, document: Outgoing) -> HandedOver:
        try:
            letter = await letters.opened(self._engine, document.document_id, self._typesetter)
        except LetterFaulty as fault:
            return unprintable(document, fault)
        return await self._port.send(document, letter.pdf)
