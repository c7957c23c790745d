"""Everything a batch knows of itself, as one value that can be kept and taken up again."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from law.calendar import day_in_shanghai
from law.judgements import recipients_of, standing_failures
from law.names import not_among
from law.stays import stay_holds
from law.vocabulary import (
    OVER,
    Category,
    DocumentKind,
    ItemVerdict,
    Outcome,
    Party,
    Phase,
    Recipient,
    Verdict,
)
from messages.envelope import Decision
from messages.names import taken_up_again
from messages.opening import Opening
from messages.order import Laboratory, Platform, Seller
from messages.snapshot import DocumentState, DocumentStatus, SampleState, Wait
from messages.steps.report import ReceivedReport, Report
from messages.steps.sampling import Parcel, Purchased, Sealed, SealingScheduled
from workflows.procedure.parts import (
    Accepted,
    Corrections,
    PartyFile,
    Referral,
    Retest,
    RunningWait,
    SoFar,
    Stay,
    Testing,
)

# Letters that say that others do not hold: they are sent, and followed, after a batch was voided.
OF_THE_END = frozenset({DocumentKind.VOIDANCE_NOTICE, DocumentKind.WITHDRAWAL_NOTICE})
# How a marking that is judged apart stands among the items that failed.
MARKING = "标识"


def _failed(report: Report) -> list[str]:
    failed = [item.name for item in report.items if item.verdict is ItemVerdict.NONCONFORMING]
    if report.marking is Verdict.NONCONFORMING:
        failed += not_among([MARKING], failed)
    return failed


class Case(BaseModel):
    """The state of one batch. Its parts are never changed in place: see :meth:`copied`.

    ``version`` counts the records of it, ``recorded_at`` is the batch's clock at the last. ``position`` is
    the place in the ledger of the last step that was decided, ``owed`` its decision where that is still to be
    given: after what follows from papers that leave at once. ``rejudged`` is the jurisdiction by which it
    goes on where it was not bought from whom it was ordered. ``filers`` are the accounts that
    filed what another decides on. ``accepted`` are the steps, by their ids.
    """

    opening: Opening = Field(exclude=True)
    version: int = 0
    recorded_at: datetime | None = None
    phase: Phase = Phase.ORDERED
    waits: dict[str, RunningWait] = {}
    parties: dict[Party, PartyFile] = {}
    documents: dict[str, DocumentState] = {}
    samples: tuple[SampleState, ...] = ()
    position: int = 0
    owed: Decision | None = None

    rejudged: Category | None = None
    purchased: Purchased | None = None
    parcels: tuple[Parcel, ...] = ()
    all_in: bool = False
    scheduled: SealingScheduled | None = None
    sealed: Sealed | None = None
    testing: Testing = Testing()
    report: ReceivedReport | None = None
    retest: Retest = Retest()
    referral: Referral = Referral()
    published_on: date | None = None
    corrections: Corrections = Corrections()
    accepted: dict[str, Accepted] = {}
    suspended_at: datetime | None = None
    stays: tuple[Stay, ...] = ()
    outcome: Outcome | None = None
    final_verdict: Verdict | None = None
    keep_evidence_until: date | None = None
    so_far: SoFar = SoFar()
    filers: dict[str, tuple[str, ...]] = {}

    @classmethod
    def taken_up(cls, opening: Opening, kept: dict[str, Any]) -> "Case":
        """The case as it was kept: its JSON, which does not hold the opening."""
        case = cls.model_validate({**kept, "opening": opening})
        if case.corrections.order is not None:
            case.opening = opening.ordered(case.corrections.order)
        return case

    def copied(self) -> "Case":
        """One that can be changed while this one stays: its parts are values, and what holds them is new."""
        return self.model_copy(
            update={
                "waits": dict(self.waits),
                "parties": dict(self.parties),
                "documents": dict(self.documents),
            }
        )

    @property
    def batch_no(self) -> str:
        return self.opening.batch_no

    @property
    def title(self) -> str:
        return self.opening.titled(self.seller)

    @property
    def seller(self) -> Seller:
        """From whom it was really bought, else is to be."""
        return (self.purchased and self.purchased.other_seller) or self.opening.order.seller

    @property
    def platform(self) -> Platform | None:
        """The platform it was really bought on, else is to be."""
        if self.purchased is None:
            return self.opening.order.platform
        if self.purchased.platform is None:
            return None
        return self.purchased.other_platform or self.opening.order.platform

    @property
    def laboratory(self) -> Laboratory:
        """Who tests first: as ordered, or in the ordered one's place."""
        return self.testing.laboratory or self.opening.order.laboratory

    @property
    def category(self) -> Category:
        return self.rejudged or self.opening.category

    @property
    def suspended_on(self) -> date | None:
        return day_in_shanghai(self.suspended_at) if self.suspended_at else None

    def is_stayed(self, wait: Wait) -> bool:
        """Whether a stay holds this wait now."""
        began = self.suspended_at
        return began is not None and stay_holds(wait.kind, wait.deadline, began)

    def stayed_days(self, start: date) -> int:
        """Calendar days of the stays that have ended since ``start``."""
        return sum(stay.days_after(start) for stay in self.stays)

    @property
    def disowned_on(self) -> date | None:
        """When the producer named on the goods said that they are not his, and it was found so."""
        producer = self.parties.get(Party.PRODUCER)
        return producer.disowned_on if producer else None

    @property
    def first_verdict(self) -> Verdict:
        """The first report's verdict; only asked once there is a report."""
        assert self.report is not None
        return self.report.verdict

    @property
    def latest_verdict(self) -> Verdict | None:
        """The retest's verdict where there is one, else the first report's."""
        return self.retest_verdict or (self.report.verdict if self.report else None)

    @property
    def standing_failures(self) -> tuple[str, ...]:
        """What failed at first and was not tested again: of these the first result stands."""
        if self.report is None or self.retest.report is None:
            return ()
        first, again = self.report, self.retest.report
        failed = standing_failures(first.verdicts, again.verdicts)
        bad_marking = first.marking is Verdict.NONCONFORMING and again.marking is None
        return (*failed, MARKING) if bad_marking and MARKING not in failed else failed

    @property
    def lifted_failures(self) -> tuple[str, ...]:
        """What failed at first and does not after the retest; who was told of it is told that, too."""
        if self.report is None or self.retest.report is None:
            return ()
        return tuple(not_among(_failed(self.report), self.failed_items))

    @property
    def failed_items(self) -> tuple[str, ...]:
        """What is published as failed: by the last report, of the first what stands, a bad marking."""
        report = self.retest.report or self.report
        if report is None:
            return ()
        failed = _failed(report)
        return (*failed, *not_among(self.standing_failures, failed))

    @property
    def retest_verdict(self) -> Verdict | None:
        """What the retest makes of the whole: it lifts no failure that it did not look at."""
        if self.retest.report is None:
            return None
        return Verdict.NONCONFORMING if self.standing_failures else self.retest.report.verdict

    @property
    def is_over(self) -> bool:
        """Abandoned or voided: the course is left at once."""
        return self.outcome in OVER

    def goes_out(self, letter: DocumentState) -> bool:
        """Whether a letter is still to leave: of a batch that is over only what says so."""
        return not self.is_over or letter.kind in OF_THE_END or letter.about in OF_THE_END

    @property
    def was_referred(self) -> bool:
        """Whether an authority has been told of the result (§7), whatever became of it since."""
        return self.document_of(DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY) is not None

    @property
    def is_examined(self) -> bool:
        """Whether no application that was recorded after silence waits for the approver's decision."""
        return not any(file.late is not None and file.late.approved is None for file in self.parties.values())

    def key(self, fact: str) -> str:
        """The key of a line that the course may come to once more after the batch was taken up again."""
        return taken_up_again(fact, self.so_far.examinations)

    def recipients(self, kind: DocumentKind) -> tuple[Recipient, ...]:
        """To whom the regulation sends a document of this kind, as things stand (procedure section 6)."""
        return recipients_of(
            self.opening.regulation,
            kind,
            verdict=self.latest_verdict,
            platform_used=Party.PLATFORM in self.parties,
            producer_known=Party.PRODUCER in self.parties and self.disowned_on is None,
            referral_copied=bool(self.referral.copies),
        )

    def document_of(self, kind: DocumentKind, recipient: Recipient) -> DocumentState | None:
        """The latest document of this kind to this recipient, if one has been made out and stands."""
        found = [d for d in self.standing(kind) if d.recipient is recipient]
        return found[-1] if found else None

    def letters_to(self, recipient: Recipient) -> list[DocumentState]:
        """The letters to this recipient that have not been withdrawn."""
        withdrawn = DocumentStatus.WITHDRAWN
        return [d for d in self.documents.values() if d.recipient is recipient and d.status is not withdrawn]

    def letters_had_by(self, recipient: Recipient) -> list[DocumentState]:
        """The letters that have left to this recipient and still say what holds."""
        letters = self.letters_to(recipient)
        had = [d for d in letters if d.sent_on is not None and not d.went_nowhere]
        return [d for d in had if d.kind is not DocumentKind.WITHDRAWAL_NOTICE]

    def standing(self, kind: DocumentKind) -> list[DocumentState]:
        """The documents of this kind that have not been withdrawn."""
        withdrawn = DocumentStatus.WITHDRAWN
        return [d for d in self.documents.values() if d.kind is kind and d.status is not withdrawn]

    def have_left(self, kind: DocumentKind) -> bool:
        """Whether documents of this kind were made out and every one has left."""
        made_out = self.standing(kind)
        return bool(made_out) and all(document.sent_on is not None for document in made_out)
