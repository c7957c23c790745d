"""Who has a batch in hand, as other reads show it beside the batch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

# Of ``holders h``, which may have no row.
HELD = "h.sub as holder_sub, h.name as holder_name, h.since as held_since"


@dataclass(frozen=True)
class InHand:
    """Who has a batch in hand now."""

    sub: str
    name: str
    since: datetime


def held(row: Row[Any]) -> InHand | None:
    """From a row with the columns of ``HELD``."""
    return None if row.holder_sub is None else InHand(row.holder_sub, row.holder_name, row.held_since)
