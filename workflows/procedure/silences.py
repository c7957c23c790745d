"""Silences on a wrong record (procedure section 10): they fall, stand on another day, or are new."""

from collections.abc import Mapping

from law.judgements import PartyStanding
from law.vocabulary import Party
from messages.base import Actor
from messages.names import silence_corrected_line, silence_stands_line
from messages.records import TimelineKind
from workflows.procedure.case import Case
from workflows.procedure.change import Change
from workflows.procedure.parts import PartyFile, RunningWait
from workflows.procedure.waits import open_as


def note_silences(change: Change, right: Case, proposed: str, actor: Actor) -> None:
    """A silence that would not have been declared does not stand; one that would, on another day, is told."""
    for party, file in change.case.parties.items():
        lapsed, should_be = _lapsed(file), right.parties.get(party)
        if lapsed is None:
            continue
        wait, data = lapsed.wait, {"because": change.because, "party": party, "correction": proposed}
        if should_be is None or should_be.standing is not file.standing:
            change.note(
                silence_corrected_line(wait.id, proposed),
                TimelineKind.SET_ASIDE,
                f"{wait.title}：所依据的记录已经更正，逾期的认定不再适用",
                "规程第10节",
                actor=actor,
                data={"wait_id": wait.id, "last_day": str(wait.last_day), **data},
            )
            continue
        again = _lapsed(should_be)
        if again is not None and again.wait.last_day != wait.last_day:
            words = f"更正后的届满日为{again.wait.last_day}，至今仍未行使权利，逾期的认定不变"
            change.note(
                silence_stands_line(wait.id, proposed),
                TimelineKind.OUTCOME,
                f"{wait.title}：{words}",
                "规程第10节",
                actor=actor,
                data={"wait_id": wait.id, "last_day": str(again.wait.last_day), **data},
            )


def hear_anew(change: Change, before: Mapping[Party, PartyFile]) -> None:
    """Who would have kept silent, and has been taken to have spoken, is heard for the allowance once more.

    Nobody asked the ledger when that period ended. It is opened as it would have been, and its silence is
    declared as any other is. Nothing is opened where the result stays the same, nor where the ledger was
    asked and an application that came after it is to be examined once more.
    """
    case = change.case
    for party, file in list(case.parties.items()):
        lapsed, was = _lapsed(file), before.get(party)
        if lapsed is None or case.outcome is not None or file.late is not None:
            continue
        if was is not None and was.standing is file.standing:
            continue
        if file.standing is PartyStanding.SILENT:
            change.party(party, standing=None, window=None)
        else:
            change.party(party, standing=PartyStanding.RETEST, formalities=None)
        open_as(change, lapsed, was_owed=True)


def _lapsed(file: PartyFile) -> RunningWait | None:
    """The period in which the party kept silent, by which its standing came about."""
    if file.standing is PartyStanding.SILENT:
        return file.window
    return file.formalities if file.standing is PartyStanding.ABANDONED else None
