"""One thing that a batch waits for: how its last day was counted, day by day; and where it is done."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.batches import BatchNo, WaitId
from api.console.desk import Signed, batch_path, see_other
from api.console.doing import doing, step_path
from api.console.route import ConsoleRoute
from law.calendar import DayNature
from law.vocabulary import Role
from messages.steps import STEPS, StepName

router = APIRouter(
    prefix="/console/batches/{batch_no}/waits/{wait}", include_in_schema=False, route_class=ConsoleRoute
)

_NATURES = {
    DayNature.WORKDAY: "工作日",
    DayNature.WEEKEND: "休息日",
    DayNature.HOLIDAY: "法定节假日",
    DayNature.MAKEUP_WORKDAY: "调休上班",
}


@router.get("")
async def explain(desk: Signed, batch_no: BatchNo, wait: WaitId) -> HTMLResponse:
    batch = await desk.door.get(f"/batches/{batch_no}")
    found = await desk.door.get(f"/batches/{batch_no}/waits/{wait}")
    is_open = found["state"] == "open"
    may_extend = desk.session.role in STEPS[StepName.DEADLINE_EXTENDED].ROLES
    extended = step_path(batch_no, StepName.DEADLINE_EXTENDED, wait=wait)
    return desk.page(
        "wait.html",
        batch=batch,
        wait=found,
        natures=_NATURES,
        done_at=doing(batch, found, desk.session.role) if is_open else None,
        extended_at=extended if is_open and may_extend and found["last_day"] else None,
        of_lab=desk.session.role is Role.LAB,
    )


@router.get("/do")
async def do(desk: Signed, batch_no: BatchNo, wait: WaitId) -> Response:
    """To the form that ends it, or to the batch where it is not this reader's to do."""
    batch = await desk.door.get(f"/batches/{batch_no}")
    awaited = next((one for one in batch["waiting_for"] if one["id"] == wait), None)
    form = awaited and _is_theirs(awaited, desk.session.role) and doing(batch, awaited, desk.session.role)
    return see_other(form or batch_path(batch_no))


def _is_theirs(wait: dict[str, Any], role: Role) -> bool:
    """A correction is confirmed by whichever leader comes to it first."""
    return bool(wait["role"] == role or wait["step"] == StepName.CORRECTION_CONFIRMED)
