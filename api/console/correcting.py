"""Proposing a correction at the desk: the wrong step's own form, as it stands, to be put right."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from api.batches import BatchNo
from api.console.desk import Desk, Form, Posted, batch_path, only_for, see_other
from api.console.door import problem_of
from api.console.fields import Field as Question
from api.console.fields import Kind, fields_of
from api.console.forms import EntryForm, OfferedEvidence, body_of, with_what_was_said, without_row
from api.console.route import ConsoleRoute
from api.console.sheets import is_laid_aside, lay_aside
from api.console.steps import kept_of
from api.console.wrong import Wrong, sides, wrong_of
from api.web.problems import Problem
from law.vocabulary import Role
from messages.base import Evidence, LongText
from store.desk import drafts

router = APIRouter(prefix="/console/batches/{batch_no}", include_in_schema=False, route_class=ConsoleRoute)

_Proposer: Any = only_for(Role.OFFICER, Role.SUPERVISOR, Role.APPROVER)
_BODY, _NEVER = "body", "never"
# Asked apart from the other questions, and kept with them.
_TOLD_APART = Question(_NEVER, Kind.YES_NO, "从未发生")


class _Why(BaseModel):
    reason: LongText = Field(title="更正理由；写明错在何处，依据什么认定")
    evidence: tuple[Evidence, ...] = Field(default=(), title="证据；证明应有内容的材料")


@router.get("/steps/{step_id:uuid}/correct")
async def ask(batch_no: BatchNo, step_id: UUID, desk: Desk = _Proposer) -> HTMLResponse:
    """The step as it stands, or what this person left in the form the last time."""
    wrong = await wrong_of(desk, batch_no, step_id)
    draft = await drafts.found(desk.deps.engine, desk.session.sub, desk.request.url.path)
    body = draft.fields if draft else {_NEVER: wrong.body is None, _BODY: wrong.body or {}}
    form = EntryForm(_questions(wrong), body, await _kept(desk, batch_no, wrong))
    return await _asked(desk, batch_no, wrong, form, never=body.get(_NEVER) is True, draft=draft)


@router.post("/steps/{step_id:uuid}/correct")
async def take(batch_no: BatchNo, step_id: UUID, sent: Form, desk: Desk = _Proposer) -> Response:
    wrong = await wrong_of(desk, batch_no, step_id)
    path, told = desk.request.url.path, (_TOLD_APART, *_questions(wrong))
    if is_laid_aside(sent):
        return await lay_aside(desk, path, batch_path(batch_no), told, sent)
    kept = await _kept(desk, batch_no, wrong)
    await drafts.keep(desk.deps.engine, desk.session.sub, path, body_of(told, sent.values, kept))
    entered = body_of(_questions(wrong), sent.values, kept, blank_rows=bool(sent["add"] or sent["remove"]))
    if sent["remove"]:
        without_row(entered, sent["remove"])
    form = EntryForm(_questions(wrong), entered, kept, more=sent["add"])
    never = sent[_NEVER] == "yes"
    if sent["add"] or sent["remove"] or sent["change"]:
        return await _asked(desk, batch_no, wrong, form, never=never)
    right = None if never else wrong.with_order(_right(wrong, entered))
    if right is not None and (faults := wrong.faults(right)):
        refusal = Problem(422, "invalid", "更正后的内容不完整或者有误。", errors=faults)
        return await _refused(desk, batch_no, wrong, form, refusal, never=never)
    step = {
        "corrects": wrong.step_id,
        "body": right,
        "reason": entered.get("reason", ""),
        "evidence": entered.get("evidence", []),
    }
    return await _try_or_file(desk, batch_no, wrong, form, sent, step)


async def _try_or_file(
    desk: Desk, batch_no: str, wrong: Wrong, form: EntryForm, sent: Posted, step: dict[str, Any]
) -> Response:
    path = f"/batches/{batch_no}/steps/record_corrected"
    never = step["body"] is None
    if sent["confirmed"]:
        key = {"Idempotency-Key": sent["key"]} if sent["key"] else {}
        answer = await desk.door.ask("POST", path, json=step, headers=key)
        if not answer.is_error:
            await drafts.drop(desk.deps.engine, desk.session.sub, desk.request.url.path)
            return see_other(batch_path(batch_no, "corrections", answer.json()["step_id"]))
        return await _refused(desk, batch_no, wrong, form, problem_of(answer), never=never)
    answer = await desk.door.ask("POST", path, json=step, query={"dry_run": "true"})
    if answer.is_error:
        return await _refused(desk, batch_no, wrong, form, problem_of(answer), never=never)
    trial = answer.json()
    if not trial["accepted"]:
        refusal = Problem(409, trial["code"], trial["reason"], rests_on=trial["rests_on"])
        return await _refused(desk, batch_no, wrong, form, refusal, never=never)
    before = EntryForm(wrong.fields, wrong.body or {}, wrong.evidence)
    after = EntryForm(wrong.fields, step["body"] or {}, form.kept)
    return desk.page(
        "correct_check.html",
        batch=await desk.door.get(f"/batches/{batch_no}"),
        wrong=wrong,
        form=form,
        never=never,
        before=before,
        after=after,
        sides=sides(wrong.fields, before, after),
        key=str(uuid4()),
        trial=trial,
    )


async def _refused(
    desk: Desk, batch_no: str, wrong: Wrong, form: EntryForm, problem: Problem, *, never: bool
) -> HTMLResponse:
    if problem.status >= 500 or problem.status in (401, 404):
        raise problem
    form.take_errors(problem.extra.get("errors", ()))
    return await _asked(desk, batch_no, wrong, form, never=never, problem=problem)


async def _asked(
    desk: Desk,
    batch_no: str,
    wrong: Wrong,
    form: EntryForm,
    *,
    never: bool,
    problem: Problem | None = None,
    draft: drafts.KeptDraft | None = None,
) -> HTMLResponse:
    return desk.page(
        "correct.html",
        problem.status if problem else 200,
        batch=await desk.door.get(f"/batches/{batch_no}"),
        wrong=wrong,
        form=form,
        never=never,
        problem=problem,
        draft=draft,
    )


def _questions(wrong: Wrong) -> tuple[Question, ...]:
    whole = Question(_BODY, Kind.GROUP, f"应有的内容：{wrong.title}", inner=wrong.fields)
    return (whole, *fields_of(_Why))


def _right(wrong: Wrong, entered: dict[str, Any]) -> dict[str, Any]:
    return with_what_was_said(wrong.fields, wrong.body or {}, entered.get(_BODY) or {})


async def _kept(desk: Desk, batch_no: str, wrong: Wrong) -> list[OfferedEvidence]:
    """What the batch has, and what the step named itself."""
    kept = await kept_of(desk, batch_no)
    known = {one.sha256 for one in kept}
    return kept + [one for one in wrong.evidence if one.sha256 not in known]
