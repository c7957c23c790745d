"""What a batch's workflow is started with: the order and the law it was opened under."""

from law.regulation import Regulation
from law.vocabulary import Category
from messages.base import Actor, Instant, Message
from messages.order import BatchOrder

WORKFLOW_TYPE = "Batch"


class Opening(Message):
    """The law is resolved once, here; history carries it as applied (procedure section 9)."""

    batch_no: str
    order: BatchOrder
    category: Category
    regulation: Regulation
    opened_at: Instant
    opened_by: Actor


def workflow_id(batch_no: str) -> str:
    """The Temporal workflow id of a batch; carries no personal data, ids are never encrypted."""
    return f"batch-{batch_no}"
