"""Everything that waits for a leader's approval, each with the page on which it is decided."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.console.desk import Desk, batch_path, only_for
from api.console.route import ConsoleRoute
from law.vocabulary import Role
from messages.steps import StepName

router = APIRouter(prefix="/console/approvals", include_in_schema=False, route_class=ConsoleRoute)

_Leader: Any = only_for(Role.SUPERVISOR, Role.APPROVER)
_MOST = 200
_ON_OBJECTIONS = (StepName.OBJECTION_DECIDED, StepName.REOPENING_DECIDED)


@router.get("")
async def show(desk: Desk = _Leader) -> HTMLResponse:
    tasks = await desk.door.get("/tasks", owed_by=desk.session.role, limit=_MOST)
    corrections = await desk.door.get("/tasks", of_others="true", limit=_MOST)
    due = await desk.door.get("/evidence/due", proposed=True, limit=_MOST)
    is_approver = desk.session.role is Role.APPROVER
    calendars = await desk.door.get("/calendars") if is_approver else {"imports": []}
    planned = await _planned(desk) if is_approver else []
    draws = await desk.door.get("/draws", is_to_confirm="true", limit=_MOST)
    return desk.page(
        "approvals.html",
        planned=planned,
        draws=draws["items"],
        tasks=[(one, _where(one)) for one in [*_decided_here(tasks["items"]), *corrections["items"]]],
        more=tasks["next_cursor"] or corrections["next_cursor"],
        imports=_waiting(calendars["imports"]),
        disposals=due["items"],
    )


def _decided_here(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Corrections are listed apart: either leader confirms them, and nobody his own."""
    return [one for one in tasks if one["step"] != StepName.CORRECTION_CONFIRMED]


async def _planned(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    """Plans, schemes and commissions that were submitted, each with its place."""
    found: list[tuple[str, dict[str, Any]]] = []
    for place in ("plans", "schemes", "commissions"):
        page = await desk.door.get(f"/{place}", submitted=True, limit=_MOST)
        found += [(place, one) for one in page["items"]]
    return found


def _waiting(imports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that nobody has approved, nor a later one of their year."""
    approved = {one["year"]: one["no"] for one in imports if one["approved_at"]}
    return [one for one in imports if not one["approved_at"] and one["no"] > approved.get(one["year"], 0)]


def _where(task: dict[str, Any]) -> str:
    """The page on which it is decided, with the file beside."""
    batch_no: str = task["batch_no"]
    if task["step"] == StepName.CORRECTION_CONFIRMED:
        return batch_path(batch_no, "corrections", task["id"].partition(":")[2])
    if task["step"] in _ON_OBJECTIONS and task["party"]:
        return batch_path(batch_no, "objections", task["party"])
    return batch_path(batch_no, "steps", task["step"], "new") if task["step"] else batch_path(batch_no)
