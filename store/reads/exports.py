"""Batches and tasks as flat rows, for lists that people take with them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Outcome, Phase, WaitKind
from store.reads import search
from store.reads.part import SeenPart
from store.reads.read_model import UNDER, is_late, rows_of, select
from store.reads.tasks import Falls, Whose, falling

# What fits in a sheet that somebody still reads, and in memory while it is written.
MOST_ROWS = 10_000
_LATE = "w.overdue_from <= statement_timestamp()"
# From whom it was really bought, once that is known.
_SELLER = """jsonb_path_query_first(b.snapshot, '$.parties[*] ? (@.party == "seller").name') #>> '{}'"""
_TASKS = f"""
    w.batch_no, b.snapshot ->> 'title' as batch_title, b.phase, w.wait ->> 'title' as title, w.kind,
    coalesce({_SELLER}, b.opening #>> '{{order,seller,name}}') as seller,
    w.wait ->> 'owed_by_title' as owed_by_title, w.last_day, w.provisional, {_LATE} as overdue, w.rests_on,
    w.wait ->> 'on_silence' as on_silence
    from waits w join batches b on b.batch_no = w.batch_no
"""


def _batches(part: SeenPart) -> str:
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
        {is_late(part)} as overdue
        from batches b left join lateral (
            select w.wait ->> 'title' as title, w.last_day, w.provisional from waits w
            where w.batch_no = b.batch_no and w.state = 'open' and w.last_day is not null{part.of_theirs}
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


async def batches(
    engine: AsyncEngine,
    *,
    phase: Phase | None,
    outcome: Outcome | None,
    overdue: bool | None,
    q: str,
    part: SeenPart,
    held_by: str | None,
    scheme_id: str | None,
    commission_id: str | None,
) -> list[BatchLine]:
    """The newest first, of the same filters as the list; one more than ``MOST_ROWS`` where there are more."""
    conditions = {
        "b.phase = :phase": phase is not None,
        "b.outcome = :outcome": outcome is not None,
        is_late(part): overdue is True,
        f"not {is_late(part)}": overdue is False,
        **part.conditions,
        "b.batch_no in (select batch_no from holders where sub = :held_by)": held_by is not None,
        f"b.batch_no in (select s.batch_no from batch_search s where {search.holds(q, 's')}\
            and s.kind <> all(:hidden))": search.is_sought(q),
        f"{UNDER} u.scheme_id = :scheme_id)": scheme_id is not None,
        f"{UNDER} u.commission_id = :commission_id)": commission_id is not None,
    }
    parameters: dict[str, Any] = {
        "phase": phase,
        "outcome": outcome,
        **part.parameters,
        "held_by": held_by,
        "scheme_id": scheme_id,
        "commission_id": commission_id,
        "hidden": search.hidden_from(part.laboratory),
        **search.asked(q),
    }
    statement = select(_batches(part), conditions, "b.batch_no desc")
    rows = await rows_of(engine, statement, parameters, MOST_ROWS)
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
        _LATE: overdue is True,
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
