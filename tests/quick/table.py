"""A table in memory: many batches, reached as on the real one (``tests/procedure/conftest.py``)."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from law.regulation import Regulation
from law.vocabulary import DocumentKind, Role
from local.scenarios.courses import Act
from local.scenarios.player import body_of, perform
from messages.envelope import Decision
from messages.records import AlertInput, Paper, TimelineEntry
from messages.snapshot import Snapshot, Wait
from messages.steps import StepName
from tests.quick.memory import REGULATION, Memory, opening
from tests.quick.played import InMemory
from workflows.procedure.snapshot import snapshot_of


@dataclass
class Table:
    """Each batch has a world of its own, and so its own clock; see ``local.scenarios.player.Table``."""

    regulation: Regulation = REGULATION
    _batches: dict[str, InMemory] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def open(self, **changes: Any) -> str:
        batch_no = f"CJ2026-{next(self._numbers):06d}"
        opened = opening(regulation=self.regulation, **changes)
        batch = InMemory(Memory(opened.model_copy(update={"batch_no": batch_no})))
        self._batches[batch_no] = batch
        await batch.settled()
        return batch_no

    def cannot_print(self, batch_no: str, *kinds: DocumentKind) -> None:
        """From now on no letter can be made of documents of these kinds."""
        self._batches[batch_no].world.cannot_print = frozenset(kinds)

    def world(self, batch_no: str) -> Memory:
        return self._batches[batch_no].world

    async def opened(self, acts: Sequence[Act], **changes: Any) -> str:
        """A new batch, brought to where ``acts`` lead."""
        batch_no = await self.open(**changes)
        await self.at(batch_no, acts)
        return batch_no

    async def at(self, batch_no: str, acts: Sequence[Act]) -> None:
        """Play acts one after the other."""
        for act in acts:
            await perform(self, batch_no, act)

    async def do(self, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Decision:
        return await self._batches[batch_no].do(role, step, body)

    async def example(self, batch_no: str, role: Role, step: StepName, **changes: Any) -> Decision:
        """Do a step as in its example, dated on the batch's own today."""
        return await self.do(batch_no, role, step, await body_of(self, batch_no, step, changes))

    async def snapshot(self, batch_no: str) -> Snapshot:
        return snapshot_of(self._batches[batch_no].case)

    async def wait(self, batch_no: str, wait_id: str) -> Wait:
        waits = (await self.snapshot(batch_no)).waits
        return next(wait for wait in waits if wait.id == wait_id)

    async def clock(self, batch_no: str) -> datetime:
        return self._batches[batch_no].world.clock

    async def fast_forward(self, batch_no: str, by: timedelta) -> None:
        await self._batches[batch_no].go_to(await self.clock(batch_no) + by)

    async def closed(self, batch_no: str) -> None:
        assert self._batches[batch_no].is_closed

    def timeline(self, batch_no: str) -> list[TimelineEntry]:
        """What the batch has put on its timeline, as it is written: the store adds the letters' own lines."""
        lines = self._batches[batch_no].world.lines
        return [TimelineEntry.model_validate(line.model_dump(mode="json")) for line in lines]

    def papers(self, batch_no: str) -> list[Paper]:
        """What has been made out, in the order in which it was, as it is written."""
        papers = [paper for change in self._batches[batch_no].world.changes for paper in change.papers]
        return [Paper.model_validate(paper.model_dump(mode="json")) for paper in papers]

    def alerts(self, batch_no: str) -> list[AlertInput]:
        """What staff have been told, each once."""
        alerts = (alert for change in self._batches[batch_no].world.changes for alert in change.alerts)
        return list({alert.key: alert for alert in alerts}.values())

    def ever_awaited(self, batch_no: str) -> set[str]:
        """Every wait there has been."""
        changes = self._batches[batch_no].world.changes
        return {wait.id for change in changes for wait in (*change.snapshot.waits, *change.passed)}

    def clear(self) -> None:
        """Leave nothing running behind."""
        for batch in self._batches.values():
            batch.end()
