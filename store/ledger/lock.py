"""The batch's lock: whatever files, records or asks about one batch takes turns on its row."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from messages.envelope import StepEnvelope
from store.canonical import canonical, model_json
from store.direct import Connection
from store.errors import BatchUnknown, NotStorable

# Below this a workflow's clock ahead of the database's is drift, not a fast-forward.
_FAST_FORWARD = timedelta(hours=12)

# The row is locked inside the materialised part, so that the clock is read after the lock is held.
_LOCKED = """
    with locked as materialized (
        select opened_at, version, last_seq, last_hash, clock_ahead, last_stamp from batches
        where batch_no = :batch_no for no key update
    )
    select locked.*, clock_timestamp() as database_now
"""
_LOCK = text(f"{_LOCKED} from locked")
# The same, and whether the ledger holds a step word for word as it is shown.
_LOCK_FOR = text(f"""{_LOCKED}, (
        select l.batch_no = :batch_no and l.step = :step and l.body = cast(:body as jsonb)
            and l.actor = cast(:actor as jsonb) and l.received_at = :received_at and l.position = :position
            and l.body_sha256 = :body_sha256
        from ledger l where l.step_id = :step_id
    ) as is_as_filed from locked
""")

_ADVANCE = text("""
    with batch as (
        update batches set clock_ahead = :clock_ahead,
            acts_at = acts_at - (cast(:clock_ahead as interval) - clock_ahead)
        where batch_no = :batch_no
    )
    update waits set overdue_from = due - cast(:clock_ahead as interval)
    where batch_no = :batch_no and state = 'open' and kind = 'duty' and overdue_from <> 'infinity'
""")


@dataclass(frozen=True)
class LockedBatch:
    """A batch whose row this transaction holds, as of the moment the lock was taken."""

    batch_no: str
    opened_at: datetime
    version: int
    last_seq: int
    last_hash: str
    clock_ahead: timedelta
    last_stamp: datetime | None
    database_now: datetime
    is_as_filed: bool = True

    @property
    def clock(self) -> datetime:
        """The ledger's clock for this batch: the database's, plus the fast-forward where there is one.

        Never before the last stamp: a database's clock that is set back must not put a step before a silence
        that was declared without it.
        """
        now = self.database_now + self.clock_ahead
        return now if self.last_stamp is None else max(now, self.last_stamp)

    def advanced(self, workflow_now: datetime, *, time_skipping: bool) -> Self:
        """Follow a fast-forwarded workflow's clock; only with ``time_skipping``, else it changes nothing."""
        ahead = workflow_now - self.database_now
        if not time_skipping or ahead <= max(_FAST_FORWARD, self.clock_ahead):
            return self
        return replace(self, clock_ahead=ahead)


async def lock_batch(connection: Connection, batch_no: str) -> LockedBatch:
    """Wait for the batch's lock and hold it until the transaction ends. Raises ``BatchUnknown``."""
    row = (await connection.execute(_LOCK, {"batch_no": batch_no})).one_or_none()
    if row is None:
        raise BatchUnknown(batch_no)
    return _locked(batch_no, row)


async def lock_for_step(connection: Connection, step: StepEnvelope) -> LockedBatch:
    """As :func:`lock_batch`, looking at the ledger's row of a step in the same breath."""
    try:
        body = canonical(step.body)
    except NotStorable:  # no row of the ledger holds this
        return replace(await lock_batch(connection, step.batch_no), is_as_filed=False)
    parameters = step.model_dump(
        include={"batch_no", "step", "received_at", "position", "step_id", "body_sha256"}
    )
    parameters |= {"body": body, "actor": model_json(step.actor)}
    row = (await connection.execute(_LOCK_FOR, parameters)).one_or_none()
    if row is None:
        raise BatchUnknown(step.batch_no)
    return replace(_locked(step.batch_no, row), is_as_filed=bool(row.is_as_filed))


def _locked(batch_no: str, row: Any) -> LockedBatch:
    return LockedBatch(
        batch_no,
        row.opened_at,
        row.version,
        row.last_seq,
        row.last_hash,
        row.clock_ahead,
        row.last_stamp,
        row.database_now,
    )


async def follow(connection: AsyncConnection, batch: LockedBatch, workflow_now: datetime) -> LockedBatch:
    """Let the ledger's clock follow a fast-forwarded workflow's; tests and demonstration only."""
    moved = batch.advanced(workflow_now, time_skipping=True)
    if moved.clock_ahead != batch.clock_ahead:
        await connection.execute(_ADVANCE, {"batch_no": batch.batch_no, "clock_ahead": moved.clock_ahead})
    return moved
