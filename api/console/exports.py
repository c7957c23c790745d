"""Lists to take along: what, which, and as what kind of file."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.console.desk import Signed
from api.console.door import problem_of
from api.console.route import ConsoleRoute
from messages.words import OUTCOMES, PARTIES, PHASES, ROLES

router = APIRouter(prefix="/console/exports", include_in_schema=False, route_class=ConsoleRoute)
_ASKED = {
    "batches": ("phase", "outcome", "overdue", "q", "held_by", "scheme_id", "commission_id"),
    "tasks": ("owed_by", "role", "kind", "held_by", "unit", "of_others", "overdue", "falls"),
}
_HEADERS = ("content-disposition", "content-type")


def export_of(what: str, asked: Mapping[str, Any]) -> str:
    """Where a list on the screen is taken along, with the same filters."""
    said = urlencode({name: value for name, value in asked.items() if value})
    return f"/console/exports/{what}{f'?{said}' if said else ''}"


@router.get("")
async def choose(desk: Signed) -> HTMLResponse:
    return _form(desk)


@router.get("/{what}")
async def download(
    request: Request,
    desk: Signed,
    what: Literal["batches", "tasks"],
    kind: Annotated[Literal["xlsx", "csv"], Query(alias="format")] = "xlsx",
) -> Response:
    query = {name: request.query_params.get(name) for name in _ASKED[what]}
    answer = await desk.door.ask("GET", f"/exports/{what}.{kind}", query=query)
    if answer.is_error:
        problem = problem_of(answer)
        if problem.code != "too_many_rows":
            raise problem
        return _form(desk, problem.status, problem.detail, what)
    headers = {name: answer.headers[name] for name in _HEADERS}
    return Response(answer.content, headers=headers)


def _form(desk: Signed, status: int = 200, error: str | None = None, what: str = "") -> HTMLResponse:
    return desk.page(
        "exports.html",
        status,
        error=error,
        what=what,
        phases=PHASES,
        outcomes=OUTCOMES,
        whose={**ROLES, **PARTIES},
    )
