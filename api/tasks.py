"""The inbox: what is owed by whom, until when, on what rule. Answers with every worker down."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.batches import Cursor, Limit, own_laboratory
from api.views import Listing, Task, task
from api.web.auth import Caller
from api.web.problems import documented
from api.web.reading import seen
from api.web.runtime import Deps
from messages.base import Instant
from store.reads import read_model

router = APIRouter(prefix="/tasks", tags=["待办"])


@router.get("", summary="待办事项", responses=documented(401, 422, 503))
async def list_tasks(
    deps: Deps,
    actor: Caller,
    owed_by: Annotated[str | None, Query(title="责任方或权利人代码", max_length=100)] = None,
    overdue: Annotated[bool | None, Query(title="是否逾期")] = None,
    due_before: Annotated[Instant | None, Query(title="届满时刻早于")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[Task]:
    """届满早的在前，没有期限的在后；承检机构人员只看到本机构批次的事项。"""
    page = await read_model.tasks(
        deps.engine,
        owed_by=owed_by,
        overdue=overdue,
        due_before=due_before,
        laboratory=own_laboratory(actor),
        limit=limit,
        cursor=cursor,
    )
    listed = tuple(map(task, page.items))
    seen(one.batch_no for one in listed)
    return Listing(items=listed, next_cursor=page.next_cursor)
