"""A batch played from its ledger: how it stands, or would stand had a step said something else."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from judging.astray import Posting, went_astray
from judging.ledger import Ledger
from judging.world import PlayedWorld
from law.vocabulary import DocumentKind, Phase, Recipient, Role
from messages.envelope import Decision, StepEnvelope
from messages.judging import Fallen, Judged, JudgeInput, OtherStep
from messages.names import order_id
from messages.opening import Carried
from messages.records import RecordInput
from messages.snapshot import DocumentState
from messages.steps import EVEN_WHEN_CLOSED, STEPS, StepName
from workflows.batch.course import run
from workflows.batch.loop import Batch
from workflows.procedure.case import Case
from workflows.procedure.parts import Corrections

# A play never waits for anything outside; one that does not come to rest is a defect of ours.
_REST_SECONDS = 60.0


@dataclass(frozen=True)
class Played:
    """How a batch stands after its ledger was played, and every step's answer."""

    case: Case
    decisions: Mapping[UUID, Decision]


async def judged_anew(ledger: Ledger, question: JudgeInput, *, is_told: bool = True) -> Judged:
    """How the batch would stand, and, where that is told, whose answers would be others.

    Raises ``AssertionError`` where the play never comes to rest.
    """
    before = ledger.before(question.before)
    right = before.had_it_said(question.corrects, question.body, question.told)
    as_it_should_be = await played(right, question.until)
    as_it_was = await played(before, question.until) if is_told else as_it_should_be
    now, others = as_it_should_be.decisions, dict(as_it_was.decisions)
    others.pop(question.corrects, None)
    return Judged(
        case=as_it_should_be.case.model_dump(mode="json"),
        is_same=is_told and before.says_already(question),
        corrected=as_it_should_be.decisions.get(question.corrects),
        accepted=tuple(
            OtherStep.model_validate(before.said_of(step))
            for step in before.steps
            if step.step_id in others and not others[step.step_id].accepted and _holds(now, step.step_id)
        ),
        fallen=tuple(
            Fallen.model_validate(before.said_of(step) | _answer(now.get(step.step_id)))
            for step in before.steps
            if _holds(others, step.step_id)
            and not _holds(now, step.step_id)
            and not before.is_undone(as_it_was.case, step.step_id)
            and not _falls_with(before.put_right_by(step), question, now)
        ),
    )


def _answer(now: Decision | None) -> dict[str, Any]:
    return {"code": now.code, "reason": now.reason} if now else {}


def _falls_with(corrects: UUID | None, question: JudgeInput, now: Mapping[UUID, Decision]) -> bool:
    """Whether a correction is of what is put right now, or of a step that would not stand itself."""
    return corrects is not None and (corrects == question.corrects or not _holds(now, corrects))


def _holds(decisions: Mapping[UUID, Decision], step_id: UUID) -> bool:
    return step_id in decisions and decisions[step_id].accepted


async def played(ledger: Ledger, until: datetime) -> Played:
    """Play the ledger's steps, each at its time, and go on to ``until``."""
    play = _Play(ledger)
    try:
        await play.through()
        await play.go_to(until)
        return Played(play.case, play.decisions)
    finally:
        play.end()


@dataclass(frozen=True)
class Tried:
    """What would come of a step: its answer, and all that would be recorded with it and after it."""

    decision: Decision
    changes: tuple[RecordInput, ...]


async def tried(ledger: Ledger, step: StepEnvelope, then: StepEnvelope | None = None) -> Tried:
    """Try a step as of its stamp on the batch as it stands, and ``then`` another where the first is accepted.

    Nothing of it is filed. Raises ``BatchEnded`` for a step that no batch takes any more that has ended.
    """
    play = _Play(ledger)
    try:
        await play.through()
        before = len(play.changes)
        play.is_trying = True
        await play.take(step)
        decision = play.decisions.get(step.step_id)
        if decision is None:
            raise BatchEnded(step.batch_no)
        if decision.accepted and then is not None:
            await play.take(then)
        return Tried(decision, tuple(play.changes[before:]))
    finally:
        play.end()


def _as_confirmed(step: StepEnvelope, body: dict[str, Any]) -> StepEnvelope:
    """A step as it was put right: a supervisor has agreed to it where one may do the step."""
    may = Role.SUPERVISOR in STEPS[step.step].ROLES and step.actor.role is Role.OFFICER
    return _done_by(Role.SUPERVISOR if may else step.actor.role, step, body)


def _done_by(role: Role, step: StepEnvelope, body: dict[str, Any]) -> StepEnvelope:
    actor = step.actor.model_copy(update={"role": role})
    return step.model_copy(update={"body": body, "actor": actor})


class BatchEnded(Exception):
    """The batch takes no step of this kind any more."""


class _Play:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        opening = ledger.opening
        self._world = PlayedWorld(
            opening,
            ledger.calendar,
            ledger.letters,
            self._judge,
            ledger.past_the_limit,
            clock=opening.opened_at,
        )
        self.is_trying = False
        self._postings: dict[str, list[Posting]] = {}
        told = Corrections(told=dict(ledger.told), judges_anew=ledger.is_judged_anew)
        self._begin(Case(opening=opening, corrections=told), None)

    def _begin(self, case: Case, carried: Carried | None) -> None:
        self._batch = Batch(self._world, case, self._ledger.calendar, carried)
        self._running = asyncio.create_task(run(self._batch))

    async def _judge(self, question: JudgeInput) -> Judged:
        """A correction that was made in the course: as it was judged then."""
        if self.is_trying:
            return await judged_anew(self._ledger, question)
        if question.is_proposal:
            return Judged()
        is_order = question.corrects == order_id(question.batch_no)
        if question.corrects in self._ledger.instead or (is_order and self._ledger.is_another_order):
            # It has been right from the start in this play.
            return Judged(case=self.case.model_dump(mode="json"))
        return await judged_anew(self._ledger, question, is_told=False)

    @property
    def case(self) -> Case:
        return self._batch.case

    @property
    def decisions(self) -> dict[UUID, Decision]:
        return self._world.decisions

    @property
    def changes(self) -> list[RecordInput]:
        return self._world.changes

    async def through(self) -> None:
        """Take every step of the ledger that happened, each at its time."""
        await self.settled()
        for step in self._ledger.steps:
            if self._ledger.instead.get(step.step_id, step.body) is not None:
                await self.take(step)

    async def take(self, step: StepEnvelope) -> None:
        assert step.received_at is not None, "the ledger stamps every row"
        await self.go_to(step.received_at)
        filed = step
        if step.step_id in self._ledger.instead:
            step = _as_confirmed(step, self._ledger.instead[step.step_id] or {})
        elif step.step is StepName.CORRECTION_CONFIRMED:  # whoever has confirmed it, it holds
            step = _done_by(Role.APPROVER, step, step.body)
        elif self._is_of_another_order(step):
            order = self._ledger.opening.order.model_dump(mode="json")
            step = step.model_copy(update={"body": {**step.body, "body": order}})
        if self._running.done():
            if self.case.is_over or step.step not in EVEN_WHEN_CLOSED:
                return
            kept = self.case.model_dump(mode="json")
            carried = Carried(case=kept, calendar=self._ledger.calendar)
            self._begin(Case.taken_up(self._ledger.opening, kept), carried)
        letter = self._letter_of(step)
        if letter is not None and self._tells_nothing_of(letter, step):
            return
        self._world.ledger.append(step)
        self._batch.take(step)
        self._world.wake()
        await self.settled()
        if letter is not None and step.step is StepName.NOTICE_POSTED and self._is_accepted(step):
            posting = Posting.of(filed.body, step.body)
            self._postings.setdefault(letter.document_id, []).append(posting)

    def _is_of_another_order(self, step: StepEnvelope) -> bool:
        """Whether it proposes what the order should have been, which is known better by now."""
        order = str(order_id(self._ledger.opening.batch_no))
        is_proposal = step.step is StepName.RECORD_CORRECTED and step.body.get("corrects") == order
        return is_proposal and self._ledger.is_another_order

    def _is_accepted(self, step: StepEnvelope) -> bool:
        decision = self.decisions.get(step.step_id)
        return decision is not None and decision.accepted

    def _letter_of(self, step: StepEnvelope) -> DocumentState | None:
        """The letter of which a step tells what became of it."""
        if "notice" not in step.body or "recipient" not in step.body:
            return None
        try:
            kind, recipient = DocumentKind(step.body["notice"]), Recipient(step.body["recipient"])
        except ValueError:
            return None  # the procedure says so
        named = step.body.get("document_id")
        return self.case.documents.get(str(named)) if named else self.case.document_of(kind, recipient)

    def _tells_nothing_of(self, letter: DocumentState, step: StepEnvelope) -> bool:
        """What became of a letter that truly went to somebody else tells nothing of this one; nor is this one
        undeliverable because that came back from where only a wrong record sent it (a reading, §6)."""
        really = self._ledger.letters.made_out.get(letter.document_id)
        if really is None:
            return False
        if really.recipient_name != letter.recipient_name and not self._ledger.is_another_order:
            return True
        counts = self._ledger.opening.regulation.readings.announced_at_wrong_address_counts
        if step.step is not StepName.NOTICE_RETURNED or counts:
            return False
        return went_astray(really, letter, self._postings.get(letter.document_id, ()))

    async def go_to(self, moment: datetime) -> None:
        """Let time go by, from one timer to the next, each dealt with at its own time."""
        while await self._world.ring_next(moment):
            await self.settled()
        self._world.clock = max(self._world.clock, moment)

    async def settled(self) -> None:
        """Until the batch waits for something, or has ended."""
        resting = asyncio.create_task(self._world.resting.wait())
        wanted: Sequence[asyncio.Task[Any]] = (resting, self._running)
        await asyncio.wait(wanted, timeout=_REST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        is_at_rest = resting.done() or self._running.done()
        resting.cancel()
        assert is_at_rest, "the batch never comes to rest"
        if self._running.done():
            self._running.result()
            assert self.case.phase is Phase.CLOSED

    def end(self) -> None:
        """Leave nothing running behind, however it went."""
        self._running.cancel()
        for task in self._world.begun:
            task.cancel()
