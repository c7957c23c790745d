"""A regulation as one value, and which regulation is in force on a day.

The values live in ``law/regulations/*.yaml``, one file per regulation, read once per process.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import Field

from law.promises import (
    APPROVAL_DOCUMENTS,
    EMERGENCY_GROUNDS,
    SIGNATORIES,
    broken_by,
    unknown_codes,
    unplanned,
)
from law.rules import (
    Addressee,
    ApprovalRequirement,
    Bureaus,
    Citation,
    CodedTitle,
    Condition,
    DocumentField,
    EmergencyGround,
    Interpretation,
    Ladder,
    LawValue,
    Planning,
    Readings,
    RecipientRule,
    Rung,
    Signatory,
    TermRule,
)
from law.vocabulary import DocumentKind, Term, WaitKind

__all__ = [
    "Addressee",
    "ApprovalRequirement",
    "Bureaus",
    "Citation",
    "CodedTitle",
    "Condition",
    "DocumentField",
    "EmergencyGround",
    "Interpretation",
    "Ladder",
    "NoRegulationInForce",
    "Readings",
    "RecipientRule",
    "Regulation",
    "Rung",
    "Signatory",
    "TermRule",
    "in_force_on",
    "load",
    "named",
]


class NoRegulationInForce(ValueError):
    """No regulation on file was in force on the day asked for; the message is Chinese."""


class Regulation(LawValue):
    """The whole law a batch runs under; handed to the batch once and kept by it (procedure section 9)."""

    id: str
    title: str
    in_force_from: date
    in_force_to: date | None
    is_own: bool = Field(
        default=False, description="the bureau's own: it holds wherever an order names no other"
    )
    terms: dict[Term, TermRule]
    ladder: Ladder
    recipients: dict[DocumentKind, RecipientRule]
    readings: Readings
    interpretations: tuple[Interpretation, ...]
    emergency_grounds: tuple[EmergencyGround, ...]
    approval_documents: tuple[ApprovalRequirement, ...]
    resealing_signatories: tuple[Signatory, ...]
    bureaus: Bureaus
    planning: Planning | None = Field(default=None, description="None in what a batch carries")

    @property
    def for_a_batch(self) -> "Regulation":
        """What a batch runs under, and so carries: nothing of the planning before it."""
        return self.model_copy(update={"planning": None})

    def covers(self, day: date) -> bool:
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)


def in_force_on(day: date) -> Regulation:
    """The bureau's own regulation in force on ``day`` (both ends included); the newest where two overlap.

    A file beside it is no successor: it holds where an order names it (:func:`named`). Raises
    :class:`NoRegulationInForce` for a day that no regulation covers.
    """
    candidates = [regulation for regulation in _on_file() if regulation.is_own and regulation.covers(day)]
    if not candidates:
        raise NoRegulationInForce(f"{day.isoformat()}没有生效的抽查检验操作规程")
    return max(candidates, key=lambda regulation: regulation.in_force_from)


def named(regulation_id: str, day: date) -> Regulation:
    """The regulation of this id. Raises :class:`NoRegulationInForce` where it does not cover ``day``."""
    for regulation in _on_file():
        if regulation.id == regulation_id and regulation.covers(day):
            return regulation
    raise NoRegulationInForce(f"{day.isoformat()}没有编号为{regulation_id}的规程生效")


@lru_cache(maxsize=1)
def _on_file() -> tuple[Regulation, ...]:
    folder = files("law") / "regulations"
    return tuple(load(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml"))


def load(text: str) -> Regulation:
    """Read one regulation file. Raises ``ValueError`` naming every fault: unknown or missing fields, gaps."""
    raw: dict[str, Any] = yaml.safe_load(text)
    for term, rule in raw["terms"].items():
        rule["term"] = term
    for kind, rule in raw["recipients"].items():
        rule["kind"] = kind
    raw["readings"] = _with_citations(raw["readings"])
    regulation = Regulation.model_validate(raw, extra="forbid")
    if faults := list(_faults(regulation)):
        raise ValueError(f"{regulation.id}: " + "; ".join(faults))
    return regulation


def _with_citations(readings: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """In the file each reading stands beside its citation; in code ``readings.min_officers`` is a number."""
    citations = {name: {k: v for k, v in entry.items() if k != "value"} for name, entry in readings.items()}
    return {name: entry["value"] for name, entry in readings.items()} | {"citations": citations}


def _faults(regulation: Regulation) -> Iterable[str]:
    """What makes a *file* unusable.

    Not part of the model: a regulation that comes back from an old batch's history is complete by the
    vocabulary of its day, and must be readable after the vocabulary has grown.
    """
    for term in Term:
        if term not in regulation.terms:
            yield f"term {term} has no rule"
    for kind in DocumentKind:
        if kind not in regulation.recipients:
            yield f"document {kind} has no recipients"
    yield from unplanned(regulation.planning)
    for rule in regulation.terms.values():
        if not rule.on_silence:
            yield f"term {rule.term} does not say what its end means"
        if (rule.kind is WaitKind.RIGHT) != (rule.role is None):
            yield f"term {rule.term}: a duty is the task of a role, a right is not"
        if rule.kind is WaitKind.RIGHT and rule.internal:
            yield f"term {rule.term}: a party's right cannot be an internal target"
    forms = [rule.number_form for rule in regulation.recipients.values() if rule.number_form]
    if len(set(forms)) != len(forms) or not all("{year}" in form and "{number}" in form for form in forms):
        yield f"document numbers need {{year}} and {{number}}, and a form of their own for each kind: {forms}"
    if [rung.level for rung in regulation.ladder.rungs] != list(range(1, len(regulation.ladder.rungs) + 1)):
        yield "ladder levels must run 1, 2, 3 … without gaps"
    if regulation.in_force_to is not None and regulation.in_force_to < regulation.in_force_from:
        yield "in_force_to is before in_force_from"
    yield from broken_by(regulation.recipients.values())
    grounds = [ground.code for ground in regulation.emergency_grounds]
    yield from unknown_codes("emergency ground", grounds, EMERGENCY_GROUNDS)
    papers = [document.code for document in regulation.approval_documents]
    yield from unknown_codes("approval document", papers, APPROVAL_DOCUMENTS)
    signatories = [signatory.code for signatory in regulation.resealing_signatories]
    yield from unknown_codes("signatory", signatories, SIGNATORIES)
    for codes in (
        grounds,
        papers,
        signatories,
    ):
        if not codes or len(set(codes)) != len(codes):
            yield f"codes must be present and distinct: {codes}"
