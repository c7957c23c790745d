"""Mails to the letters' sender that no rule reads: a person looks at them, and says what was done."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import ConfigDict, Field

from api.batches import Cursor, Limit
from api.views import Listing, View
from api.web.auth import only
from api.web.body import JsonRoute
from api.web.problems import documented
from api.web.runtime import Deps
from law.vocabulary import Role
from messages.base import Actor, LongText, Message
from store.mails import unread
from store.mails.unread import WhyUnread

router = APIRouter(prefix="/mailbox", tags=["文书寄送和送达"], route_class=JsonRoute)
_READERS = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ADMIN})
_DEALERS = frozenset({Role.OFFICER, Role.SUPERVISOR})
MailNo = Annotated[int, Path(title="来信编号", ge=1, le=2**63 - 1)]


class MailView(View):
    """A mail that waits for a person, or has been dealt with."""

    no: int = Field(title="来信编号")
    found_at: datetime = Field(title="收到时间")
    sender: str = Field(title="发件人")
    subject: str = Field(title="主题")
    mailed_at: str = Field(title="信中所载的发送时间")
    excerpt: str = Field(title="正文开头")
    reason: WhyUnread = Field(
        title="为何由人工处理：no_report 不是可以读取的退信报告；"
        "no_letter 报告的不是本系统以电子邮件发出的文书；defect 读取时出错"
    )
    dealt_with_at: datetime | None = Field(title="处理时间；待处理的为空")
    dealt_with_by: str | None = Field(title="处理人")
    note: str | None = Field(title="处理情况")


class DealtWith(Message):
    """What a person has done about a mail."""

    model_config = ConfigDict(
        title="来信处理情况", json_schema_extra={"example": {"note": "收件人邮箱已停用，已登记未能送达线索"}}
    )

    note: LongText = Field(title="处理情况")


@router.get("", summary="规则读不懂的来信", responses=documented(401, 403, 422, 503))
async def list_mails(
    deps: Deps,
    _actor: Annotated[Actor, Depends(only(_READERS, "查看来信"))],
    dealt_with: Annotated[
        bool | None, Query(title="是否已处理", description="不填的，只看待处理的。")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[MailView]:
    """退信邮箱中不是退信报告，或者认不出文书的来信；最近的在前。

    如系退信，由执法人员在有关批次登记“未能送达线索”，再标记为已处理。原信在邮箱中加了旗标。
    """
    page = await unread.mails(deps.engine, dealt_with=dealt_with, limit=limit, cursor=cursor)
    return Listing(items=tuple(map(MailView.model_validate, page.items)), next_cursor=page.next_cursor)


@router.post(
    "/{no}/dealt-with",
    summary="标记来信已处理",
    description="写明处理情况；已经处理的，答复先前的处理情况。由执法人员或者处室负责人办理。",
    response_description="已处理",
    responses=documented(400, 401, 403, 404, 413, 415, 422, 503),
)
async def deal_with_mail(
    deps: Deps, actor: Annotated[Actor, Depends(only(_DEALERS, "处理来信"))], no: MailNo, done: DealtWith
) -> MailView:
    return MailView.model_validate(await unread.deal_with(deps.engine, no, actor, done.note))
