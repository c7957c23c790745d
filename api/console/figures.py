"""Progress of a plan and statistics at the desk: plots, the same figures as tables, and as a workbook."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from api.console.desk import Desk, only_for
from api.console.plots import RateBar, StageBar, rate_plot, stage_plot
from api.console.route import ConsoleRoute
from api.console.through import Through
from api.figures.sheets import percent
from api.planning.showing import PlannedId
from api.web.auth import BUREAU
from api.web.days import today
from law.figures import Share
from messages.words import ORDER_KINDS

router = APIRouter(prefix="/console", include_in_schema=False, route_class=ConsoleRoute)

Reader = Annotated[Desk, only_for(*BUREAU)]
# Of a plot, and of the table below it; the workbook has all.
_MOST_BARS = 12
_MOST_ROWS = 50
_STAGES = (
    *(("ordered", "已下达"), ("bought", "已购样"), ("sealed", "已封样")),
    *(("tested", "已检验"), ("final", "结果已确定")),
)
_PLOTTED = ("scheme", "laboratory")
_Filter = Annotated[str, Query(max_length=500)]


@router.get("/plans/plans/{id_}/progress")
async def show_progress(desk: Reader, id_: PlannedId) -> HTMLResponse:
    found = await desk.door.get(f"/plans/{id_}/progress")
    return desk.page("progress.html", one=found, address=f"/console/plans/plans/{id_}", **_shown(found))


@router.get("/plans/plans/{id_}/progress.xlsx")
async def take_progress(desk: Reader, id_: PlannedId) -> Response:
    return Through(desk, f"/plans/{id_}/progress.xlsx")


@router.get("/statistics")
async def show_statistics(
    desk: Reader,
    ordered_from: Annotated[str | None, Query(alias="from", max_length=10)] = None,
    ordered_to: Annotated[str, Query(alias="to", max_length=10)] = "",
    district: _Filter = "",
    platform: _Filter = "",
    product: _Filter = "",
    laboratory: _Filter = "",
    kind: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """Of this year's orders, unless another time is asked for."""
    first = f"{today().year}-01-01" if ordered_from is None else ordered_from
    asked = {
        "from": first,
        "to": ordered_to,
        "district": district.strip(),
        "platform": platform.strip(),
        "product": product.strip(),
        "laboratory": laboratory.strip(),
        "kind": kind,
    }
    found = await desk.door.get("/statistics", **asked)
    query = urlencode({name: value for name, value in asked.items() if value})
    return desk.page(
        "statistics.html", one=found, asked=asked, query=query, kinds=ORDER_KINDS, **_shown(found)
    )


@router.get("/statistics.xlsx")
async def take_statistics(desk: Reader) -> Response:
    return Through(desk, "/statistics.xlsx", dict(desk.request.query_params))


def _shown(found: Mapping[str, Any]) -> dict[str, Any]:
    total = found["total"]
    stages = [StageBar(title, total["ordered"], total[name], f"{total[name]}批次") for name, title in _STAGES]
    duties = [
        RateBar(one["title"], share, _said(share))
        for one in found["duties"]
        if (share := Share.model_validate(one["on_time"])).of
    ]
    tables = [
        {**one, "lines": one["lines"][:_MOST_ROWS], "left_out": max(len(one["lines"]) - _MOST_ROWS, 0)}
        for one in found["dimensions"]
    ]
    return {
        "tables": tables,
        "stages": stage_plot("各阶段的批次数", stages) if total["ordered"] else "",
        "plots": [_of(one) for one in found["dimensions"] if one["dimension"] in _PLOTTED],
        "punctuality": rate_plot("按期率", duties),
        "percent": percent,
        "stage_titles": _STAGES,
    }


def _of(dimension: Mapping[str, Any]) -> dict[str, Any]:
    lines = dimension["lines"][:_MOST_BARS]
    bars = [
        StageBar(one["name"], one["ordered"], one["final"], f"确定{one['final']}，下达{one['ordered']}")
        for one in lines
    ]
    rates = [
        RateBar(one["name"], share, _said(share))
        for one in lines
        if (share := Share.model_validate(one["nonconforming"])).of
    ]
    return {
        "title": dimension["title"],
        "stages": stage_plot(f"按{dimension['title']}：下达和结果已确定的批次数", bars),
        "rates": rate_plot(f"按{dimension['title']}：不合格率及95%置信区间", rates),
        "left_out": max(len(dimension["lines"]) - _MOST_BARS, 0),
    }


def _said(share: Share) -> str:
    return f"{share.count}/{share.of}，{percent(share.rate)}（{percent(share.low)}–{percent(share.high)}）"
