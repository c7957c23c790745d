"""The speed of every side, as it is deployed: many batches in flight, and one step alone."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import psutil
from temporalio.client import Client

from bench.http import Http
from bench.load import PlayBatch, Round, Side, Speed, play_many, timed, together
from bench.product import Product, course, steps_of
from bench.rows import Answers
from bench.sides import Dbos, Floor, Plain, dbos_url
from bench.stack import Running, cpu_seconds
from local.scenarios.courses import Do

SIDES = ("product", "plain", "floor", "DBOS")
# Of the stack's parts, those that are at work for nobody there.
_IDLE = {"product": (), "plain": ("API",), "floor": ("API",), "DBOS": ("API", "Temporal")}
_COURSE = "accepted_expressly"
_WARM_UP_BATCHES = 20
_SETTLE_SECONDS = 2.0


@dataclass(frozen=True)
class Speeds:
    """By side; ``rounds`` in batches a second, in the order in which they were played."""

    in_flight: int
    steps_per_batch: int
    rounds: dict[str, tuple[float, ...]]
    many: dict[str, Speed]
    lone: dict[str, Speed]
    decided_later: int
    cpu_ms_per_step: dict[str, dict[str, float]]

    def ratio(self, side: str) -> float:
        """The product to another side, round by round: the median."""
        pairs = zip(self.rounds["product"], self.rounds[side], strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)


class Bench:
    """Turn and turn about: each round is played by every side before the next begins."""

    def __init__(
        self, running: Running, workers: Mapping[str, psutil.Process], say: Callable[[str], None]
    ) -> None:
        """``workers``: the worker's process of each side but the product."""
        self._running = running
        self._workers = workers
        self._say = say

    async def measured(self, *, in_flight: int, batches: int, rounds: int, lone: int) -> Speeds:
        acts = steps_of(course(_COURSE))
        async with _asked(self._running, len(acts)) as sides:
            product = sides["product"]
            assert isinstance(product, Product)
            plays = {name: _whole(side, acts) for name, side in sides.items()}
            self._say("warming up")
            for play in plays.values():
                await play_many(play, _WARM_UP_BATCHES, 5)
            self._say("lone steps")
            alone = await self._lone(plays, lone)
            product.decided_later = 0
            played, cpu = await self._in_flight(plays, rounds, batches, in_flight)
        return Speeds(
            in_flight=in_flight,
            steps_per_batch=len(acts),
            rounds={side: tuple(r.batches_per_second for r in of) for side, of in played.items()},
            many={side: together(of) for side, of in played.items()},
            lone={side: together(of) for side, of in alone.items()},
            decided_later=product.decided_later,
            cpu_ms_per_step=cpu,
        )

    async def _lone(self, plays: Mapping[str, PlayBatch], batches: int) -> dict[str, list[Round]]:
        """One batch at a time and nothing else going on."""
        rounds: dict[str, list[Round]] = {side: [] for side in plays}
        for _ in range(batches):
            for side, play in plays.items():
                rounds[side].append(await play_many(play, 1, 1))
        return rounds

    async def _in_flight(
        self, plays: Mapping[str, PlayBatch], rounds: int, batches: int, in_flight: int
    ) -> tuple[dict[str, list[Round]], dict[str, dict[str, float]]]:
        """Rounds of many batches; and the processor time of each part, in ms a step."""
        played: dict[str, list[Round]] = {side: [] for side in plays}
        used: dict[str, dict[str, float]] = {side: {} for side in plays}
        for number in range(rounds):
            for side, play in plays.items():
                await asyncio.sleep(_SETTLE_SECONDS)
                before = self._cpu_seconds(side)
                played[side].append(await play_many(play, batches, in_flight))
                for part, seconds in self._cpu_seconds(side).items():
                    used[side][part] = used[side].get(part, 0.0) + seconds - before[part]
                rate = played[side][-1].batches_per_second
                self._say(f"round {number + 1}, {side}: {rate:.2f} batches/s")
        steps = {side: sum(len(r.steps) for r in of) for side, of in played.items()}
        per_step = {
            side: {part: seconds * 1000 / steps[side] for part, seconds in parts.items()}
            for side, parts in used.items()
        }
        return played, per_step

    def _cpu_seconds(self, side: str) -> dict[str, float]:
        parts = self._running.cpu_seconds() | {"asker": time.process_time()}
        if side in self._workers:
            parts["worker"] = cpu_seconds(self._workers[side])
        return {part: seconds for part, seconds in parts.items() if part not in _IDLE[side]}


@asynccontextmanager
async def _asked(running: Running, steps: int) -> AsyncIterator[dict[str, Side]]:
    """Every side, with its connections: few, for with those of all workers there may be a hundred."""
    settings = running.settings
    assert settings.database_url is not None
    dbos = dbos_url(settings.database_url)
    client = await Client.connect(settings.temporal_target, namespace=settings.temporal_namespace)
    async with (
        Http(settings.api_port) as http,
        Answers(settings.database_url) as answers,
        Answers(dbos) as dbos_answers,
        asyncpg.create_pool(dbos, min_size=5, max_size=5) as pool,
    ):
        sides: tuple[Side, ...] = (
            Product(http, settings),
            Plain(client, steps),
            Floor(client, answers, steps),
            Dbos(pool, dbos_answers, steps),
        )
        yield dict(zip(SIDES, sides, strict=True))


def _whole(side: Side, acts: Sequence[Do]) -> PlayBatch:
    async def play() -> list[float]:
        return await timed(side, await side.open(), acts)

    return play
