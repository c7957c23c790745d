"""How the installation is, for whoever runs it: its parts, what stands still, and what to do about it."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.console.desk import Desk, Form, only_for, see_other
from api.console.route import ConsoleRoute
from health.report import Standing
from law.vocabulary import Role

router = APIRouter(prefix="/console/operations", include_in_schema=False, route_class=ConsoleRoute)
Looker = Annotated[Desk, only_for(Role.ADMIN, Role.AUDITOR)]
_FEW = 20
_WORST_FIRST = [Standing.DOWN, Standing.DEGRADED, Standing.OK]


@router.get("")
async def show(desk: Looker) -> HTMLResponse:
    health = await desk.door.get("/health")
    failing = await desk.door.get("/dispatches", state="failing", limit=_FEW)
    return desk.page(
        "operations.html",
        status=health["status"],
        parts=sorted(health["parts"], key=lambda part: _WORST_FIRST.index(part["status"])),
        lying=await desk.door.get("/operations"),
        letters=failing,
        mails=await _mails(desk),
        told=await desk.door.get("/operations/told"),
        may_tell_again=desk.session.role is Role.ADMIN,
    )


@router.post("/told/again")
async def tell_again(desk: Annotated[Desk, only_for(Role.ADMIN)], sent: Form) -> Response:
    await desk.door.done("POST", "/operations/told/again", json={"receiver": sent["receiver"]})
    return see_other("/console/operations")


async def _mails(desk: Desk) -> dict[str, Any] | None:
    """Mails are no auditor's."""
    if desk.session.role is not Role.ADMIN:
        return None
    found: dict[str, Any] = await desk.door.get("/mailbox", limit=_FEW)
    return found
