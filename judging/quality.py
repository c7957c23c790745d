"""What a batch says to records and figures, judged from what is kept of it."""

from typing import Any

from messages.opening import Opening
from messages.quality import QualityEntry, Tally, tally_of_order
from workflows.procedure.case import Case
from workflows.procedure.quality import quality_of, tally_of


def judged(opening: Opening, kept: dict[str, Any] | None) -> tuple[Tally, QualityEntry | None]:
    """By the case as it was kept; one of which nothing is recorded yet has only been ordered."""
    if kept is None:
        return tally_of_order(opening), None
    case = Case.taken_up(opening, kept)
    return tally_of(case), quality_of(case)
