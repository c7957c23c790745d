"""What of a batch is a laboratory's matter (decision 51): what it takes part in, what is addressed to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from law.vocabulary import DocumentKind, Recipient, Term
from messages.base import Actor
from messages.records import TimelineKind
from messages.snapshot import DocumentState, PartyState, Snapshot
from messages.steps.base import StepName

# By what their ids begin with. Both laboratories sign when a sample is sealed anew.
TESTING_WAITS = (
    StepName.PURCHASED,
    StepName.RECEIVED,
    StepName.SEALING_SCHEDULED,
    StepName.SEALED,
    StepName.REPORT_SUBMITTED,
    StepName.RETEST_SEALED,
)
RETESTING_WAITS = (
    StepName.RETEST_FORMALITIES_COMPLETED,
    Term.RETEST_LABORATORY_FORMALITIES,
    StepName.RETEST_SEALED,
    StepName.RETEST_REPORT_RECEIVED,
)
# What everybody who has to do with a batch is told; the last is the call to a sealing.
_TOLD_ALL = (TimelineKind.OPENED, TimelineKind.CLOSED, TimelineKind.CALLED)
_APPOINTED_BY = {
    Recipient.LABORATORY: DocumentKind.COMMISSION_LETTER,
    Recipient.RETEST_LABORATORY: DocumentKind.RETEST_LAB_NOTICE,
}


@dataclass(frozen=True)
class OwnPart:
    """Of one laboratory in one batch, which it ``tests`` or ``retests``; ``letters``: addressed to it."""

    laboratory: str
    tests: bool
    retests: bool
    letters: frozenset[str]

    def has_wait(self, wait_id: str) -> bool:
        name = wait_id.partition(":")[0]
        return (self.tests and name in TESTING_WAITS) or (self.retests and name in RETESTING_WAITS)

    def has_line(self, kind: TimelineKind, actor: Actor, data: Mapping[str, Any]) -> bool:
        """What its own people did, its waits and letters, and what everybody is told."""
        return (
            actor.laboratory == self.laboratory
            or kind in _TOLD_ALL
            or self.has_wait(data.get("wait_id", ""))
            or data.get("document_id") in self.letters
        )

    def of(self, whole: Snapshot) -> Snapshot:
        """The batch as this laboratory sees it: with the verdict of its own report, not of the other's."""
        return whole.model_copy(
            update={
                "first_verdict": whole.first_verdict if self.tests else None,
                "final_verdict": whole.final_verdict if self.retests else None,
                "report_submitted": whole.report_submitted if self.tests else None,
                "parties": tuple(map(self._party, whole.parties)),
                "waits": tuple(one for one in whole.waits if self.has_wait(one.id)),
                "documents": tuple(one for one in whole.documents if one.document_id in self.letters),
                "referral_authority": None,
                "referral_copies": (),
            }
        )

    def _party(self, one: PartyState) -> PartyState:
        """Whose goods they are, which stands on them; not how it was told, or what it said of the result."""
        standing = one.standing if self.retests else None
        told = {"received_on": None, "by_announcement": False, "disowned_on": None}
        return one.model_copy(update={**told, "standing": standing})


def own_part(laboratory: str, whole: Snapshot) -> OwnPart | None:
    """None for a laboratory that has nothing to do with this batch, or has no longer."""
    at_work = {
        Recipient.LABORATORY: whole.laboratory == laboratory,
        Recipient.RETEST_LABORATORY: whole.retest_laboratory == laboratory,
    }
    if not any(at_work.values()):
        return None
    letters = (_addressed(whole.documents, recipient) for recipient, works in at_work.items() if works)
    return OwnPart(
        laboratory,
        at_work[Recipient.LABORATORY],
        at_work[Recipient.RETEST_LABORATORY],
        frozenset().union(*letters),
    )


def _addressed(documents: tuple[DocumentState, ...], recipient: Recipient) -> frozenset[str]:
    """To whoever was appointed last: what went to one that has dropped out since is that one's."""
    to = [one for one in documents if one.recipient is recipient]
    named = [one.recipient_name for one in to if one.kind is _APPOINTED_BY[recipient]]
    return frozenset(one.document_id for one in to if named and one.recipient_name == named[-1])
