"""The plain SDK workflow that the product is compared with: its worker (``python -m bench.plain``), a client.

The same number of steps with the same bodies on the same servers, the same options for the worker and the
same event loop; each step is kept as one row of a table, as the usual way does.
"""

import asyncio
import json
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

import worker as product_worker
from bench.plain_workflow import BareTimer, PlainBatch
from local.scenarios.courses import Do, example_body
from local.settle import run
from settings import Settings
from store.engine import driver_url

QUEUE = "bench-plain"
READY = "working"
_TABLE = """
    create table if not exists bench_steps (
        step_id uuid primary key, batch_no text not null, step text not null, body jsonb not null,
        at timestamptz not null default now()
    )
"""
_INSERT = """
    insert into bench_steps (step_id, batch_no, step, body) values ($1, $2, $3, $4)
    on conflict (step_id) do nothing
"""


class Keeping:
    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @activity.defn(name="keep")
    async def keep(self, step: dict[str, Any]) -> bool:
        body = json.dumps(step["body"], ensure_ascii=False)
        await self._pool.execute(_INSERT, UUID(step["step_id"]), step["batch_no"], step["step"], body)
        return True


class Plain:
    """Opens plain batches and does their steps."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def play(self, acts: Sequence[Do]) -> list[float]:
        """One batch; the seconds each step took until its update was answered."""
        batch_no = f"PLAIN-{uuid4().hex}"
        handle = await self._client.start_workflow(
            PlainBatch.run, len(acts), id=batch_no, task_queue=QUEUE, static_summary=batch_no
        )
        taken = []
        for act in acts:
            step = {
                "step_id": str(uuid4()),
                "batch_no": batch_no,
                "step": str(act.step),
                "body": example_body(act.step, datetime.now(UTC), act.changes),
            }
            began = time.perf_counter()
            await handle.execute_update(PlainBatch.step, step)
            taken.append(time.perf_counter() - began)
        return taken


async def main() -> None:
    settings = Settings()
    assert settings.database_url is not None
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with asyncpg.create_pool(driver_url(settings.database_url), min_size=10, max_size=20) as pool:
        await pool.execute(_TABLE)
        client = await Client.connect(settings.temporal_target, namespace=settings.temporal_namespace)
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[PlainBatch, BareTimer],
            activities=[Keeping(pool).keep],
            max_cached_workflows=product_worker.CACHED_BATCHES,
            max_concurrent_workflow_tasks=product_worker.AT_ONCE,
            max_concurrent_activities=product_worker.AT_ONCE,
        ):
            print(READY, flush=True)
            await stop.wait()


if __name__ == "__main__":
    run(main)
