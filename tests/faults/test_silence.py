"""Windows close while worker and server are killed and started again: the ledger's stamps decide each."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from local.scenarios.courses import BOTH_SERVED, example_body
from local.scenarios.player import perform
from messages.steps import StepName
from store.ledger import filings
from tests.faults.clients import Clients, Sent, Table
from tests.faults.stack import Part, Stack, bounded
from tests.faults.whole import assert_whole

pytestmark = pytest.mark.faults

SELLER = "objection_filed:seller"
SECOND = timedelta(seconds=1)
_BATCHES = 10


async def served(table: Table, batch_no: str) -> datetime:
    """Both parties' windows are open; until when what was filed in them is heard."""
    for act in BOTH_SERVED:
        await perform(table, batch_no, act)
    waits = {wait.id: wait for wait in (await table.snapshot(batch_no)).waits}
    heard_until = waits[SELLER].heard_until
    assert heard_until is not None
    return heard_until


async def go_to(table: Table, engine: AsyncEngine, batch_no: str, moment: datetime) -> None:
    """By the workflow's clock and by the ledger's; from here on real time passes."""
    await table.fast_forward(batch_no, moment - await table.clock(batch_no))
    await filings.follow_clock(engine, batch_no, await table.clock(batch_no))


@bounded(240)
@pytest.mark.parametrize(
    "order", [(Part.WORKER, Part.TEMPORAL), (Part.TEMPORAL, Part.WORKER)], ids=lambda o: o[0]
)
async def test_windows_close_while_parts_are_away(
    stack: Stack, clients: Clients, engine: AsyncEngine, order: tuple[Part, Part]
) -> None:
    """Entered before and after the end, before, during and after each outage: only the stamp matters."""
    table = Table(clients, stack)
    numbers = [await clients.open() for _ in range(_BATCHES)]
    closes = dict(
        zip(numbers, await asyncio.gather(*(served(table, number) for number in numbers)), strict=True)
    )
    # One closes after the other, the first in twenty seconds.
    await asyncio.gather(
        *(go_to(table, engine, no, closes[no] - (20 + n) * SECOND) for n, no in enumerate(numbers))
    )

    async def file(number: str, after: float) -> Sent:
        await asyncio.sleep(after)
        close = closes[number]
        # A day within the window, whatever rest days lie between its last day and this end.
        body = example_body(StepName.OBJECTION_FILED, close - timedelta(days=20))
        sent = Sent(number, StepName.OBJECTION_FILED, Role.OFFICER, body)
        await clients.file(sent)
        return sent

    filing = [asyncio.create_task(file(number, 18.5 + n + 3 * (n % 2))) for n, number in enumerate(numbers)]
    await asyncio.sleep(20)
    for part in order:
        stack.kill(part)
        await asyncio.sleep(2)
    for part in reversed(order):
        await stack.start(part)
        await asyncio.sleep(2)
    filed = await asyncio.gather(*filing)
    await clients.ready()

    timely = 0
    for sent in filed:
        await clients.decision(sent)
        await table.fast_forward(sent.batch_no, timedelta(hours=1))
        stamp = await stamp_of(engine, sent)
        standings = {p.party: p.standing for p in (await table.snapshot(sent.batch_no)).parties}
        in_time = stamp <= closes[sent.batch_no]
        assert standings["seller"] == (None if in_time else "silent"), (sent.batch_no, stamp)
        assert standings["producer"] == "silent"
        timely += in_time
    assert 0 < timely < _BATCHES
    await assert_whole(engine, *numbers)


async def stamp_of(engine: AsyncEngine, sent: Sent) -> datetime:
    async with engine.connect() as connection:
        found = await connection.execute(
            text("select received_at from ledger where step_id = :id"), {"id": sent.step_id}
        )
        stamp: datetime = found.scalar_one()
        return stamp
