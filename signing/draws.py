"""What is signed of random draws: each line names the one before, over all draws, so that none can go unseen.

choujian-draw/1
ID OF THE DRAW
NO KIND
at TIME
before SHA256-OF-THE-NOTE-BEFORE, or "before -" for the first
what everybody needs to repeat or check it, a line each
record SHA256 of all that is on record of this line, with whose deed it was
"""

import hashlib
from collections.abc import Sequence

KIND = "choujian-draw/1"


def lines(
    draw_id: str, *, no: int, kind: str, at: str, before: str | None, told: Sequence[str], record: str
) -> tuple[str, ...]:
    """The lines to be signed; ``before`` is the whole note before, ``record`` a SHA-256 in hexadecimal."""
    digest = hashlib.sha256(before.encode()).hexdigest() if before else "-"
    return (KIND, draw_id, f"{no} {kind}", f"at {at}", f"before {digest}", *told, f"record {record}")
