"""``choujian doctor``: how every part does, one line each, and what to do; for monitors as JSON."""

import asyncio

import httpx
from rich.console import Console

from health.report import HealthPart, HealthReport, Standing, down, ok, report_of
from health.watch import Watch
from settings import Settings
from store.engine import make_engine

_PATIENCE_SECONDS = 2.0
_MARKS = {Standing.OK: "[green]✓[/]", Standing.DEGRADED: "[yellow]![/]", Standing.DOWN: "[red]✗[/]"}
_START_API = "请启动 API：本机用 choujian restart API，容器用 docker compose up -d api；日志在 logs/api.log。"


async def look(settings: Settings) -> HealthReport:
    """Look for ourselves, so that it is told with the API away too."""
    engine = make_engine(settings.database_url or "")
    watch = Watch(settings, engine)
    try:
        api, report = await asyncio.gather(_api(settings), watch.report())
    finally:
        await watch.close()
        await engine.dispose()
    return report_of((api, *report.parts))


async def _api(settings: Settings) -> HealthPart:
    found = ok(f"在 {settings.api_url} 受理")
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE_SECONDS) as client:
            answer = await client.get(f"{settings.api_url}/health/live")
        if answer.status_code != 200:
            found = down(f"{settings.api_url} 答复 {answer.status_code}", _START_API)
    except httpx.HTTPError:
        found = down(f"{settings.api_url} 没有答复", _START_API)
    return HealthPart(
        name="api", title="API", status=found.status, detail=found.detail, what_to_do=found.what_to_do
    )


def show(report: HealthReport) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=True)
    for part in report.parts:
        console.print(f"{_MARKS[part.status]} ", end="")
        do = f" → {part.what_to_do}" if part.what_to_do else ""
        console.print(f"{part.title}：{part.detail}{do}", markup=False)
