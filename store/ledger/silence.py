"""Was a party silent? Asked of the ledger, under the lock that filing takes (procedure section 5)."""

from datetime import date
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.judgements import FilingMeans, filing_day, ledger_counts
from law.vocabulary import Party
from messages.envelope import StepEnvelope
from messages.records import Considered, SilenceInput, SilenceResult
from messages.steps import STEPS
from messages.steps.result import ObjectionFiled
from messages.steps.retest import RetestFormalitiesCompleted
from store.ledger.filings import CORRECTED, ENVELOPE, UNDECIDED, as_envelope
from store.ledger.lock import follow, lock_batch

# A statement of its own, after the lock: its snapshot holds every step stamped before.
_FILED = text(f"""
    select {ENVELOPE}, c.corrections -> -1 -> 'body' as body_put_right, c.corrects is not null as is_put_right
    from ledger l left join ({CORRECTED}) c on c.corrects = cast(l.step_id as text)
    where l.batch_no = :batch_no and l.step = :step order by l.no
""")
# What is filed after this is stamped after this, whatever becomes of the database's clock.
_ASKED = text("update batches set last_stamp = :clock where batch_no = :batch_no")
# A step that the store refused while the batch was closed has its answer: it is not taken later.
_UNTAKEN = text(f"""
    select {ENVELOPE} from ledger l
    where l.batch_no = :batch_no and l.received_at <= :ends_at and l.step_id <> all(:taken)
        and {UNDECIDED}
    order by l.no
""")


async def ask(engine: AsyncEngine, question: SilenceInput, *, time_skipping: bool) -> SilenceResult:
    """What the ledger holds of this party's step once the window and the transit allowance have ended.

    ``too_early`` while the ledger's own clock is not past the end, whatever the workflow's clock says. At the
    very end it is too early: what is filed next may bear the same stamp, and would count.
    Raises ``BatchUnknown``.
    """
    async with engine.begin() as connection:
        batch = await lock_batch(connection, question.batch_no)
        if time_skipping:
            batch = await follow(connection, batch, question.now)
        ends_at = question.heard_until
        if batch.clock <= ends_at:
            wait_seconds = (ends_at - batch.clock).total_seconds()
            return SilenceResult(verdict="too_early", ledger_now=batch.clock, wait_seconds=wait_seconds)
        await connection.execute(_ASKED, {"batch_no": batch.batch_no, "clock": batch.clock})
        rows = await connection.execute(_FILED, {"batch_no": batch.batch_no, "step": question.step})
        looked_at = (considered(as_envelope(row), _said(row), question) for row in rows)
        untaken = await connection.execute(
            _UNTAKEN, {"batch_no": batch.batch_no, "ends_at": ends_at, "taken": list(question.taken)}
        )
        return SilenceResult(
            verdict="asked",
            ledger_now=batch.clock,
            considered=tuple(found for found in looked_at if found is not None),
            untaken=tuple(as_envelope(row) for row in untaken),
        )


def _said(row: Row[Any]) -> dict[str, Any] | None:
    """What a step says, put right where it was wrong; None for one that never happened."""
    said: dict[str, Any] | None = row.body_put_right if row.is_put_right else row.body
    return said


def considered(
    envelope: StepEnvelope, said: dict[str, Any] | None, question: SilenceInput
) -> Considered | None:
    """One step of the ledger as evidence, by what it says as put right; None when it is another party's.

    What is no filing in law, or never happened, is said to have been looked at.
    """
    assert envelope.received_at is not None, "the ledger stamps every row"
    # Formalities that name no party are the seller's: the API always names one, and did not need to before.
    if (said or envelope.body).get("party", Party.SELLER) != question.party:
        return None
    try:
        step = STEPS[envelope.step].model_validate(said)
    except ValidationError:
        return Considered(envelope=envelope, filing_day=None, counts=False)
    day, means = _filing(step, question.usual_postal_days)
    counts = day is not None and ledger_counts(
        envelope.received_at, day, question.last_day, question.heard_until
    )
    return Considered(envelope=envelope, filing_day=day, counts=counts, means=means)


def _filing(step: object, usual_postal_days: int) -> tuple[date | None, FilingMeans | None]:
    """The day a step counts from, and how it was filed."""
    if isinstance(step, ObjectionFiled):
        return filing_day(step.filing, usual_postal_days), step.how
    if isinstance(step, RetestFormalitiesCompleted):
        return step.completed_on, None
    return None, None
