"""Who has a batch in hand: taking it, handing it on with a note, letting it go."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.batches import BatchNo
from api.console.desk import Desk, Form, Posted, Signed, batch_path, see_other
from api.console.door import problem_of
from api.console.route import ConsoleRoute
from api.web.problems import Problem
from store.desk.holding import HOLDING

router = APIRouter(
    prefix="/console/batches/{batch_no}/holder", include_in_schema=False, route_class=ConsoleRoute
)

_PAGE = 50


@router.get("")
async def show(desk: Signed, batch_no: BatchNo) -> HTMLResponse:
    return await _shown(desk, batch_no, to="", note="", problem=None)


@router.post("")
async def change(desk: Signed, batch_no: BatchNo, sent: Form) -> Response:
    """Goes back to the batch; what is refused is told on the form, with what was entered."""
    body = {
        "to": _whom(desk, sent),
        "instead_of": sent["instead_of"] or None,
        "note": sent["note"].strip() or None,
    }
    if sent["how"] == "other" and not body["to"]:
        problem = Problem(422, "invalid", "请选择移交给谁。")
        return await _shown(desk, batch_no, to="", note=sent["note"], problem=problem)
    answer = await desk.door.ask("POST", f"/batches/{batch_no}/holder", json=body)
    if not answer.is_error:
        return see_other(batch_path(batch_no))
    problem = problem_of(answer)
    if problem.status not in (409, 422):
        raise problem
    return await _shown(desk, batch_no, to=sent["to"], note=sent["note"], problem=problem)


def _whom(desk: Desk, sent: Posted) -> str | None:
    return {"take": desk.session.sub, "other": sent["to"]}.get(sent["how"]) or None


async def _shown(desk: Desk, batch_no: str, *, to: str, note: str, problem: Problem | None) -> HTMLResponse:
    batch = await desk.door.get(f"/batches/{batch_no}")
    holding = await desk.door.get(f"/batches/{batch_no}/holder", limit=_PAGE)
    may = desk.session.role in HOLDING
    colleagues = (await desk.door.get("/colleagues"))["items"] if may else []
    now = holding["holder"] and holding["holder"]["sub"]
    return desk.page(
        "holder.html",
        200 if problem is None else problem.status,
        batch=batch,
        holding=holding,
        may=may,
        colleagues=[one for one in colleagues if one["sub"] not in (now, desk.session.sub)],
        to=to,
        note=note,
        problem=problem,
    )
