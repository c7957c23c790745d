"""What many open batches cost: memory, and a step of a batch that has left the worker's cache."""

import asyncio
import time
from dataclasses import dataclass

from bench.load import percentile, play_many
from bench.product import Product
from bench.stack import Running
from law.vocabulary import Party, Role
from local.scenarios.courses import BOTH_SERVED, Do
from messages.steps import StepName

_RESULT_TO_SELLER = {"notice": "result_notice", "recipient": "seller"}
# From the order to the seller's objection window, with the steps that lead there and no others.
TO_OBJECTION = tuple(
    act
    for act in BOTH_SERVED
    if isinstance(act, Do) and (act.step is not StepName.NOTICE_DELIVERED or act.changes == _RESULT_TO_SELLER)
)
_SETTLE_SECONDS = 5
_IN_FLIGHT = 50
_LONGEST_SECONDS = 900


@dataclass(frozen=True)
class Memory:
    open_batches: int
    seconds: float
    worker_mib: float
    api_mib: float
    worker_before_mib: float
    api_before_mib: float
    left_cache_p50_ms: float

    @property
    def together_mib(self) -> float:
        return self.worker_mib + self.api_mib


async def with_open_batches(running: Running, product: Product, batches: int) -> Memory:
    """Open batches up to their objection window, as many as fifteen minutes allow; then measure."""
    opened: list[str] = []
    worker_before, api_before = running.resident_mib("worker"), running.resident_mib("API")

    async def one() -> list[float]:
        if time.perf_counter() - began > _LONGEST_SECONDS:
            return []
        batch_no = await product.open()
        taken = await product.timed(batch_no, TO_OBJECTION)
        opened.append(batch_no)
        return taken

    began = time.perf_counter()
    await play_many(one, batches, min(_IN_FLIGHT, batches))
    seconds = time.perf_counter() - began
    await asyncio.sleep(_SETTLE_SECONDS)
    worker_mib, api_mib = running.resident_mib("worker"), running.resident_mib("API")
    return Memory(
        open_batches=len(opened),
        seconds=seconds,
        worker_mib=worker_mib,
        api_mib=api_mib,
        worker_before_mib=worker_before,
        api_before_mib=api_before,
        left_cache_p50_ms=await _of_the_oldest(product, opened[:20]),
    )


async def _of_the_oldest(product: Product, batches: list[str]) -> float:
    """A lone step of batches nobody has touched for longest: replayed first, if the cache has lost them."""
    accepts = Do(Role.OFFICER, StepName.RESULT_ACCEPTED, {"party": Party.SELLER.value})
    taken = [seconds for batch in batches for seconds in await product.timed(batch, [accepts])]
    return percentile(taken, 50) * 1000
