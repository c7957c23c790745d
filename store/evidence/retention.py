"""Watch over the evidence of closed batches: who is to be watched, and when the custodian is told."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.names import told
from messages.records import AlertInput
from messages.retention import RetentionStanding
from store.engine import autocommit
from store.ledger import alerts

# The custodian is told again as often; whoever watches looks at least so often.
AGAIN = timedelta(days=30)
# A watch that has not looked for longer was lost, with Temporal's database say.
_LOST = timedelta(days=40)
_CUSTODIAN = "证据保管人"

_UNWATCHED = text("""
    select distinct b.batch_no from evidence e
        join batches b on b.batch_no = e.batch_no and b.phase = 'closed'
        left join evidence_watches w on w.batch_no = b.batch_no
    where e.disposal_no is null
        and (w.batch_no is null or w.ended or w.looked_at < clock_timestamp() - cast(:lost as interval))
    order by b.batch_no limit :limit
""")
_LOOKED = text("""
    insert into evidence_watches (batch_no, looked_at, ended) values (:batch_no, clock_timestamp(), :ended)
    on conflict (batch_no) do update set looked_at = excluded.looked_at, ended = excluded.ended
""")
_STANDING = text("""
    select b.snapshot ->> 'title' as title, now, keep_until, files, held, b.phase = 'closed' as is_closed,
        cast(now at time zone 'Asia/Shanghai' as date) - keep_until as days_over,
        cast(keep_until + 1 as timestamp) at time zone 'Asia/Shanghai' as due_at
    from batches b, lateral (
        select clock_timestamp() + b.clock_ahead as now,
            cast(b.snapshot ->> 'keep_evidence_until' as date) as keep_until,
            (select count(*) from evidence e
                where e.batch_no = b.batch_no and e.disposal_no is null) as files,
            exists (select from evidence_holds h
                where h.batch_no = b.batch_no and h.lifted_at is null) as held
    ) s
    where b.batch_no = :batch_no
""")


async def unwatched(engine: AsyncEngine, limit: int) -> list[str]:
    """Closed batches with evidence that nobody watches over."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_UNWATCHED, {"lost": _LOST, "limit": limit})
        return list(rows.scalars())


async def watched(engine: AsyncEngine, batch_no: str, *, ended: bool = False) -> None:
    """Note that somebody watches over the batch's evidence now, or does so no more."""
    async with autocommit(engine) as connection:
        await connection.execute(_LOOKED, {"batch_no": batch_no, "ended": ended})


async def look(engine: AsyncEngine, batch_no: str) -> RetentionStanding:
    """How the batch's evidence stands; what has fallen due and is not held the custodian is told, monthly."""
    async with engine.begin() as connection:
        row = (await connection.execute(_STANDING, {"batch_no": batch_no})).one_or_none()
        if row is None or not row.is_closed or not row.files or row.keep_until is None:
            await connection.execute(_LOOKED, {"batch_no": batch_no, "ended": True})
            return RetentionStanding(ended=True)
        await connection.execute(_LOOKED, {"batch_no": batch_no, "ended": False})
        if row.days_over <= 0:
            wait = min(row.due_at - row.now, AGAIN)
            return RetentionStanding(ended=False, look_again_seconds=max(wait.total_seconds(), 1))
        if not row.held:
            await alerts.note(
                connection, [_due(batch_no, row.title, row.keep_until, row.days_over, row.files)]
            )
    return RetentionStanding(ended=False, look_again_seconds=AGAIN.total_seconds())


def _due(batch_no: str, title: str, keep_until: object, days_over: int, files: int) -> AlertInput:
    return AlertInput(
        batch_no=batch_no,
        key=told(batch_no, f"evidence-due:{keep_until}:{days_over // AGAIN.days}"),
        to_title=_CUSTODIAN,
        level=0,
        title=f"{batch_no} 的证据保存期届满",
        text=f"{title}：证据{files}件，保存至{keep_until}；请提出处置，或者暂缓（§5）。",
    )
