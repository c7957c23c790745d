"""Whether the timeline says of every step what the ledger holds: by whom, when, in which place, what."""

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.records import TimelineKind

_DIFFERING = text(f"""
    select * from (
        select t.batch_no, t.seq, l.step_id is not null as is_filed,
            l.batch_no is distinct from t.batch_no or l.step is distinct from s.data ->> 'step' as other_step,
            cast(t.actor as jsonb) is distinct from l.actor as other_actor,
            cast(s.data ->> 'received_at' as timestamptz) is distinct from l.received_at as other_stamp,
            s.data ? 'position' and cast(s.data ->> 'position' as int) is distinct from l.position
                as other_place,
            s.data ? 'body' and s.data -> 'body' is distinct from l.body
                or s.data ? 'body_sha256' and s.data ->> 'body_sha256' is distinct from l.body_sha256
                as other_body,
            d.accepted is distinct from (t.kind = '{TimelineKind.STEP_ACCEPTED}') as other_answer
        from timeline t
            cross join lateral (select cast(t.data as jsonb) as data) s
            left join ledger l on l.step_id = cast(s.data ->> 'step_id' as uuid)
            left join decisions d on d.step_id = l.step_id
        where t.key like 'step:%'
            and t.kind in ('{TimelineKind.STEP_ACCEPTED}', '{TimelineKind.STEP_REFUSED}')
            and (cast(:batch_no as text) is null or t.batch_no = :batch_no)
    ) as said
    where not is_filed or other_step or other_actor or other_stamp or other_place or other_body
        or other_answer
    order by batch_no, seq
""")
_WHAT_DIFFERS = {
    "other_step": "步骤",
    "other_actor": "经办人",
    "other_stamp": "登记时间",
    "other_place": "登记次序",
    "other_body": "内容",
    "other_answer": "答复",
}


async def disagreements(engine: AsyncEngine, batch_no: str | None = None) -> list[str]:
    """Lines of one batch's timeline, or of all, that are not what the ledger holds, as Chinese sentences.

    A chain alone shows that nothing was changed afterwards; this shows that what was written was true.
    """
    async with engine.connect() as connection:
        rows = await connection.execute(_DIFFERING, {"batch_no": batch_no})
        return [_sentence(row) for row in rows]


def _sentence(row: Row[tuple[object, ...]]) -> str:
    line = f"批次 {row.batch_no} 的时间线第 {row.seq} 条"
    if not row.is_filed:
        return f"{line}所载步骤，登记簿中没有"
    differs = "、".join(words for field, words in _WHAT_DIFFERS.items() if getattr(row, field))
    return f"{line}与登记簿所载不符：{differs}"
