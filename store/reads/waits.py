"""Every wait of one batch, open and ended, with the account of its deadline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from law.counting import Deadline
from messages.snapshot import Wait
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

_WAIT = """
    state, wait, trace, reminded, opened_at, ended_at, wait_id, cast(opened_at as text) as opened,
    cast(due as text) as due, state = 'open' and overdue_from <= statement_timestamp() as overdue
"""
_AFTER = """
    (opened_at, waits.due, wait_id) > (cast(cast(:opened as text) as timestamptz),
        cast(cast(:due as text) as timestamptz), :wait_id)
"""


@dataclass(frozen=True)
class WaitRow:
    """A wait as it stands or ended; ``trace`` is None where the procedure sets no period."""

    wait: Wait
    state: str
    overdue: bool
    trace: Deadline | None
    reminded: int | None
    opened_at: datetime
    ended_at: datetime | None


async def waits(
    engine: AsyncEngine, batch_no: str, *, limit: int, cursor: str | None = None
) -> Page[WaitRow]:
    """In the order in which they were opened; one that was opened again stands as the latest time.

    Raises ``CursorInvalid``.
    """
    position = after(cursor, "opened", "due", "wait_id")
    conditions = {"batch_no = :batch_no": True, _AFTER: cursor is not None}
    statement = select(f"{_WAIT} from waits", conditions, "opened_at, waits.due, wait_id")
    rows = await rows_of(engine, statement, position | {"batch_no": batch_no}, limit)
    return page_of(rows, limit, _wait, lambda row: [row.opened, row.due, row.wait_id])


async def wait(engine: AsyncEngine, batch_no: str, wait_id: str) -> WaitRow | None:
    """One of them; None for an id that is no wait of this batch."""
    conditions = {"batch_no = :batch_no": True, "wait_id = :wait_id": True}
    statement = select(f"{_WAIT} from waits", conditions, "wait_id")
    rows = await rows_of(engine, statement, {"batch_no": batch_no, "wait_id": wait_id}, 1)
    return _wait(rows[0]) if rows else None


def _wait(row: Row[Any]) -> WaitRow:
    return WaitRow(
        wait=Wait.model_validate(row.wait),
        state=row.state,
        overdue=row.overdue,
        trace=None if row.trace is None else Deadline.model_validate(row.trace),
        reminded=row.reminded,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
    )
