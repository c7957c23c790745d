"""All pages of the console; the first that fits a path answers it."""

from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse

from api.console import (
    access_log,
    accounts,
    approvals,
    batches,
    bulk,
    calendar,
    case,
    confirming,
    correcting,
    deputies,
    drafting,
    drawing_up,
    draws,
    evidence,
    exports,
    figures,
    history,
    holding,
    holidays,
    inbox,
    invitations,
    lists,
    looking_ahead,
    objections,
    operations,
    orders,
    planning,
    post,
    posting,
    provider,
    records,
    registering,
    registers,
    route,
    search,
    signing_in,
    static_files,
    steps,
    tasks,
    uploading,
    waits,
)
from api.console.scripts import ScriptsAsk
from api.web.problems import Problem

AT = "/console/"

_ROUTERS = (
    static_files.router,
    signing_in.router,
    invitations.router,
    provider.router,
    accounts.router,
    deputies.router,
    inbox.router,
    batches.router,
    holding.router,
    waits.router,
    history.router,
    search.router,
    calendar.router,
    holidays.router,
    looking_ahead.router,
    operations.router,
    access_log.router,
    exports.router,
    steps.router,
    orders.router,
    bulk.router,
    drafting.router,
    figures.router,
    records.router,
    planning.router,
    tasks.router,
    drawing_up.router,
    draws.router,
    registering.router,
    registers.router,
    approvals.router,
    objections.router,
    correcting.router,
    confirming.router,
    evidence.router,
    uploading.router,
    post.router,
    posting.router,
    lists.router,
    case.router,
)


def install(app: FastAPI) -> None:
    route.install(app)
    app.add_middleware(ScriptsAsk)
    for router in _ROUTERS:
        app.include_router(router)
    app.add_api_route(AT.rstrip("/"), _home, include_in_schema=False)


async def _home() -> RedirectResponse:
    return RedirectResponse(AT, 308)


def fault_page(problem: dict[str, Any], status: int) -> HTMLResponse:
    """What a browser is told of a fault that no page of ours met: no such address, the database away."""
    return route.fault(Problem(status, problem["code"], problem["detail"]))
