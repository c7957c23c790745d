"""The list of batches: the newest first, filtered, page by page."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BeforeValidator

from api.batches import Cursor
from api.console.desk import Signed
from api.console.exports import export_of
from api.console.route import ConsoleRoute
from law.vocabulary import Outcome, Phase, Role
from messages.words import OUTCOMES, PHASES
from store.desk.holding import HOLDING

router = APIRouter(prefix="/console/batches", include_in_schema=False, route_class=ConsoleRoute)

_PAGE = 50
_ORDER = (Role.OFFICER, Role.SUPERVISOR)
# A form sends what was not chosen as nothing.
_CHOSEN = BeforeValidator(lambda sent: sent or None)


@router.get("")
async def batches(
    desk: Signed,
    phase: Annotated[Phase | None, _CHOSEN, Query()] = None,
    outcome: Annotated[Outcome | None, _CHOSEN, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    q: Annotated[str, Query(max_length=100)] = "",
    mine: Annotated[bool, Query()] = False,
    scheme: Annotated[str, Query(max_length=40)] = "",
    commission: Annotated[str, Query(max_length=40)] = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    filters = {"phase": phase, "outcome": outcome, "overdue": "true" if overdue else None, "q": q.strip()}
    held_by = desk.session.sub if mine else None
    under = {"scheme_id": scheme, "commission_id": commission}
    page = await desk.door.get("/batches", **filters, **under, held_by=held_by, limit=_PAGE, cursor=cursor)
    said = filters | {"mine": "true" if mine else None, "scheme": scheme, "commission": commission}

    def address(cursor: str | None = None) -> str:
        kept = {name: value for name, value in (said | {"cursor": cursor}).items() if value}
        return f"/console/batches?{urlencode(kept)}"

    return desk.page(
        "batches.html",
        batches=page["items"],
        said=said,
        phases=PHASES,
        outcomes=OUTCOMES,
        may_hold=desk.session.role in HOLDING,
        may_order=desk.session.role in _ORDER and desk.session.bureau is None,
        filtered=any(said.values()),
        taken_along=export_of("batches", {**filters, **under, "held_by": held_by}),
        following=page["next_cursor"] and address(page["next_cursor"]),
        first=None if cursor is None else address(),
    )
