"""Waits and alarms in words, for timeline, staff and the Temporal pages."""

from law.counting import Alarm
from law.vocabulary import Outcome
from messages.snapshot import Wait
from messages.words import OUTCOMES
from workflows.procedure.case import Case

# How a line begins that opens a wait, and how one ends that says nothing but that it was met.
AWAITED = "等待："
DONE = "已完成"


def outcome_in_words(case: Case) -> str | None:
    """How the result came about; of a retest that lifts some failures and not all, which."""
    if case.outcome is None:
        return None
    if case.outcome is Outcome.RETEST_UPHELD and case.lifted_failures:
        return f"复检改变部分检验结果，{'、'.join(case.lifted_failures)}不再判定为不合格"
    return OUTCOMES[case.outcome]


def until_in_words(wait: Wait, *notes: str) -> str:
    """Until when, what kind of day that is, and what else is worth a note, in one pair of brackets."""
    marks = [mark for mark, holds in (("内部时限", wait.internal), ("暂定", wait.provisional)) if holds]
    until = "无期限" if wait.last_day is None else f"至{wait.last_day} 24:00"
    if noted := [*(marks if wait.last_day else ()), *notes]:
        until += f"（{'，'.join(noted)}）"
    return until


def alarm_in_words(alarm: Alarm) -> str:
    return f"{'报告' if alarm.level else '提醒'}{alarm.to}"


def whose_in_words(wait: Wait, said: str = "") -> str:
    """Who owes or holds it, to be put after the title; nothing where the title or ``said`` names them."""
    return "" if wait.owed_by_title in wait.title + said else f"，{wait.owed_by_title}"
