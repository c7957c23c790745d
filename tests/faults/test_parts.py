"""Each part killed in turn while staff go on working: nothing accepted is lost, nothing is done twice."""

import asyncio
import random
from collections import Counter
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.steps import StepName
from tests.faults.clients import Clients, Sent
from tests.faults.conftest import Mailbox
from tests.faults.stack import Part, Stack, bounded
from tests.faults.whole import assert_whole

pytestmark = pytest.mark.faults

_SAMPLING = (
    (Role.OFFICER, StepName.PURCHASED),
    (Role.LAB, StepName.RECEIVED),
    (Role.OFFICER, StepName.SEALING_SCHEDULED),
    (Role.OFFICER, StepName.SEALED),
)


async def open_some(clients: Clients, number: int) -> list[str]:
    return list(await asyncio.gather(*(clients.open() for _ in range(number))))


def sampling(clients: Clients, batch_no: str) -> list[Sent]:
    return [clients.prepare(batch_no, role, step) for role, step in _SAMPLING]


async def file_in_order(clients: Clients, steps: list[Sent]) -> list[int]:
    return [(await clients.file(sent)).status_code for sent in steps]


async def assert_accepted_once(clients: Clients, engine: AsyncEngine, plans: list[list[Sent]]) -> None:
    """Every step accepted, in the order it was sent; sent once more it is answered the same."""
    for steps in plans:
        for sent in steps:
            decision = await clients.decision(sent)
            assert decision.accepted, (sent.step, decision)
            again = await clients.file(sent)
            assert (again.status_code, again.json()["decision"]) == (200, decision.model_dump(mode="json"))
    numbers = [steps[0].batch_no for steps in plans]
    await assert_whole(engine, *numbers)
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("""
            select t.batch_no, l.step from timeline t
            join ledger l on t.data ->> 'step_id' = cast(l.step_id as text)
            where t.kind = 'step_accepted' and t.batch_no = any(:numbers) order by t.batch_no, t.seq
            """),
            {"numbers": numbers},
        )
        order: dict[str, list[str]] = {}
        for row in rows:
            order.setdefault(row.batch_no, []).append(row.step)
    assert order == {steps[0].batch_no: [sent.step for sent in steps] for steps in plans}


@bounded(120)
async def test_the_worker_is_killed_while_steps_arrive(
    stack: Stack, clients: Clients, engine: AsyncEngine
) -> None:
    """Staff are told 202 meanwhile; a new worker decides every step, once, in the order it was filed."""
    plans = [sampling(clients, batch_no) for batch_no in await open_some(clients, 6)]
    filing = [asyncio.create_task(file_in_order(clients, steps)) for steps in plans]
    await asyncio.sleep(0.15)
    stack.kill(Part.WORKER)
    statuses = Counter(status for statuses in await asyncio.gather(*filing) for status in statuses)
    assert set(statuses) <= {200, 202}
    assert statuses[202] >= len(plans)
    # The inbox answers without a worker.
    assert (await clients.until_answered("GET", "/tasks")).status_code == 200
    await stack.start(Part.WORKER)
    await assert_accepted_once(clients, engine, plans)
    assert set(clients.answers) <= {200, 201, 202}


@bounded(120)
async def test_the_api_is_killed_between_filing_and_signalling(
    stack: Stack, clients: Clients, engine: AsyncEngine
) -> None:
    """A step on the ledger that Temporal never heard of is brought to it by the relay."""
    steps = [clients.prepare(number, *_SAMPLING[0]) for number in await open_some(clients, 3)]
    with stack.frozen(Part.TEMPORAL):
        # The API has filed the step and hangs over the signal: this is the moment in between.
        posts = [asyncio.create_task(clients.post(sent)) for sent in steps]
        await filed(engine, steps)
        stack.kill(Part.API)
        answers = await asyncio.gather(*posts)
        assert all(answer is None or answer.status_code == 202 for answer in answers)
        assert await unsignalled(engine, steps) == len(steps)
        # What Temporal had been sent dies with it.
        stack.kill(Part.TEMPORAL)
    await stack.start(Part.TEMPORAL)
    # Nobody asks for it: the API is still down while the relay works.
    async with asyncio.timeout(60):
        while await unsignalled(engine, steps):  # noqa: ASYNC110 (another process works)
            await asyncio.sleep(0.2)
    await stack.start(Part.API)
    await assert_accepted_once(clients, engine, [[sent] for sent in steps])


@bounded(120)
async def test_the_api_is_killed_at_any_moment(stack: Stack, clients: Clients, engine: AsyncEngine) -> None:
    """Whatever a step had come to: sent again with its key, it is one step."""
    dice = random.Random(20180701)
    for _ in range(3):
        steps = [clients.prepare(number, *_SAMPLING[0]) for number in await open_some(clients, 6)]
        posts = [asyncio.create_task(clients.post(sent)) for sent in steps]
        await asyncio.sleep(dice.uniform(0.01, 0.12))
        stack.kill(Part.API)
        await asyncio.gather(*posts)
        await stack.start(Part.API)
        await asyncio.gather(*(clients.file(sent) for sent in steps))
        await assert_accepted_once(clients, engine, [[sent] for sent in steps])


@bounded(120)
async def test_temporal_is_killed(stack: Stack, clients: Clients, engine: AsyncEngine) -> None:
    """Orders and steps are taken meanwhile; Temporal comes back with all it had, and decides the rest."""
    before = [sampling(clients, batch_no)[:2] for batch_no in await open_some(clients, 3)]
    filing = [asyncio.create_task(file_in_order(clients, steps)) for steps in before]
    await asyncio.sleep(0.15)
    stack.kill(Part.TEMPORAL)
    await asyncio.gather(*filing)
    opened_meanwhile = await clients.open()
    meanwhile = [
        *(sampling(clients, steps[0].batch_no)[2:] for steps in before),
        sampling(clients, opened_meanwhile),
    ]
    for steps in meanwhile:
        assert await file_in_order(clients, steps) == [202] * len(steps)
    assert (await clients.until_answered("GET", f"/batches/{opened_meanwhile}")).status_code == 200
    await stack.start(Part.TEMPORAL)
    plans = [first + then for first, then in zip(before, meanwhile, strict=False)] + [meanwhile[-1]]
    await assert_accepted_once(clients, engine, plans)
    assert set(clients.answers) <= {200, 201, 202}
    assert stack.is_running(Part.API)
    assert stack.is_running(Part.WORKER)


@bounded(120)
async def test_the_database_is_killed(stack: Stack, clients: Clients, engine: AsyncEngine) -> None:
    """Told 503 and when to come again, never 500; what was answered before is there afterwards."""
    plans = [sampling(clients, batch_no) for batch_no in await open_some(clients, 4)]
    over = asyncio.Event()

    async def look_on() -> None:
        while not over.is_set():
            for path in ("/tasks", f"/batches/{plans[0][0].batch_no}", "/batches?limit=5"):
                await clients.call("GET", path)
            await asyncio.sleep(0.05)

    looking = [asyncio.create_task(look_on()) for _ in range(2)]
    filing = [asyncio.create_task(file_in_order(clients, steps)) for steps in plans]
    await asyncio.sleep(0.15)
    stack.kill(Part.POSTGRES)
    refused = await clients.call("POST", "/batches", key=uuid4(), body={})
    assert refused is not None
    down = clients.prepare(plans[0][0].batch_no, *_SAMPLING[0])
    told = await clients.post(down)
    assert told is not None
    assert told.status_code == 503
    ready = await clients.until_told_not_ready()
    assert "数据库" in ready.text
    await asyncio.sleep(1)
    await stack.start(Part.POSTGRES)
    await asyncio.gather(*filing)
    over.set()
    await asyncio.gather(*looking)
    assert clients.answers[503] > 0
    assert clients.unreachable == 0
    assert set(clients.answers) <= {200, 201, 202, 409, 422, 503}
    await assert_accepted_once(clients, engine, plans)
    assert stack.is_running(Part.API)
    assert stack.is_running(Part.WORKER)


@bounded(120)
async def test_a_part_that_hangs_is_not_waited_for(
    stack: Stack, clients: Clients, engine: AsyncEngine
) -> None:
    """Temporal takes connections and answers nothing: steps are recorded, and decided when it wakes."""
    steps = sampling(clients, await clients.open())
    with stack.frozen(Part.TEMPORAL):
        async with asyncio.timeout(20):
            assert await file_in_order(clients, steps) == [202] * len(steps)
    await assert_accepted_once(clients, engine, [steps])


@bounded(120)
async def test_the_power_fails(stack: Stack, clients: Clients, engine: AsyncEngine) -> None:
    """Everything is gone at once, and comes back in the order in which each part lacks the one it needs."""
    plans = [sampling(clients, batch_no) for batch_no in await open_some(clients, 4)]
    filing = [asyncio.create_task(file_in_order(clients, steps)) for steps in plans]
    await asyncio.sleep(0.2)
    for part in reversed(Part):
        stack.kill(part)
    await stack.start(*reversed(Part))
    await asyncio.gather(*filing)
    await clients.ready()
    await assert_accepted_once(clients, engine, plans)


@bounded(180)
async def test_the_worker_ends_with_exit_code_0(stack: Stack, clients: Clients, engine: AsyncEngine) -> None:
    """Asked to end in the middle of its work, it ends cleanly every time; the SDK likes to crash then."""
    for _ in range(5):
        await stack.worker_at_work()
        steps = sampling(clients, await clients.open())
        filing = asyncio.create_task(file_in_order(clients, steps))
        await asyncio.sleep(0.1)
        assert await asyncio.to_thread(stack.terminate, Part.WORKER) == 0, stack.log(Part.WORKER)[-3000:]
        await stack.start(Part.WORKER)
        await filing
        await assert_accepted_once(clients, engine, [steps])


async def filed(engine: AsyncEngine, steps: list[Sent]) -> None:
    """Wait until all of them are on the ledger."""
    async with asyncio.timeout(20), engine.connect() as connection:
        while True:
            found = await connection.execute(
                text("select count(*) from ledger where step_id = any(:ids)"),
                {"ids": [sent.step_id for sent in steps]},
            )
            await connection.commit()
            if found.scalar_one() == len(steps):
                return
            await asyncio.sleep(0.005)


async def unsignalled(engine: AsyncEngine, steps: list[Sent]) -> int:
    async with engine.connect() as connection:
        found = await connection.execute(
            text("select count(*) from ledger where step_id = any(:ids) and signalled_at is null"),
            {"ids": [sent.step_id for sent in steps]},
        )
        return int(found.scalar_one())


@bounded(120)
async def test_a_letter_leaves_soon_though_the_worker_died_over_it(
    stack: Stack, clients: Clients, mailbox: Mailbox
) -> None:
    """The next attempt does not wait for all the time that a slow mail server may take."""
    mailbox.stalls, mailbox.stalled = True, 0
    batch_no = await clients.open()
    for sent in sampling(clients, batch_no):
        await clients.file(sent)
    await mailbox.until(lambda it: it.stalled > 0)
    stack.kill(Part.WORKER)
    mailbox.stalls = False
    await stack.start(Part.WORKER)
    async with asyncio.timeout(45):
        await mailbox.until(lambda it: any(letter.startswith(batch_no) for letter in it.message_ids))
