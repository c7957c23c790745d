"""A certificate made out from a batch's record: nothing is decided here, everything is looked up and told."""

from collections.abc import Iterable, Sequence
from typing import Any

from api.certificates.hearing import considered
from api.certificates.models import (
    STATES,
    ArrangementUsed,
    Certificate,
    Chain,
    Conclusion,
    Considered,
    Count,
    LedgerState,
    Move,
    RegulationApplied,
    Rule,
    Run,
    State,
    Subject,
    Trigger,
)
from api.certificates.periods import Line, Period, period_of
from law.vocabulary import WaitKind
from messages.records import TimelineKind, WaitEnd
from messages.steps import StepName
from store.certificates import Record

_ENDS = {
    WaitEnd.WAIVED: State.WAIVED,
    WaitEnd.LAPSED: State.LAPSED,
    WaitEnd.REPLACED: State.REPLACED,
    WaitEnd.DROPPED: State.DROPPED,
}


def certificate_of(record: Record, wait_id: str) -> Certificate:
    """The certificate of the latest period under ``wait_id``.

    Raises ``WaitUnknown``, ``NoDeadline`` for a wait without period, and ``RecordedTooEarly`` for one opened
    before the timeline said what a certificate needs.
    """
    period = period_of(record, wait_id)
    looked_at = considered(record, period)
    decision = _decision(record, period, looked_at)
    lines = _lines_that_matter(record, period, looked_at)
    return Certificate(
        batch_no=record.batch_no,
        batch_title=record.snapshot.title,
        issued_at=record.clock,
        wait=_subject(period),
        run=Run(opened_seq=period.opened["seq"], earlier=period.earlier),
        trigger=_trigger(period),
        regulation=RegulationApplied(
            id=record.regulation["id"],
            title=record.regulation["title"],
            sha256=record.lines[0]["data"]["regulation"]["sha256"],
            text=record.regulation,
        ),
        rule=Rule(term=period.rule, contract_days=period.count.amount),
        arrangements=tuple(
            ArrangementUsed(
                version=version, sha256=digest, content=record.arrangements[digest].content_as_json
            )
            for digest, version in period.arrangements.items()
        ),
        count=_count(period),
        moves=tuple(_moves(period)),
        considered=looked_at,
        ledger=LedgerState(
            asked_at=period.silence and period.silence["data"]["ledger_now"],
            allowance_hours=period.allowance_hours if period.wait.kind is WaitKind.RIGHT else None,
            rows=_ledger_rows(record, lines, looked_at),
        ),
        decision=decision,
        chain=_chain(record, lines),
    )


def _subject(period: Period) -> Subject:
    wait = period.wait
    return Subject(
        id=wait.id,
        title=wait.title,
        kind=wait.kind,
        term=period.rule.term,
        step=wait.step,
        party=wait.party,
        holder=_holder(period),
        internal=wait.internal,
        on_silence=wait.on_silence,
    )


def _holder(period: Period) -> str:
    """Whose right or duty it is; a party by its name."""
    title, name = period.wait.owed_by_title, period.opened["data"].get("party_name")
    return f"{title}（{name}）" if name and period.wait.kind is WaitKind.RIGHT else title


def _trigger(period: Period) -> Trigger:
    """An announcement stands for the notice that came back."""
    because = period.opened["data"]["because"]
    return Trigger(
        starts_on=period.deadline.start,
        step_id=because.get("step_id"),
        document_id=next(iter(period.announcements), None) or because.get("document_id"),
    )


def _count(period: Period) -> Count:
    deadline = period.deadline
    return Count(
        start=deadline.start,
        last_day=deadline.last_day,
        closes_at=deadline.closes_at,
        provisional=deadline.provisional,
        days=deadline.trace,
        explanation=deadline.explanation,
    )


def _moves(period: Period) -> Iterable[Move]:
    for line in period.moved:
        yield Move(
            seq=line["seq"],
            at=line["at"],
            how=line["data"]["count"]["how"],
            text=line["text"],
            actor=line["actor"],
            last_day=line["data"]["deadline"]["last_day"],
        )


def _decision(record: Record, period: Period, looked_at: Sequence[Considered]) -> Conclusion:
    """How the period ended, or that it runs."""
    ended = period.ended
    if ended is None:
        late = period.wait.kind is WaitKind.DUTY and record.clock >= period.deadline.closes_at
        state = State.OVERDUE if late and not period.is_stayed_at(record.clock) else State.RUNNING
        return Conclusion(state=state, title=STATES[state], text=None, at=None, seq=None)
    how, told = WaitEnd(ended["data"]["how"]), ended
    if how is WaitEnd.MET:
        in_time = all(one.in_time for one in looked_at if one.ended_it)
        state = State.MET if in_time else State.MET_LATE
    else:
        state = _ENDS[how]
    if how is WaitEnd.LAPSED and period.silence is not None:
        told = period.silence
    text = told["text"]
    if state is State.LAPSED and period.set_aside is not None:
        state, text = State.SET_ASIDE, f"{text}；{period.set_aside['text']}"
    return Conclusion(state=state, title=STATES[state], text=text, at=ended["at"], seq=ended["seq"])


def _lines_that_matter(record: Record, period: Period, looked_at: Sequence[Considered]) -> set[int]:
    """What is told in full: the order, the period's own lines, what they follow from, what was looked at."""
    causes = [line["data"].get("because", {}) for line in period.lines]
    steps = {cause.get("step_id") for cause in causes} | {one.step_id for one in looked_at}
    examinations = [one.examination for one in looked_at if one.examination is not None]
    steps |= {examination.step_id for examination in examinations}
    documents = {cause.get("document_id") for cause in causes} | {one.document_id for one in looked_at}
    documents |= set(period.letters)
    own = {line["seq"] for line in period.lines} | set(period.earlier)
    own |= {seq for one in examinations for seq in (one.opened_seq, one.set_aside_seq) if seq is not None}
    return {
        line["seq"]
        for line in record.lines
        if line["seq"] in own
        or line["kind"] == TimelineKind.OPENED
        or line["data"].get("step_id") in steps - {None}
        or line["data"].get("document_id") in documents - {None}
        or _is_context(period, line)
    }


def _is_context(period: Period, line: Line) -> bool:
    """Stays of the batch, and what this party withdrew or waived."""
    if line["kind"] != TimelineKind.STEP_ACCEPTED:
        return False
    step, body = line["data"]["step"], line["data"]["body"]
    if step in (StepName.SUSPENDED, StepName.RESUMED):
        return True
    own = step in (StepName.OBJECTION_WITHDRAWN, StepName.RESULT_ACCEPTED)
    return own and body.get("party") == period.wait.party


def _chain(record: Record, lines: set[int]) -> Chain:
    """Every line of the record: these in full, of the others what links them."""
    return Chain(
        head={"seq": record.last_seq, "hash": record.last_hash},
        lines=tuple(line for line in record.lines if line["seq"] in lines),
        links=tuple(
            {name: line[name] for name in ("seq", "prev_hash", "hash")}
            for line in record.lines
            if line["seq"] not in lines
        ),
    )


def _ledger_rows(
    record: Record, lines: set[int], looked_at: Sequence[Considered]
) -> tuple[dict[str, Any], ...]:
    told = {line["data"].get("step_id") for line in record.lines if line["seq"] in lines}
    told |= {one.step_id for one in looked_at}
    return tuple(row.as_shown() for step_id, row in record.ledger.items() if step_id in told)
