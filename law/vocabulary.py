"""The field's words (PROCEDURE glossary) as closed sets; every other package speaks with these."""

from enum import StrEnum


class Role(StrEnum):
    """Who may do a step (procedure section 2). ``SYSTEM`` is Choujian itself."""

    OFFICER = "officer"
    LAB = "lab"
    APPROVER = "approver"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SYSTEM = "system"


class Party(StrEnum):
    """Who is told and who may object (§5, §6)."""

    SELLER = "seller"
    PRODUCER = "producer"
    PLATFORM = "platform"


class WaitKind(StrEnum):
    """A duty goes on waiting when late; a right lapses, and silence has a legal effect."""

    DUTY = "duty"
    RIGHT = "right"


class Term(StrEnum):
    """Every period the procedure counts (procedure section 4)."""

    PARCEL_LOST = "parcel_lost"
    INSPECTION_NOTICE = "inspection_notice"
    TEST_REPORT = "test_report"
    REPORT_TAKEN_IN = "report_taken_in"
    RESULT_NOTICE = "result_notice"
    OBJECTION = "objection"
    REOPENING = "reopening"
    APPLICATION_COMPLETED = "application_completed"
    RETEST_DECISION = "retest_decision"
    RETEST_LABORATORY = "retest_laboratory"
    RETEST_FORMALITIES = "retest_formalities"
    RETEST_LABORATORY_FORMALITIES = "retest_laboratory_formalities"
    RETEST_SEALED = "retest_sealed"
    RETEST_REPORT = "retest_report"
    RETEST_RESULT_NOTICE = "retest_result_notice"
    PUBLICATION = "publication"
    REFERRAL_DIRECTED = "referral_directed"
    REFERRAL_ACKNOWLEDGED = "referral_acknowledged"
    REFERRAL_CONCLUDED = "referral_concluded"
    LETTER_POSTED = "letter_posted"
    DELIVERY_RECORDED = "delivery_recorded"
    RETURN_CONFIRMED = "return_confirmed"
    CORRECTION_CONFIRMED = "correction_confirmed"
    EVIDENCE_KEPT = "evidence_kept"


class EvidenceKind(StrEnum):
    """What evidence may be (§5): by its bytes, not by its name."""

    RECORDING = "recording"
    IMAGE = "image"
    PDF = "pdf"
    OFFICE = "office"
    ARCHIVE = "archive"


class Phase(StrEnum):
    """The course of a batch (procedure section 3)."""

    ORDERED = "ordered"
    SAMPLING = "sampling"
    TESTING = "testing"
    NOTIFICATION = "notification"
    OBJECTION = "objection"
    RETEST = "retest"
    PUBLICATION = "publication"
    REFERRAL = "referral"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a batch ends (procedure section 3)."""

    CONFORMING = "conforming"
    ACCEPTED_BY_SILENCE = "accepted_by_silence"
    ACCEPTED_EXPRESSLY = "accepted_expressly"
    OBJECTION_REFUSED = "objection_refused"
    RETEST_ABANDONED = "retest_abandoned"
    RETEST_UPHELD = "retest_upheld"
    RETEST_OVERTURNED = "retest_overturned"
    ABANDONED = "abandoned"
    VOIDED = "voided"


# A batch that ends so has no result: nothing is published, and no step brings it back.
OVER = (Outcome.ABANDONED, Outcome.VOIDED)


class Verdict(StrEnum):
    CONFORMING = "conforming"
    NONCONFORMING = "nonconforming"


class ItemVerdict(StrEnum):
    """What a report says of one item: a verdict, or why it has none."""

    CONFORMING = "conforming"
    NONCONFORMING = "nonconforming"
    NOT_JUDGED = "not_judged"
    NOT_APPLICABLE = "not_applicable"
    NOT_TESTED = "not_tested"


class DocumentKind(StrEnum):
    """The papers of procedure section 6."""

    COMMISSION_LETTER = "commission_letter"
    INSPECTION_NOTICE = "inspection_notice"
    RESULT_NOTICE = "result_notice"
    ANNOUNCEMENT = "announcement"
    RETEST_LAB_NOTICE = "retest_lab_notice"
    RETEST_REFUSAL = "retest_refusal"
    RETEST_RESULT_NOTICE = "retest_result_notice"
    LATE_FILING_NOTICE = "late_filing_notice"
    REOPENING_REFUSAL = "reopening_refusal"
    WITHDRAWAL_NOTICE = "withdrawal_notice"
    VOIDANCE_NOTICE = "voidance_notice"
    PUBLICATION = "publication"
    PUBLICATION_CORRECTION = "publication_correction"
    REFERRAL_LETTER = "referral_letter"
    REFERRAL_CORRECTION = "referral_correction"


class Recipient(StrEnum):
    """To whom a document goes; parties, laboratories, authorities, the public."""

    SELLER = "seller"
    PRODUCER = "producer"
    PLATFORM = "platform"
    APPLICANT = "applicant"
    LABORATORY = "laboratory"
    RETEST_LABORATORY = "retest_laboratory"
    AUTHORITY = "authority"
    ONLINE_SUPERVISION_OFFICE = "online_supervision_office"
    PUBLIC = "public"

    @property
    def party(self) -> Party | None:
        """The party of that name; none for laboratories, authorities and the public."""
        return Party(self.value) if self.value in set(Party) else None


class Unit(StrEnum):
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    YEARS = "years"


class Category(StrEnum):
    """The four kinds of goods the bureau may inspect (§2)."""

    SELLER_IN_CITY = "seller_in_city"
    PLATFORM_IN_CITY = "platform_in_city"
    SELLER_IN_PROVINCE = "seller_in_province"
    AUTHORIZED = "authorized"
