"""Random draws at the desk: the list, one with its next deed, its record and what was ordered from it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response

from api.batches import Cursor
from api.console.desk import Desk, Form, Posted, only_for, see_other
from api.console.door import problem_of
from api.console.route import ConsoleRoute
from api.console.through import Through
from api.draws.showing import DrawId
from api.planning.deciding import DRAFTERS, LEADERS
from api.web.auth import BUREAU
from api.web.problems import Problem
from law.draw_course import DrawState
from messages.draws import DRAW_EVENTS, DRAW_STATES
from messages.words import DRAW_SUBJECTS

router = APIRouter(prefix="/console/draws", include_in_schema=False, route_class=ConsoleRoute)

Reader = Annotated[Desk, only_for(*BUREAU)]
_PAGE = 50
# What each deed says, by the fields of its form; the deed's place in the API where it is another.
_DEEDS: dict[str, tuple[str, ...]] = {
    "frozen": (),
    "seed": ("seed", "read_from"),
    "skipped": ("candidate", "reason"),
    "correction": ("seed", "read_from", "reason"),
    "confirmed": ("confirmed", "reason", "seed"),
    "ended": ("reason",),
}
_PLACES = {"correction": "seed/correction", "confirmed": "seed/confirmed"}


@router.get("")
async def show_all(
    desk: Reader,
    state: Annotated[DrawState | Literal[""], Query()] = "",
    scheme_id: Annotated[str, Query(max_length=40)] = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    asked = {"state": state, "scheme_id": scheme_id.strip()}
    page = await desk.door.get("/draws", **asked, limit=_PAGE, cursor=cursor)
    return desk.page(
        "draws.html", found=page, asked=asked, states=DRAW_STATES, may_draft=desk.session.role in DRAFTERS
    )


@router.get("/{draw_id}")
async def show(desk: Reader, draw_id: DrawId) -> HTMLResponse:
    return await _shown(desk, draw_id)


@router.get("/{draw_id}/candidates.csv")
async def candidates(desk: Reader, draw_id: DrawId) -> Response:
    return Through(desk, f"/draws/{draw_id}/candidates.csv")


@router.post("/{draw_id}/{deed}")
async def do(
    desk: Reader,
    draw_id: DrawId,
    deed: Annotated[
        Literal["frozen", "seed", "skipped", "correction", "confirmed", "ended"], Path(title="办理什么")
    ],
    sent: Form,
) -> Response:
    """A refusal is told at the head of the page."""
    place = _PLACES.get(deed, deed)
    answer = await desk.door.ask("POST", f"/draws/{draw_id}/{place}", json=_said(deed, sent))
    if not answer.is_error:
        return see_other(f"/console/draws/{draw_id}")
    problem = problem_of(answer)
    if problem.status not in (403, 409, 422):
        raise problem
    return await _shown(desk, draw_id, problem, sent)


def _said(deed: str, sent: Posted) -> dict[str, Any] | None:
    said: dict[str, Any] = {name: sent[name] for name in _DEEDS[deed]}
    if "confirmed" in said:
        said["confirmed"] = said["confirmed"] == "yes"
    return said or None


async def _shown(
    desk: Desk, draw_id: str, problem: Problem | None = None, sent: Posted | None = None
) -> HTMLResponse:
    one = await desk.door.get(f"/draws/{draw_id}")
    role, state = desk.session.role, one["state"]
    return desk.page(
        "draw.html",
        problem.status if problem else 200,
        one=one,
        problem=problem,
        sent=sent or Posted({}),
        states=DRAW_STATES,
        events=DRAW_EVENTS,
        subjects=DRAW_SUBJECTS,
        may_work=role in DRAFTERS,
        is_due=datetime.fromisoformat(one["announced_at"]) <= datetime.now(UTC),
        may_confirm=role in LEADERS and one["correction"],
        may_propose=role in DRAFTERS | LEADERS and not one["correction"] and not _ordered(one),
        may_end=role in DRAFTERS | LEADERS and state in (DrawState.DRAFT, DrawState.FROZEN),
    )


def _ordered(one: dict[str, Any]) -> bool:
    return any(each["batches"] for each in one["drawn"])
