"""The post desk: the queue of letters, what is printed for it, and lists to be filled in."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from api.console.desk import Desk, only_for
from api.console.route import ConsoleRoute
from api.console.through import Through
from api.web.problems import Problem
from law.vocabulary import Role
from store.documents.dispatches import DispatchState

router = APIRouter(prefix="/console/post", include_in_schema=False, route_class=ConsoleRoute)

Looker: Any = only_for(Role.OFFICER, Role.SUPERVISOR, Role.APPROVER, Role.AUDITOR)
STATES: dict[DispatchState, str] = {
    DispatchState.TO_POST: "待交寄",
    DispatchState.POSTED: "已交寄，尚无结果",
    DispatchState.TO_DECIDE: "待认定",
    DispatchState.TO_SEND: "待电子发出",
    DispatchState.SENT: "已发出，尚无结果",
    DispatchState.DELIVERED: "已送达",
    DispatchState.RETURNED: "已退回",
    DispatchState.ANNOUNCED: "已公告",
    DispatchState.GIVEN_UP: "不再跟踪",
    DispatchState.WITHDRAWN: "已撤回",
    DispatchState.ALL: "全部",
}
# Prints and lists by their names: where the API has them.
_FILES = frozenset(
    {
        "labels.pdf",
        "letters.pdf",
        *(f"{name}.{end}" for name in ("postings", "receipts", "findings") for end in ("csv", "xlsx")),
    }
)
_Text = Annotated[str, Query(max_length=100)]
_Ids = Annotated[list[str] | None, Query(max_length=200)]
_PAGE = 50


@router.get("")
async def show(
    state: DispatchState = DispatchState.TO_POST,
    q: _Text = "",
    batch_no: _Text = "",
    cursor: Annotated[str, Query(max_length=1000)] = "",
    desk: Desk = Looker,
) -> HTMLResponse:
    asked = {"state": state, "q": q.strip(), "batch_no": batch_no.strip()}
    found = await desk.door.get("/dispatches", **asked, cursor=cursor, limit=_PAGE)
    return desk.page(
        "post.html",
        letters=found["items"],
        asked={name: value for name, value in asked.items() if value},
        next_cursor=found["next_cursor"],
        states=STATES,
        acts=desk.session.role is Role.OFFICER,
    )


@router.get("/files/{name}")
async def open_file(
    name: str,
    state: DispatchState | None = None,
    q: _Text = "",
    batch_no: _Text = "",
    document_id: _Ids = None,
    desk: Desk = Looker,
) -> Response:
    """As the API makes it of the same letters."""
    if name not in _FILES:
        raise Problem(404, "not_found", "没有这个文件。")
    asked = {"state": state, "q": q.strip(), "batch_no": batch_no.strip(), "document_id": document_id or ()}
    return Through(desk, f"/dispatches/{name}", asked)
