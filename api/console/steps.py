"""Doing a step at the desk: its form, the answers to check with what would follow, and what became of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import HTMLResponse, Response

from api.batches import BatchNo
from api.console.comparing import beside
from api.console.corrected import awaited_of, corrections_of, form_of, step_page
from api.console.desk import Desk, Form, Signed, batch_path
from api.console.fields import Field, asked_of, fields_of
from api.console.forms import OfferedEvidence
from api.console.hints import hinted
from api.console.prefill import Known, prefilled
from api.console.registered import pick_laboratory, taken_over
from api.console.route import ConsoleRoute
from api.console.sheets import EntrySheet, begin, go_on, is_laid_aside, lay_aside
from api.planning.judging import regulation_today
from api.web.auth import require
from api.web.problems import Problem
from law.vocabulary import EvidenceKind, Role
from messages.steps import STEPS, Step, StepName

router = APIRouter(prefix="/console/batches/{batch_no}", include_in_schema=False, route_class=ConsoleRoute)

# Their forms are made otherwise: what a step should have said, and whether a correction stands.
_OTHERWISE = {StepName.RECORD_CORRECTED, StepName.CORRECTION_CONFIRMED}
# Of a report that the laboratory has submitted: what it says is on record with the submission.
_TAKEN_IN = ("submission", "received_on")
_ASKED = ("party", "notice", "recipient", "document_id", "wait", "route")
_Name = Annotated[StepName, Path()]


async def _may(desk: Signed, step: _Name) -> None:
    """Raises :class:`Problem` 403 for a form that its sender could not send."""
    model = _model(step)
    require(desk.actor, model.ROLES, model.TITLE)


@router.get("/steps/{step}/new", dependencies=[Depends(_may)])
async def ask(desk: Signed, batch_no: BatchNo, step: _Name) -> HTMLResponse:
    model = _model(step)
    mine = await desk.door.get(f"/my-steps/{step}")
    known = replace(await _known(desk, batch_no, model), mine=mine["body"] or {})
    sheet = await _sheet(desk, known, model)
    return await begin(desk, sheet, prefilled(step, known), await taken_over(desk, sheet.pick, known))


@router.post("/steps/{step}/new")
async def take(desk: Signed, batch_no: BatchNo, step: _Name, sent: Form) -> Response:
    model = _model(step)
    if is_laid_aside(sent):
        # For whom there is no such batch, there is no draft either.
        await desk.door.get(f"/batches/{batch_no}")
        path = _form_path(batch_no, model)
        return await lay_aside(desk, path, batch_path(batch_no), fields_of(model), sent)
    return await go_on(desk, await _sheet(desk, await _known(desk, batch_no, model), model), sent)


def _form_path(batch_no: str, model: type[Step]) -> str:
    return batch_path(batch_no, "steps", model.NAME, "new")


async def _sheet(desk: Desk, known: Known, model: type[Step]) -> EntrySheet:
    batch_no: str = known.batch["batch_no"]
    bought = known.last(StepName.PURCHASED)
    return EntrySheet(
        title=model.TITLE,
        model=model,
        path=_form_path(batch_no, model),
        door=f"/batches/{batch_no}/steps/{model.NAME}",
        back=(batch_path(batch_no), known.batch["title"]),
        done=lambda answer: batch_path(batch_no, "steps", answer["step_id"]) + "?filed=true",
        kept=await kept_of(desk, batch_no),
        asked=_asked(desk, known, model),
        pick=await pick_laboratory(desk, model.NAME, known),
        compared=lambda body: beside(model.NAME, body, known.order or {}, bought),
    )


def _asked(desk: Desk, known: Known, model: type[Step]) -> Sequence[Field]:
    """What is not known otherwise, of what this role may say."""
    fields = asked_of(desk.session.role, fields_of(model))
    if model.NAME is StepName.SEALED:
        return [hinted(one, regulation_today()) for one in fields]
    if model.NAME is StepName.REPORT_RECEIVED and known.batch["report_submitted"]:
        return [one for one in fields if one.name in _TAKEN_IN]
    return fields


@router.get("/steps/{step_id:uuid}")
async def done(desk: Signed, batch_no: BatchNo, step_id: UUID, filed: bool = False) -> HTMLResponse:
    """What became of it; one that is not decided yet is looked for again by the page itself.

    ``filed``: just now, so that what the batch waits for follows from it, as long as nothing came after.
    """
    step = await desk.door.get(f"/batches/{batch_no}/steps/{step_id}")
    batch = await desk.door.get(f"/batches/{batch_no}")
    model = STEPS[StepName(step["step"])]
    fields = () if model.NAME in _OTHERWISE else fields_of(model)
    kept = await kept_of(desk, batch_no)
    newest = await desk.door.get(f"/batches/{batch_no}/steps", limit=1, latest_first="true")
    is_last = any(one["step_id"] == str(step_id) for one in newest["items"])
    about = step_page(desk, step)
    return desk.page(
        "step_done.html",
        batch=batch,
        step=step,
        model=model,
        form=form_of(fields, step["body"], kept),
        corrections=await corrections_of(desk, step, fields, kept),
        awaited=await awaited_of(desk, batch, step_id),
        compared_at=about if about != desk.request.url.path else None,
        next=batch["waiting_for"] if filed and is_last else (),
        waiting=step["status"] == "recorded",
    )


async def _known(desk: Desk, batch_no: str, model: type[Step]) -> Known:
    """What is on record, and what the link asks for. Raises :class:`Problem` as the API does."""
    batch = await desk.door.get(f"/batches/{batch_no}")
    steps = await desk.door.listed(f"/batches/{batch_no}/steps")
    order = None
    if desk.session.role is not Role.LAB:
        order = await desk.door.get(f"/batches/{batch_no}/order")
    query = desk.request.query_params
    asked = {name: query[name] for name in _ASKED if name in query and name in model.model_fields}
    now = datetime.fromisoformat(batch["clock"])
    return Known(batch, order, steps, now, {}, asked)


async def kept_of(desk: Desk, batch_no: str) -> list[OfferedEvidence]:
    """The evidence that a form of this batch may name."""
    answer = await desk.door.ask("GET", f"/batches/{batch_no}/evidence", query={"limit": 200})
    items: list[dict[str, Any]] = [] if answer.is_error else answer.json()["items"]
    return [
        OfferedEvidence(one["sha256"], one["filename"], one["keeper"], EvidenceKind(one["kind"]))
        for one in items
        if one["content"]
    ]


def _model(step: StepName) -> type[Step]:
    if step in _OTHERWISE:
        raise Problem(404, "not_found", "没有这个页面：更正从所更正的步骤开始。")
    return STEPS[step]
