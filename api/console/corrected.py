"""What became of a step since it was filed: each correction of it that holds, and those that wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.console.desk import Desk, batch_path
from api.console.fields import Field
from api.console.forms import EntryForm, OfferedEvidence
from api.console.wrong import Side, sides
from law.vocabulary import Role
from messages.evidence import named_in
from messages.names import proposal_of
from messages.steps import StepName

_Said = Mapping[str, Any]


@dataclass(frozen=True)
class Corrected:
    """One correction that holds. ``proposal`` and ``decision`` are steps, as far as this reader sees them."""

    path: str | None
    proposal: _Said | None
    decision: _Said | None
    before: EntryForm
    after: EntryForm
    sides: Sequence[Side]
    never: bool


async def corrections_of(
    desk: Desk, step: _Said, fields: Sequence[Field], kept: Sequence[OfferedEvidence]
) -> list[Corrected]:
    """In their order; each begins with what the one before has left."""
    holding = step["corrected_by"]
    if not holding:
        return []
    steps = await desk.door.listed(f"/batches/{step['batch_no']}/steps")
    known = {one["step_id"]: one for one in steps}
    decided = {
        one["body"].get("correction"): one
        for one in steps
        if one["step"] == StepName.CORRECTION_CONFIRMED and one["status"] == "accepted"
    }
    found, body = [], step["body"]
    for one in holding:
        before, after = form_of(fields, body, kept), form_of(fields, one["body"], kept)
        found.append(
            Corrected(
                path=correction_path(desk, step["batch_no"], one["correction"]),
                proposal=known.get(one["correction"]),
                decision=decided.get(one["correction"]),
                before=before,
                after=after,
                sides=[side for side in sides(fields, before, after) if side.differs],
                never=one["body"] is None,
            )
        )
        body = one["body"]
    return found


async def awaited_of(desk: Desk, batch: _Said, step_id: UUID) -> list[str]:
    """The pages of corrections of this step that nobody has confirmed yet."""
    found = []
    for wait in batch["waiting_for"]:
        proposal = proposal_of(wait["id"])
        path = proposal and correction_path(desk, batch["batch_no"], proposal)
        if path:
            proposed = await desk.door.get(f"/batches/{batch['batch_no']}/steps/{proposal}")
            found += [path] if proposed["body"]["corrects"] == str(step_id) else []
    return found


def form_of(fields: Sequence[Field], body: _Said | None, kept: Sequence[OfferedEvidence]) -> EntryForm:
    """What a step says, its evidence by name: as the batch has it, or as the step calls it itself."""
    named = [OfferedEvidence(one.sha256, one.reference, one.keeper) for one in named_in(body)]
    return EntryForm(fields, body or {}, [*kept, *named])


def correction_path(desk: Desk, batch_no: str, correction: str) -> str | None:
    """Where both sides stand beside each other; a laboratory has no such page."""
    return None if desk.session.role is Role.LAB else batch_path(batch_no, "corrections", correction)


def step_page(desk: Desk, step: _Said) -> str:
    """Where a step of the record leads: a correction, and a word on one, to its comparison."""
    number: str = step["batch_no"]
    correction = None
    if step["status"] != "refused":
        about = {
            StepName.RECORD_CORRECTED: step["step_id"],
            StepName.CORRECTION_CONFIRMED: step["body"].get("correction"),
        }
        correction = about.get(StepName(step["step"]))
    path = correction_path(desk, number, correction) if correction else None
    return path or batch_path(number, "steps", step["step_id"])


def last_correction(desk: Desk, step: _Said) -> str | None:
    """The page of the correction by which it stands as it does now."""
    holding = step["corrected_by"]
    return correction_path(desk, step["batch_no"], holding[-1]["correction"]) if holding else None
