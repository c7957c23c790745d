"""A step on its way: the envelope that is filed, signalled and decided."""

from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from messages.base import SYSTEM, Actor, Instant, Message
from messages.steps.base import Step, StepName


class StepEnvelope(Message):
    """What the ledger keeps and the signal carries.

    ``received_at`` is the ledger's stamp and ``position`` the step's place among those of its batch, from 1,
    both taken under the batch's lock. A signal sent past the API has neither, or made-up ones: what counts is
    the ledger's row.
    """

    step_id: UUID
    batch_no: str
    step: StepName
    body: dict[str, Any]
    actor: Actor
    received_at: Instant | None = None
    position: int | None = Field(default=None, ge=1, le=2**31 - 1)
    body_sha256: str | None = Field(default=None, description="of the body as the ledger keeps it")


def by_system(batch_no: str, step: Step, about: str) -> StepEnvelope:
    """A step that the system does itself; ``about`` the same fact it is one and the same, however often."""
    return StepEnvelope(
        step_id=uuid5(NAMESPACE_URL, f"{step.NAME}:{about}"),
        batch_no=batch_no,
        step=step.NAME,
        body=step.model_dump(mode="json"),
        actor=SYSTEM,
    )


class RefusalCode(StrEnum):
    """Stable codes of refusal; the ``code`` of problem documents."""

    UNREADABLE = "unreadable"
    ROLE_NOT_ALLOWED = "role_not_allowed"
    OUT_OF_ORDER = "out_of_order"
    BATCH_CLOSED = "batch_closed"
    WRONG_PARTY = "wrong_party"
    FILED_LATE = "filed_late"
    RECORDED_AFTER_SILENCE = "recorded_after_silence"
    ALREADY_DONE = "already_done"
    WAIVED = "waived"
    DATE_IN_FUTURE = "date_in_future"
    DATE_BEFORE_EVENT = "date_before_event"
    MISSING_SIGNATORY = "missing_signatory"
    CUSTODY_WRONG = "custody_wrong"
    SAMPLES_NOT_SEALED = "samples_not_sealed"
    WRONG_LABORATORY = "wrong_laboratory"
    VERDICT_CONTRADICTED = "verdict_contradicted"
    NO_SUCH_NOTICE = "no_such_notice"
    NO_SUCH_WAIT = "no_such_wait"
    DOCUMENTS_MISSING = "documents_missing"
    REASON_MISSING = "reason_missing"
    LABORATORY_NOT_QUALIFIED = "laboratory_not_qualified"
    SUPERVISOR_NEEDED = "supervisor_needed"
    WOULD_SHORTEN = "would_shorten"
    MISMATCH = "mismatch"
    OUT_OF_JURISDICTION = "out_of_jurisdiction"
    REPEAT_LIMIT = "repeat_limit"
    IDENTITY_UNKNOWN = "identity_unknown"
    ITEMS_MISSING = "items_missing"
    OWN_FILING = "own_filing"
    NOTHING_CHANGED = "nothing_changed"
    NO_SUCH_STEP = "no_such_step"
    NOT_CORRECTABLE = "not_correctable"
    DEFECT = "defect"
    ANSWER_LOST = "answer_lost"


# An application that is refused for its day alone.
TOO_LATE = (RefusalCode.FILED_LATE, RefusalCode.RECORDED_AFTER_SILENCE)


class Decision(Message):
    """The procedure's answer to one step."""

    step_id: UUID
    step: StepName
    accepted: bool
    decided_at: Instant
    code: RefusalCode | None = Field(default=None, title="拒绝代码")
    reason: str | None = Field(default=None, title="理由")
    rests_on: str = Field(title="依据")
