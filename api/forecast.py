"""Looking ahead: what falls due on which day, and whose it is; what is late stands apart at the front."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.batches import seen_part
from api.views import View
from api.web.auth import EveryCaller
from api.web.problems import documented
from api.web.reading import seen
from api.web.runtime import Deps
from law.calendar import WorkCalendar
from law.judgements import PartyStanding
from law.vocabulary import Party, Role, WaitKind
from messages.snapshot import Wait
from messages.words import PARTIES, ROLES
from store.calendars import arrangements
from store.reads import forecast as due_waits
from store.reads.forecast import DueWait

router = APIRouter(prefix="/forecast", tags=["待办"])
_AT_MOST = 100


class ForecastItem(Wait):
    """Something that falls due, with the batch it belongs to."""

    batch_no: str = Field(title="批次编号")
    batch_title: str = Field(title="批次名称")
    suspended: bool = Field(title="批次是否中止（中止期间不届满）")
    then: str | None = Field(title="届满以后：权利失效的后果，以及随后可以或者应当做的事")


class ForecastGroup(View):
    """What one role, or one party, has to do or may do."""

    responsible: Role | Party = Field(title="经办角色或当事人代码")
    title: str = Field(title="经办角色或当事人")
    duties: int = Field(title="应办事项数")
    rights: int = Field(title="届满的权利期限数")
    items: tuple[ForecastItem, ...] = Field(title="其中届满早的，至多一百件；其余在 GET /tasks")


class ForecastDay(View):
    """One calendar day, Asia/Shanghai."""

    day: date = Field(title="日期")
    working: bool = Field(title="是否工作日")
    rest: str | None = Field(title="休息日的名称：周六、国庆节等；这一天届满的事项须提前安排")
    announced: bool = Field(title="当年放假安排是否已公布；未公布的，是否工作日为推定")
    groups: tuple[ForecastGroup, ...] = Field(title="当日 24:00 届满的事项，按经办角色或当事人")


class ForecastView(View):
    """What is late, what is about to lapse, and what falls due day by day."""

    as_of: datetime = Field(title="查询时刻")
    overdue: tuple[ForecastGroup, ...] = Field(title="已经逾期的事项")
    closed_undecided: tuple[ForecastGroup, ...] = Field(
        title="期限已过、尚待在途申请到达和核对登记簿（或因中止未届满）的权利"
    )
    days: tuple[ForecastDay, ...] = Field(title="自今日起逐日")


@router.get("", summary="期限预告", responses=documented(401, 422, 503))
async def look_ahead(
    deps: Deps,
    actor: EveryCaller,
    days: Annotated[int, Query(title="天数", description="自今日起，含今日。", ge=1, le=92)] = 14,
) -> ForecastView:
    """今后每天届满的事项，按经办角色或当事人；逾期的单列在前，休息日注明。检验机构人员只看到本机构的事项。"""
    ahead = await due_waits.forecast(
        deps.engine,
        days=days,
        part=seen_part(actor),
        most=_AT_MOST,
        time_skipping=deps.settings.time_skipping,
    )
    seen(due.batch_no for due in ahead.due)
    calendar = (await arrangements.in_force(deps.engine)).calendar
    past = [due for due in ahead.due if due.past]
    by_day: dict[date, list[DueWait]] = {}
    for due in ahead.due:
        if not due.past:
            by_day.setdefault(due.falls_on, []).append(due)
    return ForecastView(
        as_of=ahead.as_of,
        overdue=_groups(due for due in past if due.wait.kind is WaitKind.DUTY),
        closed_undecided=_groups(due for due in past if due.wait.kind is WaitKind.RIGHT),
        days=tuple(
            _day(day, by_day.get(day, ()), calendar)
            for day in (ahead.first_day + timedelta(days=number) for number in range(days))
        ),
    )


def _day(day: date, due: Iterable[DueWait], calendar: WorkCalendar) -> ForecastDay:
    working = calendar.is_working_day(day)
    return ForecastDay(
        day=day,
        working=working,
        rest=None if working else calendar.name_of_rest(day),
        announced=calendar.is_announced(day.year),
        groups=_groups(due),
    )


def _groups(due: Iterable[DueWait]) -> tuple[ForecastGroup, ...]:
    """By whoever has to act: the role whose task a duty is, the party that holds a right."""
    held: dict[Role | Party, list[DueWait]] = {}
    for one in due:
        responsible = one.wait.role or one.wait.party
        assert responsible is not None, "a duty is a role's, a right a party's"
        held.setdefault(responsible, []).append(one)
    return tuple(_group(responsible, held[responsible]) for responsible in sorted(held))


def _group(responsible: Role | Party, due: list[DueWait]) -> ForecastGroup:
    first = due[0]
    return ForecastGroup(
        responsible=responsible,
        title=ROLES[responsible] if isinstance(responsible, Role) else PARTIES[responsible],
        duties=first.duties,
        rights=first.rights,
        items=tuple(map(_item, due)),
    )


def _item(due: DueWait) -> ForecastItem:
    return ForecastItem(
        **dict(due.wait),
        batch_no=due.batch_no,
        batch_title=due.title,
        suspended=due.suspended,
        then=_then(due) if due.wait.kind is WaitKind.RIGHT else None,
    )


def _then(due: DueWait) -> str:
    """What a right's lapse leads to: the result is final once no other party's standing is open (§6, §7)."""
    effect = due.wait.on_silence or "期限届满"
    others = [other for other in due.parties if other.entitled and other.party is not due.wait.party]
    if undecided := [PARTIES[other.party] for other in others if other.standing is None]:
        return f"{effect}；检验结果尚待{'、'.join(undecided)}，未确定"
    if any(other.standing == PartyStanding.RETEST for other in others):
        return f"{effect}；检验结果尚待复检，未确定"
    return f"{effect}；检验结果随即确定，应当公示（§7）"
