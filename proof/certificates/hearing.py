"""The steps and documents looked at for a deadline: by which day each is judged, whether it was in time."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from law.calendar import day_in_shanghai
from law.judgements import filed_in_time, filing_day, ledger_counts
from law.vocabulary import Party, WaitKind
from messages.names import delivery, examination, kind_of_document, sending, step_line
from messages.records import TimelineKind, WaitEnd
from messages.snapshot import Wait
from messages.steps import STEPS, StepName
from messages.steps.result import ObjectionFiled
from proof.certificates.models import Examination, LookedAt
from proof.periods import Period
from store.reads.on_record import LedgerRow, Record, RecordedLine, as_put_right

# The day of the fact that a step tells of, where it tells one; for the others the ledger's stamp is the fact.
_DAY_OF = {
    StepName.REPORT_RECEIVED: "received_on",
    StepName.RETEST_REPORT_RECEIVED: "received_on",
    StepName.OBJECTION_DECIDED: "decided_on",
    StepName.REOPENING_DECIDED: "decided_on",
    StepName.REFERRAL_ACKNOWLEDGED: "acknowledged_on",
    StepName.REFERRAL_CONCLUDED: "concluded_on",
    StepName.RETEST_FORMALITIES_COMPLETED: "completed_on",
    StepName.RESULT_ACCEPTED: "accepted_on",
}
_EXAMINED = StepName.REOPENING_DECIDED
_ANSWERS = {StepName.NOTICE_DELIVERED: StepName.NOTICE_RETURNED}


def considered(record: Record, period: Period) -> tuple[LookedAt, ...]:
    """Every step of this party on the ledger that could have ended the period, and what did end it.

    For a duty that a document fulfils: the documents of its kind that were made out since.
    """
    steps = [_step(record, period, row) for row in record.ledger.values() if _concerns(record, period, row)]
    # What was dealt with before a duty began was of an earlier time, or nothing to it.
    duty, opened_seq = period.wait.kind is WaitKind.DUTY, period.opened.seq
    steps = [one for one in steps if not duty or one.ended_it or one.seq is None or one.seq > opened_seq]
    return (*steps, *_documents(record, period))


def _concerns(record: Record, period: Period, row: LedgerRow) -> bool:
    """Whether a step could have ended the period, as it was filed or as it was put right."""
    if row.step_id == ended_by(period).get("step_id"):
        return True
    wait = period.wait
    if wait.step is None or row.step not in (wait.step, _ANSWERS.get(wait.step)):
        return False
    return any(_is_about(wait, body) for body in (row.body, said(record, row)[0] or row.body))


def _is_about(wait: Wait, body: dict[str, Any]) -> bool:
    if wait.step is StepName.NOTICE_DELIVERED:
        return wait.id == delivery(str(body.get("notice")), str(body.get("recipient")))
    # Formalities name no party where the seller is meant.
    return wait.party is None or body.get("party", Party.SELLER) == wait.party


def said(record: Record, row: LedgerRow) -> tuple[dict[str, Any] | None, int | None]:
    """What a step says, put right where it was wrong (None: it never happened), and by which line."""
    corrected_by = None
    for line in record.lines:
        if line.kind is TimelineKind.CORRECTED:
            data = line.data
            if row.step_id in (data["corrects"], *data["accepted"], *data["refused"]):
                corrected_by = line.seq
    return as_put_right(record.lines, row.step_id, row.body), corrected_by


def _accepted(record: Record, row: LedgerRow) -> bool | None:
    """Whether it was accepted, or is since the record that it was judged by was put right."""
    accepted = row.decision.accepted if row.decision else None
    for line in record.lines:
        if line.kind is TimelineKind.CORRECTED and row.step_id in line.data["accepted"]:
            accepted = True
        elif line.kind is TimelineKind.CORRECTED and row.step_id in line.data["refused"]:
            accepted = False
    return accepted


def ended_by(period: Period) -> dict[str, str]:
    """What ended the period by fulfilling or waiving it."""
    ended = period.ended
    if ended is None or ended.data["how"] not in (WaitEnd.MET, WaitEnd.WAIVED):
        return {}
    because: dict[str, str] = ended.data["because"]
    return because


def _step(record: Record, period: Period, row: LedgerRow) -> LookedAt:
    line = next((one for one in record.lines if one.key == step_line(row.step_id)), None)
    body, corrected_by = said(record, row)
    day, accepted = _day(period, row, body), _accepted(record, row)
    return LookedAt(
        title=STEPS[StepName(row.step)].TITLE,
        step_id=row.step_id,
        document_id=None,
        at=row.received_at,
        day=day,
        in_time=_in_time(period, day, row.received_at),
        accepted=accepted,
        reason=row.decision.reason if row.decision and not accepted else None,
        withdrawn=line is not None and _withdrawn_after(record, period, line),
        ended_it=row.step_id == ended_by(period).get("step_id"),
        seq=line.seq if line else None,
        corrected_by=corrected_by,
        examination=_examination(record, period, row.step_id),
    )


def _examination(record: Record, period: Period, step_id: str) -> Examination | None:
    """The approver's examination that this step led to, and the first decision on it."""
    party = period.wait.party
    if party is None or period.wait.kind is WaitKind.DUTY:
        return None
    opened, decided = None, None
    for line in record.lines:
        data = line.data
        if line.kind is TimelineKind.WAIT_OPENED and data["wait_id"] == examination(party):
            if opened is not None:
                break
            opened = line if data["because"].get("step_id") == step_id else None
        elif opened is not None and line.kind is TimelineKind.STEP_ACCEPTED and data["step"] == _EXAMINED:
            decided = decided or (line if data["body"]["party"] == party else None)
    if opened is None:
        return None
    decided_by = decided.data["step_id"] if decided else None
    return Examination(
        opened_seq=opened.seq,
        step_id=decided_by,
        approved=decided.data["body"]["approved"] if decided else None,
        set_aside_seq=_set_aside_by(record, decided_by) if decided_by else None,
    )


def _set_aside_by(record: Record, decided_by: str) -> int | None:
    because = {"step_id": decided_by}
    found = [line for line in record.lines if line.kind is TimelineKind.SET_ASIDE]
    return next((line.seq for line in found if line.data.get("because") == because), None)


def _day(period: Period, row: LedgerRow, body: dict[str, Any] | None) -> date | None:
    """The day by which a step is judged; None where it cannot be read, or never happened."""
    try:
        step = STEPS[StepName(row.step)].model_validate(body)
    except ValidationError:
        return None
    if isinstance(step, ObjectionFiled):
        return filing_day(step.filing, period.latest.readings.usual_postal_days)
    name = _DAY_OF.get(StepName(row.step))
    day: date = getattr(step, name) if name else day_in_shanghai(row.received_at)
    return day


def _in_time(period: Period, day: date | None, received_at: datetime) -> bool:
    """By the law of the period's kind (procedure sections 4 and 5), on the deadline as last counted."""
    latest = period.latest
    if day is None:
        return False
    # A stay holds what runs, and nothing that has ended.
    ran = period.ended is None or received_at <= period.ended.recorded_at
    if ran and latest.is_stayed_at(received_at):
        return True
    if period.wait.kind is WaitKind.RIGHT:
        return ledger_counts(received_at, day, latest.last_day, latest.heard_until)
    return filed_in_time(day, latest.last_day)


def _withdrawn_after(record: Record, period: Period, line: RecordedLine) -> bool:
    if line.kind is not TimelineKind.STEP_ACCEPTED or line.data["step"] != StepName.OBJECTION_FILED:
        return False
    return any(
        later.seq > line.seq
        and later.kind is TimelineKind.STEP_ACCEPTED
        and later.data["step"] == StepName.OBJECTION_WITHDRAWN
        and later.data["body"].get("party") == period.wait.party
        for later in record.lines
    )


def handed_over_on(line: RecordedLine) -> date:
    """The day on which a document left: what people hand over, the day that they say."""
    told = line.data.get("sent_on")
    return date.fromisoformat(told) if told else day_in_shanghai(line.recorded_at)


def _documents(record: Record, period: Period) -> Iterable[LookedAt]:
    by_document = ended_by(period).get("document_id")
    for line in record.lines:
        data = line.data
        if line.kind is not TimelineKind.DOCUMENT_SENT or line.seq < period.opened.seq:
            continue
        kind = kind_of_document(record.batch_no, data["document_id"])
        fulfils = period.wait.id == sending(kind)
        if not fulfils and data["document_id"] != by_document:
            continue
        sent_on = handed_over_on(line)
        yield LookedAt(
            title=line.text,
            step_id=None,
            document_id=data["document_id"],
            at=line.recorded_at,
            day=sent_on,
            in_time=_in_time(period, sent_on, line.recorded_at),
            accepted=None,
            reason=None,
            withdrawn=False,
            ended_it=data["document_id"] == by_document,
            seq=line.seq,
        )
