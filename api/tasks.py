"""The inbox: what is owed by whom, until when, on what rule. Answers with every worker down."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.batches import Cursor, Limit, seen_part
from api.views import Listing, Task, View, task
from api.web.auth import EveryCaller
from api.web.problems import documented
from api.web.reading import seen
from api.web.runtime import Deps
from law.vocabulary import Role, WaitKind
from messages.base import Instant
from store.reads import tasks
from store.reads.tasks import Falls, Whose

router = APIRouter(prefix="/tasks", tags=["待办"])


class TaskCounts(View):
    """How much there is, without saying what."""

    open: int = Field(title="正在等待的事项")
    late: int = Field(title="其中已经逾期的")
    today: int = Field(title="其中今天届满的")
    this_week: int = Field(title="其中自今天至本周日届满的")
    most: int = Field(default=tasks.MOST_COUNTED, title="各数最多数到的数；等于它的，可能更多")


async def whose(
    actor: EveryCaller,
    owed_by: Annotated[str | None, Query(title="责任方或权利人代码", max_length=100)] = None,
    role: Annotated[Role | None, Query(title="经办角色")] = None,
    kind: Annotated[WaitKind | None, Query(title="duty 机关或检验机构的义务；right 当事人的权利")] = None,
    held_by: Annotated[str | None, Query(title="批次的经办人账号", max_length=200)] = None,
    unit: Annotated[str | None, Query(title="批次经办人所在的科室", max_length=200)] = None,
    of_others: Annotated[bool, Query(title="只列他人提出、等待确认的更正")] = False,
) -> Whose:
    """What every question about tasks may ask for; a laboratory is told of its own alone."""
    asked = Whose(owed_by=owed_by, role=role, kind=kind, held_by=held_by, unit=unit)
    but_by = actor.sub if of_others else None
    return replace(asked, part=seen_part(actor), of_bureau=actor.bureau, but_by=but_by)


OfWhom = Annotated[Whose, Depends(whose)]


@router.get("", summary="待办事项", responses=documented(401, 422, 503))
async def list_tasks(
    deps: Deps,
    of: OfWhom,
    overdue: Annotated[bool | None, Query(title="是否逾期")] = None,
    falls: Annotated[
        Falls | None, Query(title="届满日：today 今天；this_week 自今天至本周日（按北京时间）")
    ] = None,
    due_before: Annotated[Instant | None, Query(title="届满时刻早于")] = None,
    last_day: Annotated[date | None, Query(title="届满日", ge=date(2000, 1, 1), le=date(2200, 1, 1))] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[Task]:
    """届满早的在前，没有期限的在后；检验机构人员只看到本机构办理或者参加的事项。"""
    page = await tasks.tasks(
        deps.engine,
        of,
        overdue=overdue,
        falls=falls,
        due_before=due_before,
        last_day=last_day,
        limit=limit,
        cursor=cursor,
    )
    listed = tuple(map(task, page.items))
    seen(one.batch_no for one in listed)
    return Listing(items=listed, next_cursor=page.next_cursor)


@router.get("/counts", summary="待办事项的件数", responses=documented(401, 422, 503))
async def count_tasks(deps: Deps, of: OfWhom) -> TaskCounts:
    """同样的条件下有多少件：正在等待的、已经逾期的、今天和本周届满的；只是数目，不涉及个人信息。"""
    return TaskCounts.model_validate(await tasks.counts(deps.engine, of))
