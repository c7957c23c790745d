"""Which waits a stay holds, and when a wait is overdue."""

from datetime import UTC, datetime, timedelta

import pytest

from law.stays import is_overdue, stay_holds
from law.vocabulary import WaitKind

CLOSE = datetime(2026, 11, 20, 16, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
DUTY, RIGHT = WaitKind.DUTY, WaitKind.RIGHT


@pytest.mark.parametrize(
    ("kind", "closes_at", "began", "holds"),
    [
        (RIGHT, CLOSE, CLOSE - MOMENT, True),
        (RIGHT, CLOSE, CLOSE, False),
        (RIGHT, None, CLOSE, True),
        (DUTY, CLOSE, CLOSE - MOMENT, True),
        (DUTY, CLOSE, CLOSE + timedelta(days=9), True),
        (DUTY, None, CLOSE, True),
    ],
)
def test_a_stay_holds_all_but_a_right_that_had_closed(
    kind: WaitKind, closes_at: datetime | None, began: datetime, holds: bool
) -> None:
    """A duty that was late when the stay began is held too: its last day moves with the others."""
    assert stay_holds(kind, closes_at, began) is holds


@pytest.mark.parametrize(
    ("kind", "closes_at", "now", "stayed", "overdue"),
    [
        (DUTY, CLOSE, CLOSE - MOMENT, False, False),
        (DUTY, CLOSE, CLOSE, False, True),
        (DUTY, CLOSE, CLOSE + timedelta(days=9), True, False),
        (DUTY, None, CLOSE, False, False),
        (RIGHT, CLOSE, CLOSE + timedelta(days=9), False, False),
    ],
)
def test_only_a_duty_is_ever_overdue_and_not_during_a_stay(
    kind: WaitKind, closes_at: datetime | None, now: datetime, stayed: bool, overdue: bool
) -> None:
    """From 24:00 of its last day on; a right lapses."""
    assert is_overdue(kind, closes_at, now, stayed=stayed) is overdue
