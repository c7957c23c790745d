"""After an outage: which deadlines passed in it, what became of each, and which steps had to wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.calendar import day_in_shanghai
from law.regulation import Readings
from messages.base import Actor
from messages.envelope import Decision
from messages.snapshot import PartyState
from messages.steps import STEPS, StepName
from store.errors import PeriodInvalid
from store.ledger import ENVELOPE
from store.passed import BatchRecord, PassedDeadline, passed_deadlines

LONGEST = timedelta(days=92)

# The timeline, not the table of waits: that one holds only the last deadline of each wait.
_BATCHES = text("""
    select b.batch_no, b.opening #> '{regulation,readings}' as readings,
        clock_timestamp() + b.clock_ahead as clock, s.title, s.parties
    from batches b, jsonb_to_record(b.snapshot) as s(title text, parties jsonb)
    where b.batch_no in (
        select batch_no from timeline where kind in ('wait_opened', 'deadline_moved')
        and data #>> '{deadline,last_day}' between :first and :last)
    order by b.batch_no
""")
# Lines written before they carried the wait itself take it from the table of waits.
_LINES = text("""
    select t.batch_no, t.seq, t.at, t.recorded_at, t.kind, t.text, t.key, t.data ->> 'wait_id' as wait_id,
        coalesce(cast(t.data -> 'wait' as jsonb), w.wait) as wait,
        t.data #>> '{deadline,last_day}' as last_day,
        cast(t.data #>> '{deadline,closes_at}' as timestamptz) as closes_at,
        case when t.kind = 'deadline_moved' then json_build_object('because', t.data -> 'because')
            when t.kind <> 'wait_opened' then t.data end as data
    from timeline t left join waits w
        on t.kind in ('wait_opened', 'deadline_moved') and w.batch_no = t.batch_no
        and w.wait_id = t.data ->> 'wait_id'
    where t.batch_no = any(:batch_nos) and t.kind in ('wait_opened', 'deadline_moved', 'wait_ended',
        'silence', 'set_aside', 'reminded', 'escalated', 'step_accepted', 'step_refused')
    order by t.batch_no, t.seq
""")
_FILED = text(f"""
    select {ENVELOPE} from ledger l
    where l.batch_no = any(:batch_nos) and l.step in ('objection_filed', 'retest_formalities_completed')
    order by l.batch_no, l.no
""")
_RECEIVED = text("""
    select l.batch_no, l.step_id, l.step, l.actor, l.received_at, d.decision,
        coalesce(d.decided_at, clock_timestamp() + b.clock_ahead) - l.received_at as waited,
        b.snapshot ->> 'title' as title
    from ledger l join batches b using (batch_no) left join decisions d using (step_id)
    where l.received_at between :begin and :end order by l.received_at, l.no
""")


@dataclass(frozen=True)
class HeldStep:
    """A step that was recorded and decided later; ``decision`` None: not yet, and ``waited`` is until now."""

    batch_no: str
    title: str
    step_id: str
    step: StepName
    step_title: str
    actor: Actor
    received_at: datetime
    waited: timedelta
    decision: Decision | None


@dataclass(frozen=True)
class OutageReport:
    """What an outage from ``begin`` to ``end`` (both included) touched, by each batch's own clock.

    ``steps_received`` counts all that came in; ``held`` are those not answered at once.
    """

    begin: datetime
    end: datetime
    deadlines: tuple[PassedDeadline, ...]
    steps_received: int
    held: tuple[HeldStep, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Silences that do not rest on facts; there should be none."""
        return tuple(
            f"批次 {passed.batch_no}，{passed.wait.title}（{passed.whose}）：{fault}"
            for passed in self.deadlines
            for fault in passed.faults
        )


async def outage(
    engine: AsyncEngine, begin: datetime, end: datetime, *, answered_within: timedelta
) -> OutageReport:
    """Everything that passed from ``begin`` to ``end``, read at one moment.

    ``answered_within``: a step decided so quickly was answered at once. Raises ``PeriodInvalid``.
    """
    if begin > end:
        raise PeriodInvalid("起始时刻晚于终止时刻")
    if end - begin > LONGEST:
        raise PeriodInvalid(f"一次最多查看{LONGEST.days}天")
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        deadlines = [
            passed
            for batch in await _batches(connection, begin, end)
            for passed in passed_deadlines(batch, begin, end)
        ]
        received = (await connection.execute(_RECEIVED, {"begin": begin, "end": end})).all()
    return OutageReport(
        begin=begin,
        end=end,
        deadlines=tuple(sorted(deadlines, key=lambda passed: (passed.deadline, passed.batch_no))),
        steps_received=len(received),
        held=tuple(_held(row) for row in received if row.decision is None or row.waited >= answered_within),
    )


async def _batches(connection: AsyncConnection, begin: datetime, end: datetime) -> list[BatchRecord]:
    """The batches with a deadline in the period: 24:00 of a last day, the first moment of the next."""
    first = day_in_shanghai(begin - timedelta(microseconds=1))
    last = day_in_shanghai(end) - timedelta(days=1)
    days = {"first": first.isoformat(), "last": last.isoformat()}
    batches = (await connection.execute(_BATCHES, days)).all()
    numbers = {"batch_nos": [batch.batch_no for batch in batches]}
    lines = _by_batch((await connection.execute(_LINES, numbers)).all())
    filed = _by_batch((await connection.execute(_FILED, numbers)).all())
    return [
        BatchRecord(
            batch_no=batch.batch_no,
            title=batch.title,
            clock=batch.clock,
            readings=Readings.model_validate(batch.readings),
            parties=tuple(map(PartyState.model_validate, batch.parties)),
            lines=lines.get(batch.batch_no, []),
            filed=filed.get(batch.batch_no, []),
        )
        for batch in batches
    ]


def _by_batch(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    return {batch_no: list(of) for batch_no, of in groupby(rows, attrgetter("batch_no"))}


def _held(row: Row[Any]) -> HeldStep:
    return HeldStep(
        batch_no=row.batch_no,
        title=row.title,
        step_id=str(row.step_id),
        step=StepName(row.step),
        step_title=STEPS[StepName(row.step)].TITLE,
        actor=Actor.model_validate(row.actor),
        received_at=row.received_at,
        waited=row.waited,
        decision=None if row.decision is None else Decision.model_validate(row.decision),
    )
