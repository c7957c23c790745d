"""The inbox: what is owed by whom, until when, on what rule. Answers with every worker down."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, AwareDatetime

from api.auth import Caller
from api.batches import Cursor, Limit, own_laboratory
from api.body import storable
from api.problems import documented
from api.runtime import Deps
from api.views import Listing, Task, task
from store import reads

router = APIRouter(prefix="/tasks", tags=["待办"])


def _within_reach(moment: datetime) -> datetime:
    """PostgreSQL and Python agree on these years in every time zone."""
    if not 2000 <= moment.year <= 2999:
        raise ValueError("年份应在2000年至2999年之间")
    return moment


@router.get("", summary="待办事项", responses=documented(401, 422, 503))
async def list_tasks(
    deps: Deps,
    actor: Caller,
    owed_by: Annotated[
        str | None, Query(title="责任方或权利人代码", max_length=100), AfterValidator(storable)
    ] = None,
    overdue: Annotated[bool | None, Query(title="是否逾期")] = None,
    due_before: Annotated[
        AwareDatetime | None, Query(title="届满时刻早于"), AfterValidator(_within_reach)
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[Task]:
    """届满早的在前，没有期限的在后；承检机构人员只看到本机构批次的事项。"""
    page = await reads.tasks(
        deps.engine,
        owed_by=owed_by,
        overdue=overdue,
        due_before=due_before,
        laboratory=own_laboratory(actor),
        limit=limit,
        cursor=cursor,
    )
    return Listing(items=tuple(map(task, page.items)), next_cursor=page.next_cursor)
