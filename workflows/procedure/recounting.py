"""Counting deadlines again: once their year is announced, and before a right ends on a guess."""

from datetime import datetime

from law.vocabulary import WaitKind
from messages.names import period
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Moment
from workflows.procedure.parts import RunningWait
from workflows.procedure.waits import count_again


def on_another_calendar(case: Case, moment: Moment, revision: int) -> Change:
    """A year has been announced, or announced otherwise: whatever still runs is counted on it."""
    change = Change(case, moment, {"calendar_revision": str(revision)})
    for running in list(case.waits.values()):
        count_again(change, running)
    return change


def guesses_come(case: Case, now: datetime) -> set[str]:
    """Names of the ends of rights that have come on a guessed calendar: nothing may rest on a guess unasked.

    A right has two: its close, and the end of what is heard after it.
    """
    rights = (running.wait for running in case.waits.values() if _is_guessed(running))
    ends = ((wait, at) for wait in rights for at in (wait.deadline, wait.heard_until))
    return {f"{period(wait.id, wait.last_day)} {at.isoformat()}" for wait, at in ends if at and at <= now}


def _is_guessed(running: RunningWait) -> bool:
    counted = running.counted
    if running.wait.kind is not WaitKind.RIGHT or counted is None:
        return False
    return not all(arrangement.announced for arrangement in counted.arrangements)
