"""Who has read what: for the auditor, by batch, account and day."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.batches import Cursor
from api.console.desk import Desk, only_for
from api.console.route import ConsoleRoute
from law.vocabulary import Role

router = APIRouter(prefix="/console/access-log", include_in_schema=False, route_class=ConsoleRoute)
_AT_ONCE = 50


@router.get("")
async def show(
    desk: Annotated[Desk, only_for(Role.AUDITOR)],
    batch_no: Annotated[str, Query(max_length=100)] = "",
    sub: Annotated[str, Query(max_length=200)] = "",
    day: Annotated[date | str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    asked = {"batch_no": batch_no.strip(), "sub": sub.strip(), "day": str(day)}
    found = await desk.door.get("/access-log", **asked, limit=_AT_ONCE, cursor=cursor)
    return desk.page("access_log.html", found=found, asked=asked)
