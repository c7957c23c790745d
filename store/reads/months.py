"""How many open waits end on each day, by the index of deadlines."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai, end_of_day
from law.vocabulary import WaitKind
from store.engine import autocommit
from store.reads.tasks import Whose

_COUNTED = """
    select w.due, count(*) filter (where w.kind = :duty) as duties,
        count(*) filter (where w.kind = :right) as rights,
        count(*) filter (where w.provisional) as provisional
    from waits w where {} group by w.due
"""


@dataclass(frozen=True)
class DueOnDay:
    """What ends at 24:00 of a day, Asia/Shanghai; ``provisional``: of which the day may yet be another."""

    day: date
    duties: int
    rights: int
    provisional: int


async def due_within(engine: AsyncEngine, first: date, before: date, whose: Whose) -> tuple[DueOnDay, ...]:
    """Days from ``first`` to the day before ``before`` on which anything ends, in order."""
    conditions = [condition for condition, asked in whose.conditions().items() if asked]
    statement = text(_COUNTED.format(" and ".join([*conditions, "w.due > :after", "w.due <= :until"])))
    parameters = whose.parameters() | {
        "duty": WaitKind.DUTY,
        "right": WaitKind.RIGHT,
        "after": end_of_day(first - timedelta(days=1)),
        "until": end_of_day(before - timedelta(days=1)),
    }
    parameters = {name: value for name, value in parameters.items() if f":{name}" in statement.text}
    async with autocommit(engine) as connection:
        rows = (await connection.execute(statement, parameters)).all()
    last = timedelta(microseconds=1)
    found = (
        DueOnDay(day_in_shanghai(row.due - last), row.duties, row.rights, row.provisional) for row in rows
    )
    return tuple(sorted(found, key=lambda one: one.day))
