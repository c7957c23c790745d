"""Last days that a party was told: whatever is counted again later, none is moved earlier (section 10)."""

from datetime import date
from typing import Any

from workflows.procedure.case import Case
from workflows.procedure.change import Change


def told_days(case: Case) -> dict[str, date]:
    """By wait, the last day of every right that a party has or had: it may have been told of it."""
    days = dict(case.corrections.told)
    if not case.opening.regulation.readings.told_last_day_is_kept:
        return days
    ended = [one for file in case.parties.values() for one in (file.window, file.formalities) if one]
    for one in (*ended, *case.waits.values()):
        last_day, wait_id = one.wait.last_day, one.wait.id
        if one.wait.heard_until is not None and last_day is not None:
            days[wait_id] = max(last_day, days.get(wait_id, last_day))
    return days


def note_corrections(change: Change, **known: Any) -> None:
    """Note what is known of the case's corrections."""
    change.case.corrections = change.case.corrections.model_copy(update=known)


def keep_told_days(change: Change) -> None:
    """From here on no last day that is told now is moved earlier."""
    note_corrections(change, told=told_days(change.case))
