"""What was ordered and what was filed: the order, and each step with what it carried and its answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncEngine

from api.batches import A_PART, BatchNo, Cursor, PartLimit, batch_of, own_laboratory, require_own
from api.evidence.naming import not_kept
from api.steps import StepAnswer, answer_of
from api.views import Listing, View
from api.web.auth import EveryCaller, only_everywhere
from api.web.problems import Problem, documented
from api.web.runtime import Deps
from law.vocabulary import Role
from messages.base import Actor
from messages.evidence import EvidenceNotKept
from messages.names import order_id
from messages.order import BatchOrder
from messages.steps import STEPS, StepName
from store.reads import steps as filed
from store.reads.ordered import order_on_record
from store.reads.steps import StepOnRecord

router = APIRouter(prefix="/batches", tags=["批次"])
own_router = APIRouter(prefix="/my-steps", tags=["批次"])


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


async def _views(engine: AsyncEngine, batch_no: str, steps: Sequence[StepOnRecord]) -> list[FiledStep]:
    missing = await not_kept(engine, batch_no, [one.envelope.body for one in steps])
    return [_view(one, of) for one, of in zip(steps, missing, strict=True)]


def _view(one: StepOnRecord, missing: tuple[EvidenceNotKept, ...]) -> FiledStep:
    envelope = one.envelope
    answer = answer_of(envelope, one.decision, missing)
    return FiledStep(
        **dict(answer),
        title=STEPS[envelope.step].TITLE,
        body=envelope.body,
        actor=envelope.actor,
        received_at=envelope.received_at,
        corrected_by=tuple(map(CorrectionView.model_validate, one.corrections)),
    )


class OwnStep(View):
    """A step as this account filed it the last time; a form of the next one begins with it."""

    step: StepName = Field(title="步骤")
    body: dict[str, Any] | None = Field(title="登记的内容；本人近来没有登记过的为空")


@own_router.get("/{step}", summary="本人最近一次登记的该步骤", responses=documented(401, 422, 503))
async def latest(deps: Deps, actor: EveryCaller, step: Annotated[StepName, Path(title="步骤")]) -> OwnStep:
    """任一批次中已受理的最近一次，用于预填下一次：同一批人员、同一存放地点不必重新输入。"""
    return OwnStep(step=step, body=await filed.latest_of(deps.engine, actor.sub, step))


_BUREAU = frozenset(Role) - {Role.LAB}


@router.get("/{batch_no}/order", summary="批次的下达内容", responses=documented(401, 403, 404, 422, 503))
async def order_of(
    deps: Deps,
    actor: Annotated[Actor, Depends(only_everywhere(_BUREAU, "查阅下达内容"))],
    batch_no: BatchNo,
    response: Response,
) -> BatchOrder:
    """下达的全部内容，更正过的为更正后的；Step-Id 是更正它所用的编号，Corrected-By 是所依据的更正。"""
    await require_own(deps, batch_no, actor)
    found = await order_on_record(deps.engine, batch_no)
    response.headers["Step-Id"] = str(order_id(batch_no))
    if found.corrected_by is not None:
        response.headers["Corrected-By"] = str(found.corrected_by)
    return BatchOrder.model_validate(found.order)


@router.get("/{batch_no}/steps", summary="批次的全部步骤", responses=documented(401, 404, 422, 503))
async def steps_of(
    deps: Deps,
    actor: EveryCaller,
    batch_no: BatchNo,
    limit: PartLimit = A_PART,
    cursor: Cursor = None,
    latest_first: Annotated[bool, Query(title="最近登记的在前")] = False,
) -> Listing[FiledStep]:
    """依登记的先后：登记的内容、登记人、受理与否和理由，以及其后的更正。检验机构只见本机构登记的。"""
    await batch_of(deps, batch_no, actor)
    own = own_laboratory(actor)
    page = await filed.steps(
        deps.engine, batch_no, limit=limit, cursor=cursor, laboratory=own, latest_first=latest_first
    )
    items = await _views(deps.engine, batch_no, page.items)
    return Listing(items=tuple(items), next_cursor=page.next_cursor)


@router.get("/{batch_no}/steps/{step_id:uuid}", summary="查询步骤", responses=documented(401, 404, 422, 503))
async def step_of(deps: Deps, actor: EveryCaller, batch_no: BatchNo, step_id: UUID) -> FiledStep:
    """登记的内容和决定；尚未决定的，状态为 recorded。"""
    await batch_of(deps, batch_no, actor)
    one = await filed.step(deps.engine, batch_no, step_id)
    if one is None or own_laboratory(actor) not in (None, one.envelope.actor.laboratory):
        raise Problem(404, "step_unknown", f"批次 {batch_no} 没有编号为 {step_id} 的步骤。")
    (view,) = await _views(deps.engine, batch_no, [one])
    return view
