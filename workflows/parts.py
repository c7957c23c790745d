"""What a case is made of: waits, parties, stays, papers called for; and the refusal of a step."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from law.counting import Alarm
from law.judgements import FilingMeans, PartyStanding
from law.vocabulary import DocumentKind, Party, Recipient
from messages.envelope import RefusalCode
from messages.snapshot import Wait
from messages.steps.base import StepName

# What a line of the timeline follows from: a ``step_id``, a ``document_id`` that left, or a ``wait_id`` due.
Cause = dict[str, str]


class Refused(Exception):
    """A step cannot be accepted; caught where steps are decided, so it never fails the workflow."""

    def __init__(
        self,
        code: RefusalCode,
        reason: str,
        rests_on: str | None = None,
        then: Callable[[Any], None] | None = None,
    ) -> None:
        """``then``: the one thing that follows from a refusal, done to the case; else it changes nothing."""
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.rests_on = rests_on
        self.then = then


class OpenWait(BaseModel):
    """A wait that runs, with the alarms still ahead of it."""

    wait: Wait
    opened_at: datetime
    alarms: list[Alarm] = []
    ask_again_at: datetime | None = None
    counted_again: bool = False


class Objection(BaseModel):
    """An application for a retest, from filing to its end (§6)."""

    filed_on: date
    how: FilingMeans
    grounds: str
    agent: str | None
    documents: dict[str, str]
    approved: bool | None = None
    reasons: str | None = None
    formalities_on: date | None = None
    # Given up by the applicant after its approval.
    withdrawn_on: date | None = None
    # The last day of the window that the application missed, where that became known after it was recorded.
    missed: date | None = None


class LateRecorded(BaseModel):
    """An application recorded after silence that proves to have been filed in time; the approver decides."""

    step: StepName
    what: str
    day: date
    last_day: date | None
    recorded_on: date
    proof: str
    objection: Objection | None = None
    approved: bool | None = None
    reasons: str | None = None


class TooLate(BaseModel):
    """What was filed after its last day; its applicant has been told."""

    what: str
    day: date
    last_day: date


class PartyFile(BaseModel):
    """What the case holds of one party: its address, its receipt of the result, its standing."""

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
    window: Wait | None = None
    stays_counted: int = 0
    objection: Objection | None = None
    standing: PartyStanding | None = None
    formalities_until: date | None = None
    late: LateRecorded | None = None
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


class Stay(BaseModel):
    """A suspension that has ended; its days do not count against a party."""

    began: date
    ended: date

    def days_after(self, start: date) -> int:
        return max((self.ended - max(self.began, start)).days, 0)


class PaperRequest(BaseModel):
    """A document the procedure calls for; made out when it is sent."""

    kind: DocumentKind
    recipient: Recipient
    party: Party | None = None
    name: str
    address: str | None = None
    email: str | None = None
    about: DocumentKind | None = None
    step: StepName | None = None
