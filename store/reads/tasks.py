"""The inbox: open waits, the most urgent first, by whoever owes them or has their batch in hand."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import end_of_day
from law.vocabulary import Phase, Role, WaitKind
from messages.names import confirming
from messages.snapshot import Wait
from messages.steps import StepName
from store.accounts.units import HELD_UNIT
from store.desk.held import HELD, InHand, held
from store.engine import autocommit
from store.reads.pages import Page, after, page_of
from store.reads.part import EVERYTHING, SeenPart
from store.reads.read_model import rows_of, select
from store.reads.wanted import LATE

# More is not counted: nobody reads on, and each page shows the counts.
MOST_COUNTED = 1000


class Falls(StrEnum):
    """When a last day falls that has not passed, by days in Asia/Shanghai; a week ends with its Sunday."""

    TODAY = "today"
    THIS_WEEK = "this_week"


# A deadline is 24:00 of its last day, the first moment of the next: that of yesterday is no longer today's.
_TODAY = "date_trunc('day', statement_timestamp(), 'Asia/Shanghai')"
_UNTIL = {
    Falls.TODAY: f"{_TODAY} + interval '1 day'",
    Falls.THIS_WEEK: "date_trunc('week', statement_timestamp(), 'Asia/Shanghai') + interval '7 days'",
}
_UNITS = f"""
    select o.batch_no from holders o {HELD_UNIT.format(account="o", unit="h")}
    where h.unit = :unit and h.bureau is not distinct from :of_bureau
"""
# Each is a leader's, which an index knows.
_OF_OTHERS = f"""
    w.role in ('{Role.SUPERVISOR}', '{Role.APPROVER}') and w.step = '{StepName.CORRECTION_CONFIRMED}'
    and not exists (
        select from ledger l where l.batch_no = w.batch_no
        and '{confirming("")}' || l.step_id = w.wait_id and l.actor ->> 'sub' = :but_by
    )
"""


@dataclass(frozen=True)
class TaskRow:
    """One open wait with its batch; ``reminded`` is the highest level told of it, ``clock`` the batch's."""

    batch_no: str
    title: str
    phase: Phase
    suspended: bool
    wait: Wait
    overdue: bool
    reminded: int | None
    clock: datetime
    holder: InHand | None


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose waits; what is None does not matter.

    ``role``: whose task a duty is; ``kind``: duties, or parties' rights; ``part``: what is its matter;
    ``held_by``: of batches that this account has in hand, ``unit``: or anybody of this office; a subordinate
    bureau, ``of_bureau``, may have one of the same name.
    ``but_by``: corrections alone that wait for a second person, proposed by others than this account.
    """

    owed_by: str | None = None
    role: Role | None = None
    kind: WaitKind | None = None
    part: SeenPart = EVERYTHING
    held_by: str | None = None
    unit: str | None = None
    of_bureau: str | None = None
    but_by: str | None = None

    def conditions(self) -> dict[str, bool]:
        return {
            "w.state = 'open'": True,
            "w.owed_by = :owed_by": self.owed_by is not None,
            "w.role = :role": self.role is not None,
            # A right is nobody's task, so that one index serves both.
            "w.role is null": self.kind is WaitKind.RIGHT,
            "w.role is not null": self.kind is WaitKind.DUTY,
            **self.part.of_waits,
            "w.batch_no in (select batch_no from holders where sub = :held_by)": self.held_by is not None,
            f"w.batch_no in ({_UNITS})": self.unit is not None,
            _OF_OTHERS: self.but_by is not None,
        }

    def parameters(self) -> dict[str, Any]:
        told = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "part"}
        return told | self.part.parameters


@dataclass(frozen=True)
class Counts:
    """How many are open, late, and due today and this week; of each ``MOST_COUNTED`` at the most."""

    open: int
    late: int
    today: int
    this_week: int


async def tasks(
    engine: AsyncEngine,
    whose: Whose | None = None,
    *,
    overdue: bool | None = None,
    falls: Falls | None = None,
    due_before: datetime | None = None,
    last_day: date | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[TaskRow]:
    """Open waits, the most urgent first, those without a deadline last. Raises ``CursorInvalid``."""
    whose = whose or Whose()
    position = after(cursor, "due", "batch_no", "wait_id")
    conditions = {
        **whose.conditions(),
        "(w.due, w.batch_no, w.wait_id) > (cast(cast(:due as text) as timestamptz), :batch_no, :wait_id)": (
            cursor is not None
        ),
        LATE: overdue is True,
        "w.overdue_from > statement_timestamp()": overdue is False,
        **falling(falls),
        "w.due < :due_before": due_before is not None,
        "w.due = :ends": last_day is not None,
    }
    statement = select(
        f"w.batch_no, w.wait_id, w.wait, w.reminded, {LATE} as overdue, b.phase,"
        " b.snapshot ->> 'title' as title, cast(b.snapshot ->> 'suspended' as boolean) as suspended,"
        " statement_timestamp() + b.clock_ahead as clock,"
        f" {HELD} from waits w join batches b on b.batch_no = w.batch_no"
        " left join holders h on h.batch_no = w.batch_no",
        conditions,
        "w.due, w.batch_no, w.wait_id",
    )
    ends = last_day and end_of_day(last_day)
    parameters = whose.parameters() | position | {"due_before": due_before, "ends": ends}
    rows = await rows_of(engine, statement, parameters, limit)
    return page_of(rows, limit, _task, _task_key)


async def counts(engine: AsyncEngine, whose: Whose) -> Counts:
    """Of all that is open: how much is late, and how much is due in the days that come next."""
    counted = {
        "open": {},
        "late": {LATE: True},
        "today": falling(Falls.TODAY),
        "this_week": falling(Falls.THIS_WEEK),
    }
    columns = (f"({_counted({**whose.conditions(), **more})}) as {name}" for name, more in counted.items())
    statement = text(f"select {', '.join(columns)}")
    parameters = {
        name: value for name, value in whose.parameters().items() if f":{name}" in statement.text
    } | {"most": MOST_COUNTED}
    async with autocommit(engine) as connection:
        row = (await connection.execute(statement, parameters)).one()
    return Counts(**row._asdict())


def falling(falls: Falls | None) -> dict[str, bool]:
    """The condition on a wait's last day; none where it may fall on any."""
    return {} if falls is None else {f"w.due > {_TODAY} and w.due <= {_UNTIL[falls]}": True}


def _counted(conditions: Mapping[str, bool]) -> str:
    where = " and ".join(condition for condition, asked in conditions.items() if asked)
    return f"select count(*) from (select from waits w where {where} limit :most) as w"


def _task(row: Row[Any]) -> TaskRow:
    return TaskRow(
        batch_no=row.batch_no,
        title=row.title,
        phase=Phase(row.phase),
        suspended=row.suspended,
        wait=Wait.model_validate(row.wait),
        overdue=row.overdue,
        reminded=row.reminded,
        clock=row.clock,
        holder=held(row),
    )


def _task_key(row: Row[Any]) -> list[str]:
    deadline = Wait.model_validate(row.wait).deadline
    return ["infinity" if deadline is None else deadline.isoformat(), row.batch_no, row.wait_id]
