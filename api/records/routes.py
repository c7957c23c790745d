"""Quality records (procedure section 13): a list to search, and each with all its results."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.batches import Cursor, Limit
from api.records.views import RecordSummaryView, RecordView, record_view, summary_view
from api.views import Listing
from api.web.auth import BUREAU, only
from api.web.problems import Problem, documented
from api.web.reading import seen
from api.web.runtime import Deps, Runtime
from law.quality import SubjectKind
from law.vocabulary import Verdict
from messages.base import Actor
from messages.words import SUBJECTS
from store.quality import reading
from store.quality.reading import RecordHead

router = APIRouter(prefix="/records", tags=["质量档案"])

Reader = Annotated[Actor, Depends(only(BUREAU, "查阅质量档案"))]
RecordKey = Annotated[
    str,
    Path(
        title="统一社会信用代码、登记簿中的代码或者名称；商品为“商标·规格型号”",
        max_length=500,
        examples=["91330106MA2AAAAA0X"],
    ),
]
OfVerdict = Annotated[Verdict | None, Query(title="只要现行的、这一结论的结果")]


async def head_of(deps: Runtime, kind: SubjectKind, key: str) -> RecordHead:
    """Raises :class:`Problem` 404 where nothing is known of anybody so called."""
    head = await reading.head(deps.engine, kind, key)
    if head is None:
        raise Problem(404, "record_unknown", f"没有“{key}”的{SUBJECTS[kind]}质量档案。")
    return head


@router.get("", summary="质量档案", responses=documented(401, 403, 422, 503))
async def list_records(
    deps: Deps,
    _actor: Reader,
    kind: Annotated[
        SubjectKind, Query(title="seller 经营者；producer 生产者；product 商品；platform 平台")
    ] = SubjectKind.SELLER,
    q: Annotated[
        str, Query(title="查找", description="代码、名称、商标或者型号的一段。", max_length=100)
    ] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[RecordSummaryView]:
    """不合格结果多的在前；没有最终结果的不列入。"""
    page = await reading.listed(deps.engine, kind, q=q, limit=limit, cursor=cursor)
    return Listing(items=tuple(summary_view(kind, one) for one in page.items), next_cursor=page.next_cursor)


@router.get("/{kind}/{key:path}", summary="一份质量档案", responses=documented(401, 403, 404, 422, 503))
async def show_record(
    deps: Deps,
    _actor: Reader,
    kind: SubjectKind,
    key: RecordKey,
    verdict: OfVerdict = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RecordView:
    """各批次的最终结果、不合格项目、复检、交办及其结果、更正；结果经更正、复核的，原来的记载都保留。

    经营者、生产者和平台按统一社会信用代码或者名称认定，登记簿中同一法人的代码和历次名称归入一份；商品按商标和规格型号认定，
    与年度抽检次数的认定相同。登记簿中有、还没有最终结果的，档案为空。
    """
    head = await head_of(deps, kind, key)
    page = await reading.results(deps.engine, kind, head.keys, verdict=verdict, limit=limit, cursor=cursor)
    said = await reading.said(deps.engine, [one.batch_no for one in page.items])
    seen(one.batch_no for one in page.items)
    return record_view(kind, head, page, said)
