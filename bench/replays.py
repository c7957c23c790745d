"""How fast a worker replays a finished history, product and plain way side by side."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from bench.load import percentile
from bench.sdk_workflows import PlainBatch
from temporal.payloads import DATA_CONVERTER
from workflows.batch.workflow import BatchWorkflow

_TURNS = 5


@dataclass(frozen=True)
class Replayed:
    """One history; ``events`` are all that it has, those of skipping time too."""

    p50_ms: float
    events: int


async def replayed(
    silent: WorkflowHistory, plain: WorkflowHistory, replays: int
) -> tuple[Replayed, Replayed]:
    """Both histories, turn and turn about, in this process and without a sandbox."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(_TURNS):
        ours += await _again_and_again(BatchWorkflow, silent, DATA_CONVERTER, replays // _TURNS)
        theirs += await _again_and_again(PlainBatch, plain, DataConverter.default, replays // _TURNS)
    return (
        Replayed(percentile(ours, 50) * 1000, len(silent.events)),
        Replayed(percentile(theirs, 50) * 1000, len(plain.events)),
    )


async def _again_and_again(
    workflow: type[Any], history: WorkflowHistory, converter: DataConverter, replays: int
) -> list[float]:
    """The seconds of each replay; the first is not counted. Raises what a replay fails with."""
    replayer = Replayer(
        workflows=[workflow], workflow_runner=UnsandboxedWorkflowRunner(), data_converter=converter
    )

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for _ in range(replays + 1):
            yield history

    taken = []
    async with replayer.workflow_replay_iterator(histories()) as results:
        began = time.perf_counter()
        async for result in results:
            if result.replay_failure is not None:
                raise result.replay_failure
            taken.append(time.perf_counter() - began)
            began = time.perf_counter()
    return taken[1:]
