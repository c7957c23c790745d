"""What two people decide on: one proposes, another approves it or returns it with remarks."""

from enum import StrEnum

from messages.base import Actor, Instant, Message


class Matter(StrEnum):
    """What is proposed."""

    CALENDAR = "calendar"
    DISPOSAL = "disposal"
    DRAW = "draw"
    PLAN = "plan"
    SCHEME = "scheme"
    COMMISSION = "commission"


class ApprovalVerdict(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


class Approval(Message):
    """Who proposed and who decided, and when; undecided where there is no verdict."""

    no: int
    proposed_by: Actor
    proposed_at: Instant
    decided_by: Actor | None = None
    decided_at: Instant | None = None
    verdict: ApprovalVerdict | None = None
    remarks: str | None = None
