"""A certificate made out from a batch's record: nothing is decided here, everything is looked up and told."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from law.regulation import Regulation
from law.vocabulary import DocumentKind, WaitKind
from messages.records import TimelineKind, WaitEnd
from messages.steps import StepName
from proof.certificates.hearing import considered, ended_by, said
from proof.certificates.models import (
    STATES,
    ArrangementUsed,
    Certificate,
    Chain,
    Conclusion,
    Count,
    DeadlineMove,
    LedgerState,
    LookedAt,
    RegulationApplied,
    Rule,
    Run,
    State,
    Subject,
    Trigger,
)
from proof.periods import Period, periods_of
from store.reads.on_record import Record, RecordedLine

_ENDS = {
    WaitEnd.WAIVED: State.WAIVED,
    WaitEnd.LAPSED: State.LAPSED,
    WaitEnd.REPLACED: State.REPLACED,
    WaitEnd.DROPPED: State.DROPPED,
}


class WaitUnknown(Exception):
    """The batch never waited for this."""


class NoDeadline(Exception):
    """The procedure sets no period for this; ``str()`` is what it is called."""


def certificate_of(record: Record, wait_id: str) -> Certificate:
    """The certificate of the latest period under ``wait_id``.

    Raises ``WaitUnknown``, and ``NoDeadline`` for a wait without period.
    """
    *earlier, period = _periods(record, wait_id)
    issued = _stating_its_deadline(record, period)
    looked_at = considered(record, period)
    lines = _lines_that_matter(record, [*earlier, period], looked_at, issued)
    return Certificate(
        batch_no=record.batch_no,
        batch_title=_title(record),
        issued_at=record.clock,
        wait=_subject(period),
        run=Run(opened_seq=period.opened.seq, earlier=tuple(one.opened.seq for one in earlier)),
        trigger=_trigger(period, issued),
        regulation=RegulationApplied(
            id=record.regulation["id"],
            title=record.regulation["title"],
            sha256=record.lines[0].data["regulation"]["sha256"],
            text=record.regulation,
        ),
        rule=Rule(term=period.rule, contract_days=period.contract_days),
        arrangements=tuple(
            ArrangementUsed(
                version=version, sha256=digest, content=record.arrangements[digest].content_as_json
            )
            for digest, version in period.arrangements.items()
        ),
        count=_count(period),
        moves=tuple(_moves(record, period)),
        considered=looked_at,
        ledger=_ledger(record, period, lines, looked_at),
        decision=_decision(record, period, looked_at),
        chain=_chain(record, lines),
    )


def _title(record: Record) -> str:
    """The batch as it was opened, which its first line tells; it may have been put right since."""
    return record.lines[0].text.partition("：")[2]


def _periods(record: Record, wait_id: str) -> list[Period]:
    """Every time the wait was opened; the last is the one to be certified."""
    readings = Regulation.model_validate(record.regulation).readings
    periods = periods_of(record.lines, readings).get(wait_id)
    if not periods:
        raise WaitUnknown(wait_id)
    if not periods[-1].in_force:
        raise NoDeadline(periods[-1].wait.title)
    return periods


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
    title, name = period.wait.owed_by_title, period.opened.data.get("party_name")
    return f"{title}（{name}）" if name and period.wait.kind is WaitKind.RIGHT else title


def _stating_its_deadline(record: Record, period: Period) -> dict[str, str]:
    """Document id → kind, of those made out since that state its last day: the announcement that it runs
    from, and the letters about an application that came late."""
    return {
        line.data["document_id"]: line.data["kind"]
        for line in record.lines
        if line.kind is TimelineKind.DOCUMENT_ISSUED
        and line.data.get("deadline_of") == period.wait.id
        and line.seq > period.opened.seq
    }


def _trigger(period: Period, issued: Mapping[str, str]) -> Trigger:
    """An announcement stands for the notice that came back."""
    because = period.opened.data["because"]
    announcements = [id_ for id_, kind in issued.items() if kind == DocumentKind.ANNOUNCEMENT]
    return Trigger(
        starts_on=period.deadline.start,
        step_id=because.get("step_id"),
        document_id=next(iter(announcements), None) or because.get("document_id"),
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


def _moves(record: Record, period: Period) -> Iterable[DeadlineMove]:
    actors = {link["seq"]: link["actor"] for link in record.chain}
    for line in period.moved:
        yield DeadlineMove(
            seq=line.seq,
            at=line.at,
            how=line.data["count"]["how"],
            text=line.text,
            actor=actors[line.seq],
            last_day=line.data["deadline"]["last_day"],
        )


def _decision(record: Record, period: Period, looked_at: Sequence[LookedAt]) -> Conclusion:
    """How the period ended, or that it runs."""
    latest, ended = period.latest, period.ended
    if ended is None:
        state = State.OVERDUE if latest.is_overdue_at(record.clock) else State.RUNNING
        return Conclusion(state=state, title=STATES[state], text=None, at=None, seq=None)
    how, text = WaitEnd(ended.data["how"]), ended.text
    by_step = record.ledger.get(ended_by(period).get("step_id", ""))
    if by_step is not None and said(record, by_step)[0] is None:
        state = State.UNDONE
    elif how is WaitEnd.MET:
        # A duty to send is done once all have left; each of them counts, whichever was entered last.
        by_document = any(one.ended_it and one.document_id for one in looked_at)
        in_time = all(one.in_time for one in looked_at if one.ended_it or (by_document and one.document_id))
        state = State.MET if in_time else State.MET_LATE
    else:
        state = _ENDS[how]
    if state is State.LAPSED and latest.silence is not None:
        text = latest.silence.text
    if state is State.LAPSED and latest.set_aside is not None:
        state, text = State.SET_ASIDE, f"{text}；{latest.set_aside.text}"
    return Conclusion(state=state, title=STATES[state], text=text, at=ended.at, seq=ended.seq)


def _lines_that_matter(
    record: Record, periods: Sequence[Period], looked_at: Sequence[LookedAt], issued: Iterable[str]
) -> set[int]:
    """What is told in full: the order, the period's own lines, what they follow from, what was looked at.

    Of the earlier times, which come before the one that is certified, the openings.
    """
    period = periods[-1]
    causes = [line.data.get("because", {}) for line in period.lines]
    steps = {cause.get("step_id") for cause in causes} | {one.step_id for one in looked_at}
    examinations = [one.examination for one in looked_at if one.examination is not None]
    steps |= {examination.step_id for examination in examinations}
    corrections = _corrections(record, steps - {None})
    steps |= {step_id for line in corrections for step_id in _who_corrected(line)}
    documents = {cause.get("document_id") for cause in causes} | {one.document_id for one in looked_at}
    documents |= set(issued)
    own = {line.seq for line in period.lines} | {one.opened.seq for one in periods}
    own |= {line.seq for line in corrections}
    own |= {seq for one in examinations for seq in (one.opened_seq, one.set_aside_seq) if seq is not None}
    return {
        line.seq
        for line in record.lines
        if line.seq in own
        or line.kind is TimelineKind.OPENED
        or line.data.get("step_id") in steps - {None}
        or line.data.get("document_id") in documents - {None}
        or _is_context(period, line)
    }


def _corrections(record: Record, steps: Collection[str | None]) -> list[RecordedLine]:
    """The lines that put one of these steps right, or by which it was judged anew."""
    return [
        line
        for line in record.lines
        if line.kind is TimelineKind.CORRECTED
        and not {line.data["corrects"], *line.data["accepted"], *line.data["refused"]}.isdisjoint(steps)
    ]


def _who_corrected(line: RecordedLine) -> tuple[str, str]:
    """The steps by which a correction was proposed and confirmed."""
    return line.data["correction"], line.data["because"]["step_id"]


def _is_context(period: Period, line: RecordedLine) -> bool:
    """Stays of the batch, and what this party withdrew or waived."""
    if line.kind is not TimelineKind.STEP_ACCEPTED:
        return False
    step, body = line.data["step"], line.data["body"]
    if step in (StepName.SUSPENDED, StepName.RESUMED):
        return True
    own = step in (StepName.OBJECTION_WITHDRAWN, StepName.RESULT_ACCEPTED)
    return own and body.get("party") == period.wait.party


def _ledger(record: Record, period: Period, lines: set[int], looked_at: Sequence[LookedAt]) -> LedgerState:
    told = {line.data.get("step_id") for line in record.lines if line.seq in lines}
    told |= {one.step_id for one in looked_at}
    latest = period.latest
    return LedgerState(
        asked_at=latest.silence and latest.silence.data["ledger_now"],
        heard_until=latest.heard_until if period.wait.kind is WaitKind.RIGHT else None,
        rows=tuple(row.as_shown() for step_id, row in record.ledger.items() if step_id in told),
    )


def _chain(record: Record, lines: set[int]) -> Chain:
    return Chain(
        head={"seq": record.last_seq, "hash": record.last_hash},
        lines=tuple(link for link in record.chain if link["seq"] in lines),
        links=tuple(
            {name: link[name] for name in ("seq", "prev_hash", "hash")}
            for link in record.chain
            if link["seq"] not in lines
        ),
    )
