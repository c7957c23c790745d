"""Orders in bulk at the desk: under one scheme, from a file that is tried first and then taken in."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.console.desk import Desk, only_for, see_other
from api.console.route import ConsoleRoute
from api.console.through import Through
from api.console.tried_file import TriedFile, sent_file
from api.planning.bulk import MOST_ORDERS, RunNo
from api.planning.showing import PlannedId
from api.web.problems import Problem
from law.vocabulary import Role

router = APIRouter(
    prefix="/console/orders/under/{id_}/list", include_in_schema=False, route_class=ConsoleRoute
)

_Orders = Annotated[Desk, only_for(Role.OFFICER, Role.SUPERVISOR)]
_STATUSES = {"ordered": "已下达", "ordered_before": "此前已经下达", "refused": "不予下达", "invalid": "有误"}
# What a trial says of the same.
_TRIED = {**_STATUSES, "ordered": "将会下达"}
_STATES = {"running": "正在下达", "finished": "已经办完", "stopped": "中断"}
_AMISS = ("refused", "invalid")
_RUNS = 10


@router.get("")
async def ask(desk: _Orders, id_: PlannedId) -> HTMLResponse:
    return await _asked(desk, id_, None)


@router.get("/template.xlsx")
async def template(desk: _Orders, id_: PlannedId) -> Response:
    return Through(desk, f"/schemes/{id_}/orders.xlsx")


@router.post("")
async def take(desk: _Orders, id_: PlannedId) -> Response:
    """Tried first; what was tried is ordered with one click more, and how far that is stands on its page."""
    try:
        sent = await sent_file(desk)
        sent.require_the_same()
        answer = await _taken_in(desk, id_, sent)
    except Problem as problem:
        if problem.status >= 500 or problem.status in (401, 403, 404):
            raise
        return await _asked(desk, id_, problem)
    if sent.was_tried:
        return see_other(f"{_address(id_)}/runs/{answer['no']}")
    return desk.page(
        "bulk_tried.html",
        scheme=await desk.door.get(f"/schemes/{id_}"),
        here=_address(id_),
        answer=answer,
        file=sent.said["name"],
        carried=sent.carried("name"),
        again=sent.is_chosen_again,
        statuses=_TRIED,
        **_apart(answer["rows"]),
    )


@router.get("/runs/{no}")
async def show_run(desk: _Orders, id_: PlannedId, no: RunNo) -> HTMLResponse:
    """How far it is; its rows once it comes to no more."""
    address = f"/schemes/{id_}/orders/runs/{no}"
    run = await desk.door.get(address, rows="false")
    if run["state"] != "running":
        run = await desk.door.get(address)
    return desk.page(
        "bulk_run.html",
        scheme=await desk.door.get(f"/schemes/{id_}"),
        here=_address(id_),
        run=run,
        statuses=_STATUSES,
        **_apart(run["rows"]),
    )


async def _taken_in(desk: Desk, id_: str, sent: TriedFile) -> dict[str, Any]:
    answer = await desk.door.done(
        "POST",
        f"/schemes/{id_}/orders",
        content=sent.content,
        query={"wait": "false"} if sent.was_tried else {"dry_run": "true"},
        headers={"Content-Type": "application/octet-stream"},
    )
    found: dict[str, Any] = answer.json()
    return found


async def _asked(desk: Desk, id_: str, problem: Problem | None) -> HTMLResponse:
    return desk.page(
        "bulk_upload.html",
        problem.status if problem else 200,
        scheme=await desk.door.get(f"/schemes/{id_}"),
        runs=await desk.door.get(f"/schemes/{id_}/orders/runs", limit=_RUNS),
        here=_address(id_),
        most=MOST_ORDERS,
        statuses=_STATUSES,
        states=_STATES,
        problem=problem,
    )


def _apart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """What is amiss by itself: of a thousand rows it is what somebody looks for."""
    return {
        "amiss": [one for one in rows if one["status"] in _AMISS],
        "good": [one for one in rows if one["status"] not in _AMISS],
    }


def _address(id_: str) -> str:
    return f"/console/orders/under/{id_}/list"
