"""Who stands in for whom, and on which days: kept by the administrator."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response

from api.account_views import DeputyNew
from api.console.accounts import Keeping, Reading
from api.console.desk import Desk, Form, see_other
from api.console.door import problem_of
from api.console.fields import Field, Kind, fields_of
from api.console.forms import EntryForm, body_of
from api.console.route import ConsoleRoute
from api.web.problems import Problem
from law.vocabulary import Role
from messages.words import ROLES

router = APIRouter(prefix="/console/deputies", include_in_schema=False, route_class=ConsoleRoute)

_LIST = "/console/deputies"
_No = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("")
async def show(desk: Reading) -> HTMLResponse:
    return await _page(desk, EntryForm(await _fields(desk), {}))


@router.post("")
async def add(desk: Keeping, sent: Form) -> Response:
    fields = await _fields(desk)
    form = EntryForm(fields, body_of(fields, sent.values, ()))
    answer = await desk.door.ask("POST", "/deputies", json=form.body)
    if not answer.is_error:
        return see_other(_LIST)
    problem = problem_of(answer)
    if problem.status not in (404, 409, 422):
        raise problem
    form.take_errors(problem.extra.get("errors", ()))
    return await _page(desk, form, problem)


@router.post("/{no}/taken-back")
async def take_back(desk: Keeping, no: _No, _sent: Form) -> Response:
    await desk.door.done("POST", f"/deputies/{no}/taken-back")
    return see_other(_LIST)


async def _fields(desk: Desk) -> tuple[Field, ...]:
    """The people chosen from those whose accounts are in use."""
    accounts = (await desk.door.get("/accounts"))["items"]
    people = tuple(
        (one["sub"], f"{one['name']}（{ROLES[Role(one['role'])]}，{one['sub']}）")
        for one in accounts
        if one["ended_at"] is None
    )
    return tuple(
        one if one.kind is Kind.DAY else replace(one, kind=Kind.MANY, choices=people)
        for one in fields_of(DeputyNew)
    )


async def _page(desk: Desk, form: EntryForm, problem: Problem | None = None) -> HTMLResponse:
    return desk.page(
        "deputies.html",
        200 if problem is None else problem.status,
        deputies=(await desk.door.get("/deputies"))["items"],
        keeps=desk.session.role is Role.ADMIN,
        form=form,
        problem=problem,
    )
