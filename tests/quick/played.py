"""One batch in memory, played as people would: steps are filed and decided, days go by, silence lapses."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from law.vocabulary import Role
from local.scenarios.courses import Act, Do, Lapse, Pass, example_body
from local.scenarios.player import as_it_stands
from messages.envelope import Decision, StepEnvelope
from messages.opening import Carried
from messages.steps import StepName
from tests.quick.memory import PEOPLE, GoesOn, Memory, opening
from workflows.batch.course import run as course
from workflows.batch.loop import Batch
from workflows.procedure.case import Case

JUST_AFTER = timedelta(minutes=1)


class InMemory:
    """One batch, played: steps are filed and decided, days go by, silence lapses."""

    def __init__(self, world: Memory, carried: Carried | None = None, run: Any = course) -> None:
        self.world = world
        self._run = run
        self._begin(carried)

    def _begin(self, carried: Carried | None) -> None:
        self.batch = self._taken_up(carried)
        self._running = asyncio.create_task(self._through_all_histories(carried))

    def _taken_up(self, carried: Carried | None) -> Batch:
        opening = self.world.opening
        case = Case.taken_up(opening, carried.case) if carried else Case(opening=opening)
        return Batch(self.world, case, carried.calendar if carried else opening.calendar, carried)

    async def _through_all_histories(self, carried: Carried | None) -> Any:
        while True:
            batch = self.batch
            try:
                await self._run(batch)
                return batch.case.outcome, batch.case.final_verdict
            except GoesOn as gone:
                self.world.is_long = False
                self._lose_what_is_under_way()
                carried = gone.carried
                self.batch = self._taken_up(carried)

    def _lose_what_is_under_way(self) -> None:
        for task in self.world.begun:
            task.cancel()
        self.world.begun.clear()

    async def lose(self, because: str | None = None) -> None:
        """The workflow is gone, and taken up again from its record."""
        self._running.cancel()
        self._lose_what_is_under_way()
        self._begin(self.world.on_record.model_copy(update={"because": because}))
        await self.settled()

    @property
    def case(self) -> Case:
        return self.batch.case

    async def settled(self) -> None:
        """Until the batch waits for something, or has ended."""
        resting = asyncio.create_task(self.world.resting.wait())
        await asyncio.wait({resting, self._running}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        if not resting.done() and not self._running.done():
            self._running.cancel()
            raise AssertionError("the batch never comes to rest")
        resting.cancel()
        if self._running.done():
            self._running.result()
            self.world.resting.set()

    @property
    def is_closed(self) -> bool:
        return self._running.done()

    @property
    def result(self) -> Any:
        """How the workflow ended."""
        return self._running.result()

    def end(self) -> None:
        """Leave nothing running behind, however it went."""
        self._running.cancel()

    async def do(self, role: Role, step: StepName, body: dict[str, Any]) -> Decision:
        """File a step, and what the procedure answers."""
        world = self.world
        envelope = StepEnvelope(
            step_id=uuid4(),
            batch_no=world.opening.batch_no,
            step=step,
            body=body,
            actor=PEOPLE[role],
        )
        envelope = world.file(envelope)
        self.batch.take(envelope)
        world.wake()
        await self.settled()
        assert envelope.step_id in world.decisions, f"{step} has not been decided"
        return world.decisions[envelope.step_id]

    async def example(self, role: Role, step: StepName, **changes: Any) -> Decision:
        body = example_body(step, self.world.clock, changes)
        sent, authority = self.case.testing.submission, self.case.referral.authority
        body = as_it_stands(step, body, changes, submission=sent and sent.step_id, authority=authority)
        return await self.do(role, step, body)

    async def play(self, acts: Sequence[Act]) -> None:
        """Every step is accepted, or the course is not as the regulation has it."""
        await self.settled()
        for act in acts:
            if isinstance(act, Do):
                decision = await self.example(act.role, act.step, **act.changes)
                assert decision.accepted, (act.step, decision.reason)
            elif isinstance(act, Pass):
                await self.go_to(self.world.clock + timedelta(days=act.days))
            else:
                await self.lapse(act)
            await self.settled()

    async def lapse(self, act: Lapse) -> None:
        wait = self.case.waits[act.wait_id].wait
        deadline = wait.heard_until or wait.deadline
        assert deadline is not None
        await self.go_to(max(deadline, self.world.clock) + JUST_AFTER)

    async def go_to(self, moment: datetime) -> None:
        """Let time go by, from one timer to the next, each dealt with at its own time."""
        while await self.world.ring_next(moment):
            await self.settled()
        self.world.clock = max(self.world.clock, moment)


def begun(run: Any = course, **changes: Any) -> InMemory:
    return InMemory(Memory(opening(**changes)), run=run)
