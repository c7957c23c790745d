"""How a plan, a scheme or a commission stands: its last draft, its approval, what of it is in force."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from messages.approvals import Approval, Matter
from messages.base import Actor
from messages.planning import CONTENTS, PlannedContent

STANDING = """
    p.id, p.matter, p.plan_id, p.scheme_id, p.replaces, p.sample,
    v.version, v.content, v.content_sha256, v.reason, v.drafted_by,
    v.drafted_at, a.no, a.proposed_by, a.proposed_at, a.decided_by, a.decided_at, a.verdict, a.remarks,
    f.version as in_force, f.content as content_in_force, f.number, e.ended_on, e.reason as end_reason
    from planned p
    cross join lateral (
        select * from planned_versions w where w.id = p.id order by w.version desc limit 1) v
    left join approvals a on a.no = v.approval_no
    left join lateral (
        select w.version, w.content, n.number
        from planned_versions w join planned_papers n using (id, version)
        where w.id = p.id order by w.version desc limit 1) f on true
    left join planned_ends e on e.id = p.id
"""


@dataclass(frozen=True)
class PlannedStanding:
    """A plan, scheme or commission: its last draft, how that stands, and what of it is in force.

    ``number``: of the paper in force. ``replaces``: the commission that ends with the approval of this one.
    """

    id: str
    matter: Matter
    plan_id: str | None
    scheme_id: str | None
    replaces: str | None
    sample: bool
    version: int
    content: PlannedContent
    content_sha256: str
    reason: str | None
    drafted_by: Actor
    drafted_at: datetime
    approval: Approval | None
    in_force: int | None
    content_in_force: PlannedContent | None
    number: str | None
    ended_on: date | None
    end_reason: str | None

    @property
    def is_submitted(self) -> bool:
        return self.approval is not None and self.approval.verdict is None

    @property
    def is_draft(self) -> bool:
        return self.approval is None


def standing_of(row: Row[Any]) -> PlannedStanding:
    """A row that was selected as ``STANDING``."""
    matter = Matter(row.matter)
    content = CONTENTS[matter]
    in_force = row.content_in_force
    return PlannedStanding(
        id=row.id,
        matter=matter,
        plan_id=row.plan_id,
        scheme_id=row.scheme_id,
        replaces=row.replaces,
        sample=row.sample,
        version=row.version,
        content=content.model_validate(row.content),
        content_sha256=row.content_sha256,
        reason=row.reason,
        drafted_by=Actor.model_validate(row.drafted_by),
        drafted_at=row.drafted_at,
        approval=approval_of(row),
        in_force=row.in_force,
        content_in_force=None if in_force is None else content.model_validate(in_force),
        number=row.number,
        ended_on=row.ended_on,
        end_reason=row.end_reason,
    )


def approval_of(row: Row[Any]) -> Approval | None:
    """The approval whose columns stand in a row; None where none was asked for."""
    names = Approval.model_fields
    return None if row.no is None else Approval.model_validate({name: getattr(row, name) for name in names})
