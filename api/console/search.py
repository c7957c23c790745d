"""What was typed into the head's field, and the batches that it leads to."""

from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.batches import Cursor
from api.console.desk import Signed
from api.console.door import problem_of
from api.console.route import ConsoleRoute

router = APIRouter(prefix="/console/search", include_in_schema=False, route_class=ConsoleRoute)
_AT_ONCE = 60


@router.get("")
async def search(
    desk: Signed, q: Annotated[str, Query(max_length=100)] = "", cursor: Cursor = None
) -> HTMLResponse:
    if not q.strip():
        return desk.page("search.html", q="", found=None, error=None, next_cursor=None)
    answer = await desk.door.ask("GET", "/search", query={"q": q, "limit": _AT_ONCE, "cursor": cursor})
    if answer.is_error:
        problem = problem_of(answer)
        if problem.code != "nothing_sought":
            raise problem
        return desk.page(
            "search.html", problem.status, q=q, found=None, error=problem.detail, next_cursor=None
        )
    said = answer.json()
    return desk.page(
        "search.html", q=q, found=_by_batch(said["items"]), error=None, next_cursor=said["next_cursor"]
    )


def _by_batch(hits: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Each batch once, with everything that was found of it; hits of one batch come together."""
    return [list(of_one) for _, of_one in groupby(hits, key=lambda hit: hit["batch_no"])]
