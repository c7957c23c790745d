"""What it means that the time of a wait has come: a duty climbs, a right is asked about and lapses."""

from datetime import datetime, timedelta

from law.vocabulary import WaitKind
from messages.records import AlertInput, SilenceInput, SilenceResult, TimelineKind
from workflows import result
from workflows.case import Case
from workflows.parts import OpenWait
from workflows.projection import until_in_words


def due(case: Case, open_wait: OpenWait) -> datetime | None:
    """When this wait wants attention next; not while it is stayed."""
    wait = open_wait.wait
    if case.is_stayed(wait):
        return None
    if wait.kind is WaitKind.DUTY:
        return open_wait.alarms[0].at if open_wait.alarms else None
    if wait.deadline is None:
        return None
    allowance = timedelta(hours=result.allowance_hours(case, open_wait))
    return open_wait.ask_again_at or wait.deadline + allowance


def climb(case: Case, open_wait: OpenWait, now: datetime) -> list[AlertInput]:
    """A duty is (nearly) late: those concerned are told, each of them, and the batch goes on waiting."""
    wait = open_wait.wait
    ringing = [alarm for alarm in open_wait.alarms if alarm.at <= now]
    open_wait.alarms = open_wait.alarms[len(ringing) :]
    for alarm in ringing:
        kind = TimelineKind.ESCALATED if alarm.level else TimelineKind.REMINDED
        words = (
            f"{wait.title}已逾期，报告{alarm.to}" if alarm.level else f"{wait.title}即将到期，提醒{alarm.to}"
        )
        case.note(
            f"alarm:{wait.id}:{wait.last_day}:{alarm.level}",
            kind,
            f"{words}（{until_in_words(wait)}）",
            wait.rests_on,
            data={"wait_id": wait.id, "level": alarm.level, "to": alarm.to, "due": alarm.at.isoformat()},
        )
    text = f"{case.title}：{wait.title}，{wait.owed_by_title}，{until_in_words(wait)}，依据{wait.rests_on}"
    return [
        AlertInput(
            batch_no=case.batch_no,
            key=f"{case.batch_no}:{wait.id}:{wait.last_day}:{alarm.level}",
            to_title=alarm.to,
            level=alarm.level,
            title=f"{'逾期' if alarm.level else '将到期'}：{wait.title}",
            text=text,
        )
        for alarm in ringing
    ]


def question(case: Case, open_wait: OpenWait, now: datetime) -> SilenceInput:
    """What the ledger is asked before a right lapses (procedure section 5)."""
    wait = open_wait.wait
    assert wait.party is not None
    assert wait.step is not None
    assert wait.last_day is not None
    assert wait.deadline is not None
    return SilenceInput(
        batch_no=case.batch_no,
        wait_id=wait.id,
        step=wait.step,
        party=wait.party,
        last_day=wait.last_day,
        closes_at=wait.deadline,
        transit_allowance_hours=result.allowance_hours(case, open_wait),
        taken=tuple(sorted(case.taken)),
        now=now,
    )


def lapse(case: Case, open_wait: OpenWait, asked: SilenceInput, answer: SilenceResult) -> None:
    """Nothing was filed in time: silence has its effect, and the record says what was looked at."""
    wait = open_wait.wait
    # It was counted again just before; whoever imports the year later finds here that it was not known.
    guessed = "（放假安排未公布，按暂定日历计算）" if wait.provisional else ""
    result.silent(case, wait)
    case.note(
        case.key(f"silence:{wait.id}:{wait.last_day}"),
        TimelineKind.SILENCE,
        f"{wait.title}：{wait.owed_by_title}至{wait.last_day} 24:00{guessed}未行使权利，{wait.on_silence}",
        wait.rests_on,
        data={
            "wait_id": wait.id,
            "last_day": str(wait.last_day),
            "provisional": wait.provisional,
            "closes_at": asked.closes_at.isoformat(),
            "allowance_hours": asked.transit_allowance_hours,
            "ledger_now": answer.ledger_now.isoformat(),
            "considered": [c.model_dump(mode="json") for c in answer.considered],
        },
    )
