"""A seeded run: everything that can go wrong does, in an order that one number gives, and then all must hold.

``CHOUJIAN_FAULT_SECONDS`` of disturbance (hours, by hand), ``CHOUJIAN_FAULT_SEED`` to play a run again,
``CHOUJIAN_FAULT_REPORT`` the file that its figures go into, as JSON (docs/reliability.md).
"""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.checkpoints import Checkpointing
from signing.keys import Keyring
from tests.faults import invariants
from tests.faults.conftest import Mailbox
from tests.faults.desk import Desk, Played, Staff
from tests.faults.disturbing import Disturber
from tests.faults.plan import Kind, disturbances, tasks
from tests.faults.stack import Stack, bounded
from tests.faults.strangers import Strangers
from tests.faults.whole import faults_of

pytestmark = pytest.mark.faults

SECONDS = float(os.environ.get("CHOUJIAN_FAULT_SECONDS", "240"))
SEED = int(os.environ.get("CHOUJIAN_FAULT_SEED", "20261129"))
_CLERKS = 5
_CALLERS = 2
# Beside the disturbance: to play what is begun, and to look at all of it.
_SETTLING_SECONDS = 600.0 + SECONDS / 4


class Run:
    """Clerks at their desks, strangers beside them, and what is done to the parts meanwhile."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient, engine: AsyncEngine) -> None:
        self.stack = stack
        self.engine = engine
        self.staff = Staff(stack, http)
        self.strangers = Strangers(stack, http, engine, SEED)
        self.disturber = Disturber(stack, self.strangers.signal, self.strangers.rush)
        self.batches: list[Played] = []
        self._tasks = tasks(SEED)
        self._began = time.monotonic()
        self._until = self._began + SECONDS

    async def through(self) -> None:
        """Batches are begun as long as there is disturbance, and then played to their end."""
        self.strangers.come(_CALLERS)
        async with asyncio.TaskGroup() as group:
            for _ in range(_CLERKS):
                group.create_task(self._clerk())
            group.create_task(self._disturb())
        await self.strangers.leave()

    async def _clerk(self) -> None:
        desk = Desk(self.staff, self.stack, self.engine)
        while time.monotonic() < self._until:
            try:
                played = Played(await self.staff.open(), next(self._tasks))
            except TimeoutError:
                self.staff.found.append("an order was not answered")
                continue
            self.batches.append(played)
            self.strangers.open_batches.append(played.batch_no)
            await desk.play(played)
            self.strangers.open_batches.remove(played.batch_no)
            self.strangers.filed += [sent for sent, _ in played.told]
            self._say(f"{played.batch_no} {played.task.course.name}: {played.stuck or 'closed'}")

    def _say(self, words: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {words}", flush=True)

    async def _disturb(self) -> None:
        for number, one in enumerate(disturbances(SEED, SECONDS)):
            if time.monotonic() > self._until:
                break
            self._say(str(one))
            await self.disturber.do(one)
            if number == len(Kind):
                # Fixes heads in the middle of everything; all that is added must fit them.
                await Checkpointing(
                    self.engine, Keyring(self.stack.settings.signing_folder), None, None
                ).make()


async def faults_found(run: Run, mailbox: Mailbox) -> dict[str, list[str]]:
    """By invariant, all that does not hold."""
    engine, batches = run.engine, run.batches
    return {
        "answers that nobody may be given": run.staff.found + run.strangers.found,
        "parts that ended by themselves": run.disturber.found,
        "steps lost": await invariants.lost(engine, batches),
        "steps decided twice": await invariants.decided_twice(engine, batches),
        "the record is not whole": await faults_of(engine, *(one.batch_no for one in batches)),
        "batches that did not come to their outcome": await invariants.not_the_courses(engine, batches),
        "not as computed from the ledger alone": await invariants.not_as_computed(engine, batches),
        "letters": await invariants.letters_wrong(engine, mailbox, batches),
        "read model": await invariants.read_model_otherwise(engine, batches),
        "timeline verify": await invariants.unverified(run.stack.settings),
    }


async def figures(run: Run, mailbox: Mailbox, found: dict[str, list[str]]) -> dict[str, Any]:
    counts = run.disturber.counts
    async with run.engine.connect() as connection:
        steps = await connection.execute(
            text("select count(*) from ledger where batch_no = any(:numbers)"),
            {"numbers": [one.batch_no for one in run.batches]},
        )
        in_ledger = steps.scalar_one()
    return {
        "seed": SEED,
        "seconds": SECONDS,
        "batches": len(run.batches),
        "steps": in_ledger,
        **{str(kind): counts[kind] for kind in Kind},
        "signals past the API": run.strangers.signals,
        "hostile requests": run.strangers.answers.total(),
        "steps lost": len(found["steps lost"]),
        "steps decided twice": len(found["steps decided twice"]),
        "letters": len({one for one in mailbox.message_ids if one[:13] in {b.batch_no for b in run.batches}}),
        "letters that came again": len(invariants.came_again(mailbox, run.batches)),
        "faults": sum(map(len, found.values())),
    }


async def test_a_seed_gives_the_same_run_again() -> None:
    """What is disturbed when, and which batches are played."""
    assert disturbances(SEED, 600) == disturbances(SEED, 600) != disturbances(SEED + 1, 600)
    assert {one.kind for one in disturbances(SEED, 240)} == set(Kind)
    begun, again = tasks(SEED), tasks(SEED)
    assert [next(begun) for _ in range(40)] == [next(again) for _ in range(40)]


@bounded(SECONDS + _SETTLING_SECONDS)
async def test_whatever_goes_wrong_nothing_is_lost_and_nothing_done_twice(
    stack: Stack, http: httpx.AsyncClient, engine: AsyncEngine, mailbox: Mailbox
) -> None:
    """Every batch comes to the outcome that its ledger alone gives, whatever died, hung or lied meanwhile."""
    print(f"CHOUJIAN_FAULT_SEED={SEED} CHOUJIAN_FAULT_SECONDS={SECONDS:.0f}", flush=True)
    run = Run(stack, http, engine)
    await run.through()
    await run.staff.ready()
    found = await faults_found(run, mailbox)
    report = json.dumps(await figures(run, mailbox, found), ensure_ascii=False, indent=1)
    print(report, f"honest {dict(run.staff.answers)}", f"hostile {dict(run.strangers.answers)}", sep="\n")
    if path := os.environ.get("CHOUJIAN_FAULT_REPORT"):
        await asyncio.to_thread(Path(path).write_text, report + "\n", "utf-8")
    told = [f"{what}: {fault}" for what, faults in found.items() for fault in faults]
    assert not told, f"seed {SEED}:\n" + "\n".join(told)
