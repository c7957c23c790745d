"""A world in memory: the batch's own loop, clock and procedure, without Temporal and without PostgreSQL."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from judging.ledger import Ledger, ledger_of
from judging.play import judged_anew
from law.calendar_sources import builtin_calendar
from law.ordering import category_of
from law.regulation import Regulation, in_force_on
from law.vocabulary import DocumentKind, Role
from local.scenarios.courses import example_order
from messages.base import OPERATOR, Actor
from messages.envelope import Decision, StepEnvelope
from messages.judging import Judged, JudgeInput
from messages.opening import CalendarInForce, Carried, Opening
from messages.order import BatchOrder
from messages.records import (
    DispatchResult,
    Failure,
    NotTheLedgers,
    Paper,
    RecordInput,
    RecordResult,
    Sampled,
    SilenceInput,
    SilenceResult,
    TimelineEntry,
)
from messages.standing import StandingInput, StandingResult
from store.canonical import canonical
from store.canonical import sha256 as digest_of
from store.ledger.journal import Journal
from store.ledger.silence import considered
from store.reads.on_record import as_put_right
from workflows.procedure.case import Case

BEGAN = datetime(2026, 9, 1, 2, tzinfo=UTC)
JUST_AFTER = timedelta(minutes=1)
PEOPLE = {
    role: Actor(sub=role, name=f"{role}甲", role=role, laboratory="LAB-01" if role is Role.LAB else None)
    for role in Role
}
REGULATION = in_force_on(BEGAN.date())
CALENDAR = CalendarInForce(calendar=builtin_calendar())


def opening(now: datetime = BEGAN, regulation: Regulation = REGULATION, **changes: Any) -> Opening:
    """The opening of a batch of the example order."""
    order = BatchOrder.model_validate(example_order(now, **changes))
    platform = order.platform and order.platform.place
    return Opening(
        batch_no="CJ2026-000001",
        order=order,
        category=category_of(regulation, order.seller.place, platform, order.authorization),
        regulation=regulation,
        regulation_sha256=digest_of(canonical(regulation.model_dump(mode="json"))),
        calendar=CALENDAR.for_batch_of(order.regulation_date),
        opened_at=now,
        opened_by=PEOPLE[Role.OFFICER],
    )


@dataclass
class Memory:
    """``workflows.batch.world.World``: what is recorded lies in lists, and time goes by when told to.

    ``in_force``: the calendar that the record knows of. ``another_day``: so many records fall over midnight.
    ``late``: how much later than it was set for a timer rings; a server's is never on time.
    ``cannot_print``: of these no letter can be made. ``refusal``: what the mail server says to every letter.
    ``sampled``: how often others have sampled the same.
    """

    opening: Opening
    clock: datetime = BEGAN
    in_force: CalendarInForce = field(default_factory=lambda: CALENDAR)
    mails: bool = False
    refusal: Failure | None = None
    another_day: int = 0
    late: timedelta = timedelta(seconds=1)
    cannot_print: frozenset[DocumentKind] = frozenset()
    sampled: int = 0
    changes: list[RecordInput] = field(default_factory=list)
    recorded_at: list[datetime] = field(default_factory=list)
    ledger: list[StepEnvelope] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)
    begun: list["asyncio.Task[None]"] = field(default_factory=list)
    left_at: dict[str, datetime] = field(default_factory=dict)
    takes_operators: bool = False
    is_long: bool = False
    is_missing: bool = False
    is_anothers: bool = False

    def __post_init__(self) -> None:
        self._woken = asyncio.Event()
        self.resting = asyncio.Event()
        self.kept: dict[str, Any] = {}
        self._sleeping: list[tuple[datetime, asyncio.Event]] = []

    @property
    def version(self) -> int:
        return self.changes[-1].snapshot.version if self.changes else 0

    @property
    def lines(self) -> list[TimelineEntry]:
        return [line for change in self.changes for line in change.lines]

    @property
    def decisions(self) -> dict[UUID, Decision]:
        given = [change.decision for change in self.changes if change.decision]
        again = [decision for change in self.changes for decision in change.answered]
        return {decision.step_id: decision for decision in (*given, *again)}

    def restore(self, changes: int, steps: int) -> None:
        """An older backup is put in place, which holds so many changes and steps; none: not the batch."""
        del self.changes[changes:], self.ledger[steps:]
        self.is_missing = changes == 0
        self.clock += timedelta(minutes=1)  # at least so long it takes

    def now(self) -> datetime:
        return self.clock

    async def wait(self, until: Callable[[], bool]) -> None:
        while not until():
            self._woken.clear()
            self.resting.set()
            await self._woken.wait()
        self.resting.clear()

    def wake(self) -> None:
        self.resting.clear()
        self._woken.set()

    async def sleep(self, delay: timedelta, summary: str) -> None:
        self.summaries.append(summary)
        alarm = (self.clock + delay, asyncio.Event())
        self._sleeping.append(alarm)
        try:
            await alarm[1].wait()
        finally:
            if alarm in self._sleeping:
                self._sleeping.remove(alarm)

    async def ring_next(self, until: datetime) -> bool:
        """Let time go by to the next timer; False where none is due by ``until``."""
        due = [(at, event) for at, event in self._sleeping if at <= until]
        if not due:
            return False
        at, event = min(due, key=lambda one: one[0])
        self._sleeping.remove((at, event))
        self.clock = max(self.clock, at + self.late)
        event.set()
        await asyncio.sleep(0)  # the timer's own task
        self.wake()
        return True

    def begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        async def and_wake() -> None:
            await work
            self.wake()

        task = asyncio.create_task(and_wake())
        task.add_done_callback(lambda _: work.close())  # it may be ended before it has begun
        self.begun.append(task)
        return task

    async def record(self, change: RecordInput) -> RecordResult:
        if change.deadlines and self.in_force.revision > change.calendar.revision:
            return RecordResult(in_force=self.in_force.for_batch_of(change.since))
        if self.another_day and any(paper.leaves for paper in change.papers):
            self.another_day -= 1
            return RecordResult(another_day=True)
        faults = {p.document_id: "没有字形" for p in change.papers if p.kind in self.cannot_print}
        if faults != {p.document_id: p.unprintable for p in change.papers if p.unprintable}:
            return RecordResult(unprintable=faults)
        if change.goods and change.goods.judged_on not in (None, self.sampled):
            return RecordResult(sampled=Sampled(goods=change.goods.goods, times=self.sampled))
        if self.is_anothers or (self.is_missing and not change.puts_back):
            return RecordResult(lacking=True)
        if change.snapshot.version <= self.version:
            return RecordResult(behind=True)
        if change.snapshot.version > self.version + 1 and not change.puts_back:
            return RecordResult(lacking=True)
        if change.step is not None and change.step not in self.ledger:
            return RecordResult(not_the_ledgers=self._as_filed(change.step))
        self.is_missing = False
        self.changes.append(change)
        self.recorded_at.append(self.clock)
        self.kept = change.kept.model_dump(mode="json")
        ready = [p for p in change.papers if not (self._is_mailed(p) or p.unprintable)]
        self.left_at |= {p.document_id: self.clock for p in ready if not p.by_hand}
        return RecordResult(
            accepted=change.decision.accepted if change.decision else None,
            sent={p.document_id: self.clock for p in ready if not p.by_hand},
            by_hand=tuple(p.document_id for p in ready if p.by_hand),
            mails=self.mails,
        )

    def _is_mailed(self, paper: Paper) -> bool:
        return self.mails and paper.email is not None and paper.is_mailable

    async def ask_ledger(self, question: SilenceInput, title: str) -> SilenceResult:
        self.summaries.append(title)
        ends_at = question.heard_until
        if self.is_missing:
            return SilenceResult(verdict="no_record", ledger_now=self.clock)
        if self.clock <= ends_at:
            wait_seconds = (ends_at - self.clock).total_seconds()
            return SilenceResult(verdict="too_early", ledger_now=self.clock, wait_seconds=wait_seconds)
        of_it = (e for e in self.ledger if e.step is question.step)
        looked_at = (considered(e, self.said(e), question) for e in of_it)
        filed = (e for e in self.ledger if e.received_at and e.received_at <= ends_at)
        known = {*question.taken, *self.decisions}
        untaken = tuple(envelope for envelope in filed if envelope.step_id not in known)
        return SilenceResult(
            verdict="asked",
            ledger_now=self.clock,
            considered=tuple(one for one in looked_at if one is not None),
            untaken=untaken,
        )

    def said(self, step: StepEnvelope) -> dict[str, Any] | None:
        """What a step says, put right where it was wrong; None for one that never happened."""
        return as_put_right(self.lines, str(step.step_id), step.body)

    def _as_filed(self, step: StepEnvelope) -> NotTheLedgers:
        filed = next((one for one in self.ledger if one.step_id == step.step_id), None)
        return NotTheLedgers(step_id=step.step_id, filed=filed)

    async def standing(self, question: StandingInput) -> StandingResult:
        known = {*question.taken, *self.decisions}
        steps = tuple(envelope for envelope in self.ledger if envelope.step_id not in known)
        held = {envelope.step_id for envelope in self.ledger}
        return StandingResult(
            version=self.version,
            position=len(self.ledger),
            steps=steps,
            lost=tuple(one for one in question.accepted if one not in held),
            is_missing=self.is_missing,
            is_anothers=self.is_anothers,
        )

    async def file_unfiled(self, step: StepEnvelope) -> StepEnvelope | None:
        if not self.takes_operators:
            return None
        return self.file(step.model_copy(update={"actor": OPERATOR}))

    def file(self, step: StepEnvelope) -> StepEnvelope:
        body = json.loads(json.dumps(step.body, default=str))
        place = {
            "body": body,
            "received_at": self.clock,
            "position": len(self.ledger) + 1,
            "body_sha256": digest_of(canonical(body)),
        }
        self.ledger.append(step.model_copy(update=place))
        return self.ledger[-1]

    async def calendar(self, batch_no: str, at_least: int) -> CalendarInForce:  # noqa: ARG002
        return self.in_force.for_batch_of(self.opening.order.regulation_date)

    async def judge_anew(self, question: JudgeInput) -> Judged:
        """As the activity does, from the ledger and from how the letters went."""
        try:
            return await judged_anew(self.played_from(question.until), question)
        except AssertionError as defect:
            return Judged(defect=type(defect).__name__)

    def played_from(self, until: datetime) -> Ledger:
        """All that the batch's course follows from."""
        documents = Case.taken_up(self.opening, self.kept).documents.values()
        left_at = {
            one.document_id: self.left_at[one.document_id]
            for one in documents
            if not one.by_hand and one.document_id in self.left_at
        }
        calendar = self.in_force.for_batch_of(self.opening.order.regulation_date)
        refused = {no: decision.code for no, decision in self.decisions.items() if not decision.accepted}
        found = Journal(
            opening=self.opening,
            calendar=calendar,
            steps=tuple(self.ledger),
            left_at=left_at,
            refused=refused,
            kept=self.kept,
            clock=until,
        )
        return ledger_of(found, until)

    async def mail(self, batch_no: str, document_id: str, words: str) -> DispatchResult:  # noqa: ARG002
        if document_id in self.left_at:
            return DispatchResult(sent_at={document_id: self.left_at[document_id]})
        papers = (paper for change in self.changes for paper in change.papers)
        if self._is_mailed(next(paper for paper in papers if paper.document_id == document_id)):
            refused = {document_id: self.refusal} if self.refusal else {}
            if not refused:
                self.left_at.setdefault(document_id, self.clock)
            return DispatchResult(sent_at={} if refused else {document_id: self.clock}, failed=refused)
        return DispatchResult(sent_at={}, by_hand=(document_id,))

    def show(self, details: str, attributes: Sequence[Any]) -> None:  # noqa: ARG002
        self.shown.append(details)

    def log_defect(self, words: str) -> None:
        logging.getLogger(__name__).exception(words)

    def is_history_long(self) -> bool:
        return self.is_long

    def go_on_anew(self, carried: Carried) -> None:
        raise GoesOn(carried)

    async def leave_number(self, case: Case) -> None:
        raise NumberLeft(case)

    async def go_on_from_record(self, batch_no: str) -> None:  # noqa: ARG002
        raise GoesOn(self.on_record)

    @property
    def on_record(self) -> Carried:
        return Carried(
            case=self.kept, calendar=self.in_force.for_batch_of(self.opening.order.regulation_date)
        )


class NumberLeft(Exception):
    """The batch's number is another's; this is all that is known of it."""

    def __init__(self, case: Case) -> None:
        self.case = case


class GoesOn(Exception):
    """The history ends here, and the next begins with this."""

    def __init__(self, carried: Carried) -> None:
        self.carried = carried
