"""Whether this process lives, whether it can take steps in, and how every part of the installation does."""

import asyncio
from ipaddress import ip_address
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials

from api.views import View
from api.web.auth import authenticate, bearer, require
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from health.report import HealthReport
from law.vocabulary import Role
from store.migrate import is_current
from store.watched import backlog

router = APIRouter(prefix="/health", tags=["运行状态"])
_PATIENCE_SECONDS = 3
_LOOKERS = (Role.ADMIN, Role.AUDITOR)
# Whoever is brought to us by a proxy comes from elsewhere, though the proxy is on this machine.
_BROUGHT = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class Health(View):
    status: Literal["ok"] = "ok"


def _may_look(
    request: Request, _shown: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
) -> None:
    """Who is at this machine needs no token: whoever must look is there when nothing else works."""
    if not _is_here(request):
        require(authenticate(request), _LOOKERS, "查看各部分的运行状态")


def _is_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _BROUGHT):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


@router.get(
    "",
    summary="各部分是否正常",
    dependencies=[Depends(_may_look)],
    responses=documented(401, 403),
)
async def health(deps: Deps) -> HealthReport:
    """每个部分的状态（ok 正常；degraded 照常办理，但需要有人查看；down 有的事办不了）、情况和处理办法。

    总是 200，三秒之内；在本机上无需令牌，否则由管理员或审计人员查看。几秒之内的查询得到同一个答复。
    """
    return await deps.watch.report()


@router.get("/live", summary="是否在运行")
async def live() -> Health:
    """无需令牌。"""
    return Health()


@router.get("/ready", summary="能否受理", responses=documented(503))
async def ready(deps: Deps) -> Health:
    """供负载均衡使用，无需令牌：数据库可写且为当前版本，步骤就能入库；其他部分见 /health。"""
    if (detail := await _database(deps)) is not None:
        raise Problem(503, "not_ready", f"{detail}。", headers={"Retry-After": "5"})
    return Health()


async def _database(deps: Runtime) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            if not await is_current(deps.engine):
                return "数据库结构不是当前版本，请运行 choujian migrate"
            return None if await backlog.takes_writes(deps.engine) else "数据库只读"
    except Exception:
        return "数据库连接不上"
