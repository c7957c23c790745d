"""The worker of the plain way and of the floor: ``python -m bench.sdk_worker``.

It has the options of the product's worker, its event loop and its way of collecting garbage.
"""

import asyncio
import signal
from typing import Any

import asyncpg
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

import worker as product_worker
from bench.rows import KEEP, KEEP_AND_TELL, TABLE, row_of
from bench.sdk_workflows import BareTimer, FloorBatch, PlainBatch
from bench.sides import READY, SDK_QUEUE
from local.settle import keep_what_is_loaded, run
from settings import Settings
from store.engine import driver_url


class Keeping:
    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @activity.defn(name="keep")
    async def keep(self, step: dict[str, Any]) -> bool:
        await self._pool.execute(KEEP, *row_of(step))
        return True

    @activity.defn(name="keep_and_tell")
    async def keep_and_tell(self, step: dict[str, Any]) -> bool:
        await self._pool.execute(KEEP_AND_TELL, *row_of(step))
        return True


async def main() -> None:
    settings = Settings()
    assert settings.database_url is not None
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with asyncpg.create_pool(driver_url(settings.database_url), min_size=10, max_size=10) as pool:
        await pool.execute(TABLE)
        client = await Client.connect(settings.temporal_target, namespace=settings.temporal_namespace)
        keeping = Keeping(pool)
        async with Worker(
            client,
            task_queue=SDK_QUEUE,
            workflows=[PlainBatch, FloorBatch, BareTimer],
            activities=[keeping.keep, keeping.keep_and_tell],
            sticky_queue_schedule_to_start_timeout=product_worker.TAKEN_OVER_AFTER,
            max_cached_workflows=product_worker.CACHED_BATCHES,
            max_concurrent_workflow_tasks=product_worker.AT_ONCE,
            max_concurrent_local_activities=product_worker.AT_ONCE,
            max_concurrent_activities=product_worker.AT_ONCE,
        ):
            print(READY, flush=True)
            await stop.wait()


if __name__ == "__main__":
    keep_what_is_loaded()
    run(main)
