"""How far outside platforms have taken in what they are told, for whoever runs the installation."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, Field

from api.views import View
from api.web.auth import only
from api.web.body import JsonRoute
from api.web.problems import documented
from api.web.reading import seen
from api.web.runtime import Deps
from law.vocabulary import Role
from messages.base import Actor, Message, Text
from messages.told import OF_BATCHES, ToldKind
from store.told import handing

router = APIRouter(prefix="/operations/told", route_class=JsonRoute, tags=["运行状态"])
_LOOKERS = frozenset({Role.ADMIN, Role.AUDITOR})
_AT_MOST = 100


class ReceiverView(View):
    receiver: str = Field(title="接收方")
    since: datetime = Field(title="何时开始报送")
    waiting: int = Field(title="待报送的件数")
    dead: int = Field(title="拒收的件数")
    last_taken_at: datetime | None = Field(title="最后一次接收")
    answer: str | None = Field(title="最早一件待报送的，对方最后的答复")


class DeadLetterView(View):
    receiver: str = Field(title="接收方")
    source: str = Field(title="批次编号，或者抽检计划、方案、委托的编号")
    sequence: int = Field(title="该来源的第几件")
    kind: ToldKind = Field(
        title="plan 抽检计划；scheme 抽检实施方案；commission 委托；task 任务；result 结果"
    )
    at: datetime = Field(title="发生时间")
    attempts: int = Field(title="报送次数")
    answer: str | None = Field(title="对方的答复")
    settled_at: datetime = Field(title="拒收时间")


class ToldView(View):
    receivers: tuple[ReceiverView, ...] = Field(title="接收方，按名称")
    dead: tuple[DeadLetterView, ...] = Field(title="拒收的，先列一百件")


class TellAgain(Message):
    model_config = ConfigDict(title="再报送", json_schema_extra={"example": {"receiver": "信用平台"}})

    receiver: Text = Field(title="接收方")


class AgainView(View):
    again: int = Field(title="再报送的件数")


@router.get("", summary="对外报送的情况", responses=documented(401, 403, 503))
async def show_told(
    deps: Deps, _actor: Annotated[Actor, Depends(only(_LOOKERS, "查看对外报送的情况"))]
) -> ToldView:
    """接收方由 worker 的 CHOUJIAN_EVENTS 设置；每件至少报送一次，同一件的 webhook-id 相同。"""
    dead = await handing.dead_letters(deps.engine, _AT_MOST)
    seen(one.source for one in dead if one.kind in OF_BATCHES)
    return ToldView(
        receivers=tuple(map(ReceiverView.model_validate, await handing.standings(deps.engine))),
        dead=tuple(map(DeadLetterView.model_validate, dead)),
    )


@router.post("/again", summary="拒收的再报送一次", responses=documented(401, 403, 422, 503))
async def tell_again(
    deps: Deps,
    _actor: Annotated[Actor, Depends(only(frozenset({Role.ADMIN}), "对外再报送"))],
    asked: TellAgain,
) -> AgainView:
    """对方改正之后用；没有拒收的，件数为零。"""
    return AgainView(again=await handing.again(deps.engine, asked.receiver))
