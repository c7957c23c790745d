"""Counting deadlines again: once their year is announced, and before a right ends on a guess."""

from law.vocabulary import WaitKind
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


def ends_on_a_guess(due: RunningWait) -> bool:
    """Whether this is a right whose end has come on a guessed calendar: no silence may rest on that."""
    return due.wait.kind is WaitKind.RIGHT and due.wait.provisional
