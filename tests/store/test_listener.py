"""Decisions are heard of as they are committed, also after the connection was lost."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.envelope import Decision, StepEnvelope
from store.engine import make_engine
from store.ledger import filings, record
from store.listener import DecisionListener
from store.reads import read_model
from tests.store.builders import accepted, change, open_one, snapshot, step, until

PATIENCE_SECONDS = 5
TOO_LONG = "理由" * 2000
T = TypeVar("T")


async def decide(engine: AsyncEngine, envelope: StepEnvelope, reason: str | None = None) -> Decision:
    decision = accepted(envelope).model_copy(update={"reason": reason})
    filed = (await filings.file_step(engine, envelope)).envelope
    on_record = (await read_model.batch(engine, envelope.batch_no)).snapshot.version
    await record.write(
        engine,
        change(snapshot(envelope.batch_no, on_record + 1), envelope=filed, decision=decision),
        time_skipping=False,
    )
    return decision


async def listening(listener: DecisionListener) -> None:
    await until(lambda: listener.listening)


async def cut(engine: AsyncEngine) -> None:
    """End the listener's connection from the server's side."""
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where application_name = 'choujian listener' and datname = current_database()"
            )
        )


def in_one_breath(database_url: str, act: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """Do it while our loop stands still, as under load: all that is heard of it is heard at once."""

    async def alone() -> T:
        engine = make_engine(database_url, pool_size=1)
        try:
            return await act(engine)
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, alone()).result()


async def test_a_decision_is_heard_of(engine: AsyncEngine, database_url: str) -> None:
    """Everyone who expects the step's decision gets it, however long its reason."""
    opening = await open_one(engine)
    async with DecisionListener(database_url) as listener:
        await listening(listener)
        for reason in (None, TOO_LONG):
            envelope = step(opening.batch_no)
            async with (
                listener.expect(envelope.step_id) as one,
                listener.expect(envelope.step_id) as two,
                listener.expect(step(opening.batch_no).step_id) as other,
            ):
                decision = await decide(engine, envelope, reason)
                assert await asyncio.wait_for(one, PATIENCE_SECONDS) == decision
                assert await asyncio.wait_for(two, PATIENCE_SECONDS) == decision
                assert not other.done()


async def test_a_refusal_after_the_end_is_heard_of(engine: AsyncEngine, database_url: str) -> None:
    """The relay's refusal is told like any decision."""
    opening = await open_one(engine)
    envelope = (await filings.file_step(engine, step(opening.batch_no))).envelope
    async with DecisionListener(database_url) as listener, listener.expect(envelope.step_id) as told:
        await listening(listener)
        refusal = await filings.refuse_closed(engine, envelope)
        assert await asyncio.wait_for(told, PATIENCE_SECONDS) == refusal


async def test_a_lost_connection_is_made_anew(engine: AsyncEngine, database_url: str) -> None:
    """A decision made around the loss of the connection is heard of or looked up."""
    opening = await open_one(engine)
    async with DecisionListener(database_url) as listener:
        for _ in range(5):
            envelope = step(opening.batch_no)
            async with listener.expect(envelope.step_id) as told:
                await listening(listener)
                await cut(engine)
                decision = await decide(engine, envelope)
                assert await asyncio.wait_for(told, PATIENCE_SECONDS) == decision


async def test_what_is_too_long_to_be_told_is_looked_up_one_after_the_other(
    engine: AsyncEngine, database_url: str
) -> None:
    """Several that come in one breath, while there is one connection to look them up on."""
    opening = await open_one(engine)
    envelopes = [step(opening.batch_no) for _ in range(5)]

    async def decide_all(own: AsyncEngine) -> list[Decision]:
        return [await decide(own, envelope, TOO_LONG) for envelope in envelopes]

    async with DecisionListener(database_url) as listener, AsyncExitStack() as expecting:
        await listening(listener)
        told = [
            await expecting.enter_async_context(listener.expect(envelope.step_id)) for envelope in envelopes
        ]
        decisions = in_one_breath(database_url, decide_all)
        assert await asyncio.wait_for(asyncio.gather(*told), PATIENCE_SECONDS) == decisions


async def test_a_connection_that_breaks_under_a_look_up_is_made_anew(
    engine: AsyncEngine, database_url: str
) -> None:
    """The look-up is sent after the server's last word, and before the end of the connection is seen."""
    opening = await open_one(engine)
    envelope = step(opening.batch_no)

    async def decide_and_cut(own: AsyncEngine) -> Decision:
        decision = await decide(own, envelope, TOO_LONG)
        # The server tells what was committed before it comes to this end.
        await asyncio.sleep(0.2)
        await cut(own)
        return decision

    async with DecisionListener(database_url) as listener, listener.expect(envelope.step_id) as told:
        await listening(listener)
        decision = in_one_breath(database_url, decide_and_cut)
        assert await asyncio.wait_for(told, PATIENCE_SECONDS) == decision


async def test_what_was_decided_unheard_is_looked_up(engine: AsyncEngine, database_url: str) -> None:
    """When the connection stands, whatever is expected and decided already is told."""
    opening = await open_one(engine)
    envelope = step(opening.batch_no)
    listener = DecisionListener(database_url)
    async with listener.expect(envelope.step_id) as told:
        decision = await decide(engine, envelope)
        async with listener:
            assert await asyncio.wait_for(told, PATIENCE_SECONDS) == decision


async def test_an_unreachable_database_does_not_stop_it() -> None:
    """Starting and ending are quick with no database there."""
    async with DecisionListener("postgresql://nobody@127.0.0.1:1/none") as listener:
        await asyncio.sleep(0.05)
        assert not listener.listening
