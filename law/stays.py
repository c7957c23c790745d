"""What a stay does to the waits of a batch (procedure section 2), and when a wait is overdue."""

from datetime import datetime

from law.vocabulary import WaitKind


def stay_holds(kind: WaitKind, closes_at: datetime | None, began: datetime) -> bool:
    """Whether a stay that began then holds a wait while it lasts.

    It holds every duty. A right that had closed before has closed.
    """
    return kind is WaitKind.DUTY or closes_at is None or closes_at > began


def is_overdue(kind: WaitKind, closes_at: datetime | None, now: datetime, *, stayed: bool) -> bool:
    """Whether a wait is late: a duty from its close on. A right is never late, it lapses.

    ``stayed``: a stay holds it now, and then it is not late.
    """
    return kind is WaitKind.DUTY and closes_at is not None and closes_at <= now and not stayed
