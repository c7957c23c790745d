"""Checks that several steps share; each refuses in the field's words."""

from datetime import date, datetime

from pydantic import ValidationError

from law.calendar import day_in_shanghai
from messages.envelope import RefusalCode
from messages.words import PHASES
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused


def not_in_future(change: Change, day: date | datetime, what: str) -> date:
    """The day (Asia/Shanghai) of something that has happened; refuses a day after today's."""
    as_day = day_in_shanghai(day) if isinstance(day, datetime) else day
    if as_day > change.today:
        raise Refused(RefusalCode.DATE_IN_FUTURE, f"{what}（{as_day}）晚于今日（{change.today}）")
    return as_day


def not_before(day: date, earliest: date, what: str, event: str) -> None:
    if day < earliest:
        raise Refused(RefusalCode.DATE_BEFORE_EVENT, f"{what}（{day}）早于{event}（{earliest}）")


def refuse_if(defects: tuple[str, ...], code: RefusalCode) -> None:
    """Refuse with every defect that the law found, in one sentence each."""
    if defects:
        raise Refused(code, "；".join(defects))


def out_of_order(case: Case, title: str) -> Refused:
    """The refusal of a step that has no place in this phase, with what the batch waits for."""
    waiting = "、".join(running.wait.title for running in case.waits.values()) or "无"
    return Refused(
        RefusalCode.OUT_OF_ORDER,
        f"本批次处于“{PHASES[case.phase]}”阶段，不能登记“{title}”；正在等待：{waiting}",
    )


def first_faults(error: ValidationError) -> str:
    """Where a step does not fit its model, in a few words; what somebody wrote is not repeated."""
    faults = [
        f"{'.'.join(map(str, fault['loc'])) or '整体'}（{fault['type']}）" for fault in error.errors()[:5]
    ]
    return "、".join(faults)
