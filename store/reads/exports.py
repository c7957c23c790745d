"""Batches and tasks as flat rows, for lists that people take with them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Outcome, Phase, WaitKind
from store.reads.read_model import rows_of, select
from store.reads.tasks import Falls, Whose, falling
from store.reads.wanted import LATE, WantedBatches

# What fits in a sheet that somebody still reads, and in memory while it is written.
MOST_ROWS = 10_000
# From whom it was really bought, once that is known.
_SELLER = """jsonb_path_query_first(b.snapshot, '$.parties[*] ? (@.party == "seller").name') #>> '{}'"""
_TASKS = f"""
    w.batch_no, b.snapshot ->> 'title' as batch_title, b.phase, w.wait ->> 'title' as title, w.kind,
    coalesce({_SELLER}, b.opening #>> '{{order,seller,name}}') as seller,
    w.wait ->> 'owed_by_title' as owed_by_title, w.last_day, w.provisional, {LATE} as overdue, w.rests_on,
    w.wait ->> 'on_silence' as on_silence
    from waits w join batches b on b.batch_no = w.batch_no
"""


def _batches(wanted: WantedBatches) -> str:
    return f"""
        b.batch_no, b.phase, b.outcome, b.opened_at, b.snapshot -> 'goods' ->> 'name' as goods,
        b.snapshot -> 'goods' ->> 'trademark' as trademark,
        b.snapshot -> 'goods' ->> 'spec_model' as spec_model,
        coalesce({_SELLER}, b.opening #>> '{{order,seller,name}}') as seller,
        b.opening #>> '{{order,producer,name}}' as producer,
        b.opening #>> '{{order,platform,name}}' as platform,
        b.opening #>> '{{order,laboratory,name}}' as laboratory,
        b.opening #>> '{{order,scheme,reference}}' as scheme,
        next.title as next_title, next.last_day, coalesce(next.provisional, false) as provisional,
        {wanted.is_late} as overdue
        from batches b left join lateral (
            select w.wait ->> 'title' as title, w.last_day, w.provisional from waits w
            where w.batch_no = b.batch_no and w.state = 'open' and w.last_day is not null
                {wanted.part.of_theirs}
            order by w.due, w.wait_id limit 1
        ) next on true
    """


@dataclass(frozen=True)
class BatchLine:
    """A batch in one line; ``last_day``: the next that one of its open matters has."""

    batch_no: str
    phase: Phase
    outcome: Outcome | None
    opened_at: datetime
    goods: str | None
    trademark: str | None
    spec_model: str | None
    seller: str
    producer: str | None
    platform: str | None
    laboratory: str
    scheme: str
    next_title: str | None
    last_day: date | None
    provisional: bool
    overdue: bool


@dataclass(frozen=True)
class TaskLine:
    """An open wait in one line."""

    batch_no: str
    batch_title: str
    phase: Phase
    title: str
    kind: WaitKind
    seller: str
    owed_by_title: str
    last_day: date | None
    provisional: bool
    overdue: bool
    rests_on: str
    on_silence: str | None


async def batches(engine: AsyncEngine, wanted: WantedBatches) -> list[BatchLine]:
    """The newest first; one more than ``MOST_ROWS`` where there are more."""
    statement = select(_batches(wanted), wanted.conditions, "b.batch_no desc")
    rows = await rows_of(engine, statement, wanted.parameters, MOST_ROWS)
    return [
        BatchLine(
            **row._asdict()
            | {"phase": Phase(row.phase), "outcome": None if row.outcome is None else Outcome(row.outcome)}
        )
        for row in rows
    ]


async def tasks(
    engine: AsyncEngine,
    whose: Whose,
    *,
    overdue: bool | None,
    falls: Falls | None,
    due_before: datetime | None,
) -> list[TaskLine]:
    """The most urgent first; one more than ``MOST_ROWS`` where there are more."""
    conditions = {
        **whose.conditions(),
        LATE: overdue is True,
        "w.overdue_from > statement_timestamp()": overdue is False,
        **falling(falls),
        "w.due < :due_before": due_before is not None,
    }
    parameters = whose.parameters() | {"due_before": due_before}
    statement = select(_TASKS, conditions, "w.due, w.batch_no, w.wait_id")
    rows = await rows_of(engine, statement, parameters, MOST_ROWS)
    return [
        TaskLine(**row._asdict() | {"phase": Phase(row.phase), "kind": WaitKind(row.kind)}) for row in rows
    ]
