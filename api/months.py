"""A month as a desk looks at it: how much ends on each day, and which days are worked."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.tasks import OfWhom
from api.views import View
from api.web.problems import Problem, documented
from api.web.runtime import Deps
from law.calendar import CalendarUnknown, DayNature, WorkCalendar, chinese_day
from store.calendars import arrangements
from store.reads import months
from store.reads.months import DueOnDay

router = APIRouter(prefix="/forecast", tags=["待办"])


class MonthDay(View):
    """One calendar day, Asia/Shanghai, with what ends at its 24:00."""

    day: date = Field(title="日期")
    nature: DayNature = Field(title="workday 工作日；weekend 周末；holiday 放假；makeup_workday 调休上班")
    rest: str | None = Field(title="休息日的名称：周六、国庆节等；工作日为空")
    announced: bool = Field(title="当年放假安排是否已公布；未公布的，是否工作日为推定")
    duties: int = Field(title="当日届满的应办事项数")
    rights: int = Field(title="当日届满的权利期限数")
    provisional: int = Field(title="其中届满日为暂定的")


class MonthView(View):
    """Every day of a month, in order."""

    month: str = Field(title="月份")
    days: tuple[MonthDay, ...]


@router.get("/month", summary="一个月的届满日", responses=documented(401, 422, 503))
async def look_at_month(
    deps: Deps,
    of: OfWhom,
    month: Annotated[
        str, Query(title="月份", pattern=r"^20\d\d-(0[1-9]|1[0-2])$", max_length=7, examples=["2026-12"])
    ],
) -> MonthView:
    """每天届满的未结事项数，休息日、调休上班日和暂定的届满日注明；当日的事项见 GET /tasks?last_day=。

    检验机构人员只看到本机构办理或者参加的事项。
    """
    calendar = (await arrangements.in_force(deps.engine)).calendar
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    counted = await months.due_within(deps.engine, first, following, of)
    try:
        days = (
            _day(first + timedelta(days=number), calendar, counted)
            for number in range((following - first).days)
        )
        return MonthView(month=month, days=tuple(days))
    except CalendarUnknown:
        raise Problem(
            422, "year_unknown", f"没有{first.year}年的放假安排，{chinese_day(first)}起的一个月不能列出。"
        ) from None


def _day(day: date, calendar: WorkCalendar, counted: Iterable[DueOnDay]) -> MonthDay:
    nature = calendar.nature(day)
    due = next((one for one in counted if one.day == day), DueOnDay(day, 0, 0, 0))
    return MonthDay(
        day=day,
        nature=nature,
        rest=None if nature.is_working else calendar.name_of_rest(day),
        announced=calendar.is_announced(day.year),
        duties=due.duties,
        rights=due.rights,
        provisional=due.provisional,
    )
