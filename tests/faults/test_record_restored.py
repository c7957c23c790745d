"""PostgreSQL is restored from an older backup, with batches ordered and steps filed since: they go on."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecutionStatus

from local.scenarios.courses import COURSES
from messages.names import workflow_id
from messages.records import TimelineKind
from store.ledger import agreement, timeline
from store.watched import displaced
from temporal import connecting
from tests.faults.clients import Clients, Table
from tests.faults.conftest import Mailbox
from tests.faults.stack import Part, Stack, bounded
from tests.faults.test_lost import Played, all_of, begun
from tests.faults.whole import faults_of

pytestmark = pytest.mark.faults

_SEED = 20261130
_FOUND_WITHIN_SECONDS = 120.0
_PUT_BACK = text("""
    select batch_no, count(*) as lines from timeline
    where kind = :kind and cast(data as jsonb) ? 'lost_steps' group by batch_no
""")


@bounded(600)
async def test_an_older_backup_of_the_record_is_put_in_place(
    stack: Stack, clients: Clients, engine: AsyncEngine, mailbox: Mailbox, tmp_path: Path
) -> None:
    """Batches ordered since are on record again, older ones say what they lack; all end as they would have.

    One number has been given to another order before the relay could put its batch back: the two stay apart.
    """
    table, chance = Table(clients, stack), random.Random(_SEED)
    older = await begun(clients, table, 6, chance)
    stack.dump(tmp_path / "record.dump")
    before = await _versions(engine)
    more = {one.batch_no: chance.randint(one.done, len(one.course.acts) - 1) for one in older}
    await all_of(older, lambda one: one.go_to(table, more[one.batch_no]))
    younger = [Played(await clients.open(), course) for course in COURSES[:5]]
    await all_of(younger, lambda one: one.go_to(table, chance.randrange(2, len(one.course.acts))))
    assert stack.terminate(Part.WORKER) == 0
    stack.kill(Part.API)
    after = await _versions(engine)
    await engine.dispose()
    stack.restore(tmp_path / "record.dump")

    await stack.start(Part.API)
    await clients.ready()
    again = Played(await clients.open(), COURSES[0])
    displaced_one, *younger = younger
    assert again.batch_no == displaced_one.batch_no, "the number was given out again"
    await stack.start(Part.WORKER)
    await _until_on_record(engine, {one.batch_no for one in younger})
    client = await connecting.connect(stack.settings)
    await _until_it_is_its_own(engine, client, again.batch_no)

    whole = [*older, *younger, again]
    await all_of(whole, lambda one: one.finish(table, clients))
    numbers = [one.batch_no for one in whole]
    assert await timeline.verify(engine) == []
    assert await agreement.disagreements(engine) == []
    assert await faults_of(engine, *numbers) == []
    async with engine.connect() as connection:
        put_back = {row.batch_no: row.lines for row in await connection.execute(_PUT_BACK, _KIND)}
    moved_on = {one.batch_no for one in older if after[one.batch_no] > before[one.batch_no]}
    assert put_back.keys() == {*moved_on, *(one.batch_no for one in younger)}
    assert set(put_back.values()) == {1}, "told once"
    for one in (*older, *younger):
        letters = [letter for letter in mailbox.message_ids if letter.startswith(one.batch_no)]
        assert len(letters) == len(set(letters)), "a letter came twice"


_KIND = {"kind": TimelineKind.RESTORED}


async def _versions(engine: AsyncEngine) -> dict[str, int]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("select batch_no, version from batches"))
        return {row.batch_no: row.version for row in rows}


async def _until_on_record(engine: AsyncEngine, numbers: set[str]) -> None:
    """Nobody sends anything: the relay finds them."""
    async with asyncio.timeout(_FOUND_WITHIN_SECONDS):
        while True:
            async with engine.connect() as connection:
                rows = await connection.execute(text("select batch_no from batches where kept is not null"))
                if numbers <= set(rows.scalars()):
                    return
            await asyncio.sleep(1)


async def _until_it_is_its_own(engine: AsyncEngine, client: Client, batch_no: str) -> None:
    """The old workflow has left the number, with its case kept; the new batch has one of its own."""
    handle = client.get_workflow_handle(workflow_id(batch_no))
    async with asyncio.timeout(_FOUND_WITHIN_SECONDS):
        while True:
            found = await displaced.of_number(engine, batch_no)
            if found and (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
                break
            await asyncio.sleep(1)
    (old,) = found
    assert old.kept["version"] == old.version > 0
    async with engine.connect() as connection:
        opened_at = await connection.execute(
            text("select opened_at from batches where batch_no = :no"), {"no": batch_no}
        )
    assert opened_at.scalar_one() > old.opened_at + timedelta(seconds=1)
