"""Quality records to take along, as credit platforms ask for them: a row for each result that holds."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from api.handing_out import csv_file, require_few, xlsx_file
from api.records.routes import OfVerdict, Reader, head_of
from api.web.problems import documented
from api.web.reading import seen
from api.web.receiving import CSV, XLSX
from api.web.runtime import Deps
from law.quality import SubjectKind, key_in_full
from messages.base import Day
from messages.words import OUTCOMES, SUBJECTS, VERDICTS
from store.quality import reading
from store.quality.reading import ResultLine

router = APIRouter(prefix="/exports", tags=["质量档案"])
_TITLE = "质量档案"
_HEADER = (
    *("类别", "名称", "统一社会信用代码或者标识", "批次编号", "商品名称", "商标", "规格型号", "承检机构"),
    *("检验报告", "最终结论", "结果", "确定日期", "不合格项目", "复检机构", "复检报告", "复检结论"),
    *("承办机关", "签收日期", "办结日期", "处理情况", "公示更正"),
)
_FILE = {
    kind: {200: {"content": {media: {}}, "description": "清单"}, **documented(401, 403, 404, 422, 503)}
    for kind, media in (("csv", CSV), ("xlsx", XLSX))
}


async def _rows(
    deps: Deps,
    _actor: Reader,
    kind: Annotated[SubjectKind, Query(title="类别")] = SubjectKind.SELLER,
    key: Annotated[str, Query(title="只要这一份档案：代码或者名称", max_length=500)] = "",
    verdict: OfVerdict = None,
    final_from: Annotated[Day | None, Query(alias="from", title="结果确定之日自")] = None,
    final_to: Annotated[Day | None, Query(alias="to", title="结果确定之日至")] = None,
) -> list[Sequence[str]]:
    keys = (await head_of(deps, kind, key)).keys if key else None
    lines = await reading.lines(
        deps.engine, kind, keys, verdict=verdict, final_from=final_from, final_to=final_to
    )
    require_few(len(lines))
    seen(line.batch_no for line in lines)
    return [_row(kind, line) for line in lines]


Rows = Annotated[list[Sequence[str]], Depends(_rows)]


@router.get("/records.csv", summary="质量档案（CSV）", response_class=Response, responses=_FILE["csv"])
async def records_as_csv(rows: Rows) -> StreamingResponse:
    """供信用信息平台使用：现行的最终结果每个一行，正在复核的不列入；一次至多10000行。"""
    return csv_file(_TITLE, _HEADER, rows)


@router.get("/records.xlsx", summary="质量档案（XLSX）", response_class=Response, responses=_FILE["xlsx"])
async def records_as_xlsx(rows: Rows) -> Response:
    """供信用信息平台使用：现行的最终结果每个一行，正在复核的不列入；一次至多10000行。每格都是文字。"""
    return await xlsx_file(_TITLE, _HEADER, rows)


def _row(kind: SubjectKind, line: ResultLine) -> Sequence[str]:
    entry = line.entry
    retest, referral = entry.retest, entry.referral
    return (
        *(SUBJECTS[kind], line.name, key_in_full(line.key)),
        *(line.batch_no, entry.goods.name, entry.goods.trademark or "", entry.goods.spec_model or ""),
        *(entry.laboratory, entry.report_no or ""),
        VERDICTS[entry.verdict] if entry.verdict else "",
        OUTCOMES[entry.outcome] if entry.outcome else "",
        _day(entry.final_on),
        "、".join(item.name for item in entry.failed),
        *((retest.laboratory, retest.report_no, VERDICTS[retest.verdict]) if retest else ("", "", "")),
        *((referral.authority or "", _day(referral.acknowledged_on)) if referral else ("", "")),
        *((_day(referral.concluded_on), referral.action or "") if referral else ("", "")),
        entry.corrected or "",
    )


def _day(day: date | None) -> str:
    return str(day or "")
