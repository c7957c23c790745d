"""Drawing up a random draw at the desk: by its form, or with a list from a file, tried first."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from api.console.desk import Desk, Form, only_for, see_other
from api.console.fields import Kind, fields_of
from api.console.planning import to_choose
from api.console.registered import choices
from api.console.route import ConsoleRoute
from api.console.sheets import EntrySheet, begin, go_on
from api.console.tried_file import TriedFile, sent_file
from api.planning.deciding import DRAFTERS
from api.web.problems import Problem
from messages.draws import DrawDraft
from messages.registers import Register
from messages.words import DRAW_SUBJECTS

router = APIRouter(prefix="/console/draws", include_in_schema=False, route_class=ConsoleRoute)

_Drafter = Annotated[Desk, only_for(*DRAFTERS)]
# All that a list in a file does not say itself.
_TERMS = {
    "title": "名称",
    "subject": "抽取对象",
    "number": "抽取数量",
    "seed_what": "种子取自什么",
    "seed_where": "种子在何处公布",
    "seed_announced_at": "种子的公布时间",
}
_SchemeAsked = Annotated[str, Query(max_length=40)]


@router.get("/new")
async def ask(desk: _Drafter, scheme_id: _SchemeAsked = "") -> HTMLResponse:
    body: dict[str, Any] = {"scheme_id": scheme_id, "of_register": False}
    return await begin(desk, await _sheet(desk), body)


@router.post("/new")
async def take(desk: _Drafter, sent: Form) -> Response:
    return await go_on(desk, await _sheet(desk), sent)


@router.get("/upload")
async def ask_file(desk: _Drafter, scheme_id: _SchemeAsked = "") -> HTMLResponse:
    return await _asked(desk, {"scheme_id": scheme_id}, None)


@router.post("/upload")
async def take_file(desk: _Drafter) -> Response:
    """Tried first; what was tried is kept with one click more."""
    sent = None
    try:
        sent = await sent_file(desk)
        sent.require_the_same()
        answer = await _taken_in(desk, sent)
    except Problem as problem:
        if problem.status >= 500 or problem.status in (401, 403):
            raise
        return await _asked(desk, sent.said if sent else {}, problem)
    if answer["id"] is not None:
        return see_other(f"/console/draws/{answer['id']}")
    carried = sent.carried(*_TERMS, "scheme_id", "name")
    shown = {"answer": answer, "carried": carried, "again": sent.is_chosen_again}
    return desk.page("draw_check.html", subjects=DRAW_SUBJECTS, **shown)


async def _taken_in(desk: Desk, sent: TriedFile) -> dict[str, Any]:
    said = sent.said
    scheme_id = said.get("scheme_id", "").strip()
    if not scheme_id.replace("-", "").isalnum():
        raise Problem(422, "invalid", "请选择抽检实施方案。")
    query = {name: said.get(name, "").strip() for name in _TERMS}
    if missing := [_TERMS[name] for name, value in query.items() if not value]:
        raise Problem(422, "invalid", f"请填写{'、'.join(missing)}。")
    query["seed_announced_at"] += "+08:00"
    answer = await desk.door.done(
        "POST",
        f"/schemes/{scheme_id}/draws",
        content=sent.content,
        query=query | ({} if sent.was_tried else {"dry_run": "true"}),
        headers={"Content-Type": "application/octet-stream"},
    )
    found: dict[str, Any] = answer.json()
    return found


async def _asked(desk: Desk, said: Mapping[str, str], problem: Problem | None) -> HTMLResponse:
    return desk.page(
        "draw_upload.html",
        problem.status if problem else 200,
        schemes=await to_choose(desk, "schemes", in_force="true"),
        subjects=DRAW_SUBJECTS,
        said={name: said.get(name, "") for name in (*_TERMS, "scheme_id")},
        problem=problem,
    )


async def _sheet(desk: Desk) -> EntrySheet:
    offered = {
        "scheme_id": ("抽检实施方案", await to_choose(desk, "schemes", in_force="true")),
        "platform": ("只取在此平台上有店铺的", tuple(await choices(desk, Register.PLATFORMS))),
    }
    asked = [
        replace(one, label=offered[one.name][0], hint="", kind=Kind.MANY, choices=offered[one.name][1])
        if one.name in offered
        else one
        for one in fields_of(DrawDraft)
    ]
    # First what it is drawn for.
    asked.sort(key=lambda one: one.name != "scheme_id")
    return EntrySheet(
        title="起草随机抽查",
        model=DrawDraft,
        path="/console/draws/new",
        door="/draws",
        back=("/console/draws", "随机抽查"),
        done=lambda answer: f"/console/draws/{answer['id']}",
        tried=False,
        asked=tuple(asked),
    )
