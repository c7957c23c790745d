"""Who has read what: for the auditor alone."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.batches import Cursor, Limit
from api.views import Listing, View
from api.web.auth import only
from api.web.problems import documented
from api.web.runtime import Deps
from law.vocabulary import Role
from messages.base import Actor, Day
from store.access import log

router = APIRouter(prefix="/access-log", tags=["查阅记录"])


class AccessView(View):
    """One read of personal data."""

    at: datetime = Field(title="时间")
    sub: str = Field(title="账号")
    name: str = Field(title="姓名")
    role: Role = Field(title="角色")
    path: str = Field(title="所查阅的地址")
    query: str = Field(title="查询条件")
    batch_nos: tuple[str, ...] = Field(title="所涉批次")
    status: int = Field(title="答复的状态码")
    client: str = Field(title="来源地址")


@router.get("", summary="查阅记录", responses=documented(401, 403, 422, 503))
async def list_reads(
    deps: Deps,
    _actor: Annotated[Actor, Depends(only({Role.AUDITOR}, "查阅查阅记录"))],
    batch_no: Annotated[str | None, Query(title="批次编号", max_length=100)] = None,
    sub: Annotated[str | None, Query(title="账号", max_length=200)] = None,
    day: Annotated[Day | None, Query(title="日期（北京时间）")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[AccessView]:
    """何人、以何身份、何时、从何处查阅了哪些批次的个人信息；最近的在前。只供审计人员查阅，不属于办理记录。"""
    page = await log.reads(deps.engine, batch_no=batch_no, sub=sub, day=day, limit=limit, cursor=cursor)
    return Listing(items=tuple(map(AccessView.model_validate, page.items)), next_cursor=page.next_cursor)
