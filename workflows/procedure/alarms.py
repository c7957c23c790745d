"""What it means that the time of a wait has come: a duty climbs, a right is asked about and lapses."""

from datetime import datetime
from uuid import UUID

from law.vocabulary import WaitKind
from messages.names import alarm, alarm_line, silence_line, told
from messages.records import AlertInput, SilenceInput, SilenceResult, TimelineKind
from workflows.procedure.case import Case
from workflows.procedure.change import Change
from workflows.procedure.parts import RunningWait
from workflows.procedure.rights import silent
from workflows.procedure.wording import until_in_words


def due(case: Case, running: RunningWait) -> datetime | None:
    """When this wait wants attention next; not while it is stayed."""
    wait = running.wait
    if case.is_stayed(wait):
        return None
    if wait.kind is WaitKind.DUTY:
        return running.alarms[0].at if running.alarms else None
    return wait.heard_until


def next_due(case: Case) -> datetime | None:
    """When the batch does something next by itself; None where it waits for people alone."""
    return min(filter(None, (due(case, running) for running in case.waits.values())), default=None)


def climb(change: Change, running: RunningWait) -> None:
    """A duty is (nearly) late: those concerned are told, each of them, and the batch goes on waiting."""
    case, wait, now = change.case, running.wait, change.moment.now
    ringing = [one for one in running.alarms if one.at <= now]
    ahead = running.alarms[len(ringing) :]
    case.waits[wait.id] = running.model_copy(update={"alarms": ahead})
    text = f"{case.title}：{wait.what_and_whose}，{until_in_words(wait)}，依据{wait.rests_on}"
    for one in ringing:
        words = f"{wait.title}已逾期，报告{one.to}" if one.level else f"{wait.title}即将到期，提醒{one.to}"
        change.note(
            alarm_line(wait.id, wait.last_day, one.level),
            TimelineKind.ESCALATED if one.level else TimelineKind.REMINDED,
            f"{words}（{until_in_words(wait)}）",
            wait.rests_on,
            data={"wait_id": wait.id, "level": one.level, "to": one.to, "due": one.at.isoformat()},
        )
        change.tell(
            AlertInput(
                batch_no=case.batch_no,
                key=told(case.batch_no, alarm(wait.id, wait.last_day, one.level)),
                to_title=one.to,
                level=one.level,
                title=f"{'逾期' if one.level else '将到期'}：{wait.title}",
                text=text,
            )
        )


def question(case: Case, running: RunningWait, taken: tuple[UUID, ...], now: datetime) -> SilenceInput:
    """What the ledger is asked before a right lapses (procedure section 5); ``taken``: the steps at hand."""
    wait = running.wait
    assert wait.party is not None
    assert wait.step is not None
    assert wait.last_day is not None
    assert wait.deadline is not None
    assert wait.heard_until is not None
    return SilenceInput(
        batch_no=case.batch_no,
        wait_id=wait.id,
        step=wait.step,
        party=wait.party,
        last_day=wait.last_day,
        closes_at=wait.deadline,
        heard_until=wait.heard_until,
        usual_postal_days=case.opening.regulation.readings.usual_postal_days,
        taken=taken,
        now=now,
    )


def lapse(change: Change, running: RunningWait, asked: SilenceInput, answer: SilenceResult) -> None:
    """Nothing was filed in time: silence has its effect, and the record says what was looked at."""
    wait = running.wait
    # It was counted again just before; whoever imports the year later finds here that it was not known.
    guessed = "（放假安排未公布，按暂定日历计算）" if wait.provisional else ""
    silent(change, running)
    change.note(
        change.case.key(silence_line(wait.id, wait.last_day)),
        TimelineKind.SILENCE,
        f"{wait.title}：{wait.owed_by_title}至{wait.last_day} 24:00{guessed}未行使权利，{wait.on_silence}",
        wait.rests_on,
        data={
            "wait_id": wait.id,
            "last_day": str(wait.last_day),
            "provisional": wait.provisional,
            "closes_at": asked.closes_at.isoformat(),
            "heard_until": asked.heard_until.isoformat(),
            "ledger_now": answer.ledger_now.isoformat(),
            "considered": [considered.model_dump(mode="json") for considered in answer.considered],
        },
    )
