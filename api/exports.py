"""Lists to take along: batches and tasks as CSV and XLSX, with the filters of the lists on the screen."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from api.batches import Wanted
from api.handing_out import csv_file, require_few, xlsx_file
from api.tasks import OfWhom
from api.web.problems import documented
from api.web.reading import seen
from api.web.receiving import CSV, XLSX
from api.web.runtime import Deps
from law.calendar import SHANGHAI
from law.vocabulary import WaitKind
from messages.base import Instant
from messages.words import OUTCOMES, PHASES
from store.reads import exports
from store.reads.exports import BatchLine, TaskLine
from store.reads.tasks import Falls

router = APIRouter(prefix="/exports", tags=["批次"])
_BATCHES, _TASKS = "批次", "待办事项"
_BATCH_HEADER = (
    *("批次编号", "商品名称", "商标", "规格型号", "网络商品经营者", "标称生产者", "第三方交易平台"),
    *("承检机构", "抽检实施方案", "阶段", "结果", "最近的事项", "届满日", "是否暂定", "是否逾期", "下达时间"),
)
_TASK_HEADER = (
    *("批次编号", "批次名称", "网络商品经营者", "阶段", "事项", "义务或权利", "责任方或权利人"),
    *("届满日", "是否暂定", "是否逾期", "逾期后果", "依据"),
)
_FILE = {
    "csv": {200: {"content": {CSV: {}}, "description": "清单"}, **documented(401, 422, 503)},
    "xlsx": {200: {"content": {XLSX: {}}, "description": "清单"}, **documented(401, 422, 503)},
}


async def _batches(deps: Deps, wanted: Wanted) -> list[Sequence[str]]:
    lines = await exports.batches(deps.engine, wanted)
    require_few(len(lines))
    seen(line.batch_no for line in lines)
    return [_batch_row(line) for line in lines]


async def _tasks(
    deps: Deps,
    of: OfWhom,
    overdue: Annotated[bool | None, Query(title="是否逾期")] = None,
    falls: Annotated[Falls | None, Query(title="届满日：today 今天；this_week 自今天至本周日")] = None,
    due_before: Annotated[Instant | None, Query(title="届满时刻早于")] = None,
) -> list[Sequence[str]]:
    lines = await exports.tasks(deps.engine, of, overdue=overdue, falls=falls, due_before=due_before)
    require_few(len(lines))
    seen(line.batch_no for line in lines)
    return [_task_row(line) for line in lines]


BatchRows = Annotated[list[Sequence[str]], Depends(_batches)]
TaskRows = Annotated[list[Sequence[str]], Depends(_tasks)]


@router.get("/batches.csv", summary="批次清单（CSV）", response_class=Response, responses=_FILE["csv"])
async def batches_as_csv(rows: BatchRows) -> StreamingResponse:
    """与批次列表同样的条件；一次至多10000个，更多的请缩小范围。以等号等开头的内容不会被表格软件当作公式。"""
    return csv_file(_BATCHES, _BATCH_HEADER, rows)


@router.get("/batches.xlsx", summary="批次清单（XLSX）", response_class=Response, responses=_FILE["xlsx"])
async def batches_as_xlsx(rows: BatchRows) -> Response:
    """与批次列表同样的条件；一次至多10000个，更多的请缩小范围。每格都是文字。"""
    return await xlsx_file(_BATCHES, _BATCH_HEADER, rows)


@router.get("/tasks.csv", summary="待办清单（CSV）", response_class=Response, responses=_FILE["csv"])
async def tasks_as_csv(rows: TaskRows) -> StreamingResponse:
    """届满早的在前；一次至多10000项，更多的请缩小范围。"""
    return csv_file(_TASKS, _TASK_HEADER, rows)


@router.get("/tasks.xlsx", summary="待办清单（XLSX）", response_class=Response, responses=_FILE["xlsx"])
async def tasks_as_xlsx(rows: TaskRows) -> Response:
    """届满早的在前；一次至多10000项，更多的请缩小范围。每格都是文字。"""
    return await xlsx_file(_TASKS, _TASK_HEADER, rows)


def _batch_row(line: BatchLine) -> Sequence[str]:
    return (
        line.batch_no,
        *(said or "" for said in (line.goods, line.trademark, line.spec_model, line.seller)),
        *(said or "" for said in (line.producer, line.platform, line.laboratory, line.scheme)),
        PHASES[line.phase],
        OUTCOMES[line.outcome] if line.outcome else "",
        line.next_title or "",
        str(line.last_day or ""),
        _yes(line.provisional),
        _yes(line.overdue),
        f"{line.opened_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    )


def _task_row(line: TaskLine) -> Sequence[str]:
    return (
        *(line.batch_no, line.batch_title, line.seller, PHASES[line.phase], line.title),
        "权利" if line.kind is WaitKind.RIGHT else "义务",
        line.owed_by_title,
        str(line.last_day or ""),
        _yes(line.provisional),
        _yes(line.overdue),
        line.on_silence or "",
        line.rests_on,
    )


def _yes(is_so: bool) -> str:
    return "是" if is_so else ""
