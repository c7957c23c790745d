"""Evidence at the desk: what a batch has, who keeps it, until when, and how it ends."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response

from api.batches import BatchNo
from api.console.desk import Desk, Form, Signed, batch_path, only_for, see_other
from api.console.door import problem_of
from api.console.route import ConsoleRoute
from api.console.through import Through
from api.web.problems import Problem
from law.separation import decides_on_own
from law.vocabulary import Role

router = APIRouter(prefix="/console", include_in_schema=False, route_class=ConsoleRoute)

KEEPERS = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.APPROVER})
_LEADERS = (Role.SUPERVISOR, Role.APPROVER)
_UPLOADERS = KEEPERS | {Role.LAB}
_Looker: Any = only_for(*KEEPERS, Role.AUDITOR)
_Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
_Reason = Annotated[str, Query(max_length=200)]
# What is done about all of a batch's evidence, by where a form goes.
_ACTS = {
    "hold": "暂缓处置",
    "hold/lifted": "解除暂缓",
    "disposal": "提出处置",
    "disposal/approved": "批准处置",
}
_SHOWN = {"image": "img", "pdf": "pdf"}


@router.get("/evidence")
async def list_due(before: date | None = None, desk: Desk = _Looker) -> HTMLResponse:
    due = await desk.door.get("/evidence/due", before=before, limit=200)
    return desk.page("evidence_due.html", due=due["items"], before=before)


@router.get("/batches/{batch_no}/evidence")
async def show(desk: Signed, batch_no: BatchNo) -> HTMLResponse:
    return await shown(desk, batch_no)


@router.get("/batches/{batch_no}/evidence/disposal/{nth}.pdf")
async def certificate(desk: Signed, batch_no: BatchNo, nth: Annotated[int, Path(ge=1)]) -> Response:
    return Through(desk, f"/batches/{batch_no}/evidence/disposal/{nth}.pdf")


@router.post("/batches/{batch_no}/evidence/{act:path}/done")
async def act(desk: Signed, batch_no: BatchNo, act: str, sent: Form) -> Response:
    """Held, released, proposed for disposal, or disposed of."""
    if act not in _ACTS:
        raise Problem(404, "not_found", "没有这个页面。")
    body = None if act == "disposal/approved" else {"reason": sent["reason"]}
    answer = await desk.door.ask("POST", f"/batches/{batch_no}/evidence/{act}", json=body)
    if answer.is_error:
        return await shown(desk, batch_no, problem_of(answer), act, sent["reason"])
    return see_other(batch_path(batch_no, "evidence"))


@router.get("/batches/{batch_no}/evidence/{digest}")
async def show_one(desk: Signed, batch_no: BatchNo, digest: _Digest, reason: _Reason = "") -> HTMLResponse:
    return await _shown_one(desk, batch_no, digest, reason.strip())


@router.get("/batches/{batch_no}/evidence/{digest}/content")
async def content(desk: Signed, batch_no: BatchNo, digest: _Digest, reason: _Reason = "") -> Response:
    """As it is kept, by ranges; it never lies here whole."""
    return Through(desk, f"/evidence/{digest}/content", {"batch_no": batch_no, "reason": reason}, framed=True)


@router.post("/batches/{batch_no}/evidence/{digest}/keeper")
async def change_keeper(desk: Signed, batch_no: BatchNo, digest: _Digest, sent: Form) -> Response:
    answer = await desk.door.ask(
        "POST",
        f"/evidence/{digest}/keeper",
        json={"keeper": sent["keeper"], "reason": sent["reason"]},
        query={"batch_no": batch_no},
    )
    if answer.is_error:
        said = {"keeper": sent["keeper"], "reason": sent["reason"]}
        return await _shown_one(desk, batch_no, digest, "", problem_of(answer), said)
    return see_other(batch_path(batch_no, "evidence", digest))


async def shown(
    desk: Desk, batch_no: str, problem: Problem | None = None, at: str = "", reason: str = ""
) -> HTMLResponse:
    """The page of a batch's evidence; ``at`` is the form that was refused, with what stood in it."""
    _raise_what_is_no_answer(problem)
    role, path = desk.session.role, f"/batches/{batch_no}/evidence"
    standing: dict[str, Any] | None = None
    disposals: list[Any] = []
    if role is not Role.LAB:
        standing = await desk.door.get(f"{path}/standing")
        disposals = (await desk.door.get(f"{path}/disposal"))["items"]
    uploads: list[Any] = []
    if role in _UPLOADERS:
        uploads = (await desk.door.get(f"{path}/uploads"))["items"]
    proposed = standing and standing["proposed_by"]
    return desk.page(
        "evidence.html",
        problem.status if problem else 200,
        batch=await desk.door.get(f"/batches/{batch_no}"),
        kept=(await desk.door.get(path))["items"],
        uploads=uploads,
        standing=standing,
        disposals=disposals,
        uploads_may=role in _UPLOADERS,
        keeps=role in KEEPERS,
        leads=role in _LEADERS,
        is_own=proposed is not None and decides_on_own(desk.session.sub, (proposed["sub"],)),
        problem=problem,
        at=at,
        reason=reason,
    )


async def _shown_one(
    desk: Desk,
    batch_no: str,
    digest: str,
    reason: str,
    problem: Problem | None = None,
    said: dict[str, str] | None = None,
) -> HTMLResponse:
    _raise_what_is_no_answer(problem)
    one = await desk.door.get(f"/evidence/{digest}", batch_no=batch_no)
    return desk.page(
        "evidence_one.html",
        problem.status if problem else 200,
        batch=await desk.door.get(f"/batches/{batch_no}"),
        one=one,
        shown_as=_shown_as(one),
        reason=reason,
        opens=bool(one["content"]) and (not one["reason_needed"] or bool(reason)),
        changes=desk.session.role in (Role.OFFICER, Role.SUPERVISOR),
        problem=problem,
        said=said or {"keeper": "", "reason": ""},
    )


def _shown_as(one: dict[str, Any]) -> str:
    """By what a browser shows it: a picture, a film, a sound, a paper, or a file that is only taken away."""
    if one["kind"] == "recording":
        return "video" if one["media_type"].startswith("video/") else "audio"
    return _SHOWN.get(one["kind"], "file")


def _raise_what_is_no_answer(problem: Problem | None) -> None:
    if problem is not None and (problem.status >= 500 or problem.status in (401, 403, 404)):
        raise problem
