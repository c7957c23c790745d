"""Every order in which a filing, its signals, the timer and the worker may come; and what is law then.

``in_law`` is a function of the facts alone and shares no code with the product. What it is compared with is
played on the real server, many batches at once under one worker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import permutations
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from temporalio.api.enums.v1 import EventType

from law.vocabulary import Role
from local.scenarios.courses import Act, Do, delivered, example_body
from messages.envelope import StepEnvelope
from messages.snapshot import Wait
from messages.steps import StepName
from store.engine import autocommit
from store.ledger import filings
from store.reads import read_model
from tests.procedure.conftest import PEOPLE, Crew, Table

OFFICER, LAB, APPROVER = Role.OFFICER, Role.LAB, Role.APPROVER
# With no worker no time is skipped: so long the timer still runs when the worker has left.
_LAST_SECONDS = timedelta(seconds=8)
_AT_ONCE = 16


class Event(StrEnum):
    """What may come in any order; ``COMMITTED``: on the ledger, with the stamp that the facts say."""

    COMMITTED = "committed"
    SIGNALLED = "signalled"
    AGAIN = "again"
    TIMER = "timer"
    AWAY = "away"
    BACK = "back"


_CAUSES = ((Event.COMMITTED, Event.SIGNALLED), (Event.SIGNALLED, Event.AGAIN), (Event.AWAY, Event.BACK))
Order = tuple[Event, ...]
# All that causality allows. A signal that comes last is the relay's, long after the API died over it.
ORDERS: tuple[Order, ...] = tuple(
    order
    for order in permutations(Event)
    if all(order.index(cause) < order.index(effect) for cause, effect in _CAUSES)
)


@dataclass(frozen=True)
class Facts:
    """When it was handed in, in days after the last day; when the ledger got it, as time after all was heard.

    What was handed in by the last day may still arrive for some working days: until then it is heard.
    """

    name: str
    filed: int
    stamped: timedelta
    postmark: int | None = None

    def __str__(self) -> str:
        return self.name


_SECOND, _HOUR = timedelta(seconds=1), timedelta(hours=1)
FACTS = (
    Facts("timely", -1, -_HOUR),
    Facts("a_second_before_the_end", 0, -_SECOND),
    Facts("at_the_end", 0, timedelta(0)),
    Facts("a_second_after_the_end", 0, _SECOND),
    Facts("handed_in_a_day_late", 1, _HOUR),
    Facts("postmarked_in_time_and_recorded_in_time", 0, -_HOUR, postmark=-3),
    Facts("postmarked_in_time_and_recorded_later", 1, 2 * _HOUR, postmark=0),
)


def close_of(last_day: date) -> datetime:
    """24:00 in Shanghai is 16:00 in Greenwich, all the year round."""
    return datetime.combine(last_day, time(16), UTC)


def in_law(facts: Facts, heard_until: datetime, stamp: datetime) -> bool:
    """Whether the right was exercised in time: by the last day, and on the ledger while it was heard."""
    handed_in = facts.filed if facts.postmark is None else facts.postmark
    return handed_in <= 0 and stamp <= heard_until


@dataclass(frozen=True)
class Right:
    """A right that lapses: how to get there, and the step that exercises it."""

    wait_id: str
    step: StepName
    acts: tuple[Act, ...]
    lapsed: str
    body: Callable[[Wait, Facts], dict[str, Any]]

    def __str__(self) -> str:
        return self.step


def _objection(wait: Wait, facts: Facts) -> dict[str, Any]:
    by_post = {} if facts.postmark is None else {"how": "post", "postmark": _day(wait, facts.postmark)}
    return {"filed_on": _day(wait, facts.filed), **by_post}


def _formalities(wait: Wait, facts: Facts) -> dict[str, Any]:
    # Formalities have no postmark: they are completed on a day.
    return {"completed_on": _day(wait, facts.filed if facts.postmark is None else facts.postmark)}


def _day(wait: Wait, days: int) -> str:
    assert wait.last_day is not None
    return str(wait.last_day + timedelta(days))


# One party, no platform: the shortest way to a right.
ALONE: dict[str, Any] = {"platform": None, "producer": None}
_TOLD = (
    Do(OFFICER, StepName.PURCHASED, {"platform": None}),
    Do(LAB, StepName.RECEIVED),
    Do(OFFICER, StepName.SEALING_SCHEDULED),
    Do(OFFICER, StepName.SEALED, {"producer": "无", "producer_address": None}),
    delivered("inspection_notice", "seller"),
    Do(OFFICER, StepName.REPORT_RECEIVED),
    delivered("result_notice", "seller"),
)
OBJECTION = Right("objection_filed:seller", StepName.OBJECTION_FILED, _TOLD, "silent", _objection)
FORMALITIES = Right(
    "retest_formalities_completed:seller",
    StepName.RETEST_FORMALITIES_COMPLETED,
    (
        *_TOLD,
        Do(OFFICER, StepName.OBJECTION_FILED),
        Do(APPROVER, StepName.OBJECTION_DECIDED),
        Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
        delivered("retest_lab_notice", "seller"),
    ),
    "abandoned",
    _formalities,
)


@dataclass
class Play:
    """One batch, the order in which things happen to it, and what came of it."""

    right: Right
    order: Order
    facts: Facts
    batch_no: str = ""
    wait: Wait | None = None
    envelope: StepEnvelope | None = None
    fired_before: int = 0
    held: bool | None = None

    def __str__(self) -> str:
        return f"{self.right.step}, {self.facts}: {' → '.join(self.order)}"

    @property
    def ends_at(self) -> datetime:
        """Until then what was handed in by the last day is heard: 24:00 of a day at least a week later."""
        assert self.wait is not None
        assert self.wait.deadline is not None
        assert self.wait.heard_until is not None
        assert self.wait.heard_until >= self.wait.deadline + timedelta(days=7)
        assert self.wait.heard_until == close_of(self.wait.heard_until.astimezone(UTC).date())
        return self.wait.heard_until

    @property
    def phases(self) -> tuple[Order, Order, Order]:
        """Before the worker goes, while it is away, once it is back."""
        away, back = self.order.index(Event.AWAY), self.order.index(Event.BACK)
        return self.order[:away], self.order[away + 1 : back], self.order[back + 1 :]


class Stage:
    """Plays many batches at once under one worker, which goes and comes back once for all of them."""

    def __init__(self, table: Table, crew: Crew) -> None:
        self._table = table
        self._crew = crew
        self._few = asyncio.Semaphore(_AT_ONCE)

    async def play(self, plays: Sequence[Play]) -> None:
        """Play every one to its end. Afterwards each knows what it came to."""
        await self._each(plays, self._prepare)
        await self._each(plays, lambda play: self._do(play, play.phases[0]))
        meanwhile = [play for play in plays if Event.TIMER in play.phases[1]]
        await self._each(meanwhile, self._let_almost_close)
        await self._crew.leave()
        await self._each(plays, lambda play: self._do(play, play.phases[1]))
        await self._crew.come()
        await self._each(plays, lambda play: self._do(play, play.phases[2]))
        await self._each(plays, self._look)

    async def _each(self, plays: Sequence[Play], act: Callable[[Play], Awaitable[None]]) -> None:
        async def one(play: Play) -> None:
            async with self._few:
                try:
                    await act(play)
                except Exception as error:
                    error.add_note(str(play))
                    raise

        await asyncio.gather(*map(one, plays))

    async def _prepare(self, play: Play) -> None:
        """To the last evening on which the right is heard, two hours before its end."""
        table = self._table
        play.batch_no = await table.opened(play.right.acts, **ALONE)
        play.wait = await table.wait(play.batch_no, play.right.wait_id)
        assert play.wait.last_day is not None
        assert play.wait.deadline == close_of(play.wait.last_day)
        await self._pass_until(play, play.ends_at - 2 * _HOUR)

    async def _pass_until(self, play: Play, moment: datetime) -> None:
        by = moment - await self._table.clock(play.batch_no)
        if by > timedelta(0):
            await self._table.fast_forward(play.batch_no, by)

    async def _let_almost_close(self, play: Play) -> None:
        await self._pass_until(play, play.ends_at - _LAST_SECONDS)
        play.fired_before = await self._fired(play)

    async def _do(self, play: Play, events: Order) -> None:
        for event in events:
            if event is Event.COMMITTED:
                await self._commit(play)
            elif event is Event.TIMER:
                await self._let_close(play, worker_away=events == play.phases[1])
            else:
                assert play.envelope is not None
                await self._table.signal(play.envelope)

    async def _commit(self, play: Play) -> None:
        """File with the stamp that the facts say: the ledger's clock of this batch shows just that.

        A question about silence that was answered before keeps it from being set back: the stamp is then
        after the end, and so it must be.
        """
        assert play.wait is not None
        assert play.wait.last_day is not None
        now = await self._table.clock(play.batch_no)
        changes = {"party": "seller", **play.right.body(play.wait, play.facts)}
        envelope = StepEnvelope(
            step_id=uuid4(),
            batch_no=play.batch_no,
            step=play.right.step,
            body=example_body(play.right.step, now, changes),
            actor=PEOPLE[OFFICER],
        )
        shows = play.ends_at + play.facts.stamped
        async with autocommit(self._table.engine) as connection:
            await connection.execute(
                text(
                    "update batches set clock_ahead = cast(:shows as timestamptz) - clock_timestamp()"
                    " - interval '12 hours', last_stamp = greatest(last_stamp, :shows) where batch_no = :no"
                ),
                {"no": play.batch_no, "shows": shows},
            )
        play.envelope = (await filings.file_step(self._table.engine, envelope)).envelope

    async def _let_close(self, play: Play, *, worker_away: bool) -> None:
        if not worker_away:
            await self._pass_until(play, play.ends_at + timedelta(minutes=1))
        elif Event.SIGNALLED not in play.phases[0]:  # else the right was decided on, and no timer runs
            while await self._fired(play) == play.fired_before:  # noqa: ASYNC110 (the server's to tell)
                await asyncio.sleep(0.1)

    async def _fired(self, play: Play) -> int:
        """How many timers have fired; the number is read from the history, not waited for."""
        fired = 0
        async for event in self._table.handle(play.batch_no).fetch_history_events():
            fired += event.event_type == EventType.EVENT_TYPE_TIMER_FIRED
        return fired

    async def _look(self, play: Play) -> None:
        """What it came to, and that it was recorded once."""
        table = self._table
        assert play.envelope is not None
        decision = await table.decision(play.envelope.step_id)
        snapshot = await table.snapshot(play.batch_no)
        (seller,) = snapshot.parties
        lapsed = seller.standing == play.right.lapsed
        # In law: silence stands, whatever becomes of what was recorded after it.
        play.held = decision.accepted and not lapsed
        assert play.held != lapsed, (decision, seller)
        lines = await read_model.timeline(table.engine, play.batch_no)
        assert [line.key for line in lines].count(f"step:{play.envelope.step_id}") == 1
        assert sum(line.kind == "silence" for line in lines) == lapsed
        assert play.right.wait_id not in {wait.id for wait in snapshot.waits}
