"""The page of a batch: who, what, where it stands, and the one thing to do now."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.batches import BatchNo, Cursor, WaitId
from api.console.begun import begun_of_batch
from api.console.corrected import last_correction, step_page
from api.console.desk import Desk, Signed
from api.console.doing import doing, first_thing, letter_path, step_path
from api.console.drawing import drawn
from api.console.route import ConsoleRoute
from api.console.serving import served
from api.documents import DocumentId
from api.web.problems import Problem
from law.vocabulary import Phase, Recipient, Role
from messages.names import proposal_of
from messages.steps import EVEN_WHEN_CLOSED, STEPS, Step, StepName
from messages.words import HOLDERS, RECIPIENTS, STANDINGS
from store.desk.holding import HOLDING

router = APIRouter(prefix="/console/batches/{batch_no}", include_in_schema=False, route_class=ConsoleRoute)

_PAGE = 500
_STEPS = 20
# From a step that was filed, or from a proposal; neither begins with an empty form.
_FROM_HISTORY = {StepName.RECORD_CORRECTED, StepName.CORRECTION_CONFIRMED}
# By the part of the procedure that a step's model stands in.
_PARTS = {
    "sampling": "抽样",
    "report": "检验",
    "laboratory": "检验",
    "service": "文书送达",
    "result": "异议",
    "retest": "复检",
    "closing": "交办、中止、延长和撤销",
}
_HOLDERS: Mapping[str, str] = {
    **{holder.value: title for holder, title in HOLDERS.items()},
    "retest_laboratory": RECIPIENTS[Recipient.RETEST_LABORATORY],
}
_LABORATORIES = (Recipient.LABORATORY, Recipient.RETEST_LABORATORY)
_Said = Mapping[str, Any]


@router.get("")
async def show(desk: Signed, batch_no: BatchNo, before: Cursor = None, ordered: bool = False) -> HTMLResponse:
    """``before``: of the steps those that were filed earlier, as the page before said.

    ``ordered``: just now; the batch's workflow may not have noted yet what it waits for.
    """
    batch = await desk.door.get(f"/batches/{batch_no}")
    of_lab = desk.session.role is Role.LAB
    awaiting, steps, evidence = await asyncio.gather(
        desk.door.get(f"/batches/{batch_no}/waits", limit=_PAGE),
        desk.door.get(f"/batches/{batch_no}/steps", limit=_STEPS, cursor=before, latest_first="true"),
        desk.door.get(f"/batches/{batch_no}/evidence"),
    )
    waits = awaiting["waits"]
    awaited = sorted(batch["waiting_for"], key=lambda one: one["deadline"] or "9999")
    windows = _windows(waits)
    first = first_thing(batch, desk.session.role)
    return desk.page(
        "case.html",
        batch=batch,
        of_lab=of_lab,
        begun=await begun_of_batch(desk, batch_no),
        picture=drawn(batch, () if of_lab else waits),
        awaited=[(one, doing(batch, one, desk.session.role)) for one in awaited],
        first=first,
        ordered=ordered,
        begins=not of_lab and _begins(batch),
        first_path=first and doing(batch, first, desk.session.role),
        others=_others(desk, batch),
        proposals=[found for one in awaited if (found := proposal_of(one["id"]))],
        windows=windows,
        standings=STANDINGS,
        holders=_HOLDERS,
        laboratories={one: _named(batch, one) for one in _LABORATORIES},
        acts=_about_parties(desk, batch, windows),
        letters=[(one, _about_letter(desk, batch_no, one)) for one in batch["documents"]],
        evidence=evidence["items"],
        steps=[(one, step_page(desk, one), last_correction(desk, one)) for one in steps["items"]],
        earlier=steps["next_cursor"],
        later=before is not None,
        resumed_at=_resumed_at(desk, batch_no),
        may_correct=desk.session.role in STEPS[StepName.RECORD_CORRECTED].ROLES,
        may_hold=desk.session.role in HOLDING,
        certificates=[] if of_lab else [one for one in waits if one["certificate"]],
    )


# Before the next route, as in the API.
@router.get("/documents/{document_id}.pdf")
async def letter(desk: Signed, batch_no: BatchNo, document_id: DocumentId) -> Response:
    if not document_id.startswith(f"{batch_no}-"):
        raise Problem(404, "document_unknown", f"批次 {batch_no} 没有这件文书。")
    return served(await desk.door.ask("GET", f"/documents/{quote(document_id, safe='')}.pdf"))


@router.get("/certificates/{wait}.html")
async def certificate(desk: Signed, batch_no: BatchNo, wait: WaitId) -> Response:
    path = f"/batches/{quote(batch_no)}/certificates/{quote(wait, safe=':')}.html"
    return served(await desk.door.ask("GET", path))


def _begins(batch: _Said) -> bool:
    """A batch waits for its purchase as soon as it is there; a laboratory is not told of that."""
    return batch["phase"] == Phase.ORDERED and not batch["waiting_for"]


def _others(desk: Desk, batch: _Said) -> dict[str, list[type[Step]]]:
    """Every other step that is this role's, by part; of a closed batch those that are still open to it."""
    found: dict[str, list[type[Step]]] = {}
    for name, model in STEPS.items():
        over = batch["phase"] == Phase.CLOSED and name not in EVEN_WHEN_CLOSED
        if desk.session.role in model.ROLES and name not in _FROM_HISTORY and not over:
            found.setdefault(_PARTS[model.__module__.rpartition(".")[2]], []).append(model)
    return found


def _resumed_at(desk: Desk, batch_no: str) -> str | None:
    may = desk.session.role in STEPS[StepName.RESUMED].ROLES
    return step_path(batch_no, StepName.RESUMED) if may else None


def _named(batch: _Said, recipient: Recipient) -> str | None:
    """As the last letter to a laboratory calls it; the batch itself knows its code alone."""
    names = [one["recipient_name"] for one in batch["documents"] if one["recipient"] == recipient]
    return names[-1] if names else None


def _windows(waits: Sequence[_Said]) -> dict[str, _Said]:
    """Each party's time to object, as it stands."""
    return {one["party"]: one for one in waits if one["step"] == StepName.OBJECTION_FILED and one["party"]}


def _about_letter(desk: Desk, batch_no: str, document: _Said) -> list[tuple[str, str]]:
    """What can be recorded of a letter now: where, and what it is called."""
    steps = {
        # Or it is handed over at the counter.
        "to_send": (StepName.NOTICE_POSTED, StepName.NOTICE_DELIVERED),
        "sent": (StepName.NOTICE_DELIVERED, StepName.NOTICE_RETURNED),
        "received_by_another": (StepName.NOTICE_DELIVERED, StepName.NOTICE_RETURNED),
    }.get(document["status"], ())
    if document["to_post"]:
        steps = (StepName.NOTICE_POSTED, StepName.NOTICE_DELIVERED)
    if document["recipient"] == Recipient.PUBLIC:
        return []
    return [
        (letter_path(batch_no, step, document), STEPS[step].TITLE)
        for step in steps
        if desk.session.role in STEPS[step].ROLES
    ]


def _about_parties(
    desk: Desk, batch: _Said, windows: Mapping[str, _Said]
) -> dict[str, list[tuple[str, str]]]:
    """What can be recorded of each party whose time to object runs."""
    steps = [
        step
        for step in (StepName.OBJECTION_FILED, StepName.RESULT_ACCEPTED)
        if desk.session.role in STEPS[step].ROLES
    ]
    return {
        one["party"]: [
            (step_path(batch["batch_no"], step, party=one["party"]), STEPS[step].TITLE) for step in steps
        ]
        for one in batch["parties"]
        if windows.get(one["party"], {}).get("state") == "open"
    }
