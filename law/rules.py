"""The parts a regulation is made of: values only, each with the section it rests on.

Unknown fields are refused when a regulation file is loaded (``law.regulation``) and ignored when a value
comes back from a running batch's history: a batch keeps the rules it was opened under, so a later version of
these models must still read an earlier one's JSON. New fields therefore need a default.
"""

from datetime import time
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from law.vocabulary import DocumentKind, EvidenceKind, Outcome, Recipient, Role, Term, Unit, WaitKind


class LawValue(BaseModel):
    """Base of every value of the law: immutable, travels as JSON."""

    model_config = ConfigDict(frozen=True)


class Cited(LawValue):
    """Something that can say where it comes from."""

    rests_on: str = Field(min_length=1, max_length=100, description="as the text calls it: §6, 第四十条")
    reading: bool = Field(default=False, description="the text is silent: a reading the bureau may change")


class TermRule(Cited):
    """One period: how long, from what, owed or held by whom, and what its end means (procedure section 4)."""

    term: Term
    title: str
    amount: int | None = Field(gt=0, description="None: the testing period stated in the contract")
    unit: Unit
    kind: WaitKind
    owed_by: str = Field(description="who owes the duty or holds the right, in Chinese")
    role: Role | None = Field(description="whose task it is; None for a party's right")
    internal: bool = Field(description="the bureau's own target (内部时限), not a term of the regulation")
    starts_from: str = Field(description="the event whose day is not counted, in Chinese")
    on_silence: str | None = Field(description="effect of a right lapsing, or of a duty being late")
    escalates: bool = Field(default=True, description="False: the end is a freedom, nothing is late after it")
    transit_working_days: int = Field(
        default=0,
        ge=0,
        le=60,
        description="of a right: working days after the last day, for what was posted or handed in by then to"
        " arrive and be entered; silence is declared only after them",
    )


class Rung(LawValue):
    """One step of the escalation ladder; level 0, the one who owes the duty, is not on it."""

    level: int
    title: str
    role: Role


class Ladder(Cited):
    """How a late duty climbs (procedure section 4): a reminder beforehand, then one rung after the other."""

    remind_at: time = Field(description="time of day in Asia/Shanghai at which reminders go out")
    working_days_before: int = Field(ge=1, description="how many working days before the last day")
    rungs: tuple[Rung, ...]


class Condition(StrEnum):
    """When an addressee gets a document, or when a document carries a field."""

    ALWAYS = "always"
    NONCONFORMING = "nonconforming"
    PLATFORM_USED = "platform_used"
    REFERRAL_COPIED = "referral_copied"
    CORRECTING = "correcting"
    PRODUCER_STANDS = "producer_stands"
    PRODUCER_DISOWNED = "producer_disowned"


class Addressee(LawValue):
    to: Recipient
    when: Condition = Condition.ALWAYS


class DocumentField(LawValue):
    """Something a document must say, or a paper that goes with it."""

    name: str
    title: str
    when: Condition = Condition.ALWAYS


class Remedy(Cited):
    """What an addressee can do against what it is told, in the words of its letter."""

    text: str = Field(min_length=1, max_length=500)


class RecipientRule(Cited):
    """To whom a document goes and what it must carry (procedure section 6)."""

    kind: DocumentKind
    title: str
    number_form: str = Field(
        default="", description="文号 with {year} and {number}; one series per kind and year"
    )
    addressees: tuple[Addressee, ...] = Field(description="none: whoever had the letter that it is about")
    must_carry: tuple[DocumentField, ...] = Field(min_length=1)
    encloses: tuple[DocumentField, ...] = ()
    remedy: Remedy | None = None


class PlanningPaper(Cited):
    """A plan, a scheme or a commission: what it must have before it can be approved, and by whom (§3, §4)."""

    title: str
    number_form: str = Field(description="文号 with {year} and {number}; one series per year")
    approved_by: tuple[Role, ...] = Field(min_length=1, description="the bureau's own leaders")
    must_have: tuple[DocumentField, ...] = Field(min_length=1)


class Planning(LawValue):
    """The papers of a year's planning."""

    plan: PlanningPaper
    scheme: PlanningPaper
    commission: PlanningPaper


class CodedTitle(LawValue):
    """A code with its Chinese name."""

    code: str
    title: str


class EmergencyGround(CodedTitle, Cited):
    """One of the four occasions for an emergency inspection (§3)."""


class Signatory(CodedTitle, Cited):
    """One of those who sign when a sample is sealed again (§6); ``code`` is a ``law.judgements.Capacity``."""


class ApprovalRequirement(CodedTitle, Cited):
    """One of the five papers the decision on a retest needs (§6)."""

    agent_only: bool = False


class Interpretation(Cited):
    """A reading that is neither number, list nor switch: the procedure is built on it; shown and cited."""

    code: str
    text: str
    reading: bool = True


class Citation(Cited):
    """Where a value of :class:`Readings` comes from, with a sentence for people."""

    text: str


class Readings(LawValue):
    """Switches, numbers and lists that the judgements read; ``citations`` has one entry for each."""

    windows_open_for_conforming: bool
    buyer_counts_among_two_and_two: bool
    min_officers: int = Field(ge=1)
    min_lab_staff: int = Field(ge=1)
    agent_documents_only_for_agents: bool
    late_receipt_grace_hours: int = Field(
        default=24, ge=0, description="after a receipt is recorded, however late, to record an application"
    )
    told_last_day_is_kept: bool = Field(
        default=True, description="a right's last day is not moved earlier when its year is announced"
    )
    announced_at_wrong_address_counts: bool = Field(
        default=False,
        description="an announcement stands though its letter went to an address that the bureau had written "
        "down wrongly",
    )
    proven_without_receipt: tuple[str, ...] = Field(
        default=("post",),
        description="means of filing whose day the application itself proves, recorded however late",
    )
    usual_postal_days: int = Field(
        default=3,
        ge=0,
        le=30,
        description="calendar days that a carrier usually takes; for want of a postmark",
    )
    published_for_days: int | None = Field(
        default=None, ge=30, description="calendar days; what was published is then withdrawn; None: never"
    )
    laboratory_report_is_receipt: bool = Field(
        default=False, description="a laboratory's submission counts as the bureau's receipt at once"
    )
    evidence_read_with_reason: tuple[EvidenceKind, ...] = Field(
        default=(), description="kinds of evidence that are read only with a reason, which is kept"
    )
    retest_laboratory_must_differ: bool
    higher_grade_laboratory_preferred: bool
    samplings_per_year: int = Field(ge=1, description="of one trademark and model in one calendar year")
    outcomes_not_counted_as_sampling: tuple[Outcome, ...]
    citations: dict[str, Citation]


class Contact(LawValue):
    """Whom whoever gets a letter may ask."""

    name: str
    telephone: str
    address: str


class Bureaus(Cited):
    """The authorities of the city by name (§7).

    ``contact``: whom letters say to ask; where the bureau names nobody, that is the contact of the scheme.
    """

    city: str
    province: str
    municipal_bureau: str
    provincial_bureau: str
    online_supervision_office: str
    enforcement_detachment: str
    districts: dict[str, str] = Field(description="district, county or county-level city → its bureau")
    contact: Contact | None = None
