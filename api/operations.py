"""Where the installation's work stands still: each step, batch and heartbeat, for whoever runs it."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.views import View
from api.web.auth import only
from api.web.problems import documented
from api.web.reading import seen
from api.web.runtime import Deps
from law.vocabulary import Role
from messages.base import Actor
from messages.steps import STEPS, StepName
from store.watched import displaced, heartbeats, looked_at, set_aside
from store.watched.heartbeats import Beating

router = APIRouter(prefix="/operations", tags=["运行状态"])
_LOOKERS = frozenset({Role.ADMIN, Role.AUDITOR})
_STEP_IS_LATE = timedelta(seconds=30)
_AT_MOST = 100
_TITLES = {
    heartbeats.RELAY: "补发",
    heartbeats.MAIL: "邮件服务器",
    heartbeats.MAILBOX: "退信邮箱",
    heartbeats.EVIDENCE: "证据重读",
}


class StepView(View):
    batch_no: str = Field(title="批次编号")
    step: StepName = Field(title="步骤")
    step_title: str = Field(title="步骤名称")
    received_at: datetime = Field(title="登记时间")
    is_signalled: bool = Field(title="是否已送达流程；没有送达的由补发送达")


class SetAsideView(View):
    batch_no: str = Field(title="批次编号")
    reason: str = Field(title="流程引擎不接受的原因")
    times: int = Field(title="次数")
    first_at: datetime = Field(title="最初搁置时间")
    again_at: datetime = Field(title="下次再试时间")


class DisplacedView(View):
    batch_no: str = Field(title="批次编号，已另行使用")
    opened_at: datetime = Field(title="原批次的下达时间")
    found_at: datetime = Field(title="发现时间")


class HeartbeatView(View):
    name: str = Field(title="部分")
    title: str = Field(title="名称")
    state: Beating = Field(title="working 正常；failing 连接不上；not_configured 未设置")
    seconds: int = Field(title="距最后一次的秒数")
    detail: str = Field(title="情况")


class OperationsView(View):
    """Of each kind the first hundred."""

    steps: tuple[StepView, ...] = Field(title="登记已逾三十秒、尚未送达或尚未决定的步骤，最早的在前")
    set_aside: tuple[SetAsideView, ...] = Field(title="搁置的批次")
    displaced: tuple[DisplacedView, ...] = Field(title="恢复数据库后编号已另行使用的批次，尚未处理的")
    heartbeats: tuple[HeartbeatView, ...] = Field(title="worker 最后一次报告")


@router.get("", summary="停滞的步骤和批次", responses=documented(401, 403, 503))
async def show_operations(
    deps: Deps, _actor: Annotated[Actor, Depends(only(_LOOKERS, "查看停滞的步骤和批次"))]
) -> OperationsView:
    """各部分是否正常见 GET /health；这里逐件列出停滞的步骤、搁置的批次和 worker 的报告。"""
    lying = await looked_at.steps(deps.engine, _STEP_IS_LATE, _AT_MOST)
    aside = await set_aside.standing_aside(deps.engine, _AT_MOST)
    others = await displaced.waiting(deps.engine, _AT_MOST)
    heard = await heartbeats.heard(deps.engine)
    for standing in (lying, aside, others):
        seen(one.batch_no for one in standing)
    return OperationsView(
        steps=tuple(
            StepView(
                batch_no=one.batch_no,
                step=one.step,
                step_title=STEPS[one.step].TITLE,
                received_at=one.received_at,
                is_signalled=one.is_signalled,
            )
            for one in lying
        ),
        set_aside=tuple(map(SetAsideView.model_validate, aside)),
        displaced=tuple(map(DisplacedView.model_validate, others)),
        heartbeats=tuple(
            HeartbeatView(
                name=name,
                title=_TITLES.get(name, name),
                state=last.state,
                seconds=max(0, int(last.age.total_seconds())),
                detail=last.detail,
            )
            for name, last in sorted(heard.items())
        ),
    )
