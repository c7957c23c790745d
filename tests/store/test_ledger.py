"""The ledger: filed once, stamped under the lock, never changed."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.envelope import RefusalCode
from messages.steps import StepName
from store.errors import BatchUnknown, KeyReused, NotStorable
from store.ledger import filings, record
from store.ledger.lock import lock_batch
from tests.store.builders import accepted, change, entry, open_one, snapshot, step


async def test_a_step_is_stamped_and_kept(engine: AsyncEngine) -> None:
    """A filed step comes back as it went in, with the ledger's stamp and no decision yet."""
    opening = await open_one(engine)
    envelope = step(opening.batch_no)
    filed = await filings.file_step(engine, envelope)
    assert filed.fresh
    assert filed.decision is None
    assert filed.envelope.received_at is not None
    assert abs(filed.envelope.received_at - datetime.now(UTC)) < timedelta(seconds=10)
    assert await filings.filed_step(engine, envelope.step_id) == filings.Filed(
        filed.envelope, None, fresh=False
    )


async def test_the_same_step_again_gives_the_first_answer(engine: AsyncEngine) -> None:
    """The same key and body give the stored row and, once there is one, its decision."""
    opening = await open_one(engine)
    envelope = step(opening.batch_no)
    first = await filings.file_step(engine, envelope)
    await record.write(
        engine,
        change(snapshot(opening.batch_no, 1), envelope=first.envelope, decision=accepted(envelope)),
        time_skipping=False,
    )
    again = await filings.file_step(engine, envelope)
    assert not again.fresh
    assert again.envelope == first.envelope
    assert again.decision is not None
    assert again.decision.accepted
    assert again.decision == await filings.decision_of(engine, envelope.step_id)


async def test_a_key_cannot_stand_for_another_step(engine: AsyncEngine) -> None:
    """The same key with another body, step or batch is refused."""
    opening, other = await open_one(engine), await open_one(engine)
    envelope = step(opening.batch_no)
    await filings.file_step(engine, envelope)
    for changes in (
        {"body": envelope.body | {"grounds": "别的理由"}},
        {"step": StepName.RESULT_ACCEPTED},
        {"batch_no": other.batch_no},
    ):
        with pytest.raises(KeyReused):
            await filings.file_step(engine, envelope.model_copy(update=changes))


async def test_a_step_of_no_batch_is_refused(engine: AsyncEngine) -> None:
    """Nothing is filed for a batch that does not exist."""
    with pytest.raises(BatchUnknown):
        await filings.file_step(engine, step("CJ1999-000001"))


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b"])
async def test_unstorable_text_is_refused_in_words(engine: AsyncEngine, bad: str) -> None:
    """Characters that PostgreSQL cannot keep are refused, not an internal error."""
    opening = await open_one(engine)
    with pytest.raises(NotStorable, match="不能保存"):
        await filings.file_step(engine, step(opening.batch_no, grounds=bad))


async def test_a_text_about_a_nul_is_storable(engine: AsyncEngine) -> None:
    """The six characters that write a NUL in JSON are ordinary text."""
    opening = await open_one(engine)
    filed = await filings.file_step(engine, step(opening.batch_no, grounds="写作 \\u0000 的文字"))
    assert filed.fresh


async def test_the_stamp_is_taken_after_the_lock(engine: AsyncEngine) -> None:
    """A step that waited for the batch's lock is stamped when it got it, not when it asked."""
    opening = await open_one(engine)
    async with engine.begin() as connection:
        await lock_batch(connection, opening.batch_no)
        filing = asyncio.create_task(filings.file_step(engine, step(opening.batch_no)))
        await asyncio.sleep(0.3)
        assert not filing.done()
        released = (await connection.execute(text("select clock_timestamp()"))).scalar_one()
    filed = await filing
    assert filed.envelope.received_at is not None
    assert filed.envelope.received_at > released


async def test_the_same_key_at_once_is_filed_once(engine: AsyncEngine) -> None:
    """Twenty clients with one key: one row, one stamp."""
    opening = await open_one(engine)
    envelope = step(opening.batch_no)
    filed = await asyncio.gather(*(filings.file_step(engine, envelope) for _ in range(20)))
    assert sum(one.fresh for one in filed) == 1
    assert len({one.envelope.received_at for one in filed}) == 1


async def test_unsignalled_steps_come_in_order_until_marked(engine: AsyncEngine) -> None:
    """The relay gets what is old enough, in the order of filing, until it is marked."""
    opening = await open_one(engine)
    steps = [(await filings.file_step(engine, step(opening.batch_no))).envelope for _ in range(3)]
    assert await filings.unsignalled(engine, 60, 10) == []
    assert await filings.unsignalled(engine, 0, 10) == steps
    await filings.mark_signalled(engine, [steps[0].step_id, steps[2].step_id])
    assert await filings.unsignalled(engine, 0, 10) == [steps[1]]
    await filings.mark_signalled(engine, [step.step_id for step in steps])
    assert await filings.unsignalled(engine, 0, 10) == []


async def test_a_step_after_the_end_is_refused(engine: AsyncEngine) -> None:
    """A filed step of an ended batch gets a decision, once; a decision that came first stands."""
    opening = await open_one(engine)
    late, decided = step(opening.batch_no), step(opening.batch_no)
    await filings.file_step(engine, late)
    filed = await filings.file_step(engine, decided)
    await record.write(
        engine,
        change(snapshot(opening.batch_no, 1), envelope=filed.envelope, decision=accepted(decided)),
        time_skipping=False,
    )
    refusal = await filings.refuse_closed(engine, late)
    assert (refusal.accepted, refusal.code) == (False, RefusalCode.BATCH_CLOSED)
    assert await filings.refuse_closed(engine, late) == refusal
    assert (await filings.refuse_closed(engine, decided)).accepted


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger set received_at = received_at - interval '1 day'",
        "update ledger set body = '{}'",
        "update ledger set signalled_at = null",
        "update ledger set signalled_at = now() + interval '1 day'",
        "delete from ledger",
        "truncate ledger cascade",
        "update decisions set accepted = false",
        "delete from decisions",
        "truncate decisions",
        "update timeline set text = ''",
        "delete from timeline",
        "truncate timeline",
    ],
)
async def test_the_record_is_append_only(engine: AsyncEngine, superuser: AsyncEngine, statement: str) -> None:
    """Ledger, decisions and timeline refuse every change, but for noting a signal once."""
    opening = await open_one(engine)
    filed = await filings.file_step(engine, step(opening.batch_no))
    await filings.mark_signalled(engine, [filed.envelope.step_id])
    await record.write(
        engine,
        change(
            snapshot(opening.batch_no, 1),
            entry("a"),
            envelope=filed.envelope,
            decision=accepted(filed.envelope),
        ),
        time_skipping=False,
    )
    with pytest.raises(DBAPIError, match="append-only"):
        async with superuser.begin() as connection:
            await connection.execute(text(statement))


async def test_an_unknown_step_has_no_decision(engine: AsyncEngine) -> None:
    """Nothing is known of a step never filed."""
    assert await filings.decision_of(engine, uuid4()) is None
    assert await filings.filed_step(engine, uuid4()) is None
