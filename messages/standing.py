"""How a batch stands on record: what its workflow asks, for it may be before its record or behind it."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, Field

from messages.base import Instant, Message
from messages.envelope import StepEnvelope
from messages.opening import Opening


class StandingInput(Message):
    """Ask how the record and the ledger of a batch stand: what has not been decided, how many records."""

    batch_no: str
    taken: tuple[UUID, ...] = Field(description="the steps that are with the workflow")
    accepted: tuple[UUID, ...] = Field(default=(), description="the steps that it has accepted")
    opened_at: Instant | None = Field(default=None, description="by which its row is known")


class StandingResult(Message):
    """``steps`` in the order in which they were filed, undecided; ``position`` is the ledger's last.

    ``lost`` are accepted steps that the ledger does not hold. ``is_missing``: nothing of the batch is on
    record; ``is_anothers``: its number has been given to another order.
    """

    version: int = Field(description="of the record")
    position: int
    steps: tuple[StepEnvelope, ...]
    lost: tuple[UUID, ...] = ()
    is_missing: bool = False
    is_anothers: bool = False


@dataclass(frozen=True)
class Displaced:
    """A batch whose number a restored database has given to another order: all that its workflow knows.

    Handed to the activity as it is, like ``RecordInput``.
    """

    opening: Opening
    version: int
    kept: BaseModel
