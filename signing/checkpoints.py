"""What a checkpoint says, in C2SP's form (https://c2sp.org/tlog-checkpoint), and what it is of.

    ORIGIN
    how many heads
    BASE64(root)
    no N
    day YYYY-MM-DD
    before SHA256-OF-THE-NOTE-BEFORE, or "before -" for the first

Of the form, not a log in its sense: each day's tree is its own, over that day's heads in the order of batch
numbers, for a batch's head changes and is not appended. That one follows on another is said by ``before``.
"""

import hashlib
from base64 import b64encode
from datetime import date


def leaf(batch_no: str, seq: int, digest: str) -> bytes:
    """A head as it stands in the tree."""
    return f"{batch_no} {seq} {digest}\n".encode()


def lines(origin: str, *, size: int, root: bytes, no: int, day: date, before: str | None) -> tuple[str, ...]:
    """The lines to be signed; ``before`` is the whole note of the checkpoint before."""
    digest = hashlib.sha256(before.encode()).hexdigest() if before else "-"
    return origin, str(size), b64encode(root).decode(), f"no {no}", f"day {day}", f"before {digest}"
