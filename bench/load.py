"""Many batches in flight, and how long they and their steps took."""

import asyncio
import math
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from local.scenarios.courses import Do, example_body

# Plays one whole batch and gives the seconds each of its steps took until it was decided.
PlayBatch = Callable[[], Awaitable[list[float]]]


class Side(Protocol):
    """One way to do it, as its users ask it."""

    async def open(self) -> str:
        """A new batch; gives its number."""
        ...

    async def step(self, batch_no: str, act: Do, body: dict[str, Any]) -> None:
        """Do a step and return once it is decided, or once its row is written."""
        ...


@dataclass(frozen=True)
class Round:
    """What one round gave: so many batches in so many seconds, and each step's seconds."""

    batches: int
    seconds: float
    steps: tuple[float, ...]

    @property
    def batches_per_second(self) -> float:
        return self.batches / self.seconds


@dataclass(frozen=True)
class Speed:
    """Rounds taken together: their medians a second, and percentiles of all their steps."""

    batches_per_second: float
    steps_per_second: float
    p50_ms: float
    p99_ms: float
    steps: int


async def timed(side: Side, batch_no: str, acts: Sequence[Do]) -> list[float]:
    """Do steps one after the other; the seconds each took."""
    taken = []
    for act in acts:
        body = example_body(act.step, datetime.now(UTC), act.changes)
        began = time.perf_counter()
        await side.step(batch_no, act, body)
        taken.append(time.perf_counter() - began)
    return taken


async def play_many(play: PlayBatch, batches: int, in_flight: int) -> Round:
    """``batches`` batches, ``in_flight`` at any moment."""
    left = iter(range(batches))
    steps: list[float] = []

    async def one_after_the_other() -> None:
        for _ in left:
            steps.extend(await play())

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(one_after_the_other())
    return Round(batches, time.perf_counter() - began, tuple(steps))


def together(rounds: Sequence[Round]) -> Speed:
    steps = [taken for r in rounds for taken in r.steps]
    return Speed(
        batches_per_second=statistics.median(r.batches_per_second for r in rounds),
        steps_per_second=statistics.median(len(r.steps) / r.seconds for r in rounds),
        p50_ms=percentile(steps, 50) * 1000,
        p99_ms=percentile(steps, 99) * 1000,
        steps=len(steps),
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that ``percent`` of all do not exceed."""
    return sorted(values)[max(math.ceil(len(values) * percent / 100) - 1, 0)]
