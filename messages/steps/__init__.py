"""Every step of the procedure, by name; adding one here gives it an endpoint, a signal and a schema."""

from messages.steps.base import Step, StepName
from messages.steps.closing import (
    DeadlineExtended,
    ReferralAcknowledged,
    ReferralConcluded,
    ReferralDirected,
    ReferralPassedOn,
    Resumed,
    Suspended,
    Voided,
)
from messages.steps.correcting import CorrectionConfirmed, RecordCorrected
from messages.steps.laboratory import LaboratoryReplaced
from messages.steps.report import ReportReceived, ReportSubmitted
from messages.steps.result import (
    ObjectionDecided,
    ObjectionFiled,
    ObjectionSupplemented,
    ObjectionWithdrawn,
    ProducerDisowned,
    ReopeningDecided,
    ResultAccepted,
)
from messages.steps.retest import (
    RetestFormalitiesCompleted,
    RetestLabAppointed,
    RetestReportReceived,
    RetestSealed,
)
from messages.steps.sampling import Purchased, Received, SamplingAbandoned, Sealed, SealingScheduled
from messages.steps.service import (
    DeliveryFailed,
    DeliveryGivenUp,
    NoticeDelivered,
    NoticePosted,
    NoticeReceivedByAnother,
    NoticeReturned,
)

STEPS: dict[StepName, type[Step]] = {
    model.NAME: model
    for model in (
        Purchased,
        Received,
        SealingScheduled,
        Sealed,
        SamplingAbandoned,
        LaboratoryReplaced,
        ReportSubmitted,
        ReportReceived,
        ResultAccepted,
        ProducerDisowned,
        ObjectionFiled,
        ObjectionSupplemented,
        ObjectionWithdrawn,
        ObjectionDecided,
        ReopeningDecided,
        NoticePosted,
        DeliveryFailed,
        NoticeDelivered,
        NoticeReceivedByAnother,
        NoticeReturned,
        DeliveryGivenUp,
        RetestLabAppointed,
        RetestFormalitiesCompleted,
        RetestSealed,
        RetestReportReceived,
        ReferralDirected,
        ReferralAcknowledged,
        ReferralPassedOn,
        ReferralConcluded,
        Suspended,
        Resumed,
        DeadlineExtended,
        Voided,
        RecordCorrected,
        CorrectionConfirmed,
    )
}

# A party may have acted in time although it is recorded after the batch has closed (§6); a letter may still
# be under way then, whose delivery is followed to its end; and what is on record may be found to be wrong.
EVEN_WHEN_CLOSED = frozenset(
    {
        StepName.PRODUCER_DISOWNED,
        StepName.OBJECTION_FILED,
        StepName.RETEST_FORMALITIES_COMPLETED,
        StepName.NOTICE_POSTED,
        StepName.DELIVERY_FAILED,
        StepName.NOTICE_DELIVERED,
        StepName.NOTICE_RECEIVED_BY_ANOTHER,
        StepName.NOTICE_RETURNED,
        StepName.RECORD_CORRECTED,
        StepName.CORRECTION_CONFIRMED,
    }
)

__all__ = ["EVEN_WHEN_CLOSED", "STEPS", "Step", "StepName"]
