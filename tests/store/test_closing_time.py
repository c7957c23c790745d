"""At the very close of a window: a filing is counted or stamped after it, whoever comes first to the lock.

Two real connections; each order is forced by stopping one transaction while it holds the batch's lock.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.calendar import day_in_shanghai
from law.vocabulary import Party
from messages.envelope import StepEnvelope
from messages.records import SilenceInput, SilenceResult
from messages.steps import StepName
from store.engine import autocommit, make_engine
from store.ledger import filings, silence
from tests.store.builders import open_one, step, until

_KEY = 4711
_HOUR = timedelta(hours=1)


def question(batch_no: str, closes_at: datetime) -> SilenceInput:
    """Of a window whose last day is today or later: what counts here is the stamp alone."""
    return SilenceInput(
        batch_no=batch_no,
        wait_id="objection_filed:seller",
        step=StepName.OBJECTION_FILED,
        party=Party.SELLER,
        last_day=day_in_shanghai(closes_at),
        closes_at=closes_at,
        heard_until=closes_at,
        now=closes_at,
    )


async def filed(engine: AsyncEngine, batch_no: str) -> StepEnvelope:
    today = str(day_in_shanghai(await clock(engine)))
    return (await filings.file_step(engine, step(batch_no, filed_on=today, postmark=None))).envelope


async def clock(engine: AsyncEngine) -> datetime:
    async with autocommit(engine) as connection:
        now: datetime = (await connection.execute(text("select clock_timestamp()"))).scalar_one()
        return now


def counted(answer: SilenceResult) -> set[object]:
    return {one.envelope.step_id for one in answer.considered if one.counts}


@dataclass
class Gate:
    """Stops every transaction that writes, while it holds its batch's lock, until opened."""

    engine: AsyncEngine
    held_by: AsyncConnection

    async def waiting(self, number: int) -> None:
        """Until so many transactions wait: for this gate, or for a lock of one that waits for it."""
        count = text(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock'"
        )

        async def so_many() -> bool:
            async with autocommit(self.engine) as connection:
                return bool((await connection.execute(count)).scalar_one() == number)

        await until(so_many)

    async def open(self) -> None:
        await self.held_by.execute(text("select pg_advisory_unlock_all()"))


@pytest.fixture
async def gate(engine: AsyncEngine, superuser: AsyncEngine) -> AsyncIterator[Gate]:
    """Triggers of the test alone: the statements that run are the product's own."""
    function = f"""
        create function stop_here() returns trigger language plpgsql as $$
        begin
            perform pg_advisory_xact_lock_shared({_KEY});
            return new;
        end $$
    """
    async with autocommit(superuser) as connection:
        for statement in (
            function,
            "create trigger stop_filing before insert on ledger for each row execute function stop_here()",
            "create trigger stop_asking before update on batches for each row execute function stop_here()",
        ):
            await connection.execute(text(statement))
    try:
        async with autocommit(engine) as holder:
            await holder.execute(text(f"select pg_advisory_lock({_KEY})"))
            try:
                yield Gate(engine, holder)
            finally:
                await holder.execute(text("select pg_advisory_unlock_all()"))
    finally:
        async with autocommit(superuser) as connection:
            await connection.execute(text("drop function stop_here() cascade"))


@pytest.fixture
async def batch_no(engine: AsyncEngine) -> str:
    return (await open_one(engine)).batch_no


async def test_the_filing_first(engine: AsyncEngine, batch_no: str, gate: Gate) -> None:
    """Stamped before the close, committed after it: whoever asks meanwhile waits for it and counts it."""
    filing = asyncio.create_task(filed(engine, batch_no))
    await gate.waiting(1)
    closes_at = await clock(engine)
    asking = asyncio.create_task(silence.ask(engine, question(batch_no, closes_at), time_skipping=False))
    await gate.waiting(2)
    await gate.open()
    row, answer = await asyncio.gather(filing, asking)
    assert row.received_at is not None
    assert row.received_at < closes_at < answer.ledger_now
    assert counted(answer) == {row.step_id}


async def test_the_question_first(engine: AsyncEngine, batch_no: str, gate: Gate) -> None:
    """Filed while silence is being decided: the filing waits, and is stamped after the decision."""
    closes_at = await clock(engine)
    asking = asyncio.create_task(silence.ask(engine, question(batch_no, closes_at), time_skipping=False))
    await gate.waiting(1)
    filing = asyncio.create_task(filed(engine, batch_no))
    await gate.waiting(2)
    await gate.open()
    row, answer = await asyncio.gather(filing, asking)
    assert answer.verdict == "asked"
    assert answer.considered == ()
    assert row.received_at is not None
    assert row.received_at >= answer.ledger_now > closes_at


async def test_at_the_very_close_it_is_too_early(engine: AsyncEngine, batch_no: str) -> None:
    """A filing stamped 24:00 sharp is in time, so nobody is silent before the clock has gone past it."""
    closes_at = await clock(engine) + _HOUR
    async with autocommit(engine) as connection:
        # The ledger's clock never goes back, so this is what it shows.
        await connection.execute(
            text("update batches set last_stamp = :at where batch_no = :no"),
            {"at": closes_at, "no": batch_no},
        )
    asked = question(batch_no, closes_at)
    first = await silence.ask(engine, asked, time_skipping=False)
    assert (first.ledger_now, first.verdict) == (closes_at, "too_early")
    row = await filed(engine, batch_no)
    assert row.received_at == closes_at
    later = asked.model_copy(update={"now": closes_at + timedelta(days=1)})
    assert counted(await silence.ask(engine, later, time_skipping=True)) == {row.step_id}


async def set_the_clock(engine: AsyncEngine, batch_no: str, by: timedelta) -> None:
    """The ledger's clock as of this batch: so far from the right time."""
    async with autocommit(engine) as connection:
        await connection.execute(
            text("update batches set clock_ahead = :by where batch_no = :no"), {"no": batch_no, "by": by}
        )


async def answered(engine: AsyncEngine, asked: SilenceInput) -> SilenceResult:
    while True:
        answer = await silence.ask(engine, asked, time_skipping=False)
        if answer.verdict == "asked":
            return answer


@pytest.mark.parametrize("clock_is_set", [False, True], ids=["steady_clock", "clock_set_back_and_forth"])
async def test_many_at_the_close(
    engine: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch, clock_is_set: bool
) -> None:
    """However many file and ask at the close: no timely row is overlooked, and stamps never go back.

    Also while the ledger's clock is set an hour ahead and an hour behind, and last an hour behind.
    """
    monkeypatch.setattr(filings, "MOST_UNDECIDED", 10_000)
    monkeypatch.setattr(filings, "MOST_WITHIN_AN_HOUR", 10_000)
    dice = random.Random(20180701)
    others = make_engine(database_url, pool_size=8)
    wrong = (-_HOUR, timedelta(0), _HOUR)

    async def keep_filing(on: AsyncEngine, batch_no: str, rows: list[StepEnvelope], over: list[bool]) -> None:
        while not over:
            rows.append(await filed(on, batch_no))

    async def play(batch_no: str) -> None:
        rows: list[StepEnvelope] = []
        over: list[bool] = []
        filing = [
            asyncio.create_task(keep_filing(on, batch_no, rows, over)) for on in (engine, others, others)
        ]
        await until(lambda: len(rows) >= 5)
        closes_at = await clock(engine) + timedelta(milliseconds=50)
        asked = question(batch_no, closes_at)
        asking = [asyncio.create_task(answered(on, asked)) for on in (engine, others)]
        while not all(task.done() for task in asking):
            if clock_is_set:
                await set_the_clock(others, batch_no, dice.choice(wrong))
            await asyncio.sleep(0.002)
        if clock_is_set:
            await set_the_clock(others, batch_no, -_HOUR)
        enough = len(rows) + 10
        await until(lambda: len(rows) >= enough)
        over.append(True)
        await asyncio.gather(*filing)

        in_order = sorted(rows, key=lambda row: row.position or 0)
        assert [row.position for row in in_order] == list(range(1, len(rows) + 1))
        stamps = [row.received_at for row in in_order if row.received_at is not None]
        assert stamps == sorted(stamps)
        timely = {row.step_id for row in rows if row.received_at and row.received_at <= closes_at}
        assert 0 < len(timely) < len(rows)
        assert [counted(answer) for answer in await asyncio.gather(*asking)] == [timely, timely]

    await asyncio.gather(*[play((await open_one(engine)).batch_no) for _ in range(4)])
    await others.dispose()
