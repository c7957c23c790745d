"""Orders in bulk under one scheme: a template to fill in, and the list taken in row by row."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.batches import Cursor, Limit
from api.handing_out import attachment
from api.planning.judging import scheme_in_force
from api.planning.ordering import ListOfOrders, take_in
from api.planning.showing import PlannedId
from api.planning.views import OrdersAnswer, RunSummary, RunView, run_summary, run_view
from api.views import Listing
from api.web.auth import only
from api.web.days import today
from api.web.problems import documented
from api.web.reading import seen
from api.web.receiving import XLSX, list_body, received
from api.web.runtime import Deps, Runtime
from law.regulation import in_force_on
from law.vocabulary import Role
from lists import orders, writing
from lists.columns import Column
from lists.faults import ListFault, ListFaultCode
from messages.approvals import Matter
from messages.base import Actor
from messages.planning import CommissionContent, CommissionedTo
from messages.registers import Register
from store.plans import reading, runs
from store.registers import entries

router = APIRouter(tags=["计划和方案"])
MOST_ORDERS = 1_000
_ORDERERS = only({Role.OFFICER, Role.SUPERVISOR}, "下达抽检批次")
_WAIT = (
    "为 false 的，清单读出之后即答复202，随后逐行下达；进度和各行的结果见 "
    "`GET /schemes/{id}/orders/runs/{no}`。"
    "试算都等到算完。"
)
RunNo = Annotated[int, Path(title="批量下达的编号", ge=1, le=2**63 - 1)]
_NAMED = "；".join("、".join(names) for names in orders.ORDER_COLUMNS.names.values())


@router.get(
    "/schemes/{id_}/orders.xlsx",
    summary="批量下达的模板（XLSX）",
    description="空白的清单，承检机构、平台、商品品种、抽检方式等可以从本方案和登记库中选择；填好后交 "
    "`POST /schemes/{id}/orders`。",
    response_class=Response,
    responses={
        200: {"content": {XLSX: {}}, "description": "模板"},
        **documented(401, 403, 404, 409, 422, 503),
    },
)
async def orders_template(
    deps: Deps, _actor: Annotated[Actor, Depends(_ORDERERS)], id_: PlannedId
) -> Response:
    scheme = scheme_in_force(await reading.one(deps.engine, Matter.SCHEME, id_))
    grounds = [one.title for one in in_force_on(today()).emergency_grounds]
    offered = {
        Column.PRODUCT_KIND: [one.kind for one in scheme.product_kinds],
        Column.LABORATORY: await _held(deps, Register.LABORATORIES, scheme.laboratories),
        Column.PLATFORM: await _held(deps, Register.PLATFORMS, scheme.platforms),
        Column.COMMISSION_ID: await _commissioned(deps, id_),
        Column.ORDER_KIND: list(orders.KINDS.values()),
        Column.EMERGENCY_GROUND: grounds,
    }
    columns = orders.ORDER_COLUMNS
    content = writing.to_xlsx(
        orders.TITLE,
        columns.ours(*columns.names),
        (),
        orders.FILLED_IN,
        {columns.ours(column)[0]: choices for column, choices in offered.items()},
    )
    return Response(content, media_type=XLSX, headers=attachment(f"{orders.TITLE}-{id_}.xlsx"))


@router.post(
    "/schemes/{id_}/orders",
    summary="批量下达抽检批次",
    description=f"正文是 XLSX（第一个工作表）、CSV 或 JSON，每行一个批次，一次至多{MOST_ORDERS}行。逐行答复，"
    "一行有误不影响其他各行；同一清单再交一次，不会重复下达：同样的一行，或者写了自编号的同一自编号，只下达一个批次。"
    f"经营者应当已经登记。各列的名称可以是：{_NAMED}。",
    response_model=OrdersAnswer,
    responses={
        202: {"model": RunSummary, "description": "清单已经读出，正在逐行下达（wait=false）"},
        **documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 503),
    },
    openapi_extra=list_body({names[0]: "" for names in orders.ORDER_COLUMNS.names.values()}),
)
async def order_in_bulk(
    request: Request,
    deps: Deps,
    actor: Annotated[Actor, Depends(_ORDERERS)],
    id_: PlannedId,
    dry_run: Annotated[bool, Query(title="试算：只说明各行将会如何，不下达")] = False,
    wait: Annotated[bool, Query(title="等全部下达后再答复", description=_WAIT)] = True,
) -> Any:
    sheet = await received(request, orders.ORDER_COLUMNS)
    if len(sheet.rows) > MOST_ORDERS:
        raise ListFault(ListFaultCode.TOO_LONG, f"一次至多下达{MOST_ORDERS}个批次；请分成几个文件。")
    scheme_in_force(await reading.one(deps.engine, Matter.SCHEME, id_))
    wanted = ListOfOrders(id_, actor, dry_run)
    if dry_run:
        return await take_in(deps, sheet, wanted)
    no = await runs.begin(deps.engine, id_, actor, total=len(sheet.rows), unused=sheet.unused)
    if wait:
        return await take_in(deps, sheet, wanted, no)
    # What ends before its last row is not gone on with here: the same list again does.
    deps.later(take_in(deps, sheet, wanted, no))
    begun = run_summary(await runs.one(deps.engine, id_, no))
    location = {"Location": f"/schemes/{id_}/orders/runs/{no}"}
    return Response(begun.model_dump_json(), 202, location, "application/json")


@router.get(
    "/schemes/{id_}/orders/runs",
    summary="方案之下的各次批量下达",
    description="最近的在前：由谁、何时下达，多少行已有结果，还剩多少行。",
    responses=documented(401, 403, 404, 422, 503),
)
async def list_runs(
    deps: Deps,
    _actor: Annotated[Actor, Depends(_ORDERERS)],
    id_: PlannedId,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[RunSummary]:
    await reading.one(deps.engine, Matter.SCHEME, id_)
    page = await runs.listed(deps.engine, id_, limit=limit, cursor=cursor)
    return Listing(items=tuple(map(run_summary, page.items)), next_cursor=page.next_cursor)


@router.get(
    "/schemes/{id_}/orders/runs/{no}",
    summary="一次批量下达的进度和各行的结果",
    description="正在下达时也可以查：已下达、不予下达、有误的各多少行，还剩多少行。答复没有收到的，据此查看各行的结果。",
    responses=documented(401, 403, 404, 422, 503),
)
async def show_run(
    deps: Deps,
    _actor: Annotated[Actor, Depends(_ORDERERS)],
    id_: PlannedId,
    no: RunNo,
    rows: Annotated[bool, Query(title="连同各行的结果；为 false 的只说明进度，rows 为空")] = True,
) -> RunView:
    run = await runs.one(deps.engine, id_, no)
    answered = await runs.rows(deps.engine, no) if rows else ()
    seen(one.batch_no for one in answered if one.batch_no is not None)
    return run_view(run, answered)


async def _commissioned(deps: Runtime, scheme_id: str) -> list[str]:
    """The commissions to subordinate bureaus that stand under the scheme."""
    page = await reading.listed(deps.engine, Matter.COMMISSION, scheme_id=scheme_id, in_force=True, limit=200)
    said = ((one.id, one.content_in_force) for one in page.items)
    return [
        orders.offered(id_, content.title)
        for id_, content in said
        if isinstance(content, CommissionContent) and content.to is CommissionedTo.BUREAU
    ]


async def _held(deps: Runtime, register: Register, codes: Sequence[str]) -> list[str]:
    """Those of a scheme that the register holds today, in the scheme's order."""
    names = await entries.names(deps.engine, register, codes, today())
    return [orders.offered(code, names[code]) for code in codes if code in names]
