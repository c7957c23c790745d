"""What the workflow hands to its activities, and what it gets back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from law.counting import Deadline
from law.goods import Goods
from law.judgements import FilingMeans
from law.recounting import Recount
from law.regulation import TermRule
from law.vocabulary import DocumentKind, Outcome, Party, Recipient
from messages.base import SYSTEM, Actor, Instant, Message
from messages.envelope import Decision, StepEnvelope
from messages.found import FoundBy
from messages.opening import CalendarInForce, Opening
from messages.quality import QualityEntry, Tally
from messages.snapshot import DocumentState, Snapshot, Wait
from messages.steps.base import StepName
from messages.steps.service import FailureCause


class TimelineKind(StrEnum):
    OPENED = "opened"
    STEP_ACCEPTED = "step_accepted"
    STEP_REFUSED = "step_refused"
    WAIT_OPENED = "wait_opened"
    WAIT_ENDED = "wait_ended"
    DEADLINE_MOVED = "deadline_moved"
    DEADLINE_CONFIRMED = "deadline_confirmed"
    DOCUMENT_ISSUED = "document_issued"
    DOCUMENT_SENT = "document_sent"
    DOCUMENT_TYPESET = "document_typeset"
    DELIVERY_FAILED = "delivery_failed"
    CALLED = "called"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    SILENCE = "silence"
    SET_ASIDE = "set_aside"
    CORRECTED = "corrected"
    DOCUMENT_WITHDRAWN = "document_withdrawn"
    PHASE = "phase"
    OUTCOME = "outcome"
    RESTORED = "restored"
    EVIDENCE_RECEIVED = "evidence_received"
    KEEPER_CHANGED = "keeper_changed"
    EVIDENCE_HELD = "evidence_held"
    EVIDENCE_RELEASED = "evidence_released"
    DISPOSAL_PROPOSED = "disposal_proposed"
    EVIDENCE_DISPOSED = "evidence_disposed"
    EVIDENCE_DAMAGED = "evidence_damaged"
    EVIDENCE_WHOLE_AGAIN = "evidence_whole_again"
    CLOSED = "closed"


class WaitEnd(StrEnum):
    """How a wait ended: done, waived, lapsed in silence, counted anew in another wait, or without object."""

    MET = "met"
    WAIVED = "waived"
    LAPSED = "lapsed"
    REPLACED = "replaced"
    DROPPED = "dropped"


class TimelineEntry(Message):
    """One line of the case: who, when, on what rule. ``key`` makes writing it twice harmless.

    ``data`` may hold values of the law and messages as they are; they are written as JSON.
    """

    key: str
    at: Instant
    kind: TimelineKind
    text: str
    rests_on: str
    actor: Actor = SYSTEM
    data: dict[str, Any] = Field(default_factory=dict)


class CountRequest(Message):
    """Count a wait's deadline: afresh from ``start``, or move ``last_day`` by a stay or by an extension.

    ``again``: afresh on the calendar in force, with the moves it has had; what is held of it is counted.
    """

    wait_id: str
    rule: TermRule
    how: Literal["count", "stay", "set", "again"] = "count"
    start: date
    amount: int | None = Field(default=None, description="the contract's period, calendar days")
    last_day: date | None = Field(
        default=None, description="the last day so far (stay, again), or the new one (set)"
    )
    days: int = Field(default=0, description="calendar days of stays to be added (count, stay)")
    reason: str = ""
    never_earlier: bool = Field(default=False, description="again: a right keeps the last day it was told")


class Paper(Message):
    """A document to be made out and sent to one recipient; ``document_id`` is its idempotency key."""

    document_id: str
    kind: DocumentKind
    recipient: Recipient
    recipient_name: str
    address: str | None = None
    email: str | None = None
    title: str
    fields: dict[str, Any]
    field_titles: dict[str, str] = Field(description="the Chinese title of each field, in the letter's order")
    facts: dict[str, Any] = Field(
        default_factory=dict, description="what the letter's words need of the case beside its fields"
    )
    number_form: str = Field(
        default="",
        description="of the document number, with {year} and {number}; empty: the title's own series",
    )
    rests_on: str
    leaves: bool = Field(
        default=False,
        description="leaves with the record, not by mail; what follows is recorded with it",
    )
    by_hand: bool = Field(
        default=False, description="handed over by people where it does not go electronically: sent only then"
    )
    queued: bool = Field(default=False, description="lies in the post queue with the record, is not mailed")
    unprintable: str | None = Field(
        default=None, description="why no letter can be made of it: then it does not leave by itself"
    )
    after: str | None = Field(default=None, description="the timeline entry that the paper follows from")
    deadline_of: str | None = Field(default=None, description="the wait whose deadline the letter states")
    duty: str | None = Field(default=None, description="the wait that is done once all of its kind have left")
    corrects: str | None = Field(
        default=None, description="the document that this one corrects, replaces or withdraws"
    )

    @property
    def is_mailable(self) -> bool:
        """Whether it may still go electronically: what the workflow foresaw of it holds."""
        return not (self.leaves or self.queued or self.unprintable)


class AlertInput(Message):
    """What staff are told: a reminder, an escalation, a call; ``key`` keeps it from going out twice."""

    batch_no: str
    key: str
    to_title: str
    level: int
    title: str
    text: str


class Sampled(Message):
    """How many other batches of a year have sampled these goods, as counted under the goods' lock (§3)."""

    goods: Goods
    times: int


class GoodsClaim(Message):
    """These are the goods that the batch samples, from this change on.

    ``judged_on``: how many other batches of its year the change was judged on; None where the repeat limit
    does not stand in the way, however many there are. Batches that ended as ``not_counted`` do not count.
    """

    goods: Goods
    judged_on: int | None
    not_counted: tuple[Outcome, ...]


@dataclass(frozen=True)
class RecordInput:
    """One change of a batch, written in one transaction: decision, timeline, snapshot, waits, papers.

    Handed to the activity as it is, not as JSON: a local activity runs in the workflow's own process.
    ``step`` is the one that this change follows from, and ``decision`` the answer that is given with it,
    which may be an earlier step's; ``passed`` the waits that began and ended with it; ``served`` the
    documents of which it is now known what became of them; ``now`` the workflow's clock; ``calendar`` the one
    counted on, with the years that matter ``since`` a day; ``kept`` the case, to take the batch up again
    from, with the last step's ``position`` and ``acts_at``, when the batch does something next by itself;
    ``goods`` what it is now known to sample; ``opening`` what the batch was started with, by which its row is
    known. ``puts_back``: it says what the record has lost, and is written though changes before it are
    missing, or the row itself; ``answered`` are answers that were lost with them. ``found_by``: by what the
    batch is found from now on, ``tally`` what it counts for, ``quality`` what the quality records tell of it;
    None where that is as before.
    """

    snapshot: Snapshot
    lines: tuple[TimelineEntry, ...]
    step: StepEnvelope | None
    decision: Decision | None
    deadlines: Mapping[str, Deadline]
    recounts: Mapping[str, Recount]
    passed: tuple[Wait, ...]
    papers: tuple[Paper, ...]
    served: tuple[DocumentState, ...]
    alerts: tuple[AlertInput, ...]
    now: datetime
    calendar: CalendarInForce
    since: date
    kept: BaseModel
    position: int
    acts_at: datetime | None
    goods: GoodsClaim | None = None
    opening: Opening | None = None
    puts_back: bool = False
    answered: tuple[Decision, ...] = ()
    found_by: tuple[FoundBy, ...] | None = None
    tally: Tally | None = None
    quality: QualityEntry | None = None


class NotTheLedgers(Message):
    """A step that is not what the ledger holds under its id; ``filed`` is what it holds, if anything."""

    step_id: UUID
    filed: StepEnvelope | None


class RecordResult(Message):
    """``sent`` says when each paper left; those ``by_hand`` lie in the post queue; all others are mailed.

    Nothing was written where ``another_day`` is true: by the ledger's clock the papers would leave on another
    day than the workflow took for given; nor where ``in_force`` is given: the deadlines were counted on a
    calendar that this one has replaced; nor where ``unprintable`` is given: of these papers, by their ids, no
    letter can be made for these reasons, and of all others one can; nor for a step that is
    ``not_the_ledgers``; nor where the batch is ``behind``: the record holds changes that it does not know of;
    nor where ``sampled`` is given: the goods were sampled another number of times than was judged on; nor
    where the record is ``lacking``: it does not hold what the change follows on, or another's batch.
    """

    accepted: bool | None = Field(default=None, description="the decision, as it went on record")
    sent: dict[str, Instant] = Field(default_factory=dict)
    by_hand: tuple[str, ...] = ()
    mails: bool = Field(default=False, description="whether letters are mailed to who has e-mail")
    platform_linked: bool = Field(
        default=False, description="whether the platform's letters go to its system"
    )
    another_day: bool = False
    in_force: CalendarInForce | None = None
    unprintable: dict[str, str] | None = None
    not_the_ledgers: NotTheLedgers | None = None
    behind: bool = False
    sampled: Sampled | None = None
    lacking: bool = False

    @property
    def is_written(self) -> bool:
        refused = self.another_day or self.behind or self.lacking or self.in_force or self.not_the_ledgers
        return not refused and self.unprintable is None and self.sampled is None


class CalendarInput(Message):
    """Ask for the calendar in force, for a batch whose days begin ``since``; no older than ``at_least``."""

    batch_no: str
    since: date
    at_least: int = Field(description="how many imports it must know of")


class UnfiledInput(Message):
    """A signal of an operator, which no row of the ledger stands behind."""

    step: StepEnvelope


class UnfiledResult(Message):
    """The step as filed in the operator's name; None where the installation takes no such signals."""

    filed: StepEnvelope | None


class SilenceInput(Message):
    """Ask the ledger, under the lock that filing takes, whether a party kept silent (procedure section 5)."""

    batch_no: str
    wait_id: str
    step: StepName
    party: Party
    last_day: date
    closes_at: Instant
    heard_until: Instant
    usual_postal_days: int = Field(
        default=0, description="what a carrier usually takes; see the law's filing_day"
    )
    taken: tuple[UUID, ...] = Field(default=(), description="the steps the workflow has taken already")
    now: Instant = Field(description="the workflow's clock")


class Considered(Message):
    """A ledger row that was looked at before silence was declared."""

    envelope: StepEnvelope
    filing_day: date | None
    counts: bool
    means: FilingMeans | None = None


class SilenceResult(Message):
    """``too_early``: the ledger's clock has not reached the end; ask again after ``wait_seconds``.

    ``no_record``: nothing of the batch is on record; ``ledger_now`` is then the workflow's own clock.
    """

    verdict: Literal["too_early", "asked", "no_record"]
    ledger_now: Instant
    wait_seconds: float = 0
    considered: tuple[Considered, ...] = ()
    untaken: tuple[StepEnvelope, ...] = Field(
        default=(), description="every step of the batch stamped by the end that the workflow has not taken"
    )


class DispatchInput(Message):
    """Letters that are made out and leave electronically: by e-mail, or to a platform's own system."""

    batch_no: str
    document_ids: tuple[str, ...]


class Failure(Message):
    """Why a letter does not arrive by the way it was sent; people have to see to it."""

    cause: FailureCause
    reason: str


class DispatchResult(Message):
    """When each paper left, by the ledger's clock.

    What ``failed`` was taken in by nobody, and ``by_hand`` are letters that do not go electronically: both
    lie in the post queue, for people to hand over.
    """

    sent_at: dict[str, Instant]
    failed: dict[str, Failure] = Field(default_factory=dict)
    by_hand: tuple[str, ...] = ()
