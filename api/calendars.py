"""Importing a year's arrangement: shown first, proposed by one, approved by another; and what moved."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from pydantic import ConfigDict, Field, ValidationError, model_validator

from api.views import View
from api.web.auth import BUREAU, EveryCaller, only
from api.web.body import JsonRoute
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from law.calendar import CalendarYear, WorkCalendar, day_in_shanghai
from law.calendar_sources import builtin_calendar, provisional
from law.recounting import recount
from law.vocabulary import Party, Role, WaitKind
from messages.base import Actor, Message, Text
from messages.snapshot import Wait
from store.calendars import arrangements, imports

router = APIRouter(prefix="/calendars", tags=["放假安排"], route_class=JsonRoute)

_PROPOSERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
_EXAMPLE: dict[str, Any] = {
    "year": 2027,
    "version": "国办发明电〔2026〕0号（示例，并非真实公布的安排）",
    "holidays": {"2027-01-01": "元旦", "2027-01-02": "元旦", "2027-01-03": "元旦"},
    "makeup_days": [],
}
ImportNo = Annotated[int, Path(title="导入编号", ge=1, le=2**31 - 1)]

Year = Annotated[int, Path(title="年份", ge=2018, le=2100)]


class ArrangementBody(Message):
    """The arrangement of one year as the State Council announced it; the format of the import file."""

    model_config = ConfigDict(title="年度放假安排", json_schema_extra={"example": _EXAMPLE})

    year: int = Field(title="年份", ge=2018, le=2100)
    version: Text = Field(title="文号（版本名称）")
    holidays: dict[date, Text] = Field(
        title="放假日（含期间的周末）及其节日名称", min_length=1, max_length=366
    )
    makeup_days: tuple[date, ...] = Field(default=(), title="调休上班的周六、周日", max_length=100)

    @model_validator(mode="after")
    def _is_an_arrangement(self) -> "ArrangementBody":
        if len(set(self.makeup_days)) != len(self.makeup_days):
            raise ValueError("同一调休上班日列了两次")
        try:
            self.arrangement()
        except ValidationError as error:
            raise ValueError(str(error.errors()[0]["ctx"]["error"])) from None
        return self

    def arrangement(self) -> CalendarYear:
        return CalendarYear(
            year=self.year,
            version=self.version,
            announced=True,
            holidays=self.holidays,
            makeup_days=self.makeup_days,
        )


class YearView(View):
    """What a year's deadlines are counted on."""

    year: int = Field(title="年份")
    version: str = Field(title="文号（版本名称）")
    digest: str = Field(title="内容的 SHA-256 摘要")
    announced: bool = Field(title="是否已公布；未公布的年份，期限为暂定")


class WholeYearView(YearView):
    """The same with its days, for a change to be laid over it."""

    holidays: dict[date, str] = Field(title="放假日及其节日名称")
    makeup_days: tuple[date, ...] = Field(title="调休上班的周六、周日")


class MovedView(View):
    """One open deadline that is counted again."""

    batch_no: str = Field(title="批次编号")
    batch_title: str = Field(title="批次名称")
    wait_id: str = Field(title="等待事项编号")
    title: str = Field(title="事项")
    kind: WaitKind = Field(title="义务或权利")
    party: Party | None = Field(title="当事人")
    owed_by_title: str = Field(title="责任方或权利人")
    old_last_day: date = Field(title="原届满日")
    new_last_day: date = Field(title="新届满日")
    counted_last_day: date = Field(title="按安排算得的届满日；早于新届满日的，因已告知而不提前")
    provisional: bool = Field(title="是否仍为暂定")
    told: bool = Field(title="载明原届满日的文书是否已发出")


class EffectView(View):
    """What an arrangement would change. ``moved`` are the deadlines whose last day becomes another."""

    year: int = Field(title="年份")
    version: str = Field(title="文号（版本名称）")
    digest: str = Field(title="内容的 SHA-256 摘要")
    changes: bool = Field(title="内容是否与现行安排不同")
    warnings: tuple[str, ...] = Field(title="请核对的疑点")
    recounted: int = Field(title="将重新计算的期限数")
    moved: tuple[MovedView, ...] = Field(title="届满日变动的期限")


class ImportView(View):
    """One import: who, when, whether it counts now, how many deadlines it has moved."""

    no: int = Field(title="导入编号")
    year: int = Field(title="年份")
    version: str = Field(title="文号（版本名称）")
    digest: str = Field(title="内容的 SHA-256 摘要")
    proposed_by: Actor = Field(title="提出人")
    proposed_at: datetime = Field(title="提出时间")
    approved_by: Actor | None = Field(title="批准人")
    approved_at: datetime | None = Field(title="批准时间")
    in_force: bool = Field(title="是否为该年份现行的安排")
    recounted: int = Field(title="已重新计算的期限数")
    moved: int = Field(title="其中届满日变动的期限数")


class ImportAccount(ImportView):
    """An import with its days and its account: every deadline whose last day moved."""

    holidays: dict[date, str] = Field(title="放假日")
    makeup_days: tuple[date, ...] = Field(title="调休上班日")
    accounts: tuple[MovedView, ...] = Field(title="届满日变动的期限；尚未批准的，为批准后的变动")


class Calendars(View):
    """Every year that deadlines are counted on, and every import there was."""

    years: tuple[YearView, ...] = Field(title="各年份现行的安排")
    imports: tuple[ImportView, ...] = Field(title="历次导入")
    to_be_recounted: int = Field(title="正在重新计算、尚未算完的期限数")


@router.get("", summary="放假安排和历次导入", responses=documented(401, 503))
async def list_calendars(deps: Deps, _actor: EveryCaller) -> Calendars:
    calendar = (await arrangements.in_force(deps.engine)).calendar
    return Calendars(
        years=tuple(YearView.model_validate(year.named) for year in calendar.years),
        imports=tuple(ImportView(**_shown(one)) for one in await imports.imports(deps.engine)),
        to_be_recounted=await arrangements.count_stale(deps.engine, calendar),
    )


@router.get("/years/{year}", summary="一个年份现行的放假安排", responses=documented(401, 404, 422, 503))
async def show_year(deps: Deps, _actor: EveryCaller, year: Year) -> WholeYearView:
    """未公布的年份，为暂定的安排。"""
    calendar = (await arrangements.in_force(deps.engine)).calendar
    for held in calendar.years:
        if held.year == year:
            days = {"holidays": held.holidays, "makeup_days": held.makeup_days}
            return WholeYearView(**held.named.model_dump(), **days)
    raise Problem(404, "year_unknown", f"没有{year}年的放假安排。")


@router.get("/{no}", summary="一次导入及其变动的期限", responses=documented(401, 403, 404, 422, 503))
async def show_import(
    deps: Deps, _actor: Annotated[Actor, Depends(only(BUREAU, "查阅放假安排的影响"))], no: ImportNo
) -> ImportAccount:
    one = await imports.one(deps.engine, no)
    if one.revision is None:
        moved = (await _effect(deps, one.year)).moved
    else:
        account = await imports.account(deps.engine, no)
        moved = tuple(_recounted(row) for row in account if row.old_last_day != row.new_last_day)
    return ImportAccount(
        **_shown(one), holidays=one.year.holidays, makeup_days=one.year.makeup_days, accounts=moved
    )


@router.post(
    "/what-if",
    summary="试算放假安排的影响",
    description="列明导入后哪些未结期限的届满日变动，不作任何改变。",
    responses=documented(400, 401, 403, 413, 415, 422, 503),
)
async def what_if(
    deps: Deps,
    _actor: Annotated[Actor, Depends(only(BUREAU, "试算放假安排的影响"))],
    arrangement: ArrangementBody,
) -> EffectView:
    return await _effect(deps, arrangement.arrangement())


@router.post(
    "",
    status_code=201,
    summary="提出导入年度放假安排",
    description="提出后由另一人批准方生效；同一内容再次提出，得到同一件。由处室负责人或系统管理员办理。",
    response_description="已提出，待批准",
    responses=documented(400, 401, 403, 409, 413, 415, 422, 503),
)
async def propose_import(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(_PROPOSERS, "提出导入放假安排"))],
    arrangement: ArrangementBody,
    response: Response,
) -> ImportView:
    if arrangement.year > day_in_shanghai(datetime.now(UTC)).year + 1:
        raise Problem(422, "calendar_too_far", f"{arrangement.year}年的放假安排此时还不可能公布。")
    proposal, _ = await imports.propose(deps.engine, arrangement.arrangement(), actor)
    response.headers["Location"] = f"/calendars/{proposal.no}"
    return ImportView(**_shown(proposal))


@router.post(
    "/{no}/approval",
    summary="批准导入年度放假安排",
    description="批准即生效：未结的期限随即重新计算。由分管负责人办理，提出人本人不能批准。",
    response_description="已批准",
    responses=documented(401, 403, 404, 409, 422, 503),
)
async def approve_import(
    deps: Deps,
    actor: Annotated[Actor, Depends(only({Role.APPROVER}, "批准导入放假安排"))],
    no: ImportNo,
) -> ImportView:
    return ImportView(**_shown(await imports.approve(deps.engine, no, actor)))


async def _effect(deps: Runtime, year: CalendarYear) -> EffectView:
    current = (await arrangements.in_force(deps.engine)).calendar
    known = {held.year: held for held in current.years}
    others = [held for held in current.years if held.announced and held.year != year.year]
    candidate = builtin_calendar([*others, year])
    stale = await arrangements.stale_waits(deps.engine, candidate)
    # Thousands of counts: not on the loop that answers everybody else.
    moved = await asyncio.to_thread(_moved, stale, candidate)
    return EffectView(
        year=year.year,
        version=year.version,
        digest=year.digest,
        changes=year.year not in known or known[year.year].digest != year.digest,
        warnings=tuple(_doubts(year)),
        recounted=len(stale),
        moved=moved,
    )


def _doubts(year: CalendarYear) -> Iterable[str]:
    """A statutory holiday that is not off is more likely a slip than an arrangement."""
    for day, name in provisional(year.year).holidays.items():
        if day not in year.holidays:
            yield f"{day.isoformat()}（{name}）是法定节假日，安排中没有放假"


def _moved(stale: Iterable[arrangements.StaleWait], calendar: WorkCalendar) -> tuple[MovedView, ...]:
    found = []
    for one in stale:
        again = recount(
            one.deadline,
            one.rule,
            calendar,
            told=one.deadline.last_day,
            never_earlier=one.readings.told_last_day_is_kept,
        )
        if again.moved:
            found.append(
                _view(
                    one.batch_no,
                    one.batch_title,
                    one.wait,
                    (one.deadline.last_day, again.after.last_day, again.counted),
                    provisional=again.after.provisional,
                    told=one.told,
                )
            )
    return tuple(found)


def _recounted(row: imports.Recounted) -> MovedView:
    return _view(
        row.batch_no,
        row.batch_title,
        row.wait,
        (row.old_last_day, row.new_last_day, row.counted_last_day),
        provisional=row.wait.provisional,
        told=row.told,
    )


def _view(
    batch_no: str,
    batch_title: str,
    wait: Wait,
    days: tuple[date, date, date],
    *,
    provisional: bool,
    told: bool,
) -> MovedView:
    old, new, counted = days
    return MovedView(
        batch_no=batch_no,
        batch_title=batch_title,
        wait_id=wait.id,
        title=wait.title,
        kind=wait.kind,
        party=wait.party,
        owed_by_title=wait.owed_by_title,
        old_last_day=old,
        new_last_day=new,
        counted_last_day=counted,
        provisional=provisional,
        told=told,
    )


def _shown(one: imports.Import) -> dict[str, object]:
    same = (
        "no",
        "proposed_by",
        "proposed_at",
        "approved_by",
        "approved_at",
        "in_force",
        "recounted",
        "moved",
    )
    return {name: getattr(one, name) for name in same} | {
        "year": one.year.year,
        "version": one.year.version,
        "digest": one.year.digest,
    }
