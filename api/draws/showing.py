"""Reading draws: the list, one with its record, the list of candidates as it is published."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.batches import Cursor, Limit
from api.draws.views import DrawSummaryView, DrawView, draw_view
from api.handing_out import attachment
from api.views import Listing
from api.web.auth import BUREAU, only
from api.web.problems import documented
from api.web.reading import seen
from api.web.receiving import CSV
from api.web.runtime import Deps, Runtime
from law.draw import frozen_list
from law.draw_course import DrawState
from messages.base import Actor
from proof.draws import faults_of
from store.draws import reading
from store.draws.standing import DrawOnRecord

router = APIRouter(tags=["随机抽查"])
DrawId = Annotated[str, Path(title="编号", max_length=40, examples=["CQ2026-0001"])]
_Reader = Annotated[Actor, Depends(only(BUREAU, "查阅随机抽查"))]


async def shown(deps: Runtime, draw_id: str) -> DrawView:
    """Raises ``DrawUnknown``."""
    draw = await reading.one(deps.engine, draw_id)
    ordered = await reading.ordered(deps.engine, draw_id)
    seen(one.batch_no for one in ordered)
    return draw_view(draw, ordered, await faults_in(deps, draw))


async def faults_in(deps: Runtime, draw: DrawOnRecord) -> tuple[str, ...]:
    """What of the draw does not fit what was signed; a line that is missing may have been its own."""
    missing = await reading.missing(deps.engine)
    gone = (f"全部随机抽查的记录缺少{missing}条",) if missing else ()
    return (*await asyncio.to_thread(faults_of, draw, deps.keyring.known_if_any()), *gone)


@router.get("/draws", summary="随机抽查", responses=documented(401, 403, 422, 503))
async def list_draws(
    deps: Deps,
    _actor: _Reader,
    scheme_id: Annotated[str | None, Query(title="抽检实施方案的编号", max_length=40)] = None,
    state: Annotated[DrawState | None, Query(title="状态")] = None,
    is_to_confirm: Annotated[bool, Query(title="只要有种子更正待确认的")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[DrawSummaryView]:
    """新起草的在前。"""
    page = await reading.listed(
        deps.engine,
        limit=limit,
        cursor=cursor,
        scheme_id=scheme_id,
        state=state,
        is_to_confirm=is_to_confirm,
    )
    return Listing(items=tuple(map(DrawSummaryView.model_validate, page.items)), next_cursor=page.next_cursor)


@router.get("/draws/{draw_id}", summary="一次随机抽查", responses=documented(401, 403, 404, 422, 503))
async def show_draw(deps: Deps, _actor: _Reader, draw_id: DrawId) -> DrawView:
    """冻结的内容、种子、抽中的和递补的、据以下达的批次，以及逐条签名的记录。"""
    return await shown(deps, draw_id)


@router.get(
    "/draws/{draw_id}/candidates.csv",
    summary="候选名单",
    description="UTF-8 的 CSV，`id`、`weight` 两列，逐字节就是 `draw.py` 所读的文件；冻结以后不再改变。",
    response_class=Response,
    responses={
        200: {"content": {CSV: {}}, "description": "候选名单"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def candidates(deps: Deps, _actor: _Reader, draw_id: DrawId) -> Response:
    return await list_file(await reading.one(deps.engine, draw_id))


async def list_file(draw: DrawOnRecord) -> Response:
    """The list, byte for byte as its digest was taken."""
    content = await asyncio.to_thread(frozen_list, draw.candidates)
    return Response(content, media_type=f"{CSV}; charset=utf-8", headers=attachment(f"{draw.id}.csv"))
