"""Every step of the procedure, by name; adding one here gives it an endpoint, a signal and a schema."""

from messages.steps.base import Step, StepName
from messages.steps.closing import (
    DeadlineExtended,
    ReferralAcknowledged,
    ReferralConcluded,
    ReferralDirected,
    Resumed,
    Suspended,
    Voided,
)
from messages.steps.result import (
    NoticeDelivered,
    NoticeReturned,
    ObjectionDecided,
    ObjectionFiled,
    ObjectionSupplemented,
    ObjectionWithdrawn,
    ReopeningDecided,
    ReportReceived,
    ResultAccepted,
)
from messages.steps.retest import (
    RetestFormalitiesCompleted,
    RetestLabAppointed,
    RetestReportReceived,
    RetestSealed,
)
from messages.steps.sampling import Purchased, Received, SamplingAbandoned, Sealed, SealingScheduled

STEPS: dict[StepName, type[Step]] = {
    model.NAME: model
    for model in (
        Purchased,
        Received,
        SealingScheduled,
        Sealed,
        SamplingAbandoned,
        ReportReceived,
        NoticeDelivered,
        NoticeReturned,
        ResultAccepted,
        ObjectionFiled,
        ObjectionSupplemented,
        ObjectionWithdrawn,
        ObjectionDecided,
        ReopeningDecided,
        RetestLabAppointed,
        RetestFormalitiesCompleted,
        RetestSealed,
        RetestReportReceived,
        ReferralDirected,
        ReferralAcknowledged,
        ReferralConcluded,
        Suspended,
        Resumed,
        DeadlineExtended,
        Voided,
    )
}

# A party may have done one of these in time although it is recorded after the batch has closed (§6).
EVEN_WHEN_CLOSED = frozenset({StepName.OBJECTION_FILED, StepName.RETEST_FORMALITIES_COMPLETED})

__all__ = ["EVEN_WHEN_CLOSED", "STEPS", "Step", "StepName"]
