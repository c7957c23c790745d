"""Letters that leave by themselves: mailed beside the batch, and what is known once they have left."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.records import Failure, Paper, RecordResult
from messages.snapshot import DocumentState
from messages.words import DOCUMENTS, RECIPIENTS
from workflows.batch.world import World
from workflows.procedure.case import Case
from workflows.procedure.change import Change
from workflows.procedure.leaving import document_left, left_to_people, not_taken_in


class Post:
    """Each letter on its own, so that one that cannot be handed over does not hold up the others."""

    def __init__(self, world: World, batch_no: str) -> None:
        self._world = world
        self._batch_no = batch_no
        self._mailing: dict[str, DocumentKind] = {}
        self._left: dict[str, datetime] = {}
        self._failed: dict[str, Failure] = {}
        self._by_hand: set[str] = set()
        self._work: dict[str, asyncio.Task[None]] = {}

    @property
    def has_left(self) -> bool:
        """Whether it is known of letters that they have left, or will not by themselves."""
        return bool(self._left or self._failed or self._by_hand)

    @property
    def is_busy(self) -> bool:
        return any(not task.done() for task in self._work.values())

    def stop(self, case: Case) -> None:
        """The batch is over: nobody is notified any more, but of that."""
        for document_id, task in self._work.items():
            if not case.goes_out(case.documents[document_id]):
                task.cancel()

    def take_up(self, case: Case) -> None:
        """Mail what the case does not know to have left; what has left meanwhile is not sent again."""
        for document in case.documents.values():
            if case.goes_out(document) and document.sent_on is None and not document.by_hand:
                self._begin_mailing(document)

    def recorded(self, papers: Sequence[Paper], result: RecordResult) -> None:
        """Papers are on record: some have left with it, some lie in the post queue, the others are mailed."""
        self._work = {key: task for key, task in self._work.items() if not task.done()}
        for paper in papers:
            if not paper.is_mailable:
                continue
            document_id = paper.document_id
            if document_id in result.sent:
                self._left[document_id] = result.sent[document_id]
            elif document_id in result.by_hand:
                self._by_hand.add(document_id)
            else:
                self._begin_mailing(paper)

    def _begin_mailing(self, paper: Paper | DocumentState) -> None:
        self._mailing[paper.document_id] = paper.kind
        words = f"{DOCUMENTS[paper.kind]}→{RECIPIENTS[paper.recipient]}"
        self._work[paper.document_id] = self._world.begin(self._mail(paper.document_id, words))

    async def _mail(self, document_id: str, words: str) -> None:
        dispatched = await self._world.mail(self._batch_no, document_id, words)
        self._failed |= dispatched.failed
        self._by_hand |= set(dispatched.by_hand)
        self._left |= dispatched.sent_at

    def note_left(self, change: Change) -> tuple[str, ...]:
        """Draw what follows from the letters that have left, or will not by themselves.

        Gives those whose mailing has come to its end, for :meth:`settled`.
        """
        for document_id, at in self._left.items():
            document_left(change, document_id, day_in_shanghai(at))
        for document_id, failure in self._failed.items():
            not_taken_in(change, document_id, failure)
        for document_id in sorted(self._by_hand):
            left_to_people(change, document_id)
        return tuple(dict.fromkeys([*self._left, *self._failed, *sorted(self._by_hand)]))

    def settled(self, document_ids: Sequence[str]) -> None:
        """What followed from these is on record."""
        for document_id in document_ids:
            self._left.pop(document_id, None)
            self._failed.pop(document_id, None)
            self._by_hand.discard(document_id)
            self._mailing.pop(document_id, None)

    def may_explain(self, envelope: StepEnvelope, decision: Decision) -> bool:
        """Whether a step is refused only for a letter that is being mailed and has not left yet."""
        if decision.code is RefusalCode.NO_SUCH_NOTICE:
            return envelope.body.get("notice") in self._mailing.values()
        too_early = decision.code in (RefusalCode.WRONG_PARTY, RefusalCode.OUT_OF_ORDER)
        return too_early and DocumentKind.RESULT_NOTICE in self._mailing.values()
