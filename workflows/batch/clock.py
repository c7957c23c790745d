"""The one timer of a batch: for whichever wait wants attention next. That it rang decides nothing."""

import asyncio
from datetime import datetime, timedelta

from law.vocabulary import WaitKind
from messages.names import period
from workflows.batch.world import World
from workflows.procedure.alarms import due
from workflows.procedure.case import Case
from workflows.procedure.parts import RunningWait
from workflows.procedure.wording import alarm_in_words, until_in_words, whose_in_words


class Clock:
    """Rings when something may be due; what it means is asked of the case and of the ledger."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._timer: asyncio.Task[None] | None = None
        self._set_for: datetime | None = None
        self._ask_again_at: dict[str, datetime] = {}
        self.rang = False

    def due_at(self, case: Case, running: RunningWait) -> datetime | None:
        """When a wait wants attention; later where the ledger said that it was too early."""
        at = due(case, running)
        later = self._ask_again_at.get(_period(running))
        return at if at is None or later is None else max(at, later)

    def due(self, case: Case, now: datetime) -> list[RunningWait]:
        """The waits whose time has come."""
        return [
            running
            for running in case.waits.values()
            if (at := self.due_at(case, running)) is not None and at <= now
        ]

    def ask_again(self, running: RunningWait, seconds: float) -> None:
        """The ledger's clock has not passed the end yet."""
        at = self._world.now() + timedelta(seconds=max(seconds, 1))
        self._ask_again_at[_period(running)] = at

    def set_for(self, case: Case) -> None:
        """Keep the timer at what is due next; its summary says what that is."""
        self.rang = False
        ahead = [
            (at, running.wait.id, running)
            for running in case.waits.values()
            if (at := self.due_at(case, running)) is not None
        ]
        at, _, running = min(ahead, key=lambda one: one[:2], default=(None, "", None))
        if at == self._set_for and self._timer is not None and not self._timer.done():
            return
        self.stop()
        self._set_for = at
        if at is not None and running is not None:
            self._timer = self._world.begin(self._ring(at - self._world.now(), running))

    def stop(self) -> None:
        self.rang = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _ring(self, delay: timedelta, running: RunningWait) -> None:
        wait = running.wait
        words = "届满" if wait.kind is WaitKind.RIGHT else alarm_in_words(running.alarms[0])
        summary = f"{words}：{wait.title}{whose_in_words(wait, words)}，{until_in_words(wait, wait.rests_on)}"
        await self._world.sleep(max(delay, timedelta(0)), summary)
        self.rang = True


def _period(running: RunningWait) -> str:
    return period(running.wait.id, running.wait.last_day)
