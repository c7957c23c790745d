"""A batch played from its ledger: how it stands, or would stand had a step said something else."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel

from judging.world import Letters, PlayedWorld
from law.vocabulary import DocumentKind, Phase, Recipient, Role
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.judging import Fallen, Judged, JudgeInput
from messages.names import order_id
from messages.opening import CalendarInForce, Carried, Opening
from messages.order import BatchOrder
from messages.records import RecordInput
from messages.steps import EVEN_WHEN_CLOSED, STEPS, StepName
from workflows.batch.course import run
from workflows.batch.loop import Batch
from workflows.procedure.case import Case
from workflows.procedure.parts import Corrections

# A play never waits for anything outside; one that does not come to rest is a defect of ours.
_REST_SECONDS = 60.0
_CORRECTIONS = (StepName.RECORD_CORRECTED, StepName.CORRECTION_CONFIRMED)


@dataclass(frozen=True)
class Ledger:
    """All that a batch's course follows from: its opening, the steps as filed, how its letters went.

    ``past_the_limit``: the steps that were refused for the repeat limit, as it was counted then.
    ``instead``: what steps should have said, by their ids; None for one that never happened.
    ``is_another_order``: names and addresses were put right, the parties stay the same.
    """

    opening: Opening
    steps: tuple[StepEnvelope, ...]
    calendar: CalendarInForce
    letters: Letters
    past_the_limit: frozenset[UUID] = frozenset()
    instead: Mapping[UUID, dict[str, Any] | None] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    is_another_order: bool = False

    def before(self, position: int) -> "Ledger":
        """What was filed before a place in the ledger."""
        return replace(self, steps=tuple(step for step in self.steps if (step.position or 0) < position))

    def says_already(self, question: JudgeInput) -> bool:
        """Whether the step says so as it stands: as it was filed, or by the correction that holds."""
        filed = {step.step_id: step for step in self.steps}
        wrong = filed.get(question.corrects)
        model: type[BaseModel] = STEPS[wrong.step] if wrong else BatchOrder
        if question.corrected_by is not None:
            body = filed[question.corrected_by].body["body"]
        else:
            body = wrong.body if wrong else self.opening.order.model_dump(mode="json")
        if body is None or question.body is None:
            return body is question.body
        return model.model_validate(body) == model.model_validate(question.body)

    def had_it_said(self, corrects: UUID, body: dict[str, Any] | None, told: Mapping[str, Any]) -> "Ledger":
        """The same, with a step as it should have been. What is to be judged comes before what was judged
        then: a later correction of the same step holds from the start. The order is put right as well."""
        if corrects == order_id(self.opening.batch_no):
            return replace(
                self,
                opening=self.opening.ordered(BatchOrder.model_validate(body)),
                told=told,
                is_another_order=True,
            )
        return replace(self, instead={corrects: body, **self.instead}, told=told)


class Recorded(Protocol):
    """What is on record of one batch; ``store.ledger.journal`` reads it."""

    @property
    def opening(self) -> Opening: ...
    @property
    def steps(self) -> Sequence[StepEnvelope]: ...
    @property
    def calendar(self) -> CalendarInForce: ...
    @property
    def kept(self) -> dict[str, Any] | None: ...
    @property
    def left_at(self) -> Mapping[str, datetime]: ...
    @property
    def refused(self) -> Mapping[UUID, RefusalCode | None]: ...


def ledger_of(found: Recorded, until: datetime) -> Ledger:
    """The ledger of a batch as it is on record; its case knows its letters.

    A correction that was refused has never had an effect, and has none in a play.
    """
    opening, kept, refused = found.opening, found.kept, found.refused
    case = Case.taken_up(opening, kept) if kept else Case(opening=opening)
    letters = Letters.of(case.documents.values(), found.left_at, until)
    counted = tuple(one for one in found.steps if not (one.step in _CORRECTIONS and one.step_id in refused))
    past = frozenset(step_id for step_id, code in refused.items() if code is RefusalCode.REPEAT_LIMIT)
    return Ledger(opening, counted, found.calendar, letters, past)


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
        accepted=tuple(no for no, was in others.items() if not was.accepted and _holds(now, no)),
        fallen=tuple(
            _fallen(was, now.get(no)) for no, was in others.items() if was.accepted and not _holds(now, no)
        ),
    )


def _fallen(was: Decision, now: Decision | None) -> Fallen:
    code, reason = (now.code, now.reason) if now else (None, None)
    return Fallen(step_id=was.step_id, step=was.step, code=code, reason=reason)


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
        self._begin(Case(opening=opening, corrections=Corrections(told=dict(ledger.told))), None)

    def _begin(self, case: Case, carried: Carried | None) -> None:
        self._batch = Batch(self._world, case, self._ledger.calendar, carried)
        self._running = asyncio.create_task(run(self._batch))

    async def _judge(self, question: JudgeInput) -> Judged:
        """A correction that was made in the course: as it was judged then."""
        if self.is_trying:
            return await judged_anew(self._ledger, question)
        if question.is_proposal:
            return Judged()
        if question.corrects in self._ledger.instead:  # it has been right from the start in this play
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
        if step.step_id in self._ledger.instead:
            step = _as_confirmed(step, self._ledger.instead[step.step_id] or {})
        elif step.step is StepName.CORRECTION_CONFIRMED:  # whoever has confirmed it, it holds
            step = _done_by(Role.APPROVER, step, step.body)
        if self._running.done():
            if self.case.is_over or step.step not in EVEN_WHEN_CLOSED:
                return
            kept = self.case.model_dump(mode="json")
            carried = Carried(case=kept, calendar=self._ledger.calendar)
            self._begin(Case.taken_up(self._ledger.opening, kept), carried)
        if self._is_about_another_letter(step):
            return
        self._world.ledger.append(step)
        self._batch.take(step)
        self._world.wake()
        await self.settled()

    def _is_about_another_letter(self, step: StepEnvelope) -> bool:
        """What became of a letter that truly went to somebody else tells nothing of this one."""
        if "notice" not in step.body or "recipient" not in step.body:
            return False
        try:
            kind, recipient = DocumentKind(step.body["notice"]), Recipient(step.body["recipient"])
        except ValueError:
            return False  # the procedure says so
        named = step.body.get("document_id")
        letter = self.case.documents.get(str(named)) if named else self.case.document_of(kind, recipient)
        if letter is None or self._ledger.is_another_order:
            return False
        return self._ledger.letters.to.get(letter.document_id, letter.recipient_name) != letter.recipient_name

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
