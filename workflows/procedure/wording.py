"""Waits and alarms in words, for timeline, staff and the Temporal pages."""

from law.counting import Alarm
from messages.snapshot import Wait


def until_in_words(wait: Wait) -> str:
    if wait.last_day is None:
        return "无期限"
    marks = [mark for mark, holds in (("内部时限", wait.internal), ("暂定", wait.provisional)) if holds]
    return f"至{wait.last_day} 24:00" + (f"（{'，'.join(marks)}）" if marks else "")


def alarm_in_words(alarm: Alarm) -> str:
    return f"{'报告' if alarm.level else '提醒'}{alarm.to}"
