"""Reading plans, schemes and commissions: the list, one with its drafts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.approvals import Approval, Matter
from messages.base import Actor
from messages.planning import CONTENTS, PlannedContent
from store.engine import autocommit
from store.errors import PlannedUnknown
from store.plans.standing import STANDING, PlannedStanding, approval_of, standing_of
from store.reads import search
from store.reads.pages import Page, after, page_of
from store.reads.part import EVERYTHING, SeenPart
from store.reads.read_model import rows_of, select

_AT_MOST = 200
_ONE = text(f"select {STANDING} where p.id = :id and p.matter = :matter")
_VERSIONS = text("""
    select v.version, v.reason, v.drafted_by, v.drafted_at, n.number, a.no, a.proposed_by, a.proposed_at,
        a.decided_by, a.decided_at, a.verdict, a.remarks
    from planned_versions v left join approvals a on a.no = v.approval_no
        left join planned_papers n using (id, version)
    where v.id = :id order by v.version desc limit :limit
""")
# Drafts are the commissioning bureau's own matter.
_OF_BUREAU = "f.content ->> 'to' = 'bureau' and f.content ->> 'code' = :bureau"
_CONTENT = text("select content from planned_versions where id = :id and version = :version")


@dataclass(frozen=True)
class DraftSummary:
    """One draft, and what became of it; ``number``: of its paper, once it was approved."""

    version: int
    reason: str | None
    drafted_by: Actor
    drafted_at: datetime
    number: str | None
    approval: Approval | None


async def listed(
    engine: AsyncEngine,
    matter: Matter,
    *,
    q: str | None = None,
    plan_id: str | None = None,
    scheme_id: str | None = None,
    part: SeenPart = EVERYTHING,
    in_force: bool | None = None,
    submitted: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[PlannedStanding]:
    """The newest first; a subordinate bureau's part is what is in force for it. Raises ``CursorInvalid``.

    ``submitted``: those alone on which a leader is to decide.
    """
    wanted = search.searchable(q) if q is not None else ""
    conditions = {
        "p.matter = :matter": True,
        "p.plan_id = :plan_id": plan_id is not None,
        "p.scheme_id = :scheme_id": scheme_id is not None,
        _OF_BUREAU: part.bureau is not None,
        "f.version is not null and e.ended_on is null": in_force is True,
        "(f.version is null or e.ended_on is not null)": in_force is False,
        "a.no is not null and a.decided_at is null and e.ended_on is null": submitted,
        "position(:wanted in v.searched) > 0": bool(wanted),
        "p.id < :id": cursor is not None,
    }
    parameters = {
        **after(cursor, "id"),
        "matter": matter,
        "plan_id": plan_id,
        "scheme_id": scheme_id,
        "bureau": part.bureau,
        "wanted": wanted,
    }
    rows = await rows_of(engine, select(STANDING, conditions, "p.id desc"), parameters, limit)
    return page_of(rows, limit, standing_of, lambda row: [row.id])


async def one(engine: AsyncEngine, matter: Matter, id_: str) -> PlannedStanding:
    """Raises ``PlannedUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_ONE, {"id": id_, "matter": matter})).one_or_none()
    if row is None:
        raise PlannedUnknown(id_)
    return standing_of(row)


async def content(engine: AsyncEngine, matter: Matter, id_: str, version: int) -> PlannedContent:
    """What one draft says. Raises ``PlannedUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_CONTENT, {"id": id_, "version": version})).one_or_none()
    if row is None:
        raise PlannedUnknown(f"{id_}第{version}稿")
    return CONTENTS[matter].model_validate(row.content)


async def drafts(engine: AsyncEngine, id_: str) -> tuple[DraftSummary, ...]:
    """The last two hundred, the newest first."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_VERSIONS, {"id": id_, "limit": _AT_MOST})
        return tuple(map(_draft, rows))


def _draft(row: Row[Any]) -> DraftSummary:
    return DraftSummary(
        version=row.version,
        reason=row.reason,
        drafted_by=Actor.model_validate(row.drafted_by),
        drafted_at=row.drafted_at,
        number=row.number,
        approval=approval_of(row),
    )
