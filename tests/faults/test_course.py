"""One batch from order to closing, a part killed at every step: as if nothing had happened."""

import asyncio
import itertools

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Outcome
from local.scenarios.courses import COURSES, Do
from local.scenarios.player import play
from tests.faults.clients import Clients, Table
from tests.faults.conftest import Mailbox
from tests.faults.stack import Part, Stack, bounded
from tests.faults.whole import assert_whole, history, papers_in_memory, papers_of

pytestmark = pytest.mark.faults

COURSE = next(course for course in COURSES if course.outcome is Outcome.RETEST_UPHELD)
STEPS = sum(isinstance(act, Do) for act in COURSE.acts)
# How long after a step was sent; a step takes about 0.1 s on an idle machine.
_MOMENTS = (0.0, 0.01, 0.03, 0.06, 0.1, 0.2)


@bounded(300)
async def test_a_whole_course_with_a_part_killed_at_every_step(
    stack: Stack, clients: Clients, engine: AsyncEngine, mailbox: Mailbox
) -> None:
    """Outcome, documents, lines and alarms: the same as in a course left alone, each once."""
    table = Table(clients, stack)
    left_alone = await clients.open()
    await play(table, left_alone, COURSE, lambda _words: None)
    undisturbed = await history(engine, left_alone)

    moments = itertools.cycle(_MOMENTS)
    victims = itertools.cycle(Part)
    killed: list[Part] = []

    async def kill_one() -> None:
        await asyncio.sleep(next(moments))
        victim = next(victims)
        stack.kill(victim)
        killed.append(victim)
        await stack.start(victim)

    async def kill_the_database() -> None:
        await asyncio.sleep(next(moments))
        stack.kill(Part.POSTGRES)
        await stack.start(Part.POSTGRES)

    batch_no = await clients.open()
    table.disturb_step, table.disturb_time = kill_one, kill_the_database
    end = await play(table, batch_no, COURSE, lambda _words: None)
    assert end.outcome is Outcome.RETEST_UPHELD
    assert len(killed) == STEPS
    assert set(killed) == set(Part)

    await clients.ready()
    assert await history(engine, batch_no) == undisturbed
    await assert_whole(engine, left_alone, batch_no)
    for played in (left_alone, batch_no):
        assert await papers_of(engine, played) == await papers_in_memory(COURSE)
    await assert_mailed_once_each(engine, mailbox, batch_no)


async def assert_mailed_once_each(engine: AsyncEngine, mailbox: Mailbox, batch_no: str) -> None:
    """Every letter has come; one that came again after a kill came under the same Message-ID."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            text(
                "select document_id from documents join outbox using (document_id)"
                " where batch_no = :no and channel = 'email'"
            ),
            {"no": batch_no},
        )
        mailed = {row.document_id.replace(":", ".") for row in rows}
    assert mailed
    assert {one for one in mailbox.message_ids if one.startswith(batch_no)} == mailed
