"""The calendar in force, all that was ever counted on, and which open deadlines were counted on another."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.calendar import CalendarYear, WorkCalendar
from law.calendar_sources import builtin_calendar
from law.counting import Deadline
from law.rules import Readings, TermRule
from messages.opening import CalendarInForce
from messages.snapshot import Wait
from store.engine import autocommit

_KEEP = text("""
    insert into calendar_arrangements (digest, year, version, content, kept_at)
    select k.digest, k.year, k.version, k.content, clock_timestamp()
    from json_to_recordset(cast(:kept as json)) as k(digest text, year int, version text, content text)
    on conflict (digest) do nothing
""")
_KEPT = text("select version, content from calendar_arrangements where digest = any(:digests) order by year")
# Of each year the arrangement that was approved last.
_IN_FORCE = text("""
    select distinct on (i.year) i.version, a.content
    from calendar_imports i join calendar_arrangements a using (digest)
    where i.revision is not null order by i.year, i.revision desc
""")
_REVISION = text("select coalesce(max(revision), 0) from calendar_imports")
# An arrangement may reach back into December: such a day concerns a deadline that does not reach its year.
_STALE = """
    w.state = 'open' and w.trace is not null and (
        not w.counted_on <@ cast(:digests as text[])
        or cardinality(w.counted_on) > 0 and exists (
            select from json_to_recordset(cast(:decembers as json)) as d(digest text, day date)
            where d.day between cast(w.wait ->> 'starts_on' as date) and w.last_day
                and d.digest <> all(w.counted_on))
    )
"""
_STALE_BATCHES = text(f"""
    select distinct w.batch_no from waits w
    where {_STALE} and w.batch_no <> all(cast(:resting as text[])) order by w.batch_no limit :limit
""")
_COUNT_STALE = text(f"select count(*) from waits w where {_STALE}")
# A letter that names a last day says of which wait; what it says begins with the day.
LETTER_LEFT = """
    exists (select from timeline t join documents d on d.document_id = t.data ->> 'document_id'
        where t.batch_no = w.batch_no and t.kind = 'document_issued' and t.data ->> 'deadline_of' = w.wait_id
            and d.sent_at is not null
            and starts_with(d.fields ->> 'last_day', to_char({day}, 'YYYY"年"FMMM"月"FMDD"日"')))
"""
_STALE_WAITS = text(f"""
    select w.batch_no, b.snapshot ->> 'title' as title, w.wait, w.trace,
        b.opening -> 'regulation' -> 'terms' -> (w.wait ->> 'term') as rule,
        b.opening -> 'regulation' -> 'readings' as readings,
        {LETTER_LEFT.format(day="w.last_day")} as told
    from waits w join batches b using (batch_no)
    where {_STALE} order by w.due, w.batch_no, w.wait_id
""")


@dataclass(frozen=True)
class StaleWait:
    """An open wait whose deadline was counted on something else than a calendar says now."""

    batch_no: str
    batch_title: str
    wait: Wait
    deadline: Deadline
    rule: TermRule
    readings: Readings
    told: bool


async def in_force(engine: AsyncEngine) -> CalendarInForce:
    """The calendar in force: the built-in years, and over them what was imported and approved."""
    async with autocommit(engine) as connection:
        return await in_force_on(connection)


async def in_force_on(connection: AsyncConnection) -> CalendarInForce:
    # The revision first: what is approved in between is read, and at worst read again.
    known = int((await connection.execute(_REVISION)).scalar_one())
    rows = await connection.execute(_IN_FORCE)
    calendar = builtin_calendar([_year(row.version, row.content) for row in rows])
    return CalendarInForce(revision=known, calendar=calendar)


async def revision(engine: AsyncEngine) -> int:
    """How many imports have been approved; a process that knows a lower one has an old calendar."""
    async with autocommit(engine) as connection:
        return int((await connection.execute(_REVISION)).scalar_one())


async def keep(engine: AsyncEngine, years: Iterable[CalendarYear]) -> None:
    """Keep arrangements that deadlines are counted on, each content once; never changed afterwards."""
    async with autocommit(engine) as connection:
        await keep_on(connection, years)


async def keep_on(connection: AsyncConnection, years: Iterable[CalendarYear]) -> None:
    rows = [
        {"digest": year.digest, "year": year.year, "version": year.version, "content": year.content}
        for year in years
    ]
    await connection.execute(_KEEP, {"kept": json.dumps(rows)})


async def kept(engine: AsyncEngine, digests: Sequence[str]) -> tuple[CalendarYear, ...]:
    """The arrangements with these digests, in order of years; the version is the first they were known by.

    One that no deadline was ever counted on, and nobody proposed, is not among them.
    """
    async with autocommit(engine) as connection:
        rows = await connection.execute(_KEPT, {"digests": list(digests)})
        return tuple(_year(row.version, row.content) for row in rows)


async def stale_batches(
    engine: AsyncEngine, calendar: WorkCalendar, *, resting: Collection[str] = (), limit: int
) -> list[str]:
    """Batches with an open deadline that ``calendar`` would count on other arrangements; not ``resting``."""
    async with autocommit(engine) as connection:
        parameters = _as_of(calendar) | {"resting": list(resting), "limit": limit}
        return list((await connection.execute(_STALE_BATCHES, parameters)).scalars())


async def count_stale(engine: AsyncEngine, calendar: WorkCalendar) -> int:
    """How many open deadlines are still to be counted again."""
    async with autocommit(engine) as connection:
        return int((await connection.execute(_COUNT_STALE, _as_of(calendar))).scalar_one())


async def stale_waits(engine: AsyncEngine, calendar: WorkCalendar) -> list[StaleWait]:
    """Those deadlines themselves, the most urgent first, with all that is needed to count them again."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_STALE_WAITS, _as_of(calendar))
        return [
            StaleWait(
                row.batch_no,
                row.title,
                Wait.model_validate(row.wait),
                Deadline.model_validate(row.trace),
                TermRule.model_validate(row.rule),
                Readings.model_validate(row.readings),
                row.told,
            )
            for row in rows
        ]


def _as_of(calendar: WorkCalendar) -> dict[str, Any]:
    decembers = [
        {"digest": year.digest, "day": day.isoformat()}
        for year in calendar.years
        if year.announced
        for day in (*year.holidays, *year.makeup_days)
        if day.year < year.year
    ]
    return {
        "digests": [year.digest for year in calendar.years],
        "decembers": json.dumps(decembers),
    }


def _year(version: str, content: str) -> CalendarYear:
    return CalendarYear.model_validate({**json.loads(content), "version": version})
