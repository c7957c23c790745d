"""The calendar of last days: a month at a look, and what ends on one of its days."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.batches import Cursor
from api.console.desk import Signed
from api.console.route import ConsoleRoute
from law.calendar import day_in_shanghai
from law.vocabulary import Party, Role
from messages.words import PARTIES, ROLES

router = APIRouter(prefix="/console/calendar", include_in_schema=False, route_class=ConsoleRoute)
_AT_ONCE = 50
_WEEK = 7
_OWES = (Role.OFFICER, Role.SUPERVISOR, Role.APPROVER, Role.LAB)
_WHOSE = {role.value: ROLES[role] for role in _OWES} | {party.value: PARTIES[party] for party in PARTIES}


@router.get("")
async def show_month(
    desk: Signed,
    month: Annotated[str, Query(pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")] = "",
    owed_by: Annotated[Role | Party | str, Query(pattern=f"^({'|'.join(_WHOSE)})?$")] = "",
    day: date | None = None,
    cursor: Cursor = None,
) -> HTMLResponse:
    today = day_in_shanghai(datetime.now(UTC))
    month = month or (day or today).isoformat()[:7]
    days = (await desk.door.get("/forecast/month", month=month, owed_by=owed_by))["days"]
    ending = None
    if day is not None:
        ending = await desk.door.get("/tasks", last_day=day, owed_by=owed_by, limit=_AT_ONCE, cursor=cursor)
    first = date.fromisoformat(f"{month}-01")
    return desk.page(
        "calendar.html",
        month=month,
        weeks=_weeks(first, days),
        before=(first - timedelta(days=1)).isoformat()[:7],
        after=(first + timedelta(days=31)).isoformat()[:7],
        announced=all(one["announced"] for one in days),
        today=today.isoformat(),
        day=day and next((one for one in days if one["day"] == day.isoformat()), None),
        ending=ending,
        owed_by=owed_by,
        whose=_WHOSE,
    )


def _weeks(first: date, days: list[dict[str, Any]]) -> list[list[dict[str, Any] | None]]:
    """From Monday to Sunday, with nothing where another month's days would be."""
    cells = [*([None] * first.weekday()), *days]
    cells += [None] * (-len(cells) % _WEEK)
    return [cells[at : at + _WEEK] for at in range(0, len(cells), _WEEK)]
