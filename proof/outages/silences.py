"""Whether a silence rests on facts: what the ledger holds of the party, judged anew (procedure section 5)."""

from collections.abc import Sequence
from datetime import datetime

from law.vocabulary import Party, WaitKind
from messages.envelope import TOO_LATE
from messages.names import step_line
from messages.records import Considered, SilenceInput, TimelineKind
from messages.steps import StepName
from messages.steps.result import ObjectionWithdrawn
from proof.outages.models import PartyFiling
from proof.periods import InForce
from store.ledger.silence import considered
from store.reads.on_record import DeadlinesOnRecord, RecordedLine, as_put_right


def filings_of(batch: DeadlinesOnRecord, right: InForce) -> tuple[PartyFiling, ...]:
    """What the ledger holds of this party's step, judged as when silence is decided; of a duty nothing."""
    wait = right.wait
    if wait.kind is not WaitKind.RIGHT or wait.step is None or wait.party is None:
        return ()
    question = SilenceInput(
        batch_no=batch.batch_no,
        wait_id=wait.id,
        step=wait.step,
        party=wait.party,
        last_day=right.last_day,
        closes_at=right.closes_at,
        heard_until=right.heard_until,
        usual_postal_days=batch.readings.usual_postal_days,
        now=batch.clock,
    )
    found = (
        considered(envelope, as_put_right(batch.lines, str(envelope.step_id), envelope.body), question)
        for envelope in batch.filed
        if envelope.step == wait.step
    )
    return tuple(_filing(one) for one in found if one is not None)


def _filing(row: Considered) -> PartyFiling:
    assert row.envelope.received_at is not None, "the ledger stamps every row"
    return PartyFiling(
        step_id=str(row.envelope.step_id),
        step=row.envelope.step,
        received_at=row.envelope.received_at,
        filing_day=row.filing_day,
        means=row.means,
        counts=row.counts,
    )


def faults_of(
    batch: DeadlinesOnRecord, right: InForce, silence: RecordedLine, filings: Sequence[PartyFiling]
) -> tuple[str, ...]:
    """Why a declared silence does not rest on facts, in Chinese; none when it does."""
    asked_at = datetime.fromisoformat(silence.data["ledger_now"])
    looked_at = {row["envelope"]["step_id"] for row in silence.data["considered"]}
    faults = []
    if asked_at < right.heard_until:
        faults.append(f"查询登记簿的时刻（{asked_at.isoformat()}）早于期限届满")
    for filing in filings:
        if filing.received_at < asked_at and filing.step_id not in looked_at:
            faults.append(f"登记簿中 {filing.step_id} 在查询之前登记，查询时却没有看到")
        if filing.counts and (why := _why_overlooked(batch.lines, right.wait.party, silence.seq, filing)):
            faults.append(f"登记簿中 {filing.step_id} 按期提交、按期登记，{why}")
    return tuple(faults)


def _why_overlooked(
    lines: Sequence[RecordedLine], party: Party | None, silence_seq: int, filing: PartyFiling
) -> str | None:
    """A timely row beside a silence is explained only by having been dealt with before: refused for another
    reason than lateness, or withdrawn. Where a window runs on after a way back, what was refused as recorded
    after its first silence is withdrawn with the application that was then accepted."""
    before = [line for line in lines if line.seq < silence_seq]
    decided = next((line for line in before if line.key == step_line(filing.step_id)), None)
    if decided is None:
        return "却在视为放弃权利之前没有处理"
    refused = decided.kind is TimelineKind.STEP_REFUSED
    if refused and decided.data["code"] not in TOO_LATE:
        return None
    withdrawn = any(
        line.kind is TimelineKind.STEP_ACCEPTED
        and line.seq > decided.seq
        and line.data["step"] == StepName.OBJECTION_WITHDRAWN
        and ObjectionWithdrawn.model_validate(line.data["body"]).party == party
        for line in before
    )
    if withdrawn:
        return None
    return "却以逾期为由不予受理" if refused else "已经受理，却仍视为放弃权利"
