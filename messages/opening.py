"""What a batch's workflow is started with: the order and the law it was opened under."""

from pydantic import Field

from law.regulation import Regulation
from law.vocabulary import Category
from messages.base import Actor, Instant, Message
from messages.order import BatchOrder

WORKFLOW_TYPE = "Batch"
# A signal that is no step; its argument is the revision of the calendar to count on (store/calendars.py).
CALENDAR_ANNOUNCED = "calendar_announced"

# The procedure's program that new batches run. Raised by a change that would come to other commands; a batch
# keeps the one it was opened under, and where the two differ the code asks `case.opening.program`.
PROGRAM = 1


class Opening(Message):
    """The law is resolved once, here; history carries it as applied (procedure section 9)."""

    batch_no: str
    order: BatchOrder
    category: Category
    regulation: Regulation
    opened_at: Instant
    opened_by: Actor
    regulation_sha256: str | None = Field(
        default=None, description="of the regulation's canonical JSON; goes into the timeline's first line"
    )
    program: int = Field(default=PROGRAM, description="see PROGRAM")


def workflow_id(batch_no: str) -> str:
    """The Temporal workflow id of a batch; carries no personal data, ids are never encrypted."""
    return f"batch-{batch_no}"
