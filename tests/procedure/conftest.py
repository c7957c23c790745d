"""A worker of the product on real PostgreSQL and Temporal, and a table to play batches on."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import TemporalError
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker
from temporalio.worker._workflow_instance import _WorkflowLogicFlag

from activities.relay import Relaying
from law.calendar import day_in_shanghai
from law.ordering import category_of
from law.regulation import Regulation, in_force_on
from law.vocabulary import Phase, Role
from local.scenarios.courses import Act, example_order
from local.scenarios.player import body_of, perform
from messages.base import Actor
from messages.envelope import Decision, StepEnvelope
from messages.names import delivery, workflow_id
from messages.order import BatchOrder
from messages.snapshot import DocumentStatus, Snapshot, Wait
from messages.steps import StepName
from settings import Settings
from store.calendars import imports
from store.calendars.in_force import AnnouncedCalendar
from store.ledger import batches, filings
from store.ledger.batches import OnRecord
from store.listener import DecisionListener
from store.reads import read_model
from temporal import connecting, running
from worker import build_worker

QUEUE = "procedure"
_models = itertools.count(1)
PEOPLE = {
    role: Actor(sub=role, name=f"{role}甲", role=role, laboratory="LAB-01" if role is Role.LAB else None)
    for role in Role
}


@dataclass
class Table:
    """Reaches batches as the API does: ledger first, then the signal; see ``local.player.Table``."""

    engine: AsyncEngine
    skipper: TimeSkipper
    listener: DecisionListener
    patience_seconds: float = 20.0
    regulation: Regulation = field(default_factory=lambda: in_force_on(day_in_shanghai(datetime.now(UTC))))
    _opened: list[str] = field(default_factory=list)

    def handle(self, batch_no: str) -> WorkflowHandle[Any, Any]:
        return self.skipper.client.get_workflow_handle(workflow_id(batch_no))

    def relaying(self) -> Relaying:
        return Relaying(self.engine, self.skipper.client, QUEUE)

    async def open(self, **changes: Any) -> str:
        """Open a batch of goods nobody has sampled yet."""
        goods = {"goods": {"spec_model": f"TEST-{next(_models)}-{uuid4().hex[:6]}"}}
        order = BatchOrder.model_validate(example_order(datetime.now(UTC), **{**goods, **changes}))
        opened = await batches.open_batch(
            self.engine,
            order=order,
            category=category_of(
                self.regulation,
                order.seller.place,
                order.platform and order.platform.place,
                order.authorization,
            ),
            regulation=self.regulation,
            calendar=await AnnouncedCalendar(self.engine).for_batch(order.regulation_date),
            actor=PEOPLE[Role.OFFICER],
            key=None,
            judge_repeat=lambda _earlier: None,
        )
        await running.start_batch(self.skipper.client, opened.opening, task_queue=QUEUE)
        self._opened.append(opened.opening.batch_no)
        await batches.mark_started(self.engine, opened.opening.batch_no)
        return opened.opening.batch_no

    async def file(
        self, batch_no: str, role: Role, step: StepName, body: dict[str, Any], step_id: UUID | None = None
    ) -> StepEnvelope:
        """Put a step in the ledger without signalling it, stamped by the batch's own clock."""
        await filings.follow_clock(self.engine, batch_no, await self.clock(batch_no))
        envelope = StepEnvelope(
            step_id=step_id or uuid4(), batch_no=batch_no, step=step, body=body, actor=PEOPLE[role]
        )
        return (await filings.file_step(self.engine, envelope)).envelope

    async def signal(self, envelope: StepEnvelope) -> None:
        await running.send_step(self.skipper.client, envelope)

    async def decision(self, step_id: UUID) -> Decision:
        async with self.listener.expect(step_id) as decided:
            if found := await filings.decision_of(self.engine, step_id):
                return found
            return await asyncio.wait_for(decided, self.patience_seconds)

    async def do(self, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Decision:
        envelope = await self.file(batch_no, role, step, body)
        await self.signal(envelope)
        return await self.decision(envelope.step_id)

    async def example(self, batch_no: str, role: Role, step: StepName, **changes: Any) -> Decision:
        """Do a step as in its example, dated on the batch's own today."""
        return await self.do(batch_no, role, step, await body_of(self, batch_no, step, changes))

    async def snapshot(self, batch_no: str) -> Snapshot:
        """The case as the workflow holds it; what it has recorded is the same but for what is under way."""
        await self._settled(batch_no)
        return (await read_model.batch(self.engine, batch_no)).snapshot

    async def at(self, batch_no: str, acts: Sequence[Act]) -> None:
        """Play acts one after the other."""
        for act in acts:
            await perform(self, batch_no, act)

    async def opened(self, acts: Sequence[Act], **changes: Any) -> str:
        """A new batch, brought to where ``acts`` lead."""
        batch_no = await self.open(**changes)
        await self.at(batch_no, acts)
        return batch_no

    async def begun(self, batch_no: str) -> None:
        """Return once the batch's opening is on record; a busy worker may be asked before."""
        while (await read_model.batch(self.engine, batch_no)).snapshot.version == 0:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def wait(self, batch_no: str, wait_id: str) -> Wait:
        waits = (await self.snapshot(batch_no)).waits
        return next(wait for wait in waits if wait.id == wait_id)

    async def kept(self, batch_no: str) -> OnRecord | None:
        """What a batch would be taken up again from."""
        async with batches.taking_up(self.engine, batch_no) as kept:
            return kept

    async def _settled(self, batch_no: str) -> None:
        """A query waits for the workflow task under way, and so for what it records."""
        await self.handle(batch_no).query("snapshot")

    async def clock(self, batch_no: str) -> datetime:
        return await self.skipper.get_current_time(self.handle(batch_no))

    async def closed(self, batch_no: str) -> None:
        """The batch has closed, once an officer has delivered what lies in the queue or is on its way."""
        snapshot = await self.snapshot(batch_no)
        awaited = {wait.id for wait in snapshot.waits}
        letters = () if snapshot.phase is Phase.CLOSED else snapshot.documents
        for one in letters:
            if one.status is DocumentStatus.TO_SEND or delivery(one.kind, one.recipient) in awaited:
                to = {"notice": one.kind, "recipient": one.recipient}
                await self.example(batch_no, Role.OFFICER, StepName.NOTICE_DELIVERED, **to)
        await asyncio.wait_for(self.handle(batch_no).result(), self.patience_seconds)

    async def fast_forward(self, batch_no: str, by: timedelta) -> None:
        await self._settled(batch_no)
        await self.skipper.fast_forward(self.handle(batch_no), by)

    async def clear(self) -> None:
        """No batch of this test is at work any more: the next one's begins with empty tables."""
        for batch_no in self._opened:
            with suppress(TemporalError):  # closed by itself
                await self._settled(batch_no)
                await self.handle(batch_no).terminate()


class Crew:
    """The worker: may be sent away and called back, as when its process dies and is started again."""

    def __init__(self, engine: AsyncEngine, client: Client, settings: Settings) -> None:
        self._make = lambda: build_worker(client, engine, settings, task_queue=QUEUE)
        self._worker: Worker | None = None
        self.single_batch = False

    async def come(self) -> None:
        """Nothing is done where it is here."""
        if self._worker is not None:
            return
        self._worker = self._make()
        # How the SDK orders a timer and a signal of one workflow task; a coming release will switch it on.
        self._worker._set_default_workflow_logic_flag(
            _WorkflowLogicFlag.PROCESS_WORKFLOW_ACTIVATION_JOBS_AS_SINGLE_BATCH, enabled=self.single_batch
        )
        await self._worker.__aenter__()

    async def leave(self) -> None:
        if self._worker is not None:
            await self._worker.__aexit__(None, None, None)
            self._worker = None


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, time_skipping=True)


@asynccontextmanager
async def at_work(engine: AsyncEngine, client: Client, settings: Settings) -> AsyncIterator[Crew]:
    await connecting.ensure_search_attributes(client)
    crew = Crew(engine, client, settings)
    await crew.come()
    yield crew
    await crew.leave()


@pytest.fixture(scope="module")
async def crew(clean_database: AsyncEngine, skipper: TimeSkipper, settings: Settings) -> AsyncIterator[Crew]:
    """One worker for all tests of a module: it takes seconds to come and to leave."""
    async with at_work(clean_database, skipper.client, settings) as crew:
        yield crew


@pytest.fixture(scope="module")
async def listener(database_url: str) -> AsyncIterator[DecisionListener]:
    async with DecisionListener(database_url) as listener:
        yield listener


@pytest.fixture
async def table(
    engine: AsyncEngine, skipper: TimeSkipper, listener: DecisionListener, crew: Crew
) -> AsyncIterator[Table]:
    await crew.come()  # whatever the test before did to it
    table = Table(engine, skipper, listener)
    yield table
    await crew.come()
    await table.clear()
    if await imports.imports(engine):
        await crew.leave()  # it knows a calendar that the emptied tables do not
