"""The same wait with DBOS, in a database of its own: ``python -m bench.dbos_worker``.

The only module that knows the library, which only ``make bench`` installs; it is never imported.
"""

import asyncio
import signal
from typing import Any

import asyncpg
from dbos import DBOS, DBOSConfig

from bench.rows import KEEP_AND_TELL, TABLE, row_of
from bench.sides import DBOS_QUEUE, DBOS_WORKFLOW, READY, dbos_url
from local.settle import keep_what_is_loaded, run
from settings import Settings

_LONGEST_WAIT_SECONDS = 3600
_pool: Any = None


@DBOS.step()
async def keep(step: dict[str, Any]) -> bool:
    await _pool.execute(KEEP_AND_TELL, *row_of(step))
    return True


@DBOS.workflow(name=DBOS_WORKFLOW)
async def batch(steps: int) -> int:
    done = 0
    while done < steps:
        step = await DBOS.recv_async(timeout_seconds=_LONGEST_WAIT_SECONDS)
        # None where the late notice of an earlier message has ended the wait.
        if step is not None:
            await keep(step)
            done += 1
    return done


async def main() -> None:
    global _pool
    settings = Settings()
    assert settings.database_url is not None
    url = dbos_url(settings.database_url)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    config: DBOSConfig = {"name": "bench", "system_database_url": url, "log_level": "WARNING"}
    DBOS(config=config)
    DBOS.launch()
    await DBOS.register_queue_async(DBOS_QUEUE)
    async with asyncpg.create_pool(url, min_size=5, max_size=5) as _pool:
        await _pool.execute(TABLE)
        print(READY, flush=True)
        await stop.wait()
    DBOS.destroy()


if __name__ == "__main__":
    keep_what_is_loaded()
    run(main)
