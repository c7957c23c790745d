"""What a case is made of, each an immutable value: waits, parties, applications, stays, retest, referral."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from law.counting import Alarm, Deadline
from law.figures import Punctuality
from law.judgements import FilingMeans, PartyStanding
from law.vocabulary import Party, Term
from messages.order import BatchOrder, Laboratory
from messages.snapshot import Wait
from messages.steps import StepName
from messages.steps.closing import ReferralDirected
from messages.steps.report import ReceivedReport
from messages.steps.retest import RetestReportReceived

# What a line of the timeline follows from: a ``step_id``, a ``document_id`` that left, or a ``wait_id`` due.
Cause = dict[str, str]


class CasePart(BaseModel):
    """A part of a case; another one takes its place, it never changes."""

    model_config = ConfigDict(frozen=True)


class RunningWait(CasePart):
    """A wait that runs, or a party's window as it last stood.

    ``counted`` is its deadline without the account day by day, which counting again gives back; a wait
    without a period has none. ``because`` is what it was opened on. ``alarms`` are those still ahead.
    """

    wait: Wait
    opened_at: datetime
    because: Cause = {}
    counted: Deadline | None = None
    alarms: tuple[Alarm, ...] = ()


class Objection(CasePart):
    """An application for a retest, from filing to its end (§6); without ``items`` about all that failed.

    ``withdrawn_on``: given up by the applicant after its approval. ``missed``: the last day of the window
    that it missed, where that became known only after it was recorded.
    """

    filed_on: date
    how: FilingMeans
    grounds: str
    agent: str | None
    documents: dict[str, str]
    items: tuple[str, ...] = ()
    approved: bool | None = None
    reasons: str | None = None
    formalities_on: date | None = None
    withdrawn_on: date | None = None
    missed: date | None = None


class LateApplication(CasePart):
    """What was recorded after silence and proves to have been done in time; the approver decides on it."""

    step: StepName
    what: str
    day: date
    last_day: date | None
    recorded_on: date
    proof: str
    objection: Objection | None = None
    approved: bool | None = None
    reasons: str | None = None


class TooLate(CasePart):
    """What was filed after its last day, and by whom it was recorded; its applicant has been told."""

    step: StepName
    step_id: str
    by: str
    what: str
    day: date
    last_day: date


class PartyFile(CasePart):
    """What the case holds of one party: its address, its receipt of the result, its standing.

    ``disowned_on``: when the producer said that the goods are not his, and it was found so. ``window`` and
    ``formalities`` are the party's own periods as they last stood once they have ended.
    """

    party: Party
    name: str
    address: str | None
    email: str | None
    natural_person: bool = False
    entitled: bool = False
    notified_on: date | None = None
    received_on: date | None = None
    received_because: Cause = {}
    by_announcement: bool = False
    window: RunningWait | None = None
    formalities: RunningWait | None = None
    disowned_on: date | None = None
    stays_counted: int = 0
    objection: Objection | None = None
    standing: PartyStanding | None = None
    late: LateApplication | None = None
    too_late: dict[StepName, TooLate] = {}

    @property
    def owes_formalities(self) -> bool:
        """Its retest is approved and its formalities are not done."""
        objection = self.objection
        return (
            self.standing is PartyStanding.RETEST
            and objection is not None
            and objection.formalities_on is None
        )


class Accepted(CasePart):
    """A step that was accepted, and by whom it was filed; ``step`` is None for the order.

    ``letters``: how many letters there were before it. ``corrected_by``: the correction that holds.
    """

    step: StepName | None
    by: str
    letters: int = 0
    corrected_by: str | None = None


class Proposal(CasePart):
    """A correction that waits for a second person's word: the whole step as it should have been, or None.

    ``step`` is None for the order.
    """

    corrects: str
    step: StepName | None
    body: dict[str, Any] | None
    reason: str
    proposed_by: str


class Corrections(CasePart):
    """What the case knows of records put right.

    ``told``: by wait, a last day that its party was told before, which is never moved earlier. ``proposals``:
    those that wait for a second person, by step id. ``published``: what was published wrongly, and why.
    ``order``: as it should have been. ``made``: how many there were. ``lost``: the accepted steps that the
    ledger holds no more (decision 43). ``judges_anew``: the case is how it would stand, of which no act that
    has really been done can be put off.
    """

    made: int = 0
    told: dict[str, date] = {}
    proposals: dict[str, Proposal] = {}
    published: str | None = None
    order: BatchOrder | None = None
    lost: tuple[str, ...] = ()
    judges_anew: bool = False


class Stay(CasePart):
    """A suspension that has ended; its days do not count against a party."""

    began: date
    ended: date

    def days_after(self, start: date) -> int:
        return max((self.ended - max(self.began, start)).days, 0)


class Submission(CasePart):
    """A report that the laboratory has submitted and nobody has taken in yet, as its JSON (§6)."""

    step_id: str
    submitted_on: date
    report: dict[str, Any]

    def received_on(self, day: date) -> ReceivedReport:
        """The report as the bureau has it from ``day`` on."""
        return ReceivedReport.model_validate({**self.report, "received_on": day})


class Testing(CasePart):
    """The first testing until the bureau has the report (§6).

    ``laboratory``: the one that took the ordered one's place. ``since``: the day it did, once there was a
    sealed sample to test; its contract's days run from then.
    """

    laboratory: Laboratory | None = None
    since: date | None = None
    submission: Submission | None = None


class Retest(CasePart):
    """The retest as far as it has come (§6)."""

    laboratory: Laboratory | None = None
    sealed_on: date | None = None
    report: RetestReportReceived | None = None


class Referral(CasePart):
    """To whom the result was referred, by whose word, and what came of it (§7).

    ``action`` is what the authority reports to have done. ``is_reviewed``: the result was opened again since,
    and the authority has yet to hear what it came to.
    """

    directed: ReferralDirected | None = None
    authority: str | None = None
    copies: tuple[str, ...] = ()
    acknowledged_on: date | None = None
    is_acknowledged: bool = False
    is_concluded: bool = False
    concluded_on: date | None = None
    action: str | None = None
    is_reviewed: bool = False


class SoFar(CasePart):
    """What has come about in the course, and is not undone where it is gone through once more.

    ``examinations`` counts the applications recorded after silence. ``final_on``: when a result became final
    last, whatever became of it since. ``duties``: how punctually each was done.
    """

    examinations: int = 0
    final_on: date | None = None
    duties: dict[Term, Punctuality] = {}

    def examined_once_more(self) -> "SoFar":
        return self.model_copy(update={"examinations": self.examinations + 1})
