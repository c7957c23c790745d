"""Tasks at the desk: what each scheme gives which bureau to do, until when, and what came of it."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.batches import Cursor
from api.console.desk import Desk, only_for
from api.console.route import ConsoleRoute
from api.web.auth import BUREAU

router = APIRouter(prefix="/console/tasks", include_in_schema=False, route_class=ConsoleRoute)
_PAGE = 25


@router.get("")
async def show(
    desk: Annotated[Desk, only_for(*BUREAU)],
    scheme: Annotated[str, Query(max_length=40)] = "",
    bureau: Annotated[str, Query(max_length=64)] = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    asked = {"scheme_id": scheme.strip(), "bureau": bureau.strip()}
    page = await desk.door.get("/tasks/planned", **asked, limit=_PAGE, cursor=cursor)
    return desk.page(
        "tasks.html", tasks=page["items"], scheme=scheme, bureau=bureau, following=page["next_cursor"]
    )
