"""Counting deadlines again: once their year is announced, and before a right ends on a guess."""

from collections.abc import Callable
from datetime import datetime

from law.vocabulary import WaitKind
from messages.base import SYSTEM
from messages.records import CountRequest
from workflows.case import Case
from workflows.parts import OpenWait


def all_that_runs(case: Case, now: datetime) -> None:
    """A year has been announced, or announced otherwise: whatever still runs is counted on it."""
    case.now = now
    case.because = {"calendar_revision": str(case.calendar_revision)}
    for open_wait in case.waits.values():
        open_wait.counted_again = False
        _count_again(case, open_wait)


def what_is_over(case: Case, due: Callable[[OpenWait], datetime | None], now: datetime) -> bool:
    """Before a step is decided: count again the rights whose provisional end may make it late; any?"""
    rights = [open_wait for open_wait in case.waits.values() if open_wait.wait.kind is WaitKind.RIGHT]
    over = [open_wait for open_wait in rights if (at := due(open_wait)) is not None and at <= now]
    return bool([open_wait for open_wait in over if before_it_lapses(case, open_wait)])


def before_it_lapses(case: Case, open_wait: OpenWait) -> bool:
    """Before a right that ends on a guessed calendar lapses, count it on the one in force. Once."""
    if not open_wait.wait.provisional or open_wait.counted_again:
        return False
    open_wait.counted_again = True
    _count_again(case, open_wait)
    return True


def _count_again(case: Case, open_wait: OpenWait) -> None:
    """With the moves it has had; its line is completed where it is counted, or dropped if nothing changes."""
    wait = open_wait.wait
    if wait.term is None or wait.starts_on is None or wait.last_day is None:
        return
    regulation = case.opening.regulation
    request = CountRequest(
        wait_id=wait.id,
        rule=regulation.terms[wait.term],
        how="again",
        start=wait.starts_on,
        last_day=wait.last_day,
        never_earlier=regulation.readings.told_last_day_is_kept,
    )
    case.move_deadline(wait.id, request, f"{wait.title}：按现行的放假安排重新计算", SYSTEM)
