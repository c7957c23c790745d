"""Bringing in a year's arrangement: proposed by one, approved by another, and the account of what moved."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.calendar import CalendarYear
from law.recounting import Recount
from messages.approvals import ApprovalVerdict, Matter
from messages.base import Actor
from messages.snapshot import Wait
from store.approvals import deciding
from store.calendars.arrangements import LETTER_LEFT, in_force_on, keep_on
from store.direct import Connection
from store.engine import autocommit
from store.errors import (
    ImportApprovedByProposer,
    ImportSuperseded,
    ImportUnknown,
    NothingToImport,
    VersionReused,
)

_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('choujian calendar imports', 0))")
_IMPORT = """
    select i.no, i.year, i.version, i.digest, a.content, i.approval_no, p.proposed_by, p.proposed_at,
        p.decided_by as approved_by, p.decided_at as approved_at, i.revision,
        i.revision is not null and not exists (
            select from calendar_imports j where j.year = i.year and j.revision > i.revision) as in_force,
        (select count(*) from calendar_recounts r where r.revision = i.revision) as recounted,
        (select count(*) from calendar_recounts r where r.revision = i.revision
            and r.old_last_day <> r.new_last_day) as moved
    from calendar_imports i join calendar_arrangements a using (digest)
        join approvals p on p.no = i.approval_no
"""
_ALL = text(f"{_IMPORT} order by i.no")
_ONE = text(f"{_IMPORT} where i.no = :no")
_OPEN_PROPOSAL = text(
    f"{_IMPORT} where i.digest = :digest and i.version = :version and i.revision is null"
    " and not exists (select from calendar_imports j where j.year = i.year and j.no > i.no)"
)
_NAMED = text("select year, digest from calendar_imports where version = :version and digest <> :digest")
_NEXT = text("select coalesce(max(no), 0) + 1 from calendar_imports")
_PROPOSE = text("""
    insert into calendar_imports (no, year, version, digest, approval_no)
    values (:no, :year, :version, :digest, :approval_no)
""")
_NEWER = text("select 1 from calendar_imports where year = :year and no > :no and revision is not null")
_APPROVE = text("""
    update calendar_imports set revision = (select coalesce(max(revision), 0) + 1 from calendar_imports)
    where no = :no
""")
# No import knows a year that came with a new release of the library: that is told on the timelines only.
_NOTE = text(f"""
    insert into calendar_recounts (revision, batch_no, wait_id, wait, old_last_day, new_last_day,
        counted_last_day, told, recounted_at)
    select i.revision, w.batch_no, w.wait_id, w.wait, cast(:old_day as date), w.last_day,
        cast(:counted_day as date), {LETTER_LEFT.format(day="cast(:old_day as date)")}, clock_timestamp()
    from waits w, lateral (
        select max(revision) as revision from calendar_imports where digest = any(:digests)) i
    where w.batch_no = :batch_no and w.wait_id = :wait_id and i.revision is not null
    on conflict do nothing
""")
_RECOUNTS = text("""
    select r.batch_no, b.snapshot ->> 'title' as title, r.wait, r.old_last_day, r.new_last_day,
        r.counted_last_day, r.told, r.recounted_at
    from calendar_recounts r join calendar_imports i using (revision) join batches b using (batch_no)
    where i.no = :no order by r.new_last_day, r.batch_no, r.wait_id
""")


@dataclass(frozen=True)
class Import:
    """One import: who proposed it, who approved it, whether it is what counts now, what it has moved."""

    no: int
    year: CalendarYear
    approval_no: int
    proposed_by: Actor
    proposed_at: datetime
    approved_by: Actor | None
    approved_at: datetime | None
    revision: int | None
    in_force: bool
    recounted: int
    moved: int


@dataclass(frozen=True)
class Recounted:
    """One open deadline that was counted again; ``told``: a letter that names the old day had left."""

    batch_no: str
    batch_title: str
    wait: Wait
    old_last_day: date
    new_last_day: date
    counted_last_day: date
    told: bool
    recounted_at: datetime


async def propose(engine: AsyncEngine, year: CalendarYear, by: Actor) -> tuple[Import, bool]:
    """Put forward an announced year; whether it is new. The same proposal again is that proposal.

    Raises ``NothingToImport`` where the year is in force with this content, ``VersionReused`` where the
    version's name stands for another content.
    """
    if not year.announced:
        raise ValueError(f"{year.year}年的放假安排未标明已公布，不能导入")
    async with engine.begin() as connection:
        await connection.execute(_ONE_AT_A_TIME)
        names = {"version": year.version, "digest": year.digest}
        if (await connection.execute(_NAMED, names)).first() is not None:
            raise VersionReused(year.version)
        in_force = {held.year: held for held in (await in_force_on(connection)).calendar.years}.get(year.year)
        if in_force is not None and in_force.digest == year.digest:
            raise NothingToImport(year.year, in_force.version)
        if (open_one := (await connection.execute(_OPEN_PROPOSAL, names)).first()) is not None:
            return _import(open_one), False
        await keep_on(connection, [year])
        no = (await connection.execute(_NEXT)).scalar_one()
        approval_no = await deciding.propose(connection, Matter.CALENDAR, str(no), by)
        parameters = names | {"no": no, "year": year.year, "approval_no": approval_no}
        await connection.execute(_PROPOSE, parameters)
        return await _one(connection, no), True


async def approve(engine: AsyncEngine, no: int, by: Actor) -> Import:
    """Put a proposal in force; approving it twice is approving it once.

    Raises ``ImportUnknown``, ``ImportApprovedByProposer``, and ``ImportSuperseded`` where a later import of
    the year is in force.
    """
    async with engine.begin() as connection:
        await connection.execute(_ONE_AT_A_TIME)
        proposal = await _one(connection, no)
        if proposal.revision is not None:
            return proposal
        await deciding.decide(
            connection,
            proposal.approval_no,
            by,
            ApprovalVerdict.APPROVED,
            on_own=ImportApprovedByProposer(no),
        )
        parameters = {"year": proposal.year.year, "no": no}
        if (await connection.execute(_NEWER, parameters)).first() is not None:
            raise ImportSuperseded(no)
        await connection.execute(_APPROVE, {"no": no})
        return await _one(connection, no)


async def imports(engine: AsyncEngine) -> list[Import]:
    """Every import, in the order in which they were proposed."""
    async with autocommit(engine) as connection:
        return [_import(row) for row in await connection.execute(_ALL)]


async def one(engine: AsyncEngine, no: int) -> Import:
    """One import. Raises ``ImportUnknown``."""
    async with autocommit(engine) as connection:
        return await _one(connection, no)


async def account(engine: AsyncEngine, no: int) -> list[Recounted]:
    """Every deadline that was counted again on an import, by its new last day."""
    async with autocommit(engine) as connection:
        return [
            Recounted(
                row.batch_no,
                row.title,
                Wait.model_validate(row.wait),
                row.old_last_day,
                row.new_last_day,
                row.counted_last_day,
                row.told,
                row.recounted_at,
            )
            for row in await connection.execute(_RECOUNTS, {"no": no})
        ]


async def note(connection: Connection, batch_no: str, recounts: Mapping[str, Recount]) -> None:
    """Put what was counted again, by wait id, into the account of the import it was counted on.

    Part of the transaction that writes the new deadlines.
    """
    for wait_id, recount in recounts.items():
        before = {named.digest for named in recount.before.arrangements}
        parameters: dict[str, Any] = {
            "batch_no": batch_no,
            "wait_id": wait_id,
            "old_day": recount.before.last_day,
            "counted_day": recount.counted,
            "digests": [named.digest for named in recount.after.arrangements if named.digest not in before],
        }
        await connection.execute(_NOTE, parameters)


async def _one(connection: AsyncConnection, no: int) -> Import:
    row = (await connection.execute(_ONE, {"no": no})).one_or_none()
    if row is None:
        raise ImportUnknown(no)
    return _import(row)


def _import(row: Row[Any]) -> Import:
    return Import(
        no=row.no,
        year=CalendarYear.model_validate({**json.loads(row.content), "version": row.version}),
        approval_no=row.approval_no,
        proposed_by=Actor.model_validate(row.proposed_by),
        proposed_at=row.proposed_at,
        approved_by=None if row.approved_by is None else Actor.model_validate(row.approved_by),
        approved_at=row.approved_at,
        revision=row.revision,
        in_force=row.in_force,
        recounted=row.recounted,
        moved=row.moved,
    )
