"""A world in memory, in which time goes by when told to and letters leave as they did."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from messages.envelope import Decision, StepEnvelope
from messages.judging import Judged, JudgeInput
from messages.opening import CalendarInForce, Carried, Opening
from messages.records import (
    DispatchResult,
    Paper,
    RecordInput,
    RecordResult,
    Sampled,
    SilenceInput,
    SilenceResult,
)
from messages.snapshot import DocumentState
from messages.standing import StandingInput, StandingResult
from workflows.procedure.case import Case

# A timer rings just after its time: at the very end a filing still counts.
_JUST_AFTER = timedelta(microseconds=1)
# More than any regulation allows of one trademark and model in a year.
_MANY = 1_000_000


@dataclass(frozen=True)
class Letters:
    """How letters really went: by hand, by hand because none could be typeset, or by themselves, and when.

    ``made_out``: each as it stands. ``until``: when a letter leaves that was never made out in truth.
    """

    by_hand: frozenset[str]
    unprintable: frozenset[str]
    made_out: Mapping[str, DocumentState]
    left_at: Mapping[str, datetime]
    until: datetime

    @classmethod
    def of(
        cls, documents: Iterable[DocumentState], left_at: Mapping[str, datetime], until: datetime
    ) -> "Letters":
        """Of the letters that were made out; ``left_at``: of those that left by themselves."""
        documents = list(documents)
        return cls(
            by_hand=frozenset(one.document_id for one in documents if one.by_hand),
            unprintable=frozenset(one.document_id for one in documents if one.unprintable),
            made_out={one.document_id: one for one in documents},
            left_at=left_at,
            until=until,
        )


@dataclass
class PlayedWorld:
    """``workflows.batch.world.World`` for one batch that is played; nothing of it goes outside."""

    opening: Opening
    calendar_in_force: CalendarInForce
    letters: Letters
    judge: Callable[[JudgeInput], Awaitable[Judged]]
    past_the_limit: frozenset[UUID]
    clock: datetime
    ledger: list[StepEnvelope] = field(default_factory=list)
    changes: list[RecordInput] = field(default_factory=list)
    begun: list["asyncio.Task[None]"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._woken = asyncio.Event()
        self.resting = asyncio.Event()
        self._sleeping: list[tuple[datetime, asyncio.Event]] = []

    @property
    def version(self) -> int:
        return self.changes[-1].snapshot.version if self.changes else 0

    @property
    def decisions(self) -> dict[UUID, Decision]:
        return {change.decision.step_id: change.decision for change in self.changes if change.decision}

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

    async def sleep(self, delay: timedelta, summary: str) -> None:  # noqa: ARG002 (nobody looks on)
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
        self.clock = max(self.clock, at + _JUST_AFTER)
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
        made = {paper.document_id for paper in change.papers} & self.letters.unprintable
        if made != {paper.document_id for paper in change.papers if paper.unprintable}:
            return RecordResult(unprintable=dict.fromkeys(sorted(made), "当时无法生成版式文件"))
        if self._is_past_the_limit(change):
            assert change.goods is not None
            return RecordResult(sampled=Sampled(goods=change.goods.goods, times=_MANY))
        self.changes.append(change)
        letters = [paper for paper in change.papers if not paper.unprintable]
        return RecordResult(
            accepted=change.decision.accepted if change.decision else None,
            sent={paper.document_id: self.clock for paper in letters if self._leaves_at_once(paper)},
            by_hand=tuple(paper.document_id for paper in letters if self._is_by_hand(paper)),
            mails=True,
            platform_linked=True,
        )

    def _is_past_the_limit(self, change: RecordInput) -> bool:
        """As was counted then; what is put right later is not judged by the limit."""
        goods, step = change.goods, change.step
        is_judged = goods is not None and goods.judged_on is not None and goods.judged_on < _MANY
        return is_judged and step is not None and step.step_id in self.past_the_limit

    def _is_by_hand(self, paper: Paper) -> bool:
        """As it really went; one that was never made out would lie in the post queue now."""
        if paper.document_id in self.letters.left_at:
            return False
        return paper.document_id in self.letters.by_hand or paper.by_hand

    def _leaves_at_once(self, paper: Paper) -> bool:
        return paper.leaves and not self._is_by_hand(paper)

    async def mail(self, batch_no: str, document_id: str, words: str) -> DispatchResult:  # noqa: ARG002
        at = self.letters.left_at.get(document_id, self.letters.until)
        if at > self.clock:
            await self.sleep(at - self.clock, words)
        return DispatchResult(sent_at={document_id: at})

    async def ask_ledger(self, question: SilenceInput, title: str) -> SilenceResult:  # noqa: ARG002
        if self.clock <= question.heard_until:
            wait_seconds = (question.heard_until - self.clock).total_seconds()
            return SilenceResult(verdict="too_early", ledger_now=self.clock, wait_seconds=wait_seconds)
        return SilenceResult(verdict="asked", ledger_now=self.clock)

    async def standing(self, question: StandingInput) -> StandingResult:
        known = {*question.taken, *self.decisions}
        steps = tuple(envelope for envelope in self.ledger if envelope.step_id not in known)
        position = max((one.position or 0 for one in self.ledger), default=0)
        return StandingResult(version=self.version, position=position, steps=steps)

    async def file_unfiled(self, step: StepEnvelope) -> StepEnvelope | None:
        raise AssertionError(f"{step.step_id} is not from the ledger")

    async def calendar(self, batch_no: str, at_least: int) -> CalendarInForce:  # noqa: ARG002
        return self.calendar_in_force

    async def judge_anew(self, question: JudgeInput) -> Judged:
        return await self.judge(question)

    def show(self, details: str, attributes: Sequence[Any]) -> None: ...

    def log_defect(self, words: str) -> None:
        """The step is refused for it, as it was or would have been in truth."""
        logging.getLogger(__name__).exception(words)

    def is_history_long(self) -> bool:
        return False

    def go_on_anew(self, carried: Carried) -> None:
        raise AssertionError(f"a play has no history to go on from: {carried.because}")

    async def leave_number(self, case: Case) -> None:
        raise AssertionError(f"{case.batch_no} has its number to itself")

    async def go_on_from_record(self, batch_no: str) -> None:
        raise AssertionError(f"{batch_no} has no other record")
