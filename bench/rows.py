"""What a step leaves behind everywhere but in the product: one row; and how its asker hears of it."""

import asyncio
import json
from collections.abc import Awaitable
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from local.scenarios.courses import Do
from store.engine import driver_url

TABLE = """
    create table if not exists bench_steps (
        step_id uuid primary key, batch_no text not null, step text not null, body jsonb not null,
        at timestamptz not null default now()
    )
"""
KEEP = """
    insert into bench_steps (step_id, batch_no, step, body) values ($1, $2, $3, $4)
    on conflict (step_id) do nothing
"""
_CHANNEL = "bench_steps"
KEEP_AND_TELL = f"""
    with kept as ({KEEP}) select pg_notify('{_CHANNEL}', ($1::uuid)::text)
"""
_PATIENCE_SECONDS = 60


def step_of(batch_no: str, act: Do, body: dict[str, Any]) -> dict[str, Any]:
    """A step as it is sent."""
    return {"step_id": str(uuid4()), "batch_no": batch_no, "step": str(act.step), "body": body}


def row_of(step: dict[str, Any]) -> tuple[UUID, str, str, str]:
    """The arguments of ``KEEP`` and ``KEEP_AND_TELL``."""
    body = json.dumps(step["body"], ensure_ascii=False)
    return UUID(step["step_id"]), step["batch_no"], step["step"], body


class Answers:
    """Hears of rows that ``KEEP_AND_TELL`` has written, as the product's API hears of decisions."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._expected: dict[str, asyncio.Future[None]] = {}

    async def after(self, sending: Awaitable[Any], step: dict[str, Any]) -> None:
        """Send, and return once the step's row is written. Raises ``TimeoutError`` after a minute."""
        written = self._expected[step["step_id"]] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await sending
            await written

    def _told(self, _connection: object, _pid: int, _channel: str, step_id: object) -> None:
        written = self._expected.pop(str(step_id), None)
        if written is not None and not written.done():
            written.set_result(None)

    async def __aenter__(self) -> "Answers":
        self._connection = await asyncpg.connect(driver_url(self._database_url))
        await self._connection.add_listener(_CHANNEL, self._told)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._connection.close()
