"""Batches: ordering one, what it looks like now, its timeline, and the list of all."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import Discriminator, Tag

from api.opening import opened_by, start
from api.order_trial import OrderTrial, tried_order
from api.views import (
    BatchSummary,
    BatchView,
    Listing,
    Timeline,
    TimelineLine,
    View,
    WaitRecord,
    Waits,
    batch_summary,
    batch_view,
    wait_record,
    waits_view,
)
from api.web.auth import EveryCaller, only
from api.web.body import OrderRoute
from api.web.keys import Key
from api.web.problems import Problem, documented
from api.web.reading import seen
from api.web.runtime import Deps, Runtime
from law.vocabulary import Outcome, Phase, Role
from messages.base import Actor
from messages.named_order import NamedOrder, is_named
from messages.order import BatchOrder
from messages.own_part import OwnPart, own_part
from store.desk import holding
from store.errors import BatchUnknown
from store.plans import uses
from store.reads import read_model, waits
from store.reads.ordered import ordered_as
from store.reads.part import EVERYTHING, SeenPart
from store.reads.wanted import WantedBatches

ordering_router = APIRouter(route_class=OrderRoute, tags=["批次"])
router = APIRouter(prefix="/batches", tags=["批次"])

BatchNo = Annotated[str, Path(title="批次编号", max_length=100, examples=["CJ2026-000001"])]
Limit = Annotated[int, Query(title="每页条数", ge=1, le=200)]
# Of what one batch has: an ordinary one fits on a page, one filled with refusals is bounded all the same.
PartLimit = Annotated[int, Query(title="每页条数", ge=1, le=500)]
A_PART = 200
WaitId = Annotated[
    str,
    Path(title="等待事项编号", max_length=200, examples=["objection_filed:seller"]),
]
Cursor = Annotated[str | None, Query(title="上一页答复中的 next_cursor", max_length=1000)]


class OpenedBatch(View):
    batch_no: str


async def batch_of(deps: Runtime, batch_no: str, actor: Actor) -> read_model.WholeBatch:
    """The batch, if this caller may know of it: a laboratory, or a subordinate bureau, of its own alone.

    A laboratory is told its part of it.
    """
    view = await read_model.batch(deps.engine, batch_no)
    part = await _part_of(deps, view, actor)
    if part is None:
        return view
    documents = tuple(one for one in view.documents if one.document_id in part.letters)
    return replace(view, snapshot=part.of(view.snapshot), documents=documents)


async def own_part_of(deps: Runtime, batch_no: str, actor: Actor) -> OwnPart | None:
    """What of it is this laboratory's matter; None for everybody who sees all. Raises ``BatchUnknown``."""
    return await _part_of(deps, await read_model.batch(deps.engine, batch_no), actor)


async def _part_of(deps: Runtime, view: read_model.WholeBatch, actor: Actor) -> OwnPart | None:
    batch_no = view.snapshot.batch_no
    if actor.bureau is not None and actor.bureau != await uses.executing_bureau(deps.engine, batch_no):
        raise BatchUnknown(batch_no)
    if actor.role is not Role.LAB:
        return None
    part = own_part(actor.laboratory or "", view.snapshot)
    if part is None:
        raise BatchUnknown(batch_no)
    return part


def _row_for(actor: Actor, row: read_model.BatchRow) -> read_model.BatchRow:
    """What a laboratory is told of a batch in a list: its own part (decision 51)."""
    laboratory = own_laboratory(actor)
    part = None if laboratory is None else own_part(laboratory, row.snapshot)
    return row if part is None else replace(row, snapshot=part.of(row.snapshot))


async def require_own(deps: Runtime, batch_no: str, actor: Actor) -> None:
    """Whoever is told of all batches need not be asked about one. Raises ``BatchUnknown``."""
    if seen_part(actor) != EVERYTHING:
        await batch_of(deps, batch_no, actor)


def seen_part(actor: Actor) -> SeenPart:
    """The filter of every list: a laboratory's own batches, a subordinate bureau's, for others all."""
    return SeenPart(laboratory=own_laboratory(actor), bureau=actor.bureau)


def own_laboratory(actor: Actor) -> str | None:
    """Whose steps alone a caller is told of; None: everybody's."""
    return actor.laboratory if actor.role is Role.LAB else None


def fixes_letters(actor: Actor) -> bool:
    """Whether a letter that this caller opens is fixed by it; an auditor's look changes nothing."""
    return actor.role is not Role.AUDITOR


_TRIED: dict[int | str, dict[str, Any]] = {200: {"model": OrderTrial, "description": "试办的结果，没有下达"}}


@ordering_router.post(
    "/batches",
    status_code=201,
    summary="下达抽检批次",
    description="按抽检实施方案下达一个批次（§2、§3）：依次核对适用范围、管辖、抽检方式、承检机构资质和重复抽检限制，"
    "不符合的答复 409 并说明理由。由执法人员或处室负责人办理。\n\n写明方案编号（`scheme_id`）的，方案、承检"
    "机构、平台和经营者按编号、代码从已批准的方案和登记库取得，连同方案的批次数量、预算一并核对，并固定在批次中。",
    response_description="已下达",
    responses={**_TRIED, **documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503)},
)
async def order_batch(
    deps: Deps,
    actor: Annotated[Actor, Depends(only({Role.OFFICER, Role.SUPERVISOR}, "下达抽检批次"))],
    order: Annotated[
        Annotated[BatchOrder, Tag("whole")] | Annotated[NamedOrder, Tag("named")],
        Discriminator(lambda content: "named" if is_named(content) else "whole"),
    ],
    response: Response,
    idempotency_key: Annotated[
        Key | None,
        Header(
            alias="Idempotency-Key",
            title="幂等键",
            description="随机产生的 UUID，只归本人使用；同一编号、同一内容重复提交，得到同一批次。",
        ),
    ] = None,
    dry_run: Annotated[bool, Query(title="试办", description="为 true 时只告知会不会下达，不下达。")] = False,
) -> OpenedBatch | OrderTrial:
    if dry_run:
        response.status_code = 200
        return await tried_order(deps, actor, order)
    opened = await opened_by(deps, actor, order, idempotency_key)
    batch_no = opened.opening.batch_no
    if opened.fresh:
        await start(deps, opened.opening)
    response.headers["Location"] = f"/batches/{batch_no}"
    return OpenedBatch(batch_no=batch_no)


async def wanted_batches(
    actor: EveryCaller,
    phase: Annotated[Phase | None, Query(title="阶段")] = None,
    outcome: Annotated[Outcome | None, Query(title="结果")] = None,
    overdue: Annotated[bool | None, Query(title="是否有逾期事项")] = None,
    q: Annotated[
        str,
        Query(
            title="查找",
            description="编号或者名称中的一段文字，可查的种类见 GET /search。",
            max_length=100,
        ),
    ] = "",
    held_by: Annotated[str | None, Query(title="经办人账号", max_length=200)] = None,
    scheme_id: Annotated[str | None, Query(title="所依据的方案的编号", max_length=40)] = None,
    commission_id: Annotated[str | None, Query(title="据以委托下级局的委托的编号", max_length=40)] = None,
) -> WantedBatches:
    """What the list of batches, and the sheet of the same, may be asked for."""
    return WantedBatches(
        phase=phase,
        outcome=outcome,
        overdue=overdue,
        q=q,
        held_by=held_by,
        scheme_id=scheme_id,
        commission_id=commission_id,
        part=seen_part(actor),
    )


Wanted = Annotated[WantedBatches, Depends(wanted_batches)]


@router.get("", summary="批次列表", responses=documented(401, 422, 503))
async def list_batches(
    deps: Deps, actor: EveryCaller, wanted: Wanted, limit: Limit = 50, cursor: Cursor = None
) -> Listing[BatchSummary]:
    """新下达的在前；承检机构人员只看到本机构承检或复检的批次，下级局执法人员只看到受委托的批次。"""
    page = await read_model.list_batches(deps.engine, wanted, limit=limit, cursor=cursor)
    listed = tuple(batch_summary(_row_for(actor, row)) for row in page.items)
    seen(one.batch_no for one in listed)
    return Listing(items=listed, next_cursor=page.next_cursor)


@router.get("/{batch_no}", summary="查询批次", responses=documented(401, 404, 422, 503))
async def show_batch(deps: Deps, actor: EveryCaller, batch_no: BatchNo) -> BatchView:
    """阶段、结果、当事人、正在等待的事项（由谁、何时届满、依据何条、逾期后果）、文书和样品。

    检验机构只见与本机构有关的部分：本机构办理或者参加的事项，致本机构的文书，本机构报告的结论。
    """
    view = await batch_of(deps, batch_no, actor)
    phases = await read_model.phases(deps.engine, batch_no)
    ordered = await ordered_as(deps.engine, batch_no)
    if actor.role is Role.LAB:
        ordered = replace(ordered, emergency_ground=None, other_ground=None)
    return batch_view(view, phases, await holding.holder(deps.engine, batch_no), ordered)


@router.get(
    "/{batch_no}/waits",
    summary="批次的全部等待事项",
    description="正在等待的和已经结束的，各附期限的逐日计算：自何日起算，哪几日因何不计，依据何条，所用日历及其版本，"
    "是否暂定。同一事项等待过几次的，为最近一次。",
    responses=documented(401, 404, 422, 503),
)
async def show_waits(
    deps: Deps, actor: EveryCaller, batch_no: BatchNo, limit: PartLimit = A_PART, cursor: Cursor = None
) -> Waits:
    part = await own_part_of(deps, batch_no, actor)
    page = await waits.waits(deps.engine, batch_no, limit=limit, cursor=cursor)
    if part is not None:
        page = replace(page, items=tuple(one for one in page.items if part.has_wait(one.wait.id)))
    return waits_view(batch_no, page)


@router.get(
    "/{batch_no}/waits/{wait}",
    summary="批次的一个等待事项",
    description="同“批次的全部等待事项”中的一项。",
    responses=documented(401, 404, 422, 503),
)
async def show_wait(deps: Deps, actor: EveryCaller, batch_no: BatchNo, wait: WaitId) -> WaitRecord:
    part = await own_part_of(deps, batch_no, actor)
    row = await waits.wait(deps.engine, batch_no, wait)
    if row is None or (part is not None and not part.has_wait(wait)):
        raise Problem(404, "wait_unknown", f"批次 {batch_no} 没有编号为“{wait}”的等待事项。")
    return wait_record(batch_no, row)


def _seen_by(part: OwnPart, line: TimelineLine) -> TimelineLine:
    """A laboratory reads what its own people filed; under which account was bought is not its matter."""
    if line.actor.laboratory == part.laboratory:
        return line
    told = {name: said for name, said in line.data.items() if name != "body"}
    return line.model_copy(update={"data": told})


@router.get("/{batch_no}/timeline", summary="批次的全程记录", responses=documented(401, 404, 422, 503))
async def show_timeline(
    deps: Deps, actor: EveryCaller, batch_no: BatchNo, limit: PartLimit = A_PART, cursor: Cursor = None
) -> Timeline:
    """每一步骤、决定、文书、送达、期限和视为无异议，逐条带前一条的摘要，改动即可发现。从第一条起分页。

    检验机构只见本机构登记的，本机构事项和文书的，以及各方均被告知的；因此有的页较短，摘要不相衔接。
    """
    part = None if seen_part(actor) == EVERYTHING else await own_part_of(deps, batch_no, actor)
    page = await read_model.timeline_page(deps.engine, batch_no, limit=limit, cursor=cursor)
    lines = tuple(map(TimelineLine.model_validate, page.items))
    if part is not None:
        own = (one for one in lines if part.has_line(one.kind, one.actor, one.data))
        lines = tuple(_seen_by(part, one) for one in own)
    return Timeline(batch_no=batch_no, entries=lines, next_cursor=page.next_cursor)
