"""What operators read of batches that a restored database has lost together with their number."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import SHANGHAI
from local.errors import CommandError
from settings import Settings
from store.engine import make_engine
from store.watched import displaced

_AT_MOST = 500


async def waiting(settings: Settings) -> list[str]:
    """One line for each that nobody has dealt with; one that says so where there is none."""
    async with _engine(settings) as engine:
        found = await displaced.waiting(engine, _AT_MOST)
    lines = [
        f"{one.batch_no}  {one.opened_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}下达"
        f"  {one.opening['order']['goods']['name']}  流程已到第{one.version}次变更"
        for one in found
    ]
    return lines or ["没有待处理的批次。"]


async def whole(settings: Settings, batch_no: str) -> list[dict[str, Any]]:
    """Order and case of all that once had this number. Raises ``CommandError``."""
    async with _engine(settings) as engine:
        found = await displaced.of_number(engine, batch_no)
    if not found:
        raise CommandError(f"没有编号为 {batch_no} 而终止的批次。", exit_code=2)
    return [to_jsonable_python(asdict(one)) for one in found]


async def deal_with(settings: Settings, batch_no: str, note: str) -> bool:
    async with _engine(settings) as engine:
        return await displaced.deal_with(engine, batch_no, note)


@asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(settings.database_url or "")
    try:
        yield engine
    finally:
        await engine.dispose()
