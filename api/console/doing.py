"""What a wait asks its reader to do: the form that ends it, already told what it is about."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from api.console.desk import batch_path
from law.vocabulary import Role
from messages import names
from messages.snapshot import DocumentStatus
from messages.steps import STEPS, StepName

_Said = Mapping[str, Any]


def doing(batch: _Said, wait: _Said, role: Role) -> str | None:
    """Where somebody in this role does what is awaited; None where it is not theirs to do.

    ``batch`` as the API shows it: which letter a wait is about is found among its documents.
    """
    batch_no: str = batch["batch_no"]
    letter = _letter(batch, wait["id"])
    if wait["step"] is None and letter is None:
        return None
    step = StepName(wait["step"] or StepName.NOTICE_POSTED)
    if role not in STEPS[step].ROLES:
        return None
    proposal = names.proposal_of(wait["id"])
    if proposal is not None:
        return batch_path(batch_no, "corrections", proposal)
    about = dict(letter or {}) | {"party": wait["party"]}
    return step_path(batch_no, step, **about)


def first_thing(batch: _Said, role: Role) -> _Said | None:
    """The wait that somebody in this role sees to first: their own, the soonest; else nothing."""
    mine = [wait for wait in batch["waiting_for"] if wait["role"] == role and doing(batch, wait, role)]
    return min(mine, key=lambda wait: wait["deadline"] or "9999", default=None)


def step_path(batch_no: str, step: StepName, **about: Any) -> str:
    """The form of a step, told what it is about as far as the step asks for it."""
    asked = {name: said for name, said in about.items() if said and name in STEPS[step].model_fields}
    return batch_path(batch_no, "steps", step, "new") + (f"?{urlencode(asked)}" if asked else "")


def letter_path(batch_no: str, step: StepName, document: _Said) -> str:
    """The form of a step about this letter."""
    return step_path(batch_no, step, **_about(document))


def _letter(batch: _Said, wait_id: str) -> _Said | None:
    """The letter that a wait is about; of several that have yet to leave, the first."""
    for one in batch["documents"]:
        exact = (names.confirmation(one["document_id"]), names.posting(one["document_id"]))
        leaves = wait_id == names.sending(one["kind"]) and one["status"] == DocumentStatus.TO_SEND
        under_way = wait_id == names.delivery(one["kind"], one["recipient"]) and one["status"] in (
            DocumentStatus.SENT,
            DocumentStatus.RECEIVED_BY_ANOTHER,
        )
        if wait_id in exact or leaves or under_way:
            return _about(one)
    return None


def _about(document: _Said) -> _Said:
    return {
        "notice": document["kind"],
        "recipient": document["recipient"],
        "document_id": document["document_id"],
    }
