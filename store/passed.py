"""What became of a deadline, read from the batch's timeline; and whether a silence was decided by facts.

Everything here is by the batch's own clock, the ledger's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from law.judgements import FilingMeans, recordable_hours
from law.regulation import Readings
from law.vocabulary import Party, WaitKind
from messages.envelope import RefusalCode
from messages.records import Considered, SilenceInput, TimelineKind, WaitEnd
from messages.snapshot import PartyState, Wait
from messages.steps import StepName
from messages.steps.result import ObjectionWithdrawn
from store.silence import considered

# An alarm that sounds within this has sounded in time.
_PROMPT = timedelta(minutes=1)
_TOO_LATE = (RefusalCode.FILED_LATE, RefusalCode.RECORDED_AFTER_SILENCE)


class Became(StrEnum):
    """What became of a deadline; from ``LAPSED`` to ``STAYED`` rights, then duties, then either."""

    UNDECIDED = "undecided"
    LAPSED = "lapsed"
    SET_ASIDE = "set_aside"
    EXERCISED = "exercised"
    WAIVED = "waived"
    STAYED = "stayed"
    OWED = "owed"
    DONE_LATE = "done_late"
    DONE_IN_TIME = "done_in_time"
    MOVED = "moved"
    ENDED = "ended"
    RUNNING = "running"


@dataclass(frozen=True)
class Filing:
    """A ledger row of the party's step; ``counts`` by the rule that silence is decided by (section 5)."""

    step_id: str
    step: StepName
    received_at: datetime
    filing_day: date | None
    means: FilingMeans | None
    counts: bool


@dataclass(frozen=True)
class LateAlarm:
    """A reminder or report that went out late."""

    to: str
    level: int
    due: datetime
    at: datetime


@dataclass(frozen=True)
class PassedDeadline:
    """One deadline and what became of it.

    ``settled_before``: before the period asked about began. ``ledger_asked_at``: the ledger's clock when it
    was asked about a silence; ``set_aside_at``: when an application recorded after that proved timely (§6),
    which is no fault of the silence. ``filings``: what the ledger holds of the party now, of the same step.
    ``faults`` are Chinese sentences, none when all is in order.
    """

    batch_no: str
    title: str
    wait: Wait
    whose: str
    last_day: date
    deadline: datetime
    became: Became
    settled_before: bool
    words: str
    settled_at: datetime | None
    recorded_at: datetime | None
    step: StepName | None
    ledger_asked_at: datetime | None
    set_aside_at: datetime | None
    filings: tuple[Filing, ...]
    late_alarms: tuple[LateAlarm, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class BatchRecord:
    """What judging one batch's deadlines needs: its timeline's lines and its ledger's rows, in order."""

    batch_no: str
    title: str
    clock: datetime
    readings: Readings
    parties: tuple[PartyState, ...]
    lines: Sequence[Row[Any]]
    filed: Sequence[Row[Any]]


def passed_deadlines(batch: BatchRecord, begin: datetime, end: datetime) -> list[PassedDeadline]:
    """Every deadline of the batch from ``begin`` to ``end`` (both included) that ``begin`` found in force."""
    found: list[PassedDeadline] = []
    running: dict[str, tuple[str | None, datetime]] = {}
    for number, line in enumerate(batch.lines):
        if line.kind == TimelineKind.WAIT_ENDED:
            running.pop(line.wait_id, None)
        if line.kind not in (TimelineKind.WAIT_OPENED, TimelineKind.DEADLINE_MOVED):
            continue
        before, opened_at = running.get(line.wait_id, (None, line.at))
        running[line.wait_id] = (line.last_day, opened_at)
        if line.closes_at is None or not begin <= line.closes_at <= end or line.last_day == before:
            continue
        later = [other for other in batch.lines[number + 1 :] if other.wait_id == line.wait_id]
        next_line = next((other for other in later if _is_next(other, line)), None)
        settled_before = next_line is not None and next_line.recorded_at < begin
        if next_line is None or not (settled_before and next_line.kind == TimelineKind.DEADLINE_MOVED):
            found.append(_judged(batch, line, later, next_line, opened_at, settled_before, begin, end))
    return found


def _is_next(other: Row[Any], line: Row[Any]) -> bool:
    if other.kind == TimelineKind.DEADLINE_MOVED:
        return bool(other.last_day != line.last_day)
    return other.kind in (TimelineKind.WAIT_ENDED, TimelineKind.WAIT_OPENED)


def _judged(
    batch: BatchRecord,
    line: Row[Any],
    later: Sequence[Row[Any]],
    next_line: Row[Any] | None,
    opened_at: datetime,
    settled_before: bool,
    begin: datetime,
    end: datetime,
) -> PassedDeadline:
    wait = Wait.model_validate(line.wait)
    last_day = date.fromisoformat(line.last_day)
    allowance = recordable_hours(batch.readings, opened_at, line.closes_at)
    filings = _filings(batch, wait, last_day, line.closes_at, allowance)
    silence = next(
        (
            other
            for other in later
            if other.kind == TimelineKind.SILENCE and other.data["last_day"] == line.last_day
        ),
        None,
    )
    step = _step_behind(batch.lines, next_line)
    became = _became(batch, wait, line, next_line, step, silence, allowance)
    lapsed = became is Became.LAPSED and silence is not None
    set_aside = _set_aside(later, silence) if lapsed and silence else None
    said = silence if lapsed else next_line
    return PassedDeadline(
        batch_no=batch.batch_no,
        title=batch.title,
        wait=wait,
        whose=_whose(batch.parties, wait),
        last_day=last_day,
        deadline=line.closes_at,
        became=Became.SET_ASIDE if set_aside is not None else became,
        settled_before=settled_before,
        words="；".join(told.text for told in (said, set_aside) if told is not None),
        settled_at=said.at if said is not None else None,
        recorded_at=said.recorded_at if said is not None else None,
        step=step,
        ledger_asked_at=datetime.fromisoformat(silence.data["ledger_now"]) if lapsed and silence else None,
        set_aside_at=set_aside.at if set_aside is not None else None,
        filings=filings,
        late_alarms=_late_alarms(later, wait.id, line.last_day, begin, end),
        faults=_faults_of_silence(batch, wait, silence, line.closes_at, allowance, filings)
        if lapsed and silence
        else (),
    )


def _became(
    batch: BatchRecord,
    wait: Wait,
    line: Row[Any],
    next_line: Row[Any] | None,
    step: StepName | None,
    silence: Row[Any] | None,
    allowance: int,
) -> Became:
    is_right = wait.kind is WaitKind.RIGHT
    if next_line is None:
        if is_right and _is_stayed(batch.lines, line.closes_at):
            return Became.STAYED
        open_until = line.closes_at + (timedelta(hours=allowance) if is_right else timedelta(0))
        if batch.clock <= open_until:
            return Became.RUNNING
        return Became.UNDECIDED if is_right else Became.OWED
    if next_line.kind == TimelineKind.DEADLINE_MOVED:
        return Became.MOVED
    how = next_line.data.get("how", WaitEnd.MET)
    if is_right:
        if silence is not None and silence.recorded_at == next_line.recorded_at:
            return Became.LAPSED
        if how == WaitEnd.WAIVED:
            return Became.WAIVED
        return Became.EXERCISED if step == wait.step else Became.ENDED
    if how != WaitEnd.MET:
        return Became.ENDED
    return Became.DONE_IN_TIME if next_line.at < line.closes_at else Became.DONE_LATE


def _set_aside(later: Sequence[Row[Any]], silence: Row[Any]) -> Row[Any] | None:
    """The line that sets this silence aside; not one that is about a later time of the same wait."""
    marks = (TimelineKind.SET_ASIDE, TimelineKind.WAIT_OPENED, TimelineKind.DEADLINE_MOVED)
    after = next((line for line in later if line.seq > silence.seq and line.kind in marks), None)
    return after if after is not None and after.kind == TimelineKind.SET_ASIDE else None


def _is_stayed(lines: Sequence[Row[Any]], closes_at: datetime) -> bool:
    """Whether a stay holds the wait: the last of suspension and resumption is one before its close."""
    acts = [
        line
        for line in lines
        if line.kind == TimelineKind.STEP_ACCEPTED
        and line.data["step"] in (StepName.SUSPENDED, StepName.RESUMED)
    ]
    return bool(acts and acts[-1].data["step"] == StepName.SUSPENDED and acts[-1].at < closes_at)


def _step_behind(lines: Sequence[Row[Any]], next_line: Row[Any] | None) -> StepName | None:
    """The accepted step that ended the wait or moved its deadline."""
    cause = (next_line.data.get("because") if next_line is not None else None) or {}
    step_id = cause.get("step_id")
    return next(
        (
            StepName(line.data["step"])
            for line in lines
            if line.kind == TimelineKind.STEP_ACCEPTED and line.data["step_id"] == step_id
        ),
        None,
    )


def _whose(parties: Sequence[PartyState], wait: Wait) -> str:
    name = next(
        (party.name for party in parties if wait.kind is WaitKind.RIGHT and party.party == wait.party), ""
    )
    return f"{wait.owed_by_title} {name}" if name else wait.owed_by_title


def _filings(
    batch: BatchRecord, wait: Wait, last_day: date, closes_at: datetime, allowance: int
) -> tuple[Filing, ...]:
    """What the ledger holds of this party's step, judged afresh as when silence is decided."""
    if wait.kind is not WaitKind.RIGHT or wait.step is None or wait.party is None:
        return ()
    question = SilenceInput(
        batch_no=batch.batch_no,
        wait_id=wait.id,
        step=wait.step,
        party=wait.party,
        last_day=last_day,
        closes_at=closes_at,
        transit_allowance_hours=allowance,
        now=batch.clock,
    )
    rows = (considered(row, question) for row in batch.filed if row.step == wait.step)
    return tuple(_filing(row) for row in rows if row is not None)


def _filing(row: Considered) -> Filing:
    assert row.envelope.received_at is not None, "the ledger stamps every row"
    return Filing(
        step_id=str(row.envelope.step_id),
        step=row.envelope.step,
        received_at=row.envelope.received_at,
        filing_day=row.filing_day,
        means=row.means,
        counts=row.counts,
    )


def _late_alarms(
    later: Sequence[Row[Any]], wait_id: str, last_day: str, begin: datetime, end: datetime
) -> tuple[LateAlarm, ...]:
    """Those of this deadline that were due in the period and went out after their time."""
    alarms = (
        LateAlarm(line.data["to"], line.data["level"], datetime.fromisoformat(line.data["due"]), line.at)
        for line in later
        if line.kind in (TimelineKind.REMINDED, TimelineKind.ESCALATED)
        and line.key.startswith(f"alarm:{wait_id}:{last_day}:")
    )
    return tuple(alarm for alarm in alarms if begin <= alarm.due <= end and alarm.at - alarm.due > _PROMPT)


def _faults_of_silence(
    batch: BatchRecord,
    wait: Wait,
    silence: Row[Any],
    closes_at: datetime,
    allowance: int,
    filings: Sequence[Filing],
) -> tuple[str, ...]:
    """Why a declared silence does not rest on facts; none when it does (procedure section 5)."""
    asked_at = datetime.fromisoformat(silence.data["ledger_now"])
    looked_at = {row["envelope"]["step_id"] for row in silence.data["considered"]}
    faults = []
    if asked_at < closes_at + timedelta(hours=allowance):
        faults.append(f"查询登记簿的时刻（{asked_at.isoformat()}）早于期限届满")
    for filing in filings:
        if filing.received_at < asked_at and filing.step_id not in looked_at:
            faults.append(f"登记簿中 {filing.step_id} 在查询之前登记，查询时却没有看到")
        if filing.counts and (why := _why_overlooked(batch.lines, wait.party, silence.seq, filing)):
            faults.append(f"登记簿中 {filing.step_id} 按期提交、按期登记，{why}")
    return tuple(faults)


def _why_overlooked(
    lines: Sequence[Row[Any]], party: Party | None, silence_seq: int, filing: Filing
) -> str | None:
    """A timely row beside a silence is explained only by having been dealt with before: refused for another
    reason than lateness, or withdrawn. Where a window runs on after a way back, what was refused as recorded
    after its first silence is withdrawn with the application that was then accepted."""
    before = [line for line in lines if line.seq < silence_seq]
    decided = next((line for line in before if line.key == f"step:{filing.step_id}"), None)
    if decided is None:
        return "却在视为放弃权利之前没有处理"
    refused = decided.kind == TimelineKind.STEP_REFUSED
    if refused and decided.data["code"] not in _TOO_LATE:
        return None
    withdrawn = any(
        line.kind == TimelineKind.STEP_ACCEPTED
        and line.seq > decided.seq
        and line.data["step"] == StepName.OBJECTION_WITHDRAWN
        and ObjectionWithdrawn.model_validate(line.data["body"]).party == party
        for line in before
    )
    if withdrawn:
        return None
    return "却以逾期为由不予受理" if refused else "已经受理，却仍视为放弃权利"
