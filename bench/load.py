"""Many batches in flight, and how long they and their steps took."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

# Plays one whole batch and gives the seconds each of its steps took until it was decided.
PlayBatch = Callable[[], Awaitable[list[float]]]


@dataclass(frozen=True)
class Round:
    """What one round gave: so many batches in so many seconds, and each step's seconds."""

    batches: int
    seconds: float
    steps: tuple[float, ...]


@dataclass(frozen=True)
class Speed:
    """Rounds taken together."""

    batches_per_second: float
    steps_per_second: float
    p50_ms: float
    p99_ms: float
    steps: int


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
    seconds = sum(r.seconds for r in rounds)
    steps = [taken for r in rounds for taken in r.steps]
    return Speed(
        batches_per_second=sum(r.batches for r in rounds) / seconds,
        steps_per_second=len(steps) / seconds,
        p50_ms=percentile(steps, 50) * 1000,
        p99_ms=percentile(steps, 99) * 1000,
        steps=len(steps),
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that ``percent`` of all do not exceed."""
    return sorted(values)[max(math.ceil(len(values) * percent / 100) - 1, 0)]
