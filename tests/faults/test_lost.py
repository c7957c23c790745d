"""Temporal's database is lost, or an older one put in its place: each batch goes on from its record."""

import asyncio
import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from local.scenarios.beside import BESIDE
from local.scenarios.courses import BOTH_SERVED, COURSES, Course
from local.scenarios.player import perform
from messages.names import workflow_id
from store.ledger import agreement, timeline
from temporal import connecting, running
from tests.faults.clients import Clients, Table
from tests.faults.conftest import Mailbox
from tests.faults.stack import Part, Stack, bounded
from tests.faults.test_course import assert_mailed_once_each
from tests.faults.whole import assert_whole, papers_in_memory, papers_of

pytestmark = pytest.mark.faults

BATCHES = int(os.environ.get("CHOUJIAN_LOST_BATCHES", "40"))
_SEED = 20261129
_AT_ONCE = 6
_FOUND_WITHIN_SECONDS = 90.0


class Played:
    """A batch on some course, and how many of its acts have been played."""

    def __init__(self, batch_no: str, course: Course, done: int = 0) -> None:
        self.batch_no = batch_no
        self.course = course
        self.done = done
        self.clock: datetime | None = None

    async def go_to(self, table: Table, acts: int) -> None:
        for act in self.course.acts[self.done : acts]:
            await perform(table, self.batch_no, act)
            self.done += 1
        if self.done < len(self.course.acts):
            self.clock = await table.clock(self.batch_no)

    async def come_to_its_own_time(self, table: Table) -> None:
        """Skipped days on which nothing was recorded are in no record; without them a clock would go back."""
        if self.clock and (behind := self.clock - await table.clock(self.batch_no)) > timedelta(hours=1):
            await table.fast_forward(self.batch_no, behind)

    async def finish(self, table: Table, clients: Clients) -> None:
        await self.go_to(table, len(self.course.acts))
        async with asyncio.timeout(_FOUND_WITHIN_SECONDS):
            while True:
                answer = await clients.until_answered("GET", f"/batches/{self.batch_no}")
                if (view := answer.json())["phase"] == "closed":
                    break
                await asyncio.sleep(0.2)
        assert view["outcome"] == self.course.outcome, (self.batch_no, self.course.name, view["outcome"])


async def begun(clients: Clients, table: Table, count: int, chance: random.Random) -> list[Played]:
    """So many batches, each on a course of its own and somewhere before its end."""
    courses = [*COURSES, *BESIDE]
    batches = [Played(await clients.open(), courses[n % len(courses)]) for n in range(count)]
    places = {one.batch_no: chance.randrange(len(one.course.acts)) for one in batches}
    await all_of(batches, lambda one: one.go_to(table, places[one.batch_no]))
    return batches


async def all_of(batches: Sequence[Played], act) -> None:
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one_of_them(one: Played) -> None:
        async with at_once:
            await act(one)

    async with asyncio.TaskGroup() as group:
        for one in batches:
            group.create_task(one_of_them(one))


async def _until_all_run(stack: Stack, engine: AsyncEngine) -> None:
    """Each open batch has a running workflow again."""
    async with asyncio.timeout(_FOUND_WITHIN_SECONDS):
        client = await connecting.connect(stack.settings)
        while True:
            async with engine.connect() as connection:
                rows = await connection.execute(text("select batch_no from batches where phase <> 'closed'"))
                missing = set(rows.scalars()) - await running.running_batches(
                    client, stack.settings.task_queue
                )
            if not missing:
                return
            await asyncio.sleep(1)


async def _assert_sound(engine: AsyncEngine, mailbox: Mailbox, batches: Sequence[Played]) -> None:
    await assert_whole(engine, *(one.batch_no for one in batches))
    courses = {one.course.name: one.course for one in batches}
    expected = {name: await papers_in_memory(course) for name, course in courses.items()}
    for one in batches:
        assert await papers_of(engine, one.batch_no) == expected[one.course.name], one.course.name
        await assert_mailed_once_each(engine, mailbox, one.batch_no)
        letters = [message for message in mailbox.message_ids if message.startswith(one.batch_no)]
        assert len(letters) == len(set(letters)), "a letter came twice"
    assert await timeline.verify(engine) == []
    assert await agreement.disagreements(engine) == []


@bounded(900)
async def test_temporals_database_is_lost_with_batches_in_every_phase(
    stack: Stack, clients: Clients, engine: AsyncEngine, mailbox: Mailbox
) -> None:
    """All go on from PostgreSQL alone: no letter twice, no silence early, each to its own outcome."""
    table = Table(clients, stack)
    batches = await begun(clients, table, BATCHES, random.Random(_SEED))
    stack.lose_temporal()
    await stack.start(Part.TEMPORAL)
    before = datetime.now(UTC)
    await _until_all_run(stack, engine)
    print(f"{BATCHES} batches found after {(datetime.now(UTC) - before).total_seconds():.0f} s")
    async with engine.connect() as connection:
        told = await connection.execute(text("select count(*) from timeline where kind = 'restored'"))
        assert told.scalar_one() > 0
    await all_of(batches, lambda one: one.come_to_its_own_time(table))
    await all_of(batches, lambda one: one.finish(table, clients))
    await _assert_sound(engine, mailbox, batches)


@bounded(600)
async def test_an_older_backup_of_temporals_database_is_put_in_place(
    stack: Stack, clients: Clients, engine: AsyncEngine, mailbox: Mailbox
) -> None:
    """Workflows that are behind their record catch up with it, and none writes over it.

    The workers are stopped first, as docs/restoring.md says: one that goes on has newer batches in memory,
    and one that is killed may have handed a letter over and not noted it (docs/reliability.md).
    """
    table = Table(clients, stack)
    chance = random.Random(_SEED)
    batches = await begun(clients, table, 12, chance)
    stack.kill(Part.TEMPORAL)
    backup = stack.temporals_files()
    await stack.start(Part.TEMPORAL)
    await clients.working()
    more = {one.batch_no: chance.randint(one.done, len(one.course.acts) - 1) for one in batches}
    await all_of(batches, lambda one: one.go_to(table, more[one.batch_no]))
    younger = [Played(await clients.open(), COURSES[0]) for _ in range(3)]
    assert stack.terminate(Part.WORKER) == 0
    stack.lose_temporal()
    stack.restore_temporal(backup)
    await stack.start(Part.TEMPORAL, Part.WORKER)
    await _until_all_run(stack, engine)
    await all_of([*batches, *younger], lambda one: one.come_to_its_own_time(table))
    await all_of([*batches, *younger], lambda one: one.finish(table, clients))
    await _assert_sound(engine, mailbox, [*batches, *younger])


@bounded(240)
async def test_terminated_and_cancelled_by_a_click(
    stack: Stack, clients: Clients, engine: AsyncEngine
) -> None:
    """Nobody sends anything: the batch is found by itself, and its deadline is where it was."""
    table = Table(clients, stack)
    batch = Played(await clients.open(), Course("waiting", "", None, BOTH_SERVED))
    await batch.go_to(table, len(BOTH_SERVED))
    before = (await table.snapshot(batch.batch_no)).waits
    client = await connecting.connect(stack.settings)
    handle = client.get_workflow_handle(workflow_id(batch.batch_no))
    await handle.cancel()
    await handle.terminate()
    await _until_all_run(stack, engine)
    assert (await table.snapshot(batch.batch_no)).waits == before
    await assert_whole(engine, batch.batch_no)
