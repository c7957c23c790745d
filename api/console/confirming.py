"""Deciding on a correction at the desk: what it says and what it should say, why, and what would follow."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.batches import BatchNo
from api.console.desk import Desk, Form, batch_path, only_for, see_other
from api.console.door import problem_of
from api.console.forms import EntryForm
from api.console.route import ConsoleRoute
from api.console.steps import kept_of
from api.console.wrong import sides, wrong_of
from api.web.auth import BUREAU
from api.web.problems import Problem
from law.separation import decides_on_own
from messages.evidence import named_in
from messages.names import confirming
from messages.steps import StepName
from messages.steps.correcting import CorrectionConfirmed

router = APIRouter(
    prefix="/console/batches/{batch_no}/corrections/{correction:uuid}",
    include_in_schema=False,
    route_class=ConsoleRoute,
)

_Bureau: Any = only_for(*BUREAU)


@router.get("")
async def show(batch_no: BatchNo, correction: UUID, desk: Desk = _Bureau) -> HTMLResponse:
    return await _shown(desk, batch_no, correction)


@router.post("")
async def decide(batch_no: BatchNo, correction: UUID, sent: Form, desk: Desk = _Bureau) -> Response:
    """The page has told what follows: the word is filed as it is given."""
    said = {"yes": True, "no": False}.get(sent["confirmed"])
    reason = sent["reason"].strip()
    if said is None or not reason:
        faults = {"confirmed": "" if said is not None else "请选择确认还是不予更正", "reason": ""}
        faults["reason"] = "" if reason else "请写明理由"
        problem = Problem(422, "invalid", "请改正后再提交。", errors=faults)
        return await _shown(desk, batch_no, correction, problem, said, reason)
    answer = await desk.door.ask(
        "POST",
        f"/batches/{batch_no}/steps/{StepName.CORRECTION_CONFIRMED}",
        json={"correction": str(correction), "confirmed": said, "reason": reason},
        headers={"Idempotency-Key": sent["key"]} if sent["key"] else {},
    )
    if answer.is_error:
        return await _shown(desk, batch_no, correction, problem_of(answer), said, reason)
    return see_other(batch_path(batch_no, "corrections", str(correction)))


async def _shown(
    desk: Desk,
    batch_no: str,
    correction: UUID,
    problem: Problem | None = None,
    said: bool | None = None,
    reason: str = "",
) -> HTMLResponse:
    if problem is not None and (problem.status >= 500 or problem.status in (401, 404)):
        raise problem
    proposal = await desk.door.get(f"/batches/{batch_no}/steps/{correction}")
    if proposal["step"] != StepName.RECORD_CORRECTED:
        raise Problem(404, "not_found", "这个步骤不是更正记录。")
    batch = await desk.door.get(f"/batches/{batch_no}")
    body = proposal["body"]
    wrong = await wrong_of(desk, batch_no, UUID(body["corrects"]), but=correction)
    kept = await kept_of(desk, batch_no)
    before = EntryForm(wrong.fields, wrong.body or {}, [*kept, *wrong.evidence])
    after = EntryForm(wrong.fields, body["body"] or {}, before.kept)
    waits = any(one["id"] == confirming(correction) for one in batch["waiting_for"])
    trial, hindrance = await _trial(desk, batch_no, proposal) if waits else (None, "")
    return desk.page(
        "correction.html",
        problem.status if problem else 200,
        batch=batch,
        proposal=proposal,
        wrong=wrong,
        before=before,
        after=after,
        never=body["body"] is None,
        sides=sides(wrong.fields, before, after),
        evidence=list(named_in(body["evidence"])),
        kept={one.sha256 for one in kept},
        waits=waits,
        decision=await _decision(desk, batch_no, correction),
        trial=trial,
        hindrance=hindrance,
        problem=problem,
        said=said,
        reason=reason,
        key=str(uuid4()),
    )


async def _trial(desk: Desk, batch_no: str, proposal: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """What would follow on this person's word; or why he may give none, told before he has written it."""
    if desk.session.role not in CorrectionConfirmed.ROLES:
        return None, "更正由处室负责人或者分管负责人确认。"
    if decides_on_own(desk.session.sub, (proposal["actor"]["sub"],)):
        return None, "这一更正由您本人提出，不能由您本人确认，请由他人办理。"
    answer = await desk.door.ask(
        "POST",
        f"/batches/{batch_no}/steps/{StepName.CORRECTION_CONFIRMED}",
        json={"correction": proposal["step_id"], "confirmed": True, "reason": "试办"},
        query={"dry_run": "true"},
    )
    if answer.is_error:
        return None, "" if answer.status_code in (409, 429) else problem_of(answer).detail
    return answer.json(), ""


async def _decision(desk: Desk, batch_no: str, correction: UUID) -> dict[str, Any] | None:
    """Somebody's word on it, where there is one already."""
    steps = await desk.door.listed(f"/batches/{batch_no}/steps")
    found: dict[str, Any] | None = next(
        (
            one
            for one in steps
            if one["step"] == StepName.CORRECTION_CONFIRMED
            and one["status"] == "accepted"
            and one["body"]["correction"] == str(correction)
        ),
        None,
    )
    return found
