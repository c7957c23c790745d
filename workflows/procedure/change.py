"""What follows from one event: the case as it will be, and what is to be recorded with it.

Nothing of it holds until it is recorded; rolling back is throwing it away.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from law.calendar import WorkCalendar, day_in_shanghai
from law.counting import Deadline
from law.recounting import Recount
from law.vocabulary import DocumentKind, Party, Phase, Recipient
from messages.base import SYSTEM, Actor
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.judging import Judged, JudgeInput
from messages.names import phase_line
from messages.records import AlertInput, GoodsClaim, Paper, Sampled, TimelineEntry, TimelineKind
from messages.snapshot import DocumentState, DocumentStatus, Wait
from messages.steps import StepName
from workflows.procedure.case import Case
from workflows.procedure.parts import Cause, Objection, PartyFile


class Refused(Exception):
    """A step cannot be accepted; caught where steps are decided, so it never fails the workflow."""

    def __init__(
        self,
        code: RefusalCode,
        reason: str,
        rests_on: str | None = None,
        then: "Callable[[Change], None] | None" = None,
    ) -> None:
        """``then``: the one thing that follows from a refusal; otherwise it changes nothing."""
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.rests_on = rests_on
        self.then = then


class ToBeJudged(Exception):
    """A correction can be decided only once it has been judged anew; then the step is decided once more."""

    def __init__(self, question: JudgeInput) -> None:
        super().__init__(question.corrects)
        self.question = question


Addressee = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class Ways:
    """By which ways letters leave beside people's hands, as the installation last said.

    Until it has said so, a letter that might go electronically is noted as sent only once it has left.
    """

    mail: bool = True
    platform: bool = True

    def go_electronically(self, paper: Paper) -> bool:
        linked = self.platform and paper.recipient is Recipient.PLATFORM
        return linked or (self.mail and paper.email is not None)


@dataclass(frozen=True)
class Moment:
    """What an event is judged by beside the case: the time, and what the batch was told of the world.

    ``now`` is the ledger's stamp for a step, else the batch's clock. ``foresees``: papers may be taken to
    leave today; otherwise each is noted as it leaves, on the day of the ledger's stamp. ``unprintable``:
    the papers of which no letter can be made, and why. ``sampled``: how often the goods of the step at hand
    were sampled, once the record has counted. ``judged``: what a correction comes to.
    """

    now: datetime
    calendar: WorkCalendar
    ways: Ways = Ways()
    foresees: bool = True
    unprintable: Mapping[str, str] = field(default_factory=dict)
    sampled: Sampled | None = None
    judged: Judged | None = None

    @property
    def today(self) -> date:
        """In Asia/Shanghai."""
        return day_in_shanghai(self.now)


@dataclass(frozen=True)
class PaperRequest:
    """A document the procedure calls for; made out once all that the event leads to at once is known.

    ``corrects``: the one it stands beside, replaces or withdraws; looked up where it is not given.
    ``reason``: why, in a letter that replaces or withdraws another.
    """

    kind: DocumentKind
    recipient: Recipient
    party: Party | None = None
    name: str = ""
    address: str | None = None
    email: str | None = None
    about: DocumentKind | None = None
    step: StepName | None = None
    corrects: DocumentState | None = None
    reason: str | None = None


class Change:
    """What one event changes; ``because`` names the event in the lines about what follows on it."""

    def __init__(self, before: Case, moment: Moment, because: Cause | None = None) -> None:
        self.case = before.copied()
        self.moment = moment
        self.because: Cause = because or {}
        self.decided: tuple[StepEnvelope, Decision] | None = None
        self.lines: list[TimelineEntry] = []
        self.deadlines: dict[str, Deadline] = {}
        self.recounts: dict[str, Recount] = {}
        self.opened: set[str] = set()
        self.passed: dict[str, Wait] = {}
        self.requests: list[PaperRequest] = []
        self.papers: list[Paper] = []
        self.alerts: list[AlertInput] = []
        self.served: dict[str, None] = {}
        self.goods: GoodsClaim | None = None
        self.puts_back = False
        self.answered: list[Decision] = []

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to record."""
        return not (self.lines or self.decided or self.requests or self.papers or self.served)

    @property
    def today(self) -> date:
        return self.moment.today

    def at(self, now: datetime) -> None:
        """Go on as of another time: what follows a step happens when the batch comes to it."""
        self.moment = replace(self.moment, now=now)

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
        line = TimelineEntry.model_construct(
            key=key,
            at=self.moment.now,
            kind=kind,
            text=text,
            rests_on=rests_on,
            actor=actor,
            data=data or {},
        )
        self.lines.append(line)

    def enter(self, phase: Phase, words: str) -> None:
        self.case.phase = phase
        self.note(self.case.key(phase_line(phase)), TimelineKind.PHASE, words, "规程第3节")

    def tell(self, alert: AlertInput) -> None:
        """Have staff told; no proof of anything, and never awaited."""
        self.alerts.append(alert)

    def judged(self, question: JudgeInput) -> Judged:
        """What a correction comes to. Raises ``ToBeJudged`` where that is not known yet."""
        if self.moment.judged is None:
            raise ToBeJudged(question)
        return self.moment.judged

    def party(self, party: Party, **known: Any) -> PartyFile:
        """Note what is known of a party; its file as it is now."""
        file = self.case.parties[party].model_copy(update=known)
        self.case.parties[party] = file
        return file

    def objection(self, party: Party, **known: Any) -> Objection:
        """Note what has become of a party's application."""
        objection = self.case.parties[party].objection
        assert objection is not None
        noted = objection.model_copy(update=known)
        self.party(party, objection=noted)
        return noted

    def send_to_all(self, kind: DocumentKind, *applicants: Party) -> None:
        """Call for a document to everyone the regulation names; ``applicants`` stand for the applicant."""
        for recipient in self.case.recipients(kind):
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
        corrects: DocumentState | None = None,
        reason: str | None = None,
        addressee: Addressee | None = None,
    ) -> None:
        """Call for one document; who it goes to, and where, is taken from the case where it is not given."""
        name, address, email = addressee or self.addressee(recipient)
        request = PaperRequest(kind, recipient, party, name, address, email, about, step, corrects, reason)
        self.requests.append(request)

    def addressee(self, recipient: Recipient) -> Addressee:
        """By name, address and e-mail."""
        case = self.case
        if recipient.party is not None:
            file = case.parties[recipient.party]
            return file.name, file.address, file.email
        if recipient is Recipient.LABORATORY:
            return case.laboratory.name, None, case.laboratory.email
        if recipient is Recipient.RETEST_LABORATORY and case.retest.laboratory is not None:
            return case.retest.laboratory.name, None, case.retest.laboratory.email
        if recipient is Recipient.AUTHORITY:
            return case.referral.authority or "", None, None
        if recipient is Recipient.ONLINE_SUPERVISION_OFFICE:
            return case.opening.regulation.bureaus.online_supervision_office, None, None
        return "公众", None, None

    def all_sent(self, kind: DocumentKind) -> bool:
        """Whether every document of this kind that was called for has left."""
        called_for = any(request.kind is kind for request in self.requests)
        return not called_for and self.case.have_left(kind)

    def settle_document(
        self, document: DocumentState, status: DocumentStatus, day: date, proof: str | None = None
    ) -> None:
        """Record what became of a document: delivered, returned, or announced in its place."""
        known = {"status": status, "settled_on": day, "proof": proof}
        self.note_service(document, **known, failure=None, came_back_on=None)

    def note_service(self, document: DocumentState, **known: Any) -> DocumentState:
        """Note what is known of a document's service."""
        noted = document.model_copy(update=known)
        self.case.documents[document.document_id] = noted
        self.served[document.document_id] = None
        return noted
