"""What the keeper of a batch's evidence is told when it looks."""

from pydantic import Field

from messages.base import Message

RETENTION = "Retention"


class RetentionStanding(Message):
    """Whether there is still something to keep watch over, and when to look again."""

    ended: bool = Field(description="disposed of, or the batch was taken up again")
    look_again_seconds: float = 0
