"""What falls due in the days ahead, and what fell due while the installation was away."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.console.desk import Desk, Signed, only_for
from api.console.door import problem_of
from api.console.route import ConsoleRoute
from law.calendar import SHANGHAI
from law.vocabulary import Role
from proof.outages.models import Became

router = APIRouter(prefix="/console", include_in_schema=False, route_class=ConsoleRoute)
Reader = Annotated[Desk, only_for(Role.APPROVER, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)]
_DAYS = (7, 14, 31, 92)
_BECAME = {
    Became.UNDECIDED: "尚未决定",
    Became.LAPSED: "视为放弃",
    Became.SET_ASIDE: "曾视为放弃，后按期提交的证明成立",
    Became.EXERCISED: "当事人已行使",
    Became.WAIVED: "当事人已明示放弃",
    Became.OWED: "至今没有办",
    Became.DONE_LATE: "逾期办结",
    Became.DONE_IN_TIME: "按期办结",
    Became.STAYED: "中止，未届满",
    Became.MOVED: "届满日已变动",
    Became.ENDED: "已无须办理",
    Became.RUNNING: "仍在进行",
}


@router.get("/forecast")
async def forecast(desk: Signed, days: Annotated[int, Query(ge=1, le=92)] = 14) -> HTMLResponse:
    ahead = await desk.door.get("/forecast", days=days)
    return desk.page("forecast.html", ahead=ahead, days=days, choices=sorted({*_DAYS, days}))


@router.get("/outages")
async def outages(
    desk: Reader,
    begin: Annotated[str, Query(alias="from", max_length=40)] = "",
    end: Annotated[str, Query(alias="to", max_length=40)] = "",
) -> HTMLResponse:
    now = datetime.now(UTC).astimezone(SHANGHAI)
    shown = {"begin": begin or _field(now - timedelta(days=1)), "end": end or _field(now)}
    if not begin and not end:
        return desk.page("outages.html", report=None, problem=None, became=_BECAME, **shown)
    answer = await desk.door.ask(
        "GET", "/outages", query={"from": _instant(shown["begin"]), "to": _instant(shown["end"])}
    )
    if answer.is_error:
        problem = problem_of(answer)
        if problem.status != 422:
            raise problem
        return desk.page("outages.html", 422, report=None, problem=problem, became=_BECAME, **shown)
    report: dict[str, Any] = answer.json()
    return desk.page("outages.html", report=report, problem=None, became=_BECAME, **shown)


def _field(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def _instant(said: str) -> str:
    """What a browser's field for a moment holds is the clock on the wall."""
    return f"{said}+08:00" if "+" not in said and not said.endswith("Z") else said
