"""An application for a retest on the approver's desk: the file on one side, the decision on the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from api.batches import BatchNo
from api.console.desk import Desk, batch_path, only_for
from api.console.fields import fields_of
from api.console.forms import EntryForm
from api.console.prefill import Known, prefilled, put_right
from api.console.route import ConsoleRoute
from api.console.steps import kept_of
from api.web.auth import BUREAU
from api.web.problems import Problem
from law.judgements import FilingMeans
from law.vocabulary import ItemVerdict, Party
from messages.names import completion, decision, examination, window
from messages.steps import STEPS, StepName
from messages.steps.result import ApprovalDocument
from messages.words import word

router = APIRouter(prefix="/console/batches/{batch_no}", include_in_schema=False, route_class=ConsoleRoute)

_Bureau: Any = only_for(*BUREAU)
# By what waits for the decision; what was recorded after silence is examined first of all.
_DECISIONS = (
    (StepName.REOPENING_DECIDED, (examination,)),
    (StepName.OBJECTION_DECIDED, (decision, completion)),
)


@dataclass(frozen=True)
class Application:
    """What was handed in, papers that came later with it; ``papers`` are the five of the regulation."""

    filed: Mapping[str, Any]
    how: str
    papers: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Item:
    """One item of the report."""

    said: Mapping[str, Any]
    verdict: str
    disputed: bool


@router.get("/objections/{party}")
async def show(batch_no: BatchNo, party: Annotated[Party, Path()], desk: Desk = _Bureau) -> HTMLResponse:
    batch = await desk.door.get(f"/batches/{batch_no}")
    steps = await desk.door.listed(f"/batches/{batch_no}/steps")
    now = datetime.fromisoformat(batch["clock"])
    known = Known(batch, None, steps, now, {}, {"party": party})
    filed = _filed(known, party)
    if filed is None:
        raise Problem(404, "not_found", "该当事人没有提出异议。")
    step = _asked_for(known, party)
    form = None
    if step and desk.session.role in STEPS[step].ROLES:
        form = EntryForm(fields_of(STEPS[step]), prefilled(step, known))
    waits = await desk.door.get(f"/batches/{batch_no}/waits", limit=500)
    return desk.page(
        "objection.html",
        batch=known.batch,
        party=next(one for one in known.batch["parties"] if one["party"] == party),
        application=_application(known, filed, party),
        window=next((one for one in waits["waits"] if one["id"] == window(party)), None),
        items=_items(known, filed),
        report=known.report(),
        kept=await kept_of(desk, batch_no),
        title=STEPS[step].TITLE if step else "异议的案卷",
        wait=_wait(known, party, step),
        action=batch_path(batch_no, "steps", step, "new") if step else "",
        form=form,
        key=str(uuid4()),
    )


def _asked_for(known: Known, party: Party) -> StepName | None:
    """The decision that the batch waits for."""
    return next((step for step, _ in _DECISIONS if _wait(known, party, step)), None)


def _wait(known: Known, party: Party, step: StepName | None) -> Mapping[str, Any] | None:
    ids = {made(party) for name, makers in _DECISIONS if name is step for made in makers}
    return next((one for one in known.batch["waiting_for"] if one["id"] in ids), None)


def _filed(known: Known, party: Party) -> Mapping[str, Any] | None:
    """The party's last application, as put right since; one that was refused only where no other is there."""
    filed = [
        {**one, "body": body}
        for one in reversed(known.steps)
        if one["step"] == StepName.OBJECTION_FILED and one["body"]["party"] == party
        if (body := put_right(one)) is not None
    ]
    accepted = [one for one in filed if one["status"] == "accepted"]
    return next(iter([*accepted, *filed]), None)


def _application(known: Known, filed: Mapping[str, Any], party: Party) -> Application:
    papers = list(filed["body"]["documents"])
    for one in known.steps:
        later = one["step"] == StepName.OBJECTION_SUPPLEMENTED and one["status"] == "accepted"
        if later and one["body"]["party"] == party and one["received_at"] > filed["received_at"]:
            papers += one["body"]["documents"]
    told = [
        (word(kind), "、".join(one["reference"] for one in papers if one["kind"] == kind))
        for kind in ApprovalDocument
    ]
    return Application(filed, word(FilingMeans(filed["body"]["how"])), told)


def _items(known: Known, filed: Mapping[str, Any]) -> list[Item]:
    """Of the report; where the application names none, all that do not conform are disputed."""
    named = set(filed["body"]["items"])
    return [
        Item(
            one,
            word(ItemVerdict(one["verdict"])),
            one["name"] in named or (not named and one["verdict"] == ItemVerdict.NONCONFORMING),
        )
        for one in known.report().get("items") or ()
    ]
