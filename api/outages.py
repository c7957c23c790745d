"""After an outage: the deadlines that passed in it, and that every silence was decided by facts."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.web.auth import only
from api.web.problems import documented
from api.web.reading import seen
from api.web.runtime import Deps
from law.vocabulary import Role
from messages.base import Actor, Instant
from proof.outages.models import OutageReport
from proof.outages.report import report_of
from store.reads import on_record

router = APIRouter(prefix="/outages", tags=["待办"])
_READERS = {Role.APPROVER, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR}


@router.get("", summary="中断期间届满的期限", responses=documented(401, 403, 422, 503))
async def show_outage(
    deps: Deps,
    _actor: Annotated[Actor, Depends(only(_READERS, "查看中断期间届满的期限"))],
    begin: Annotated[Instant, Query(alias="from", title="中断开始", examples=["2026-11-20T18:00:00+08:00"])],
    end: Annotated[Instant, Query(alias="to", title="中断结束", examples=["2026-11-21T09:00:00+08:00"])],
) -> OutageReport:
    """系统中断期间届满的每一项期限、影响到谁、结果如何；逐件对照登记簿，核对“视为放弃”是否都按事实决定。"""
    found = await on_record.passage(deps.engine, begin, end)
    report = report_of(found, answered_within=timedelta(seconds=deps.settings.decision_timeout_seconds))
    seen(one.batch_no for one in report.deadlines)
    seen(one.batch_no for one in report.held)
    return report
