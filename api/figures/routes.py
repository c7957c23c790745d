"""Progress of a plan, and the same figures of any batches (procedure section 13)."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.figures.sheets import workbook
from api.figures.views import FiguresView, ProgressView, figures_view
from api.handing_out import attachment
from api.planning.judging import regulation_today
from api.planning.showing import PlannedId
from api.web.auth import BUREAU, only
from api.web.problems import documented
from api.web.receiving import XLSX
from api.web.runtime import Deps
from messages.approvals import Matter
from messages.base import Actor, Day
from messages.order import OrderKind
from messages.planning import PlanContent
from store.plans import reading
from store.quality import figures
from store.quality.figures import Chosen

router = APIRouter(tags=["进度和统计"])

Reader = Annotated[Actor, Depends(only(BUREAU, "查阅进度和统计"))]
_BOOK = {200: {"content": {XLSX: {}}, "description": "进度和统计"}, **documented(401, 403, 404, 422, 503)}


async def chosen(
    ordered_from: Annotated[Day | None, Query(alias="from", title="下达之日自")] = None,
    ordered_to: Annotated[Day | None, Query(alias="to", title="下达之日至")] = None,
    district: Annotated[
        str | None, Query(title="经营者所在的区、县（市）；市外的为省市", max_length=100)
    ] = None,
    platform: Annotated[str | None, Query(title="第三方交易平台的名称", max_length=500)] = None,
    product: Annotated[str | None, Query(title="商品品种；未按方案下达的为商品名称", max_length=500)] = None,
    laboratory: Annotated[str | None, Query(title="承检机构的代码", max_length=500)] = None,
    kind: Annotated[OrderKind | None, Query(title="routine 常规；emergency 应急")] = None,
) -> Chosen:
    """Of which batches the statistics are."""
    return Chosen(
        ordered_from=ordered_from,
        ordered_to=ordered_to,
        district=district or None,
        platform=platform or None,
        product=product or None,
        laboratory=laboratory or None,
        kind=kind,
    )


async def _progress(deps: Deps, _actor: Reader, id_: PlannedId) -> ProgressView:
    """Raises ``PlannedUnknown``."""
    plan = await reading.one(deps.engine, Matter.PLAN, id_)
    found = await figures.counted(deps.engine, Chosen(plan_id=id_))
    in_force = plan.content_in_force
    schemes = [one for one in found.schemes.values() if one.id != id_]
    return ProgressView(
        **figures_view(found, regulation_today(), all_schemes_but=id_),
        plan_id=id_,
        plan_title=(in_force or plan.content).title,
        planned=sum(one.planned or 0 for one in schemes if not one.ended),
        budget=in_force.budget if isinstance(in_force, PlanContent) else None,
    )


async def _statistics(deps: Deps, _actor: Reader, of: Annotated[Chosen, Depends(chosen)]) -> FiguresView:
    return FiguresView(**figures_view(await figures.counted(deps.engine, of), regulation_today()))


Progress = Annotated[ProgressView, Depends(_progress)]
Statistics = Annotated[FiguresView, Depends(_statistics)]


@router.get("/plans/{id_}/progress", summary="计划的进度", responses=documented(401, 403, 404, 422, 503))
async def show_progress(figures_of: Progress) -> ProgressView:
    """按方案、承检机构、承办局、平台、商品、所在地：已下达、已购样、已封样、已检验、结果已确定；不合格率及其区间；
    费用与预算；各项义务是否按期；复检及改变原结果的次数。
    """
    return figures_of


@router.get(
    "/plans/{id_}/progress.xlsx",
    summary="计划的进度（XLSX）",
    response_class=Response,
    responses=_BOOK,
)
async def progress_as_xlsx(figures_of: Progress) -> Response:
    """同样的数字；比率附95%置信区间。"""
    return await _book(figures_of, f"{figures_of.plan_title}进度.xlsx")


@router.get("/statistics", summary="统计", responses=documented(401, 403, 422, 503))
async def show_statistics(figures_of: Statistics) -> FiguresView:
    """与计划的进度同样的数字，按下达之日、经营者所在地、平台、商品、承检机构、常规或者应急选取批次。"""
    return figures_of


@router.get("/statistics.xlsx", summary="统计（XLSX）", response_class=Response, responses=_BOOK)
async def statistics_as_xlsx(figures_of: Statistics) -> Response:
    """同样的数字；比率附95%置信区间。"""
    return await _book(figures_of, "统计.xlsx")


async def _book(figures_of: FiguresView, name: str) -> Response:
    content = await asyncio.to_thread(workbook, figures_of)
    return Response(content, media_type=XLSX, headers=attachment(name))
