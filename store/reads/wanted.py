"""Which batches are asked for: one question, of the list on the screen and of the sheet taken along."""

from dataclasses import dataclass
from typing import Any

from law.vocabulary import Outcome, Phase
from store.reads import search
from store.reads.part import EVERYTHING, SeenPart

# Of a wait ``w``.
LATE = "w.overdue_from <= statement_timestamp()"


@dataclass(frozen=True, kw_only=True)
class WantedBatches:
    """What is None does not matter.

    ``overdue``: whether something is, of what whoever asks is told of; ``q``: a piece of whatever a batch is
    found by; ``held_by``: which account has it in hand; ``part``: what is whose matter.
    """

    phase: Phase | None = None
    outcome: Outcome | None = None
    overdue: bool | None = None
    q: str = ""
    held_by: str | None = None
    scheme_id: str | None = None
    commission_id: str | None = None
    part: SeenPart = EVERYTHING

    @property
    def is_late(self) -> str:
        """The condition that something of a batch ``b`` is overdue."""
        return f"""exists (select from waits w where w.batch_no = b.batch_no and w.state = 'open'
            and {LATE}{self.part.of_theirs})"""

    @property
    def conditions(self) -> dict[str, bool]:
        """On a batch ``b``, each with whether it is asked."""
        under = "b.batch_no in (select u.batch_no from scheme_uses u where"
        return {
            "b.phase = :phase": self.phase is not None,
            "b.outcome = :outcome": self.outcome is not None,
            **self.part.conditions,
            self.is_late: self.overdue is True,
            f"not {self.is_late}": self.overdue is False,
            "b.batch_no in (select batch_no from holders where sub = :held_by)": self.held_by is not None,
            f"{under} u.scheme_id = :scheme_id)": self.scheme_id is not None,
            f"{under} u.commission_id = :commission_id)": self.commission_id is not None,
            f"b.batch_no in (select s.batch_no from batch_search s where {search.holds(self.q, 's')}\
                and s.kind <> all(:hidden))": search.is_sought(self.q),
        }

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "phase": self.phase,
            "outcome": self.outcome,
            "held_by": self.held_by,
            "scheme_id": self.scheme_id,
            "commission_id": self.commission_id,
            "hidden": search.hidden_from(self.part.laboratory),
            **self.part.parameters,
            **search.asked(self.q),
        }
