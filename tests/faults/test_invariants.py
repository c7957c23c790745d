"""What a seeded run looks for is found where it is: a check that sees nothing would pass every run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from local.scenarios.courses import COURSES
from tests.databases import tamper
from tests.faults import invariants
from tests.faults.clients import Sent
from tests.faults.conftest import Mailbox
from tests.faults.desk import Desk, Played, Staff
from tests.faults.plan import Task
from tests.faults.stack import Stack, bounded

pytestmark = pytest.mark.faults

COURSE = next(course for course in COURSES if course.name == "accepted_expressly")


@pytest.fixture
async def played(stack: Stack, http: httpx.AsyncClient, engine: AsyncEngine) -> Played:
    """One batch, left alone."""
    staff = Staff(stack, http)
    one = Played(await staff.open(), Task(COURSE, COURSE.acts, seed=1))
    await Desk(staff, stack, engine).play(one)
    assert (one.stuck, staff.found) == (None, [])
    return one


@asynccontextmanager
async def falsified(
    engine: AsyncEngine, table: str, column: str, value: str, where: str
) -> AsyncIterator[None]:
    """A column is another for a while."""
    await tamper(engine, f"create table kept_aside as select * from {table} where {where}")
    await tamper(engine, f"update {table} set {column} = {value} where {where}")
    try:
        yield
    finally:
        await tamper(
            engine,
            f"update {table} set {column} = (select {column} from kept_aside limit 1) where {where}",
        )
        await tamper(engine, "drop table kept_aside")


@bounded(180)
async def test_what_is_wrong_is_found(
    stack: Stack, engine: AsyncEngine, mailbox: Mailbox, played: Played
) -> None:
    """One thing after the other is falsified; each check finds its own, and nothing once it is undone."""
    no, (sent, decision) = played.batch_no, played.told[2]
    is_this, of_batch = f"step_id = '{sent.step_id}'", f"batch_no = '{no}'"
    async with falsified(engine, "decisions", "accepted", "false", is_this):
        assert len(await invariants.lost(engine, [played])) == 1
        assert len(await invariants.not_as_computed(engine, [played])) == 1
        assert len(await invariants.unverified(stack.settings)) == 1
    async with falsified(engine, "batches", "outcome", "'voided'", of_batch):
        assert len(await invariants.not_the_courses(engine, [played])) == 1
        assert len(await invariants.not_as_computed(engine, [played])) == 1
        assert len(await invariants.read_model_otherwise(engine, [played])) == 1
    async with falsified(engine, "ledger", "step", "'voided'", is_this):
        assert len(await invariants.not_as_computed(engine, [played])) > 1
    async with falsified(
        engine, "documents", "recipient", "'authority'", f"{of_batch} and kind = 'publication'"
    ):
        assert "papers" in (await invariants.not_as_computed(engine, [played]))[0]
    never_filed = Sent(no, sent.step, sent.role, sent.body)
    assert len(await invariants.lost(engine, [Played(no, played.task, [(never_filed, decision)])])) == 1
    mailbox.message_ids.append(f"{no}-made-up")
    assert len(await invariants.letters_wrong(engine, mailbox, [played])) == 1
    mailbox.message_ids.remove(f"{no}-made-up")
    for found in (
        await invariants.lost(engine, [played]),
        await invariants.decided_twice(engine, [played]),
        await invariants.not_the_courses(engine, [played]),
        await invariants.not_as_computed(engine, [played]),
        await invariants.letters_wrong(engine, mailbox, [played]),
        await invariants.read_model_otherwise(engine, [played]),
        await invariants.unverified(stack.settings),
    ):
        assert found == []
