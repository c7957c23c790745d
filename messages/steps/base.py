"""What every step is: a model with its name, title, citation and the roles that may do it."""

from enum import StrEnum
from typing import ClassVar

from law.vocabulary import Role
from messages.base import Message


class StepName(StrEnum):
    """The steps of procedure section 2; each is a Temporal signal of this name."""

    PURCHASED = "purchased"
    RECEIVED = "received"
    SEALING_SCHEDULED = "sealing_scheduled"
    SEALED = "sealed"
    SAMPLING_ABANDONED = "sampling_abandoned"
    LABORATORY_REPLACED = "laboratory_replaced"
    REPORT_SUBMITTED = "report_submitted"
    REPORT_RECEIVED = "report_received"
    NOTICE_POSTED = "notice_posted"
    DELIVERY_FAILED = "delivery_failed"
    NOTICE_DELIVERED = "notice_delivered"
    NOTICE_RECEIVED_BY_ANOTHER = "notice_received_by_another"
    NOTICE_RETURNED = "notice_returned"
    DELIVERY_GIVEN_UP = "delivery_given_up"
    RESULT_ACCEPTED = "result_accepted"
    PRODUCER_DISOWNED = "producer_disowned"
    OBJECTION_FILED = "objection_filed"
    OBJECTION_SUPPLEMENTED = "objection_supplemented"
    OBJECTION_WITHDRAWN = "objection_withdrawn"
    OBJECTION_DECIDED = "objection_decided"
    REOPENING_DECIDED = "reopening_decided"
    RETEST_LAB_APPOINTED = "retest_lab_appointed"
    RETEST_FORMALITIES_COMPLETED = "retest_formalities_completed"
    RETEST_SEALED = "retest_sealed"
    RETEST_REPORT_RECEIVED = "retest_report_received"
    REFERRAL_DIRECTED = "referral_directed"
    REFERRAL_ACKNOWLEDGED = "referral_acknowledged"
    REFERRAL_PASSED_ON = "referral_passed_on"
    REFERRAL_CONCLUDED = "referral_concluded"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    DEADLINE_EXTENDED = "deadline_extended"
    VOIDED = "voided"
    RECORD_CORRECTED = "record_corrected"
    CORRECTION_CONFIRMED = "correction_confirmed"


class Step(Message):
    """A step of the procedure; subclasses carry what the procedure asks for, no more."""

    NAME: ClassVar[StepName]
    TITLE: ClassVar[str]
    RESTS_ON: ClassVar[str]
    ROLES: ClassVar[frozenset[Role]]


OFFICER = frozenset({Role.OFFICER})
LAB = frozenset({Role.LAB})
OFFICER_OR_LAB = frozenset({Role.OFFICER, Role.LAB})
OFFICER_OR_SUPERVISOR = frozenset({Role.OFFICER, Role.SUPERVISOR})
APPROVER = frozenset({Role.APPROVER})
SUPERVISOR = frozenset({Role.SUPERVISOR})
