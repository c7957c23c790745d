"""The ledger of received steps: what is in it can no longer be lost, and is never changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.base import SYSTEM
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.names import step_line
from messages.records import TimelineEntry, TimelineKind
from messages.standing import StandingInput, StandingResult
from messages.steps import STEPS
from store.canonical import canonical, model_json, sha256
from store.direct import direct
from store.engine import autocommit
from store.errors import AGAIN_LATER_SECONDS, BatchUnknown, KeyReused, TooMany, TooManyOfOne
from store.ledger import timeline
from store.ledger.lock import follow, lock_batch
from store.ledger.record import DECIDE
from store.watched import set_aside

# One statement is one transaction and one round trip. The stamp is taken after the materialised part holds
# the batch's lock: whoever asks the ledger under that lock sees every row stamped before. It is never before
# the batch's last one, however the database's clock is set meanwhile.
_FILE = text("""
    with locked as materialized (
        select batch_no, clock_ahead, last_stamp, last_position, last_position - decided_to as undecided,
            greatest(clock_timestamp() + clock_ahead, last_stamp) as now
        from batches where batch_no = :batch_no for no key update
    ), lately as materialized (
        select count(*) as steps from locked join ledger l on l.batch_no = locked.batch_no
        where l.actor ->> 'sub' = :sub and l.received_at > locked.now - interval '1 hour'
    ), anywhere as materialized (
        select count(*) as steps from (
            select from ledger where actor ->> 'sub' = :sub
                and received_at between statement_timestamp() - interval '1 hour' and statement_timestamp()
            limit :most_anywhere
        ) theirs
    ), filed as (
        insert into ledger (step_id, batch_no, step, body, body_sha256, actor, received_at, position)
        select :step_id, batch_no, :step, cast(:body as jsonb), :body_sha256, cast(:actor as jsonb),
            greatest(clock_timestamp() + clock_ahead, last_stamp), last_position + 1
        from locked, lately, anywhere
        where not :limited
            or (locked.undecided < :most_undecided and lately.steps < :most_lately
                and anywhere.steps < :most_anywhere)
        on conflict (step_id) do nothing
        returning batch_no, received_at, position
    ), tail as (
        update batches b set last_stamp = filed.received_at, last_position = filed.position
        from filed where b.batch_no = filed.batch_no
    )
    select (select count(*) from locked) as batches, (select received_at from filed) as received_at,
        (select position from filed) as position,
        (select undecided >= :most_undecided from locked) as is_full,
        (select steps >= :most_anywhere from anywhere) as is_everywhere
""")
# What one batch may have waiting for its decision, and what one person may file for it within an hour: an
# honest bureau never comes near, and no number of callers fills a history (docs/decisions/0034).
MOST_UNDECIDED = 40
MOST_WITHIN_AN_HOUR = 200
# Of one account in all batches: two lists of a day's post, or one step every two seconds.
MOST_ANYWHERE_WITHIN_AN_HOUR = 2000
_AGAIN_SOON_SECONDS = 5
ENVELOPE = """
    l.step_id, l.batch_no, l.step, l.body, l.body_sha256, l.actor, l.received_at, l.position
"""
# How each step of a batch was put right, in order (procedure section 10); needs the parameter batch_no.
CORRECTED = """
    select data ->> 'corrects' as corrects, json_agg(data order by seq) as corrections
    from timeline where batch_no = :batch_no and kind = 'corrected' group by 1
"""
# Of a step that has no answer yet, neither the procedure's nor the store's own.
UNDECIDED = "not exists (select from decisions d where d.step_id = l.step_id)"
_STORED = text(f"""
    select {ENVELOPE}, d.decision from ledger l left join decisions d on d.step_id = l.step_id
    where l.step_id = any(:step_ids)
""")
_CLOCK = text("""
    select greatest(clock_timestamp() + clock_ahead, last_stamp) from batches where batch_no = :batch_no
""")
_DECISION = text("select decision from decisions where step_id = :step_id")
_UNSIGNALLED = text(f"""
    select {ENVELOPE} from ledger l
    where l.signalled_at is null and l.received_at < clock_timestamp()
        + (select clock_ahead from batches b where b.batch_no = l.batch_no)
        - make_interval(secs => :older_than_seconds)
        and {set_aside.NOT_RESTING.format(batch_no="l.batch_no")}
    order by l.no limit :limit
""")
_STANDING = text("""
    select opened_at, version, last_position, array(
        select one from unnest(cast(:accepted as uuid[])) as one
        where not exists (select from ledger l where l.step_id = one)
    ) as lost from batches where batch_no = :batch_no
""")
_UNDECIDED_STEPS = text(f"""
    select {ENVELOPE} from ledger l
    where l.batch_no = :batch_no and l.position <= :position and l.step_id <> all(:taken) and {UNDECIDED}
    order by l.position
""")
_MARK_SIGNALLED = text("""
    update ledger set signalled_at = clock_timestamp()
    where step_id = any(:step_ids) and signalled_at is null
""")
_REFUSE = text(f"""
    with {DECIDE}, appended as ({timeline.APPEND}
    ), head as (
        update batches set last_seq = :last_seq, last_hash = :last_hash,
            decided_to = greatest(decided_to, :position)
        where batch_no = :batch_no
    )
    select (select count(*) from told) as told
""")


@dataclass(frozen=True)
class Filed:
    """A step in the ledger; ``fresh`` is False when the same step had been filed before."""

    envelope: StepEnvelope
    decision: Decision | None
    fresh: bool


async def follow_clock(engine: AsyncEngine, batch_no: str, workflow_now: datetime) -> None:
    """Stamp what is filed next for a fast-forwarded batch by its own clock. Raises ``BatchUnknown``."""
    async with engine.begin() as connection:
        await follow(connection, await lock_batch(connection, batch_no), workflow_now)


async def clock(engine: AsyncEngine, batch_no: str) -> datetime:
    """The batch's ledger clock; what is filed next is stamped no earlier. Raises ``BatchUnknown``."""
    async with autocommit(engine) as connection:
        now: datetime | None = (await connection.execute(_CLOCK, {"batch_no": batch_no})).scalar_one_or_none()
    if now is None:
        raise BatchUnknown(batch_no)
    return now


async def file_step(engine: AsyncEngine, envelope: StepEnvelope) -> Filed:
    """Append a step to the ledger and stamp it; the same step again gives the stored row and its decision.

    Raises ``BatchUnknown``, ``KeyReused`` (the step id stands for another step, or another person's) and
    ``NotStorable``, and ``TooMany`` where the batch has too many undecided steps, or the person has filed too
    many of late, for it or (``TooManyOfOne``) anywhere.
    """
    body = canonical(envelope.body)
    parameters = {
        "batch_no": envelope.batch_no,
        "step_id": envelope.step_id,
        "step": envelope.step,
        "body": body,
        "body_sha256": sha256(body),
        "actor": model_json(envelope.actor),
        "sub": envelope.actor.sub,
        "limited": envelope.actor != SYSTEM,
        "most_undecided": MOST_UNDECIDED,
        "most_lately": MOST_WITHIN_AN_HOUR,
        "most_anywhere": MOST_ANYWHERE_WITHIN_AN_HOUR,
    }
    async with direct(engine) as connection:
        row = (await connection.execute(_FILE, parameters)).one()
        if row.batches == 0:
            raise BatchUnknown(envelope.batch_no)
        if row.received_at is not None:
            stamp = {"received_at": row.received_at, "position": row.position}
            stamp["body_sha256"] = parameters["body_sha256"]
            return Filed(envelope.model_copy(update=stamp), None, fresh=True)
        stored = (await connection.execute(_STORED, {"step_ids": [envelope.step_id]})).one_or_none()
    if stored is None:
        if row.is_everywhere:
            raise TooManyOfOne("步骤", MOST_ANYWHERE_WITHIN_AN_HOUR)
        raise TooMany(_AGAIN_SOON_SECONDS if row.is_full else AGAIN_LATER_SECONDS)
    if (stored.batch_no, stored.step, stored.body_sha256) != (
        envelope.batch_no,
        envelope.step,
        parameters["body_sha256"],
    ) or not _is_theirs(stored, envelope):
        raise KeyReused(envelope.step_id)
    return _filed(stored)


async def filed_step(engine: AsyncEngine, step_id: UUID) -> Filed | None:
    """A step as filed, with its decision where there is one; None for an id the ledger does not hold."""
    return (await filed_steps(engine, [step_id])).get(step_id)


async def filed_steps(engine: AsyncEngine, step_ids: Iterable[UUID]) -> dict[UUID, Filed]:
    """As :func:`filed_step`, for those of many that the ledger holds."""
    async with autocommit(engine) as connection:
        rows = (await connection.execute(_STORED, {"step_ids": list(step_ids)})).all()
    return {row.step_id: _filed(row) for row in rows}


async def decision_of(engine: AsyncEngine, step_id: UUID) -> Decision | None:
    """The procedure's answer to a step; None while there is none."""
    async with autocommit(engine) as connection:
        stored = (await connection.execute(_DECISION, {"step_id": step_id})).scalar_one_or_none()
    return None if stored is None else Decision.model_validate(stored)


async def unsignalled(engine: AsyncEngine, older_than_seconds: float, limit: int) -> list[StepEnvelope]:
    """Steps that no signal is known to have gone out for, in the order they were filed."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(
            _UNSIGNALLED, {"older_than_seconds": older_than_seconds, "limit": limit}
        )
        return [as_envelope(row) for row in rows]


async def standing(engine: AsyncEngine, question: StandingInput) -> StandingResult:
    """How far a batch is on record, if at all, which of its steps are not decided, and which are lost."""
    named, accepted = {"batch_no": question.batch_no}, list(question.accepted)
    async with autocommit(engine) as connection:
        batch = (await connection.execute(_STANDING, {**named, "accepted": accepted})).one_or_none()
        if batch is None:
            return StandingResult(version=0, position=0, steps=(), lost=question.accepted, is_missing=True)
        if question.opened_at not in (None, batch.opened_at):
            return StandingResult(version=0, position=0, steps=(), is_anothers=True)
        parameters = {**named, "position": batch.last_position, "taken": list(question.taken)}
        steps = tuple(as_envelope(row) for row in await connection.execute(_UNDECIDED_STEPS, parameters))
    return StandingResult(
        version=batch.version, position=batch.last_position, steps=steps, lost=tuple(batch.lost)
    )


async def mark_signalled(engine: AsyncEngine, step_ids: Iterable[UUID]) -> None:
    async with autocommit(engine) as connection:
        await connection.execute(_MARK_SIGNALLED, {"step_ids": list(step_ids)})


async def refuse_closed(engine: AsyncEngine, envelope: StepEnvelope) -> Decision:
    """Answer a filed step whose batch's workflow has ended, so that nobody waits for ever.

    Gives the decision that stands: this refusal, or the procedure's own if it came first.
    """
    async with engine.begin() as connection:
        batch = await lock_batch(connection, envelope.batch_no)
        decided = (await connection.execute(_DECISION, {"step_id": envelope.step_id})).scalar_one_or_none()
        if decided is not None:
            return Decision.model_validate(decided)
        refusal = Decision(
            step_id=envelope.step_id,
            step=envelope.step,
            accepted=False,
            decided_at=batch.clock,
            code=RefusalCode.BATCH_CLOSED,
            reason="该批次的流程已经结束，不再受理",
            rests_on="规程第3节",
        )
        parameters = {
            **timeline.chain(batch, [_refused(envelope, refusal)]).parameters,
            "batch_no": envelope.batch_no,
            "step_id": envelope.step_id,
            "decision": model_json(refusal),
            "accepted": False,
            "decided_at": batch.clock,
            "position": envelope.position,
        }
        await connection.execute(_REFUSE, parameters)
    return refusal


def _refused(envelope: StepEnvelope, refusal: Decision) -> TimelineEntry:
    """The line that the workflow would have written, had it still been there."""
    return TimelineEntry(
        key=step_line(envelope.step_id),
        at=refusal.decided_at,
        kind=TimelineKind.STEP_REFUSED,
        text=f"{STEPS[envelope.step].TITLE}：不予受理。{refusal.reason}",
        rests_on=refusal.rests_on,
        actor=envelope.actor,
        data=envelope.model_dump(
            mode="json", include={"step_id", "step", "body_sha256", "received_at", "position"}
        )
        | {"code": refusal.code},
    )


def _filed(stored: Row[Any]) -> Filed:
    decision = None if stored.decision is None else Decision.model_validate(stored.decision)
    return Filed(as_envelope(stored), decision, fresh=False)


def _is_theirs(stored: Row[Any], envelope: StepEnvelope) -> bool:
    """A key belongs to whoever chose it. An id that is made from a list's row is the same for everybody."""
    is_made_from_content = envelope.step_id.version == 5
    return is_made_from_content or bool(stored.actor["sub"] == envelope.actor.sub)


def as_envelope(row: Row[Any]) -> StepEnvelope:
    return StepEnvelope(
        step_id=row.step_id,
        batch_no=row.batch_no,
        step=row.step,
        body=row.body,
        actor=row.actor,
        received_at=row.received_at,
        position=row.position,
        body_sha256=row.body_sha256,
    )
