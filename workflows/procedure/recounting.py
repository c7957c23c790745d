"""Counting deadlines again: once their year is announced, and before a right ends on a guess."""

from datetime import datetime

from law.vocabulary import WaitKind
from workflows.procedure.alarms import due
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


def guessed_ends(case: Case, now: datetime) -> list[RunningWait]:
    """The rights whose end has come on a guessed calendar: no silence and no lateness may rest on that."""
    return [
        running
        for running in case.waits.values()
        if running.wait.kind is WaitKind.RIGHT
        and running.wait.provisional
        and (at := due(case, running)) is not None
        and at <= now
    ]
