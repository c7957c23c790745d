"""Tasks: what each scheme gives which bureau to do, and what came of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import OVER
from store.reads.pages import Page, after, page_of
from store.reads.part import EVERYTHING, SeenPart
from store.reads.read_model import rows_of, select

_LINES = """
    l.scheme_id, l.commission_id, s.content as scheme, p.plan_id, m.id as given, m.content as commission,
    m.number, e.ended_on
    from (
        select id as scheme_id, '' as commission_id from planned where matter = 'scheme'
        union all select scheme_id, id from planned where matter = 'commission'
    ) l
    join planned p on p.id = l.scheme_id
    cross join lateral (
        select v.content from planned_versions v join planned_papers n using (id, version)
        where v.id = l.scheme_id order by v.version desc limit 1) s
    left join lateral (
        select v.id, v.content, n.number from planned_versions v join planned_papers n using (id, version)
        where v.id = l.commission_id) m on true
    left join planned_ends e on e.id = coalesce(m.id, l.scheme_id)
"""
_GOES_ON = "(t.outcome is null or t.outcome <> all(:over))"
_QUANTITY = "(select coalesce(sum(cast(k ->> 'batches' as int)), 0) from jsonb_array_elements({kinds}) k)"
# What is commissioned is not the bureau's own to do; of what has ended, only what was ordered under it.
_COMMISSIONED = f"""
    select coalesce(sum(case
            when d.ended_on is null then {_QUANTITY.format(kinds="w.content -> 'product_kinds'")}
            else (select count(*) from scheme_uses u join tallies t using (batch_no)
                where u.commission_id = c.id and {_GOES_ON}) end), 0)
    from planned c join planned_papers n on n.id = c.id
        join planned_versions w on w.id = n.id and w.version = n.version
        left join planned_ends d on d.id = c.id
    where c.scheme_id = l.scheme_id and w.content ->> 'to' = 'bureau'
"""
# Batches are counted for what is on the page alone, by what each counts for in progress and statistics.
_COUNTED = f"""
    select l.scheme_id, l.scheme ->> 'title' as scheme_title, l.plan_id, l.given as commission_id, l.number,
        l.commission ->> 'title' as matter, l.commission ->> 'code' as bureau,
        cast(l.commission ->> 'until' as date) as until, l.ended_on,
        case when l.given is null
            then {_QUANTITY.format(kinds="l.scheme -> 'product_kinds'")} - ({_COMMISSIONED})
            else {_QUANTITY.format(kinds="l.commission -> 'product_kinds'")} end as assigned,
        c.*
    from page l cross join lateral (
        select count(*) filter (where {_GOES_ON}) as ordered,
            count(*) filter (where {_GOES_ON} and t.bought) as bought,
            count(*) filter (where {_GOES_ON} and t.sealed) as sealed,
            count(*) filter (where {_GOES_ON} and t.tested) as tested,
            count(*) filter (where {_GOES_ON} and t.final) as final,
            count(*) filter (where t.outcome = any(:over)) as given_up
        from scheme_uses u join tallies t using (batch_no)
        where u.scheme_id = l.scheme_id and u.commission_id is not distinct from l.given) c
    order by l.scheme_id desc, l.commission_id desc
"""


@dataclass(frozen=True)
class PlannedTask:
    """What one scheme gives one bureau to do; without a commission it is the bureau's own.

    ``assigned`` batches, ``until`` the last day of the commission; then how many of them are at least
    ordered, bought, sealed, tested, final; ``given_up``: abandoned or voided, in none of the others.
    """

    scheme_id: str
    scheme_title: str
    plan_id: str
    commission_id: str | None
    number: str | None
    matter: str | None
    bureau: str | None
    until: date | None
    ended_on: date | None
    assigned: int
    ordered: int
    bought: int
    sealed: int
    tested: int
    final: int
    given_up: int


async def planned_tasks(
    engine: AsyncEngine,
    *,
    scheme_id: str | None = None,
    bureau: str | None = None,
    part: SeenPart = EVERYTHING,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[PlannedTask]:
    """The newest schemes first, of each its commissions to bureaus and then the bureau's own.

    ``bureau``: of that subordinate bureau; ``part``: as far as somebody is told of it. Raises
    ``CursorInvalid``.
    """
    conditions = {
        # Nothing is assigned by one that is not approved; one to a laboratory is no bureau's task.
        "(l.commission_id = '' or m.content ->> 'to' = 'bureau')": True,
        "l.scheme_id = :scheme_id": scheme_id is not None,
        "m.content ->> 'code' = :wanted": bureau is not None,
        "m.content ->> 'code' = :bureau": part.bureau is not None,
        "(l.scheme_id, l.commission_id) < (:last_scheme, :last_commission)": cursor is not None,
    }
    parameters = after(cursor, "last_scheme", "last_commission") | {
        "scheme_id": scheme_id,
        "wanted": bureau,
        "bureau": part.bureau,
        "over": list(OVER),
    }
    page = select(_LINES, conditions, "l.scheme_id desc, l.commission_id desc").text
    statement = text(f"with page as materialized ({page}) {_COUNTED}")
    rows = await rows_of(engine, statement, parameters, limit)
    return page_of(rows, limit, _task, lambda row: [row.scheme_id, row.commission_id or ""])


def _task(row: Row[Any]) -> PlannedTask:
    return PlannedTask(**row._asdict() | {"assigned": int(row.assigned)})
