"""The loop of a batch: it takes what is due next, records what follows, and only then waits.

What arrives or fires first decides nothing: steps are taken in the order of the ledger before anything else
is looked at, and a right lapses only after the ledger has been asked (procedure section 5).
"""

from collections.abc import Callable
from uuid import UUID

from law.vocabulary import Phase
from messages.envelope import StepEnvelope
from messages.opening import CalendarInForce, Carried
from workflows.batch.clock import Clock
from workflows.batch.events import Events
from workflows.batch.inbox import Inbox
from workflows.batch.page import CasePage
from workflows.batch.post import Post
from workflows.batch.recorder import Recorder, Undone
from workflows.batch.world import World
from workflows.procedure.case import Case
from workflows.procedure.change import Change


class Ended(Exception):
    """The batch was abandoned or voided; caught by the procedure's main function."""


class Batch:
    """Carries one case from event to event."""

    def __init__(
        self, world: World, case: Case, calendar: CalendarInForce, carried: Carried | None = None
    ) -> None:
        self._world = world
        self._post = Post(world, case.batch_no)
        self._inbox = Inbox()
        self._clock = Clock(world)
        self._recorder = Recorder(world, self._post, case, calendar)
        self._events = Events(world, self._recorder, self._inbox, self._post, self._clock)
        self._page = CasePage(world, is_new=carried is None)
        if carried is not None:
            # Letters may have left and steps may have come between the one history and the next.
            self._post.take_up(case)
            self._events.is_to_compare = True
            self._events.restored_because = carried.because

    @property
    def case(self) -> Case:
        """As it stands."""
        return self._recorder.case

    def take(self, envelope: StepEnvelope) -> None:
        """A step has come; one that has been decided is no news.

        One that is not known, in the place of one that was: the ledger may have been restored, and is asked.
        """
        if envelope.position is None or envelope.position > self._recorder.decided_to:
            self._inbox.take(envelope)
        elif str(envelope.step_id) not in self._recorder.case.accepted:
            self._events.is_to_compare = True

    def take_unreadable(self, signal_id: UUID, name: str, error: str) -> None:
        """A signal has come that is no step of ours."""
        self._events.unreadable.append((signal_id, name, error))

    def calendar_announced(self, revision: int) -> None:
        """A year has been announced; how often it is said makes no difference."""
        self._events.announced = max(self._events.announced or 0, revision)

    def compare_with_record(self) -> None:
        """The record may know more than the batch does."""
        self._events.is_to_compare = True

    def cancel_asked(self) -> None:
        """Somebody asked Temporal to cancel the batch; the law knows no such step."""
        self._events.is_cancel_asked = True

    def follow(self, what: Callable[[Change], None]) -> None:
        """Draw a consequence: recorded together with what it follows from."""
        self._recorder.follow(what)

    async def until(self, done: Callable[[Case], bool]) -> None:
        """Go on with the batch until ``done``.

        Raises ``Ended`` when it is abandoned or voided meanwhile, and ``Undone`` when a change had to be
        thrown away: the course then begins anew from the record.
        """
        while True:
            await self._bring_record_up()
            if self.case.is_over:
                raise Ended
            if self._recorder.make_out():
                continue
            if done(self.case):
                return
            if self._recorder.is_changing:
                await self._recorder.record()
                self._go_on_anew_if_long()
            elif not await self._events.take_next():
                self._page.show(self.case)
                self._go_on_anew_if_long()
                self._clock.set_for(self.case)
                await self._world.wait(lambda: self._events.any_here)

    async def finish(self) -> bool:
        """Record the last change, let what is under way end, answer what arrives. False: closed no more."""
        self._clock.stop()
        if self.case.is_over:
            self._post.stop(self.case)
        is_shown = False
        while True:
            await self._bring_record_up()
            if self._recorder.make_out():
                continue
            if self.case.phase is not Phase.CLOSED:
                return False
            if self._recorder.is_changing:
                await self._recorder.record()
                self._go_on_anew_if_long()
            elif not await self._events.take_next():
                if is_shown and not self._post.is_busy and not self._inbox.is_holding:
                    return True
                self._page.show(self.case)
                is_shown = True
                await self._world.wait(lambda: self._events.any_here or not self._post.is_busy)

    async def _bring_record_up(self) -> None:
        """First of all: a record that has lost what the batch knows takes nothing that follows on it."""
        if self._recorder.is_lacking:
            await self._events.bring_record_up()
            raise Undone

    def _go_on_anew_if_long(self) -> None:
        """A history that grows too long is cut; the case is carried over whole, as it is on record.

        Steps that are here and letters that are being mailed are found again in the ledger and in the case.
        """
        if self._world.is_history_long():
            carried = Carried(case=self.case.model_dump(mode="json"), calendar=self._recorder.calendar)
            self._world.go_on_anew(carried)
