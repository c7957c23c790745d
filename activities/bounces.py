"""What mail servers report of our letters: a bounce is a step for people, the rest is noted."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import get_args

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.mailbox import Mailbox, MailError, OpenMailbox
from activities.reports import Action, Fate, read_head, read_report
from law.calendar import day_in_shanghai
from messages.envelope import StepEnvelope, by_system
from messages.steps.service import DeliveryFailed, FailureCause, PostedNotice
from store.documents import outbox
from store.documents.outbox import Mailed
from store.engine import DATABASE_AWAY
from store.errors import KeyReused
from store.ledger import filings
from store.mails import unread
from store.mails.unread import WhyUnread

_log = logging.getLogger(__name__)
_AT_A_TIME = 100
_EVERY_SECONDS = 60.0
_BEAT_SECONDS = 15.0
_FOR_SECONDS = 3600.0
_AWAY = (*DATABASE_AWAY, MailError)
_TAKEN_IN = {
    Action.DELIVERED: "收件服务器已投递",
    Action.RELAYED: "收件服务器已转交",
    Action.EXPANDED: "收件服务器已分发",
}


class Bounces:
    def __init__(self, engine: AsyncEngine, mailbox: Mailbox) -> None:
        self._engine = engine
        self._mailbox = mailbox

    @activity.defn(name="keep_reading_bounces")
    async def keep_reading(self) -> int:
        """Read every minute, for an hour or until the worker stops; how many messages in all."""
        settled = 0
        until = time.monotonic() + _FOR_SECONDS
        while time.monotonic() < until and not activity.is_worker_shutdown():
            try:
                settled += await self.read()
            except _AWAY as error:
                _log.warning("could not read the mailbox of bounces just now: %s", error)
            await self._rest(settled)
        return settled

    async def read(self) -> int:
        """Settle what has come in; how many messages. Filed first, then marked: twice is the same as once."""
        mailbox = await asyncio.to_thread(OpenMailbox, self._mailbox)
        try:
            uids = await asyncio.to_thread(mailbox.unseen, _AT_A_TIME)
            for uid in uids:
                activity.heartbeat()
                raw = await asyncio.to_thread(mailbox.read, uid)
                why = await self._take(raw)
                if why is not None:
                    _log.warning("message %s in the mailbox of bounces is about no letter: flagged", uid)
                    await unread.keep(self._engine, read_head(raw), why)
                await asyncio.to_thread(mailbox.settle, uid, understood=why is None)
            return len(uids)
        finally:
            await asyncio.to_thread(mailbox.close)

    async def _rest(self, settled: int) -> None:
        until = time.monotonic() + _EVERY_SECONDS
        while (left := until - time.monotonic()) > 0 and not activity.is_worker_shutdown():
            activity.heartbeat(settled)
            with suppress(TimeoutError):
                await asyncio.wait_for(activity.wait_for_worker_shutdown(), min(left, _BEAT_SECONDS))

    async def _take(self, raw: bytes) -> WhyUnread | None:
        """Put on record what a message says of a letter of ours; why not, where a person is to look at it."""
        try:
            report = read_report(raw)
            if report is None:
                return WhyUnread.NO_REPORT
            letter = await outbox.mailed(self._engine, report.letter_ids)
            if letter is None or letter.kind not in get_args(PostedNotice):
                return WhyUnread.NO_LETTER
            await self._note(letter, report.fates)
        except _AWAY:
            raise
        except Exception:
            # Whatever somebody mails us must not keep us from the messages after it.
            _log.exception("a message in the mailbox of bounces could not be dealt with")
            return WhyUnread.DEFECT
        return None

    async def _note(self, letter: Mailed, fates: Sequence[Fate]) -> None:
        """One step at most for a letter: anybody can mail us a report, as long and as often as they like."""
        failed = next((fate for fate in fates if fate.action is Action.FAILED), None)
        if failed is not None:
            # Told again on another day, or in other words: it is known already, and the first stands.
            with suppress(KeyReused):
                await filings.file_step(self._engine, await self._bounced(letter, failed))
        taken_in = next((fate for fate in fates if fate.action in _TAKEN_IN), None)
        if taken_in is not None:
            note = f"{_TAKEN_IN[taken_in.action]}（{taken_in.recipient}）"
            await outbox.note_taken_in(self._engine, letter.document_id, note)

    async def _bounced(self, letter: Mailed, fate: Fate) -> StepEnvelope:
        step = DeliveryFailed.model_validate(
            {
                "notice": letter.kind,
                "recipient": letter.recipient,
                "document_id": letter.document_id,
                "failed_on": day_in_shanghai(await filings.clock(self._engine, letter.batch_no)),
                "cause": FailureCause.EMAIL_BOUNCED,
                "reason": fate.said or "收件服务器退回，未说明原因",
            }
        )
        return by_system(letter.batch_no, step, f"{letter.document_id}:{fate.action}")
