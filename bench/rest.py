"""Batches at rest: what one in the worker's cache costs, and a step of one that has left it (a cold step).

As deployed on both sides: more batches are opened than the cache holds, so that the first have left it.
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import psutil
from temporalio.client import Client

from bench.http import Http
from bench.load import Side, percentile, play_many, timed
from bench.product import Product
from bench.sides import Plain
from bench.stack import Running, resident_bytes
from law.vocabulary import Party, Role
from local.scenarios.courses import BOTH_SERVED, Do
from messages.steps import StepName
from worker import CACHED_BATCHES

_RESULT_TO_SELLER = {"notice": "result_notice", "recipient": "seller"}
# From the order to the seller's objection window, with the steps that lead there and no others.
TO_OBJECTION = tuple(
    act
    for act in BOTH_SERVED
    if isinstance(act, Do) and (act.step is not StepName.NOTICE_DELIVERED or act.changes == _RESULT_TO_SELLER)
)
_ACCEPTS = Do(Role.OFFICER, StepName.RESULT_ACCEPTED, {"party": Party.SELLER.value})
# Loads what a worker loads with its first batches, before anything is weighed.
_WARM_UP_BATCHES = 20
# Weighed ten by ten, and the median taken: now and then a process gives back some megabytes of its start.
_TENS = 8
_TEN = 10
_COLD_BATCHES = 20
# Few at once while batches are weighed: what was needed only to open them would count as theirs.
_CAREFULLY = 4
_IN_FLIGHT = 50
_SETTLE_SECONDS = 2
_LONGEST_SECONDS = 900


@dataclass(frozen=True)
class AtRest:
    """``kb_a_batch`` and ``cold_p50_ms`` by side; the rest is the product's, all batches open."""

    kb_a_batch: dict[str, float]
    cold_p50_ms: dict[str, float]
    open_batches: int
    worker_mib: float
    api_mib: float


async def measured(
    running: Running, sdk_worker: psutil.Process, batches: int, say: Callable[[str], None]
) -> AtRest:
    """On a stack that has just started; ``batches`` are open on the product in the end, or some 150."""
    settings = running.settings
    client = await Client.connect(settings.temporal_target, namespace=settings.temporal_namespace)
    async with Http(settings.api_port) as http:
        # One step more than is done here: the plain batches stay open like the product's.
        sides: dict[str, Side] = {
            "product": Product(http, settings),
            "plain": Plain(client, len(TO_OBJECTION) + 2),
        }
        workers = {"product": running.process("worker"), "plain": sdk_worker}
        opened: dict[str, list[str]] = {}
        weights = {}
        for name, side in sides.items():
            say(f"{name}: batches at rest, weighed")
            opened[name], weights[name] = await _weighed(side, workers[name])
        cold = await _cold(sides, opened)
        if (more := batches - len(opened["product"])) > 0:
            say(f"opening {more} batches more")
            opened["product"] += await _rested(sides["product"], more, _IN_FLIGHT)
            await asyncio.sleep(_SETTLE_SECONDS)
        return AtRest(
            kb_a_batch=weights,
            cold_p50_ms={name: percentile(taken, 50) * 1000 for name, taken in cold.items()},
            open_batches=len(opened["product"]),
            worker_mib=resident_bytes(workers["product"]) / 2**20,
            api_mib=resident_bytes(running.process("API")) / 2**20,
        )


async def _weighed(side: Side, worker: psutil.Process) -> tuple[list[str], float]:
    """Batches in the order in which they came to rest, more than the cache holds; the KB of one in it."""
    assert _WARM_UP_BATCHES + _TENS * _TEN < CACHED_BATCHES
    opened = await _rested(side, _WARM_UP_BATCHES, _CAREFULLY)
    await asyncio.sleep(_SETTLE_SECONDS)
    weights = [resident_bytes(worker)]
    for _ in range(_TENS):
        opened += await _rested(side, _TEN, _CAREFULLY)
        await asyncio.sleep(_SETTLE_SECONDS)
        weights.append(resident_bytes(worker))
    more = CACHED_BATCHES + _COLD_BATCHES - len(opened)
    opened += await _rested(side, more, _CAREFULLY)
    return opened, statistics.median(after - before for before, after in pairwise(weights)) / _TEN / 1000


async def _rested(side: Side, batches: int, in_flight: int) -> list[str]:
    """Open batches and bring them to their objection window, as many as a quarter of an hour allows."""
    opened: list[str] = []
    began = time.perf_counter()

    async def one() -> list[float]:
        if time.perf_counter() - began > _LONGEST_SECONDS:
            return []
        batch_no = await side.open()
        taken = await timed(side, batch_no, TO_OBJECTION)
        opened.append(batch_no)
        return taken

    await play_many(one, batches, min(in_flight, batches))
    return opened


async def _cold(sides: dict[str, Side], opened: dict[str, list[str]]) -> dict[str, list[float]]:
    """A lone step of each of the batches longest at rest, turn and turn about."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(_COLD_BATCHES):
        for name, side in sides.items():
            taken[name] += await timed(side, opened[name][number], [_ACCEPTS])
    return taken
