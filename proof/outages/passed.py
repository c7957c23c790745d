"""What became of each deadline that passed, by the batch's own clock, the ledger's."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from law.vocabulary import WaitKind
from messages.names import is_alarm_line
from messages.records import TimelineKind, WaitEnd
from messages.snapshot import PartyState, Wait
from messages.steps import StepName
from proof.outages.models import Became, LateAlarm, PassedDeadline
from proof.outages.silences import faults_of, filings_of
from proof.periods import InForce, periods_of
from store.reads.on_record import DeadlinesOnRecord, RecordedLine

# An alarm that sounds within this has sounded in time.
_PROMPT = timedelta(minutes=1)


def passed_deadlines(batch: DeadlinesOnRecord, begin: datetime, end: datetime) -> list[PassedDeadline]:
    """Every deadline of the batch from ``begin`` to ``end`` (both included) that ``begin`` found in force.

    A right is there with its close, and with the end of what is heard after it. In the order in which they
    were set. Where another day had been set before ``begin``, the former did not pass.
    """
    periods = [period for times in periods_of(batch.lines, batch.readings).values() for period in times]
    in_force = (one for period in periods for one in period.in_force)
    within = [one for one in in_force if any(begin <= at <= end for at in (one.closes_at, one.heard_until))]
    return [
        _judged(batch, one, begin, end)
        for one in sorted(within, key=lambda one: one.set_by.seq)
        if one.over is None or one.over is one.ended or one.over.recorded_at >= begin
    ]


def _judged(batch: DeadlinesOnRecord, one: InForce, begin: datetime, end: datetime) -> PassedDeadline:
    step = _step_behind(batch.lines, one.over)
    became = _became(batch, one, step)
    silence = one.silence if became in (Became.LAPSED, Became.SET_ASIDE) else None
    set_aside = one.set_aside if silence else None
    said = silence or one.over
    filings = filings_of(batch, one)
    return PassedDeadline(
        batch_no=batch.batch_no,
        title=batch.title,
        wait=one.wait,
        whose=_whose(batch.parties, one.wait),
        last_day=one.last_day,
        deadline=one.closes_at,
        heard_until=one.heard_until if one.wait.kind is WaitKind.RIGHT else None,
        became=became,
        settled_before=one.over is not None and one.over.recorded_at < begin,
        words="；".join(line.text for line in (said, set_aside) if line is not None),
        settled_at=said and said.at,
        recorded_at=said and said.recorded_at,
        step=step,
        ledger_asked_at=silence and datetime.fromisoformat(silence.data["ledger_now"]),
        set_aside_at=set_aside and set_aside.at,
        filings=filings,
        late_alarms=_late_alarms(one, begin, end),
        faults=faults_of(batch, one, silence, filings) if silence else (),
    )


def _became(batch: DeadlinesOnRecord, one: InForce, step: StepName | None) -> Became:
    is_right = one.wait.kind is WaitKind.RIGHT
    if one.over is None:
        return _open(one, batch.clock)
    if one.ended is None:
        return Became.MOVED
    how = WaitEnd(one.ended.data["how"])
    if not is_right:
        if how is not WaitEnd.MET:
            return Became.ENDED
        return Became.DONE_IN_TIME if one.ended.at < one.closes_at else Became.DONE_LATE
    if one.silence is not None:
        return Became.SET_ASIDE if one.set_aside is not None else Became.LAPSED
    if how is WaitEnd.WAIVED:
        return Became.WAIVED
    return Became.EXERCISED if step == one.wait.step else Became.ENDED


def _open(one: InForce, clock: datetime) -> Became:
    """Of a deadline that nothing has settled."""
    if one.is_stayed_at(clock):
        return Became.STAYED
    if one.wait.kind is WaitKind.RIGHT:
        return Became.UNDECIDED if clock > one.heard_until else Became.RUNNING
    return Became.OWED if one.is_overdue_at(clock) else Became.RUNNING


def _step_behind(lines: Sequence[RecordedLine], line: RecordedLine | None) -> StepName | None:
    """The accepted step that ended the wait or moved its deadline."""
    cause = (line.data.get("because") if line is not None else None) or {}
    return next(
        (
            StepName(other.data["step"])
            for other in lines
            if other.kind is TimelineKind.STEP_ACCEPTED and other.data["step_id"] == cause.get("step_id")
        ),
        None,
    )


def _whose(parties: Sequence[PartyState], wait: Wait) -> str:
    name = next(
        (party.name for party in parties if wait.kind is WaitKind.RIGHT and party.party == wait.party), ""
    )
    return f"{wait.owed_by_title} {name}" if name else wait.owed_by_title


def _late_alarms(one: InForce, begin: datetime, end: datetime) -> tuple[LateAlarm, ...]:
    """Those of this deadline that were due in the period and went out after their time."""
    alarms = (
        LateAlarm(
            to=line.data["to"],
            level=line.data["level"],
            due=datetime.fromisoformat(line.data["due"]),
            at=line.at,
        )
        for line in one.lines
        if line.kind in (TimelineKind.REMINDED, TimelineKind.ESCALATED)
        and is_alarm_line(line.key, one.wait.id, one.last_day)
    )
    return tuple(alarm for alarm in alarms if begin <= alarm.due <= end and alarm.at - alarm.due > _PROMPT)
