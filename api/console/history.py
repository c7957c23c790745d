"""The whole record of a batch, in order, page by page; each step leads to what it said."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.batches import BatchNo, Cursor
from api.console.corrected import last_correction, step_page
from api.console.desk import Desk, batch_path, only_for
from api.console.route import ConsoleRoute
from api.web.auth import BUREAU
from messages.records import TimelineKind
from messages.steps import STEPS, StepName

router = APIRouter(
    prefix="/console/batches/{batch_no}/history", include_in_schema=False, route_class=ConsoleRoute
)

_PAGE = 80
# A laboratory reads what it filed itself on the batch's page; the whole course is not its matter.
_Insider = Annotated[Desk, only_for(*BUREAU)]
_OF_STEPS = (TimelineKind.STEP_ACCEPTED, TimelineKind.STEP_REFUSED)


@router.get("")
async def show(desk: _Insider, batch_no: BatchNo, cursor: Cursor = None) -> HTMLResponse:
    batch = await desk.door.get(f"/batches/{batch_no}")
    page = await desk.door.get(f"/batches/{batch_no}/timeline", limit=_PAGE, cursor=cursor)
    steps = await desk.door.listed(f"/batches/{batch_no}/steps")
    path = batch_path(batch_no, "history")
    following = page["next_cursor"]
    return desk.page(
        "history.html",
        batch=batch,
        lines=[(one, _step_of(one)) for one in page["entries"]],
        pages={one["step_id"]: step_page(desk, one) for one in steps},
        corrections={one["step_id"]: last_correction(desk, one) for one in steps},
        may_correct=desk.session.role in STEPS[StepName.RECORD_CORRECTED].ROLES,
        following=following and f"{path}?{urlencode({'cursor': following})}",
        first=None if cursor is None else path,
    )


def _step_of(line: dict[str, Any]) -> str | None:
    """The step that a line is about."""
    return line["data"].get("step_id") if line["kind"] in _OF_STEPS else None
