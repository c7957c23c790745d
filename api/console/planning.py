"""Plans, schemes and commissions at the desk: the list, one with its drafts, what is decided on it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response

from api.batches import Cursor
from api.console.desk import Desk, Form, only_for, see_other
from api.console.door import problem_of
from api.console.fields import fields_of
from api.console.forms import EntryForm
from api.console.route import ConsoleRoute
from api.console.through import Through
from api.planning.deciding import DRAFTERS, LEADERS
from api.planning.judging import regulation_today, rules_of
from api.planning.showing import PLACES, TITLES, PlannedId
from api.web.auth import BUREAU
from api.web.problems import Problem
from messages.approvals import Matter
from messages.planning import CONTENTS

router = APIRouter(prefix="/console/plans", include_in_schema=False, route_class=ConsoleRoute)

Reader = Annotated[Desk, only_for(*BUREAU)]
Place = Annotated[Literal["plans", "schemes", "commissions"], Path(title="计划、方案还是委托")]
MATTERS = {place: matter for matter, place in PLACES.items()}
STATES = {
    "draft": "起草中",
    "submitted": "待审批",
    "returned": "已退回",
    "approved": "已批准",
    "ended": "已终止",
}
_PAGE = 50
_CHOICES = 200


def address(place: str, id_: str, *further: str) -> str:
    return "/".join((f"/console/plans/{place}", id_, *further))


async def to_choose(desk: Desk, place: str, **wanted: str) -> tuple[tuple[str, str], ...]:
    """The newest of a kind, as choices of a form."""
    found = await desk.door.get(f"/{place}", limit=_CHOICES, **wanted)
    return tuple((one["id"], f"{one['title']}（{one['id']}）") for one in found["items"])


@router.get("")
async def show_all(
    desk: Reader, q: Annotated[str, Query(max_length=100)] = "", in_force: bool = False
) -> HTMLResponse:
    """The newest of each kind."""
    asked = {"q": q.strip(), "in_force": "true" if in_force else None, "limit": _PAGE}
    found = {place: await desk.door.get(f"/{place}", **asked) for place in MATTERS}
    return desk.page(
        "plans.html", found=found, sought=q.strip(), in_force=in_force, **_words(), may_draft=_drafts(desk)
    )


@router.get("/{place}")
async def show_kind(
    desk: Reader,
    place: Place,
    q: Annotated[str, Query(max_length=100)] = "",
    plan_id: Annotated[str, Query(max_length=40)] = "",
    scheme_id: Annotated[str, Query(max_length=40)] = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    """All of one kind, or the schemes under one plan, the commissions under one scheme."""
    asked = {"q": q.strip()} | {
        "plan_id": plan_id if place == "schemes" else "",
        "scheme_id": scheme_id if place == "commissions" else "",
    }
    page = await desk.door.get(f"/{place}", **asked, limit=_PAGE, cursor=cursor)
    under = asked["plan_id"] or asked["scheme_id"]
    return desk.page(
        "plans_all.html",
        place=place,
        asked=asked,
        under=under,
        found=page,
        may_draft=_drafts(desk),
        **_words(),
    )


@router.get("/{place}/{id_}")
async def show(
    desk: Reader,
    place: Place,
    id_: PlannedId,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> HTMLResponse:
    return await _shown(desk, place, id_, version)


@router.get("/{place}/{id_}/versions/{nth}.pdf")
async def paper(
    desk: Reader, place: Place, id_: PlannedId, nth: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
    return Through(desk, f"/{place}/{id_}/versions/{nth}.pdf")


@router.post("/{place}/{id_}/{act}")
async def decide(
    desk: Reader,
    place: Place,
    id_: PlannedId,
    act: Annotated[Literal["submitted", "approved", "returned", "ended"], Path()],
    sent: Form,
) -> Response:
    """A refusal is told beside what it is about."""
    said = {"returned": {"remarks": sent["remarks"]}, "ended": {"reason": sent["reason"]}}.get(act)
    seen = {"version": sent["version"]}
    answer = await desk.door.ask("POST", f"/{place}/{id_}/{act}", json=said, query=seen)
    if not answer.is_error:
        return see_other(address(place, id_))
    problem = problem_of(answer)
    if problem.status not in (403, 409, 422):
        raise problem
    return await _shown(desk, place, id_, None, problem, sent)


async def _shown(
    desk: Desk,
    place: str,
    id_: str,
    version: int | None,
    problem: Problem | None = None,
    sent: Any = None,
) -> HTMLResponse:
    one = await desk.door.get(f"/{place}/{id_}", version=version)
    matter = MATTERS[place]
    shows_last = one["shown_version"] == one["version"]
    return desk.page(
        "plan.html",
        problem.status if problem else 200,
        place=place,
        one=one,
        form=EntryForm(fields_of(CONTENTS[matter]), one["content"]),
        problem=problem,
        sent=sent or {"remarks": "", "reason": ""},
        may_draft=_drafts(desk)
        and one["state"] not in ("submitted", "ended")
        and not _is_settled(place, one),
        may_replace=_drafts(desk) and _is_settled(place, one) and not one["ended_on"],
        may_submit=_drafts(desk) and one["state"] == "draft" and not one["lacks"] and shows_last,
        may_decide=_may_decide(desk, matter, one) and shows_last,
        may_order=_drafts(desk),
        may_end=desk.session.role in LEADERS and one["in_force"] and one["state"] != "ended",
        **_words(),
    )


def _may_decide(desk: Desk, matter: Matter, one: dict[str, Any]) -> bool:
    """The API judges whose own it is; here only who is asked at all."""
    approvers = rules_of(regulation_today(), matter).approved_by
    return one["state"] == "submitted" and desk.session.role in approvers


def _is_settled(place: str, one: dict[str, Any]) -> bool:
    """An approved commission is not edited."""
    return place == "commissions" and one["in_force"] is not None


def _drafts(desk: Desk) -> bool:
    return desk.session.role in DRAFTERS and desk.session.bureau is None


def _words() -> dict[str, Any]:
    return {"titles": {place: TITLES[matter] for place, matter in MATTERS.items()}, "states": STATES}
