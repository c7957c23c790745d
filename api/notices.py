"""The State Council's notice, in its own words, read into the arrangement that it announces."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, Field, StringConstraints

from api.calendars import ArrangementBody
from api.web.auth import BUREAU, only
from api.web.body import JsonRoute
from api.web.problems import Problem, documented
from api.web.runtime import Deps
from law.calendar import CalendarYear
from law.notices import NoticeNotUnderstood, read
from messages.base import Actor, Message
from store.calendars import arrangements

router = APIRouter(prefix="/calendars", tags=["放假安排"], route_class=JsonRoute)
_EXAMPLE = """国务院办公厅关于2027年部分节假日安排的通知
国办发明电〔2026〕0号（示例，并非真实公布的安排）
一、元旦：1月1日（周五）至3日（周日）放假，共3天。"""


class Notice(Message):
    """The notice as it was copied, the whole page or its title, number and items."""

    model_config = ConfigDict(title="放假通知原文", json_schema_extra={"example": {"text": _EXAMPLE}})

    text: Annotated[str, StringConstraints(min_length=1, max_length=15_000)] = Field(title="通知原文")


@router.post(
    "/notices",
    summary="读国务院的放假通知",
    description="由通知原文得到年度放假安排，供核对和试算，不作任何改变；调整、延长假期的通知叠加在现行安排之上。"
    "读不懂的一行、与日历不符的星期或天数，指明行号并拒绝。",
    responses=documented(400, 401, 403, 413, 415, 422, 503),
)
async def read_notice(
    deps: Deps, _actor: Annotated[Actor, Depends(only(BUREAU, "读放假通知"))], notice: Notice
) -> ArrangementBody:
    calendar = (await arrangements.in_force(deps.engine)).calendar
    announced = {year.year: year for year in calendar.years if year.announced}
    try:
        year: CalendarYear = read(notice.text, announced.get)
        return ArrangementBody.model_validate(year.model_dump(exclude={"announced"}))
    except NoticeNotUnderstood as error:
        raise Problem(422, "notice_not_understood", f"{error}。") from None
