"""Sending letters electronically, each once."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.enclosures import Enclosures
from activities.outgoing import OutgoingPort, unprintable
from law.calendar import day_in_shanghai
from messages.envelope import StepEnvelope, by_system
from messages.letter import LetterFaulty
from messages.records import DispatchInput, DispatchResult
from messages.steps.service import SERVED_NOTICES, DeliveryMeans, NoticeDelivered
from store.documents import letters, outbox
from store.documents.letters import LetterMaker
from store.documents.outbox import Acknowledged, Outgoing
from store.documents.papers import HandedOver
from store.engine import DATABASE_AWAY
from store.ledger import filings

_log = logging.getLogger(__name__)
_BEAT_SECONDS = 4.0
# Of the five minutes that an attempt has (``workflows.batch.effects``).
_NOTING_SECONDS = 150.0
_NOTED_AGAIN_SECONDS = 1.0


class Dispatching:
    def __init__(
        self, engine: AsyncEngine, port: OutgoingPort, typesetter: LetterMaker, enclosures: Enclosures
    ) -> None:
        self._engine = engine
        self._port = port
        self._typesetter = typesetter
        self._enclosures = enclosures
        # Letters that are just being handed over: another attempt waits for what becomes of them.
        self._under_way: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @activity.defn(name="dispatch")
    async def dispatch(self, dispatch: DispatchInput) -> DispatchResult:
        """Send what has not left yet, and give the moment at which each letter left.

        A letter that cannot be handed over holds up no other: the first failure is raised in the end, and
        what was sent is not sent again by the next attempt. Only a worker that dies between handing a letter
        over and noting it, or a database that is away longer than it is tried, repeats it, under the same
        Message-ID or ``webhook-id``. A platform's own receipt goes into the ledger as a step; the relay
        signals it.
        """
        async with _beating():
            return await _to_its_end(self._dispatched(dispatch))

    async def _dispatched(self, dispatch: DispatchInput) -> DispatchResult:
        failures = []
        for document_id in dispatch.document_ids:
            try:
                await self._hand_over(document_id)
            except Exception as failure:
                failures.append(failure)
        # From what is on record, not from the answer: killed between the two, the next attempt files it.
        for letter in await outbox.acknowledged(self._engine, dispatch.document_ids):
            if letter.kind in SERVED_NOTICES:
                await filings.file_step(self._engine, _delivered(letter))
        if failures:
            raise failures[0]
        return await outbox.left(self._engine, dispatch.document_ids)

    async def _hand_over(self, document_id: str) -> None:
        async with self._under_way.setdefault(document_id, asyncio.Lock()):
            for document in await outbox.to_send(self._engine, [document_id]):
                await self._note(document_id, await self._sent(document))

    async def _note(self, document_id: str, by: HandedOver) -> None:
        """That a letter was handed over, again while the database is away: sent anew, it would come twice."""
        until = time.monotonic() + _NOTING_SECONDS
        while True:
            try:
                await outbox.mark_sent(self._engine, document_id, by)
            except DATABASE_AWAY as error:
                if time.monotonic() > until:
                    raise
                _log.warning("%s is handed over and cannot be noted just now: %s", document_id, error)
                await asyncio.sleep(_NOTED_AGAIN_SECONDS)
            else:
                return

    async def _sent(self, document: Outgoing) -> HandedOver:
        try:
            letter = await letters.opened(self._engine, document.document_id, self._typesetter)
        except LetterFaulty as fault:
            return unprintable(document, fault)
        return await self._port.send(document, letter.pdf, await self._enclosures.of(document))


async def _to_its_end(work: Coroutine[Any, Any, DispatchResult]) -> DispatchResult:
    """Let what Temporal gives up come to its end all the same: a letter that is being handed over is noted.

    An attempt is cut off where its beats are answered by a Temporal that does not know of it any more.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Tell the server that the worker lives: a letter that one took with it is then sent again in seconds."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_BEAT_SECONDS)

    beats = asyncio.create_task(beat())
    try:
        yield
    finally:
        beats.cancel()


def _delivered(letter: Acknowledged) -> StepEnvelope:
    """The step that a platform's receipt amounts to; always the same one for the same letter."""
    step = NoticeDelivered.model_validate(
        {
            "notice": letter.kind,
            "recipient": letter.recipient,
            "delivered_on": day_in_shanghai(letter.sent_at),
            "means": DeliveryMeans.PLATFORM,
            "receipt": letter.receipt,
        }
    )
    return by_system(letter.batch_no, step, letter.document_id)
