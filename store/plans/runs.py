"""Lists of orders on their way: which rows were answered, and how; so that anybody can ask how far it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.base import Actor
from store.direct import direct
from store.engine import autocommit
from store.errors import RunUnknown
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

# A row takes a small part of a second: whoever has answered none for so long is no more.
_QUIET_SECONDS = 60
_BEGIN = text("""
    insert into order_runs (scheme_id, started_by, total, unused_columns)
    values (:scheme_id, cast(:started_by as jsonb), :total, cast(:unused as jsonb)) returning no
""")
_KEEP = text("""
    insert into order_run_rows (run_no, row_no, status, batch_no, code, reason)
    values (:run_no, :row, :status, :batch_no, :code, :reason)
""")
_RUN = f"""
    r.no, r.scheme_id, r.started_by, r.started_at, r.total, r.unused_columns, a.counts, a.last_at,
    clock_timestamp() - coalesce(a.last_at, r.started_at) > interval '{_QUIET_SECONDS} seconds' as is_quiet
    from order_runs r cross join lateral (
        select coalesce(jsonb_object_agg(s.status, s.times), '{{}}') as counts, max(s.last_at) as last_at
        from (select w.status, count(*) as times, max(w.answered_at) as last_at
            from order_run_rows w where w.run_no = r.no group by w.status) s) a
"""
_ONE = text(f"select {_RUN} where r.no = :no and r.scheme_id = :scheme_id")
_ROWS = text("""
    select row_no as row, status, batch_no, code, reason from order_run_rows
    where run_no = :no order by row_no
""")


@dataclass(frozen=True)
class RowAnswered:
    """One row of a list, and what became of it."""

    row: int
    status: str
    batch_no: str | None
    code: str | None
    reason: str | None


@dataclass(frozen=True)
class OrderRun:
    """How far a list has come. ``is_quiet``: nothing was answered for a minute."""

    no: int
    scheme_id: str
    started_by: Actor
    started_at: datetime
    total: int
    unused_columns: tuple[str, ...]
    counts: Mapping[str, int]
    last_at: datetime | None
    is_quiet: bool

    @property
    def left(self) -> int:
        return self.total - sum(self.counts.values())


async def begin(engine: AsyncEngine, scheme_id: str, by: Actor, *, total: int, unused: Sequence[str]) -> int:
    """A list of so many rows is taken in from now on; the number under which one asks for it."""
    row = {
        "scheme_id": scheme_id,
        "started_by": by.model_dump_json(),
        "total": total,
        "unused": to_json(unused).decode(),
    }
    async with autocommit(engine) as connection:
        return int((await connection.execute(_BEGIN, row)).scalar_one())


async def keep(engine: AsyncEngine, no: int, answered: RowAnswered) -> None:
    async with direct(engine) as connection:
        await connection.execute(_KEEP, {"run_no": no, **vars(answered)})


async def one(engine: AsyncEngine, scheme_id: str, no: int) -> OrderRun:
    """Raises ``RunUnknown``, too where it is another scheme's."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_ONE, {"no": no, "scheme_id": scheme_id})).one_or_none()
    if row is None:
        raise RunUnknown(scheme_id, no)
    return _run(row)


async def rows(engine: AsyncEngine, no: int) -> tuple[RowAnswered, ...]:
    """Those that were answered so far, in the list's order."""
    async with autocommit(engine) as connection:
        return tuple(RowAnswered(*row) for row in await connection.execute(_ROWS, {"no": no}))


async def listed(
    engine: AsyncEngine, scheme_id: str, *, limit: int, cursor: str | None = None
) -> Page[OrderRun]:
    """Of one scheme, the newest first. Raises ``CursorInvalid``."""
    conditions = {
        "r.scheme_id = :scheme_id": True,
        "r.no < cast(cast(:no as text) as bigint)": cursor is not None,
    }
    parameters = {**after(cursor, "no"), "scheme_id": scheme_id}
    found = await rows_of(engine, select(_RUN, conditions, "r.no desc"), parameters, limit)
    return page_of(found, limit, _run, lambda row: [str(row.no)])


def _run(row: Row[Any]) -> OrderRun:
    read = {
        "started_by": Actor.model_validate(row.started_by),
        "unused_columns": tuple(row.unused_columns),
    }
    return OrderRun(**{**row._mapping, **read})
