"""Everything a batch knows of itself: one serialisable object, changed only by the procedure."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from pydantic_core import from_json

from law.calendar import FIRST_YEAR, day_in_shanghai
from law.judgements import recipients_of
from law.vocabulary import DocumentKind, Outcome, Party, Phase, Recipient, Role, Term, Verdict, WaitKind
from messages.base import SYSTEM, Actor
from messages.opening import Opening
from messages.order import Laboratory
from messages.records import AlertInput, CountRequest, TimelineEntry, TimelineKind, WaitEnd
from messages.snapshot import DocumentState, DocumentStatus, SampleState, Wait
from messages.steps import STEPS, StepName
from messages.steps.closing import PublicationCorrected, ReferralDirected
from messages.steps.result import ReportReceived
from messages.steps.retest import RetestReportReceived
from messages.steps.sampling import Parcel, Purchased, Sealed, SealingScheduled
from messages.words import PARTIES, ROLES
from workflows.parts import Cause, OpenWait, PaperRequest, PartyFile, Stay

_NOT_KEPT = {"opening", "entries", "counts", "to_send", "to_tell", "served"}


class Case(BaseModel):
    """The state of one batch. ``to_tell`` to ``served``: the change that is not yet recorded.

    ``because`` is what has just happened; the lines about waits say that they follow from it.
    """

    opening: Opening
    now: datetime
    because: Cause = {}
    version: int = 0
    phase: Phase = Phase.ORDERED
    waits: dict[str, OpenWait] = {}
    parties: dict[Party, PartyFile] = {}
    documents: dict[str, DocumentState] = {}
    samples: list[SampleState] = []
    taken: set[UUID] = set()
    position: int = 0

    purchased: Purchased | None = None
    parcels: list[Parcel] = []
    all_in: bool = False
    scheduled: SealingScheduled | None = None
    sealed: Sealed | None = None
    report: ReportReceived | None = None
    retest_laboratory: Laboratory | None = None
    retest_sealed_on: date | None = None
    retest_report: RetestReportReceived | None = None
    directed: ReferralDirected | None = None
    referral_authority: str | None = None
    referral_copies: tuple[str, ...] = ()
    referral_acknowledged: bool = False
    referral_acknowledged_on: date | None = None
    referral_concluded: bool = False
    published_on: date | None = None
    correction: PublicationCorrected | None = None
    calendar_revision: int = 0
    suspended_at: datetime | None = None
    stays: list[Stay] = []
    outcome: Outcome | None = None
    final_verdict: Verdict | None = None
    keep_evidence_until: date | None = None
    examinations: int = 0

    # None until a record has told, or when it cannot be foreseen: papers are then noted as they leave.
    mail_in_use: bool | None = None
    platform_linked: bool = False
    to_send: list[PaperRequest] = []
    to_tell: list[AlertInput] = []
    entries: list[TimelineEntry] = Field(default_factory=list)
    counts: list[CountRequest] = Field(default_factory=list)
    passed: list[Wait] = Field(default_factory=list)
    served: list[str] = Field(default_factory=list)

    @property
    def batch_no(self) -> str:
        return self.opening.batch_no

    @property
    def today(self) -> date:
        return day_in_shanghai(self.now)

    @property
    def suspended_on(self) -> date | None:
        return day_in_shanghai(self.suspended_at) if self.suspended_at else None

    def is_stayed(self, wait: Wait) -> bool:
        """Whether a stay holds this wait; a right that had closed before the stay began has closed."""
        if self.suspended_at is None:
            return False
        return wait.kind is WaitKind.DUTY or wait.deadline is None or wait.deadline > self.suspended_at

    def stayed_days(self, start: date) -> int:
        """Calendar days of the stays that have ended since ``start``."""
        return sum(stay.days_after(start) for stay in self.stays)

    @property
    def title(self) -> str:
        order = self.opening.order
        return f"{self.batch_no} {order.goods.name} · {order.laboratory.name}"

    @property
    def first_verdict(self) -> Verdict:
        """The first report's verdict; only asked once there is a report."""
        assert self.report is not None
        return self.report.verdict

    @property
    def latest_verdict(self) -> Verdict | None:
        """The retest's verdict where there is one, else the first report's."""
        report = self.retest_report or self.report
        return report.verdict if report else None

    @property
    def is_over(self) -> bool:
        """Abandoned or voided: the course is left at once."""
        return self.outcome in (Outcome.ABANDONED, Outcome.VOIDED)

    @property
    def was_referred(self) -> bool:
        """Whether an authority has been told of the result (§7), whatever became of it since."""
        return self.document_of(DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY) is not None

    def to_keep(self) -> dict[str, Any] | None:
        """The case of a closed batch, without its opening: all that is needed to take it up again (§6)."""
        if self.phase is not Phase.CLOSED or self.is_over:
            return None
        return self.model_dump(mode="json", exclude=_NOT_KEPT)

    def restore(self, before: str) -> None:
        """Be again as ``before`` (the JSON of the case without its opening)."""
        restored = Case.model_validate({**from_json(before), "opening": self.opening})
        for name in Case.model_fields:
            setattr(self, name, getattr(restored, name))

    def note(
        self,
        key: str,
        kind: TimelineKind,
        text: str,
        rests_on: str,
        *,
        actor: Actor = SYSTEM,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Put one line on the timeline; ``key`` names the fact, so that it is written once."""
        self.entries.append(
            TimelineEntry(
                key=key, at=self.now, kind=kind, text=text, rests_on=rests_on, actor=actor, data=data or {}
            )
        )

    def key(self, fact: str) -> str:
        """A fact to which a batch that was taken up again may come once more has another key each time."""
        return f"{fact}:{self.examinations}" if self.examinations else fact

    def enter(self, phase: Phase, words: str) -> None:
        self.phase = phase
        self.note(self.key(f"phase:{phase}"), TimelineKind.PHASE, words, "规程第3节")

    def await_step(
        self,
        step: StepName,
        role: Role,
    ) -> None:
        """Open a duty for which the procedure sets no period."""
        model = STEPS[step]
        self._open(
            Wait(
                id=step,
                step=step,
                title=model.TITLE,
                kind=WaitKind.DUTY,
                owed_by=role,
                owed_by_title=ROLES[role],
                role=role,
                rests_on=model.RESTS_ON,
                on_silence=None,
            )
        )

    def await_term(
        self,
        term: Term,
        wait_id: str,
        step: StepName | None,
        start: date,
        *,
        party: Party | None = None,
        amount: int | None = None,
        about: str = "",
        because: Cause | None = None,
    ) -> None:
        """Open a wait whose deadline is counted from ``start`` (not counted itself) by the regulation.

        ``because`` is what happened on ``start``, where that is not what has just happened. Raises
        ``ValueError`` for a day that no calendar knows: what follows from such a step cannot be counted.
        """
        if start.year < FIRST_YEAR:
            raise ValueError(f"nothing is counted from {start}")
        rule = self.opening.regulation.terms[term]
        owner = party if rule.kind is WaitKind.RIGHT else None
        title = f"{rule.title}（{about}）" if about else rule.title
        self._open(
            Wait(
                id=wait_id,
                step=step,
                title=title,
                kind=rule.kind,
                owed_by=owner or rule.role or Role.OFFICER,
                owed_by_title=PARTIES[owner] if owner else rule.owed_by,
                role=None if owner else rule.role,
                party=party,
                term=term,
                internal=rule.internal,
                starts_on=start,
                rests_on=rule.rests_on,
                on_silence=rule.on_silence,
            ),
            because,
        )
        days = self.stayed_days(start) if owner else 0
        request = CountRequest(wait_id=wait_id, rule=rule, start=start, amount=amount, days=days)
        self.counts.append(request)

    def _open(self, wait: Wait, because: Cause | None = None) -> None:
        self.counts = [c for c in self.counts if c.wait_id != wait.id]
        self.passed = [passed for passed in self.passed if passed.id != wait.id]
        self.waits[wait.id] = OpenWait(wait=wait, opened_at=self.now)
        self.note(
            f"wait-opened:{wait.id}:{self.version}",
            TimelineKind.WAIT_OPENED,
            f"等待：{wait.title}（{wait.owed_by_title}）",
            wait.rests_on,
            data={
                "wait_id": wait.id,
                "because": because or self.because,
                "party_name": self.parties[wait.party].name if wait.party in self.parties else None,
            },
        )

    def move_deadline(self, wait_id: str, request: CountRequest, words: str, actor: Actor) -> None:
        self.counts.append(request)
        self.note(
            f"deadline-moved:{wait_id}:{self.version}",
            TimelineKind.DEADLINE_MOVED,
            words,
            request.rule.rests_on,
            actor=actor,
            data={"wait_id": wait_id, "because": self.because},
        )

    def retitle(self, wait_id: str, title: str) -> None:
        """Say anew what a wait is about."""
        open_wait = self.waits[wait_id]
        open_wait.wait = open_wait.wait.model_copy(update={"title": title})

    def end_wait(self, wait_id: str, words: str = "已完成", how: WaitEnd = WaitEnd.MET) -> Wait | None:
        """End a wait that runs; one that does not run is no error (a step may end several).

        One that has not been recorded yet is counted all the same: also what is done at once has a deadline.
        """
        ended = self.waits.pop(wait_id, None)
        if ended is None:
            return None
        counted = [c for c in self.counts if c.wait_id == wait_id and c.how == "count"]
        self.counts = [c for c in self.counts if c.wait_id != wait_id] + counted
        self.passed += [ended.wait] if counted else []
        self.note(
            f"wait-ended:{wait_id}:{self.version}",
            TimelineKind.WAIT_ENDED,
            f"{ended.wait.title}：{words}",
            ended.wait.rests_on,
            data={"wait_id": wait_id, "how": how, "because": self.because},
        )
        return ended.wait

    def reopen(self, wait: Wait, stayed_days: int, words: str) -> None:
        """Let a right's wait run on to the last day it had, longer by the days it was stayed meanwhile."""
        assert wait.term is not None
        assert wait.starts_on is not None
        self.waits[wait.id] = OpenWait(wait=wait, opened_at=self.now)
        rule = self.opening.regulation.terms[wait.term]
        request = CountRequest(
            wait_id=wait.id,
            rule=rule,
            how="stay" if stayed_days else "set",
            start=wait.starts_on,
            last_day=wait.last_day,
            days=stayed_days,
            reason=words,
        )
        self.move_deadline(wait.id, request, f"{wait.title}：{words}", SYSTEM)

    def recipients(self, kind: DocumentKind) -> tuple[Recipient, ...]:
        """To whom the regulation sends a document of this kind, as things stand (procedure section 6)."""
        return recipients_of(
            self.opening.regulation,
            kind,
            verdict=self.latest_verdict,
            platform_used=Party.PLATFORM in self.parties,
            producer_known=Party.PRODUCER in self.parties,
            referral_copied=bool(self.referral_copies),
        )

    def send_to_all(self, kind: DocumentKind, *applicants: Party) -> None:
        """Call for a document to everyone the regulation names; ``applicants`` stand for the applicant."""
        for recipient in self.recipients(kind):
            if recipient is Recipient.APPLICANT:
                for party in applicants:
                    self.send(kind, Recipient(party.value), party)
            else:
                self.send(kind, recipient)

    def send(
        self,
        kind: DocumentKind,
        recipient: Recipient,
        party: Party | None = None,
        about: DocumentKind | None = None,
        step: StepName | None = None,
    ) -> None:
        """Call for one document; who it goes to, and where, is taken from the case."""
        name, address, email = self._addressee(recipient)
        self.to_send.append(
            PaperRequest(
                kind=kind,
                recipient=recipient,
                party=party,
                name=name,
                address=address,
                email=email,
                about=about,
                step=step,
            )
        )

    def _addressee(self, recipient: Recipient) -> tuple[str, str | None, str | None]:
        if recipient.party is not None:
            file = self.parties[recipient.party]
            return file.name, file.address, file.email
        if recipient is Recipient.LABORATORY:
            laboratory = self.opening.order.laboratory
            return laboratory.name, None, laboratory.email
        if recipient is Recipient.RETEST_LABORATORY and self.retest_laboratory is not None:
            return self.retest_laboratory.name, None, self.retest_laboratory.email
        if recipient is Recipient.AUTHORITY:
            return self.referral_authority or "", None, None
        if recipient is Recipient.ONLINE_SUPERVISION_OFFICE:
            return self.opening.regulation.bureaus.online_supervision_office, None, None
        return "公众", None, None

    def document_of(self, kind: DocumentKind, recipient: Recipient) -> DocumentState | None:
        """The latest document of this kind to this recipient, if one has been made out."""
        found = [d for d in self.documents.values() if d.kind is kind and d.recipient is recipient]
        return found[-1] if found else None

    def all_sent(self, kind: DocumentKind) -> bool:
        """Whether every document of this kind that was called for has left."""
        waiting = any(request.kind is kind for request in self.to_send)
        made_out = [d for d in self.documents.values() if d.kind is kind]
        return bool(made_out) and not waiting and all(d.sent_on is not None for d in made_out)

    def settle_document(
        self, document: DocumentState, status: DocumentStatus, day: date, proof: str | None = None
    ) -> None:
        """Record what became of a document: delivered, returned, or announced in its place."""
        known = {"status": status, "settled_on": day, "proof": proof}
        self.note_service(document, **known, failure=None, came_back_on=None)

    def note_service(self, document: DocumentState, **known: Any) -> DocumentState:
        """Note what is known of a document's service."""
        noted = document.model_copy(update=known)
        self.documents[document.document_id] = noted
        self.served.append(document.document_id)
        return noted
