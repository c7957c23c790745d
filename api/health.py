"""Whether this process lives, and whether it can do its whole work. Open to all."""

import asyncio
from typing import Literal

from fastapi import APIRouter

from api.views import View
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime, TemporalDown
from store.migrate import is_current

router = APIRouter(prefix="/health", tags=["运行状态"])
_PATIENCE_SECONDS = 3


class Health(View):
    status: Literal["ok"] = "ok"


@router.get("/live", summary="是否在运行")
async def live() -> Health:
    return Health()


@router.get("/ready", summary="是否就绪", responses=documented(503))
async def ready(deps: Deps) -> Health:
    """数据库已就绪且为当前版本、流程引擎可以连接；否则 503 并列明尚缺什么。"""
    database, temporal = await asyncio.gather(_database(deps), _temporal(deps))
    if missing := [sentence for sentence in (database, temporal) if sentence is not None]:
        detail = "；".join(missing) + "。"
        raise Problem(503, "not_ready", detail, headers={"Retry-After": "5"}, missing=missing)
    return Health()


async def _database(deps: Runtime) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            current = await is_current(deps.engine)
            return None if current else "数据库结构不是当前版本，请运行 choujian migrate"
    except Exception:
        return "数据库连接不上"


async def _temporal(deps: Runtime) -> str | None:
    try:
        async with deps.temporal.reached() as client:
            await client.service_client.check_health(retry=False)
            return None
    except TemporalDown:
        return "流程引擎（Temporal）连接不上"
