"""What was ordered and what was filed: the order, and each step with what it carried and its answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncEngine

from api.batches import A_PART, BatchNo, Cursor, PartLimit, batch_of
from api.evidence.naming import not_kept
from api.steps import StepAnswer, answer_of
from api.views import Listing, View
from api.web.auth import Caller
from api.web.problems import Problem, documented
from api.web.runtime import Deps
from messages.base import Actor
from messages.names import order_id
from messages.order import BatchOrder
from messages.steps import STEPS
from store.ledger import batches
from store.reads import steps as filed
from store.reads.steps import StepOnRecord

router = APIRouter(prefix="/batches", tags=["批次"])


class CorrectionView(View):
    correction: UUID = Field(title="更正记录这一步骤的编号")
    body: dict[str, Any] | None = Field(title="应有的内容；为空的，从未发生")


class FiledStep(StepAnswer):
    """A step as it was filed, its answer, and how it was put right since."""

    title: str = Field(title="步骤名称")
    body: dict[str, Any] = Field(title="登记的内容")
    actor: Actor = Field(title="登记人")
    received_at: datetime = Field(title="登记时间")
    corrected_by: tuple[CorrectionView, ...] = Field(default=(), title="其后的更正，依次")


async def _view(engine: AsyncEngine, one: StepOnRecord) -> FiledStep:
    envelope = one.envelope
    missing = await not_kept(engine, envelope.batch_no, envelope.body)
    answer = answer_of(envelope, one.decision, missing)
    return FiledStep(
        **dict(answer),
        title=STEPS[envelope.step].TITLE,
        body=envelope.body,
        actor=envelope.actor,
        received_at=envelope.received_at,
        corrected_by=tuple(map(CorrectionView.model_validate, one.corrections)),
    )


@router.get("/{batch_no}/order", summary="批次的下达内容", responses=documented(401, 404, 422, 503))
async def order_of(deps: Deps, actor: Caller, batch_no: BatchNo, response: Response) -> BatchOrder:
    """下达时登记的全部内容；Step-Id 是更正下达内容所用的编号。"""
    await batch_of(deps, batch_no, actor)
    response.headers["Step-Id"] = str(order_id(batch_no))
    return (await batches.opening_of(deps.engine, batch_no)).order


@router.get("/{batch_no}/steps", summary="批次的全部步骤", responses=documented(401, 404, 422, 503))
async def steps_of(
    deps: Deps, actor: Caller, batch_no: BatchNo, limit: PartLimit = A_PART, cursor: Cursor = None
) -> Listing[FiledStep]:
    """依登记的先后：登记的内容、登记人、受理与否和理由，以及其后的更正。"""
    await batch_of(deps, batch_no, actor)
    page = await filed.steps(deps.engine, batch_no, limit=limit, cursor=cursor)
    return Listing(
        items=tuple([await _view(deps.engine, one) for one in page.items]), next_cursor=page.next_cursor
    )


@router.get("/{batch_no}/steps/{step_id:uuid}", summary="查询步骤", responses=documented(401, 404, 422, 503))
async def step_of(deps: Deps, actor: Caller, batch_no: BatchNo, step_id: UUID) -> FiledStep:
    """登记的内容和决定；尚未决定的，状态为 recorded。"""
    await batch_of(deps, batch_no, actor)
    one = await filed.step(deps.engine, batch_no, step_id)
    if one is None:
        raise Problem(404, "step_unknown", f"批次 {batch_no} 没有编号为 {step_id} 的步骤。")
    return await _view(deps.engine, one)
