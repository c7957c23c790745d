"""Searching over everything that a clerk has in hand: numbers and names."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.batches import Cursor, Limit, seen_part
from api.views import Listing, View
from api.web.auth import EveryCaller
from api.web.problems import Problem, documented
from api.web.reading import seen
from api.web.runtime import Deps
from law.vocabulary import Outcome, Phase
from messages.found import FoundKind
from messages.words import FOUND
from store.reads import finding, search

router = APIRouter(prefix="/search", tags=["批次"])


class HitView(View):
    """A batch, and by what of it it was found."""

    kind: FoundKind = Field(title="所查到的号码或名称的种类")
    kind_title: str = Field(title="种类的名称")
    matched: str = Field(title="所查到的号码或名称，照登记时所写")
    batch_no: str = Field(title="批次编号")
    title: str = Field(title="批次名称")
    phase: Phase = Field(title="阶段")
    outcome: Outcome | None = Field(title="结果")
    document_id: str | None = Field(title="文号、邮件号码所属的文书；其他种类为空")
    address: str = Field(title="批次的地址")


@router.get("", summary="查找", responses=documented(401, 422, 503))
async def look_for(
    deps: Deps,
    actor: EveryCaller,
    q: Annotated[str, Query(title="要查找的号码或名称", min_length=1, max_length=100)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[HitView]:
    """按手头的号码或名称查批次，写一段即可，新下达的批次在前。

    号码：批次、方案、委托、合同、购样订单、快递单、封条、工作单、检验报告、文号、邮件；名称：经营者及其登记号、生产者、
    平台、商标、型号、商品、检验机构。全角半角、大小写、空格、连字符、括号和 ® 不影响结果，商标可以带“牌”字。
    没有整段相符的，按空格分开，须各段都能在同一批次中查到。更正后按更正的内容查。
    检验机构人员只查到本机构的批次，且不能按购样订单、登记号、文号和邮件号码查。
    """
    if not search.is_sought(q):
        raise Problem(422, "nothing_sought", "请写出要查找的号码或者名称，不能只有标点。")
    page = await finding.find(deps.engine, q, part=seen_part(actor), limit=limit, cursor=cursor)
    seen(one.batch_no for one in page.items)
    return Listing(items=tuple(map(_hit, page.items)), next_cursor=page.next_cursor)


def _hit(hit: finding.Hit) -> HitView:
    return HitView(
        kind=hit.kind,
        kind_title=FOUND[hit.kind],
        matched=hit.said,
        batch_no=hit.batch_no,
        title=hit.title,
        phase=hit.phase,
        outcome=hit.outcome,
        document_id=hit.document_id,
        address=f"/batches/{hit.batch_no}",
    )
