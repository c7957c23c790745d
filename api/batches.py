"""Batches: ordering one, what it looks like now, its timeline, and the list of all."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from api.ordering import judged, order_problem, regulation_for, repeat_judge
from api.views import (
    BatchSummary,
    BatchView,
    Listing,
    Timeline,
    TimelineLine,
    View,
    Waits,
    batch_summary,
    batch_view,
    waits_view,
)
from api.web.auth import Caller, only
from api.web.body import OrderRoute
from api.web.keys import Key
from api.web.problems import Problem, documented
from api.web.reading import seen
from api.web.runtime import Deps, Runtime, TemporalDown
from law.goods import Goods
from law.ordering import OrderRefused, check_follow_up
from law.vocabulary import Outcome, Phase, Role
from messages.base import Actor
from messages.opening import Opening
from messages.order import BatchOrder
from store.errors import BatchUnknown
from store.ledger import batches as opened_batches
from store.reads import read_model
from store.reads.waits import waits
from temporal import running

_log = logging.getLogger(__name__)

ordering_router = APIRouter(route_class=OrderRoute, tags=["批次"])
router = APIRouter(prefix="/batches", tags=["批次"])

BatchNo = Annotated[str, Path(title="批次编号", max_length=100, examples=["CJ2026-000001"])]
Limit = Annotated[int, Query(title="每页条数", ge=1, le=200)]
# Of what one batch has: an ordinary one fits on a page, one filled with refusals is bounded all the same.
PartLimit = Annotated[int, Query(title="每页条数", ge=1, le=500)]
A_PART = 200
Cursor = Annotated[str | None, Query(title="上一页答复中的 next_cursor", max_length=1000)]


class OpenedBatch(View):
    batch_no: str


async def batch_of(deps: Runtime, batch_no: str, actor: Actor) -> read_model.WholeBatch:
    """The batch, if this caller may know of it: for a laboratory only its own exist."""
    view = await read_model.batch(deps.engine, batch_no)
    own = (view.snapshot.laboratory, view.snapshot.retest_laboratory)
    if actor.role is Role.LAB and actor.laboratory not in own:
        raise BatchUnknown(batch_no)
    return view


def own_laboratory(actor: Actor) -> str | None:
    """The filter of every list: a laboratory's own batches, for others all."""
    return actor.laboratory if actor.role is Role.LAB else None


def fixes_letters(actor: Actor) -> bool:
    """Whether a letter that this caller opens is fixed by it; an auditor's look changes nothing."""
    return actor.role is not Role.AUDITOR


@ordering_router.post(
    "/batches",
    status_code=201,
    summary="下达抽检批次",
    description="按抽检实施方案下达一个批次（§2、§3）：依次核对适用范围、管辖、抽检方式、承检机构资质和重复抽检限制，"
    "不符合的答复 409 并说明理由。由执法人员或处室负责人办理。",
    response_description="已下达",
    responses=documented(400, 401, 403, 408, 409, 413, 415, 422, 429, 503),
)
async def order_batch(
    deps: Deps,
    actor: Annotated[Actor, Depends(only({Role.OFFICER, Role.SUPERVISOR}, "下达抽检批次"))],
    order: BatchOrder,
    response: Response,
    idempotency_key: Annotated[
        Key | None,
        Header(
            alias="Idempotency-Key",
            title="幂等键",
            description="随机产生的 UUID，只归本人使用；同一编号、同一内容重复提交，得到同一批次。",
        ),
    ] = None,
) -> OpenedBatch:
    regulation = regulation_for(order)
    category = judged(order, regulation, actor)
    try:
        if order.follows_up is not None:
            await _check_follow_up(deps, order.follows_up, order)
        opened = await opened_batches.open_batch(
            deps.engine,
            order=order,
            category=category,
            regulation=regulation,
            calendar=await deps.calendar.for_batch(order.regulation_date),
            actor=actor,
            key=idempotency_key,
            judge_repeat=repeat_judge(order, regulation),
        )
    except OrderRefused as refusal:
        raise order_problem(refusal) from None
    batch_no = opened.opening.batch_no
    if opened.fresh:
        await _start(deps, opened.opening)
    response.headers["Location"] = f"/batches/{batch_no}"
    return OpenedBatch(batch_no=batch_no)


async def _check_follow_up(deps: Runtime, batch_no: str, order: BatchOrder) -> None:
    try:
        earlier = await opened_batches.goods_of(deps.engine, batch_no)
    except BatchUnknown:
        detail = f"跟踪抽检所针对的前一批次 {batch_no} 不存在。"
        raise Problem(409, "follow_up_unknown", detail) from None
    check_follow_up(batch_no, earlier, Goods.named(order.goods.trademark, order.goods.spec_model))


async def _start(deps: Runtime, opening: Opening) -> None:
    """Start the workflow; where that fails, the relay starts it later."""
    try:
        async with deps.temporal.reached() as client:
            await running.start_batch(client, opening, task_queue=deps.settings.task_queue)
    except (TemporalDown, running.NotTaken) as error:
        _log.warning("workflow of %s not started yet: %s", opening.batch_no, error)
        return
    deps.later(opened_batches.mark_started(deps.engine, opening.batch_no))


@router.get("", summary="批次列表", responses=documented(401, 422, 503))
async def list_batches(
    deps: Deps,
    actor: Caller,
    phase: Annotated[Phase | None, Query(title="阶段")] = None,
    outcome: Annotated[Outcome | None, Query(title="结果")] = None,
    overdue: Annotated[bool | None, Query(title="是否有逾期事项")] = None,
    q: Annotated[
        str | None,
        Query(
            title="查找",
            description="编号、商品、商标、型号、经营者、平台、方案中的一段文字。",
            max_length=100,
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[BatchSummary]:
    """新下达的在前；承检机构人员只看到本机构承检或复检的批次。"""
    page = await read_model.list_batches(
        deps.engine,
        phase=phase,
        outcome=outcome,
        overdue=overdue,
        q=q,
        laboratory=own_laboratory(actor),
        limit=limit,
        cursor=cursor,
    )
    listed = tuple(map(batch_summary, page.items))
    seen(one.batch_no for one in listed)
    return Listing(items=listed, next_cursor=page.next_cursor)


@router.get("/{batch_no}", summary="查询批次", responses=documented(401, 404, 422, 503))
async def show_batch(deps: Deps, actor: Caller, batch_no: BatchNo) -> BatchView:
    """阶段、结果、当事人、正在等待的事项（由谁、何时届满、依据何条、逾期后果）、文书和样品。"""
    return batch_view(await batch_of(deps, batch_no, actor))


@router.get(
    "/{batch_no}/waits",
    summary="批次的全部等待事项",
    description="正在等待的和已经结束的，各附期限的逐日计算：自何日起算，哪几日因何不计，依据何条，所用日历及其版本，"
    "是否暂定。同一事项等待过几次的，为最近一次。",
    responses=documented(401, 404, 422, 503),
)
async def show_waits(
    deps: Deps, actor: Caller, batch_no: BatchNo, limit: PartLimit = A_PART, cursor: Cursor = None
) -> Waits:
    await batch_of(deps, batch_no, actor)
    return waits_view(batch_no, await waits(deps.engine, batch_no, limit=limit, cursor=cursor))


def _seen_by(actor: Actor, line: TimelineLine) -> TimelineLine:
    """A laboratory reads what its own people filed; under which account was bought is not its matter."""
    if actor.role is not Role.LAB or line.actor.laboratory == actor.laboratory:
        return line
    told = {name: said for name, said in line.data.items() if name != "body"}
    return line.model_copy(update={"data": told})


@router.get("/{batch_no}/timeline", summary="批次的全程记录", responses=documented(401, 404, 422, 503))
async def show_timeline(
    deps: Deps, actor: Caller, batch_no: BatchNo, limit: PartLimit = A_PART, cursor: Cursor = None
) -> Timeline:
    """每一步骤、决定、文书、送达、期限和视为无异议，逐条带前一条的摘要，改动即可发现。从第一条起分页。

    检验机构所见，不含他人登记的内容。
    """
    if actor.role is Role.LAB:
        await batch_of(deps, batch_no, actor)
    page = await read_model.timeline_page(deps.engine, batch_no, limit=limit, cursor=cursor)
    lines = tuple(_seen_by(actor, TimelineLine.model_validate(line)) for line in page.items)
    return Timeline(batch_no=batch_no, entries=lines, next_cursor=page.next_cursor)
