"""The administrator's pages: staff with their units and roles, what was done with each, invitations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from api.account_views import AccountFields, NewAccount
from api.accounts import Sub
from api.console.desk import Desk, Form, only_for, see_other
from api.console.door import problem_of
from api.console.fields import Field, fields_of
from api.console.forms import EntryForm, body_of
from api.console.route import ConsoleRoute
from api.web.problems import Problem
from law.vocabulary import Role

router = APIRouter(prefix="/console", include_in_schema=False, route_class=ConsoleRoute)

Keeping = Annotated[Desk, only_for(Role.ADMIN)]
Reading = Annotated[Desk, only_for(Role.ADMIN, Role.AUDITOR)]
_LIST = "/console/accounts"
_CHANGES = 50
_Words = Annotated[str, Query(max_length=100)]
_Before = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


def account_path(sub: str, *further: str) -> str:
    return "/".join((_LIST, quote(sub, safe=""), *further))


def _asked(sub: str, *further: str) -> str:
    return "/".join(("/accounts", quote(sub, safe=""), *further))


@router.get("/accounts")
async def show_list(desk: Reading, q: _Words = "", ended: _Words = "") -> HTMLResponse:
    """Whose name, account or unit has the words; the ended ones where they are asked for."""
    found = (await desk.door.get("/accounts"))["items"]
    shown = [
        one
        for one in found
        if bool(one["ended_at"]) == bool(ended)
        and q.casefold() in f"{one['name']} {one['sub']} {one['unit']} {one['bureau'] or ''}".casefold()
    ]
    return desk.page("accounts.html", accounts=shown, q=q, ended=ended)


@router.get("/new-account")
async def ask_new(desk: Keeping) -> HTMLResponse:
    return _form(desk, "建立账号", EntryForm(await _fields(desk, new=True), {}))


@router.post("/new-account")
async def add(desk: Keeping, sent: Form) -> Response:
    fields = await _fields(desk, new=True)
    form = EntryForm(fields, body_of(fields, sent.values, ()))
    problem = await _done(desk, "POST", "/accounts", form.body)
    if problem is not None:
        return _form(desk, "建立账号", form, problem)
    return see_other(account_path(form.body["sub"]))


@router.get("/accounts/{sub}")
async def show(desk: Reading, sub: Sub) -> HTMLResponse:
    keeps = desk.session.role is Role.ADMIN
    deputies = (await desk.door.get("/deputies"))["items"]
    return desk.page(
        "account.html",
        account=await desk.door.get(_asked(sub)),
        address=account_path(sub),
        keeps=keeps,
        units=(await desk.door.get(_asked(sub, "units")))["items"],
        sessions=(await desk.door.get(_asked(sub, "sessions")))["items"] if keeps else [],
        deputies=[one for one in deputies if sub in (one["deputy"], one["stands_in_for"])],
        changes=(await desk.door.get("/account-changes", sub=sub, limit=_CHANGES))["items"],
    )


@router.get("/accounts/{sub}/change")
async def ask_change(desk: Keeping, sub: Sub) -> HTMLResponse:
    account = await desk.door.get(_asked(sub))
    title = f"更改{account['name']}的账号"
    return _form(desk, title, EntryForm(await _fields(desk), account), sub=sub)


@router.post("/accounts/{sub}/change")
async def change(desk: Keeping, sub: Sub, sent: Form) -> Response:
    account = await desk.door.get(_asked(sub))
    fields = await _fields(desk)
    form = EntryForm(fields, body_of(fields, sent.values, ()))
    problem = await _done(desk, "PUT", _asked(sub), form.body)
    if problem is not None:
        return _form(desk, f"更改{account['name']}的账号", form, problem, sub=sub)
    return see_other(account_path(sub))


@router.get("/accounts/{sub}/invitation")
async def ask_invitation(desk: Keeping, sub: Sub) -> HTMLResponse:
    """What it undoes stands there first."""
    account = await desk.door.get(_asked(sub))
    return desk.page("account_invitation.html", account=account, address=account_path(sub), invitation=None)


@router.post("/accounts/{sub}/invitation")
async def invite(desk: Keeping, sub: Sub, _sent: Form) -> HTMLResponse:
    """The link is in this answer alone: there is no page that shows it again."""
    answer = await desk.door.done("POST", _asked(sub, "invitation"))
    account = await desk.door.get(_asked(sub))
    address = account_path(sub)
    return desk.page("account_invitation.html", account=account, address=address, invitation=answer.json())


@router.get("/accounts/{sub}/ended")
async def ask_end(desk: Keeping, sub: Sub) -> HTMLResponse:
    account = await desk.door.get(_asked(sub))
    return desk.page("account_end.html", account=account, address=account_path(sub), problem=None)


@router.post("/accounts/{sub}/ended")
async def end(desk: Keeping, sub: Sub, _sent: Form) -> Response:
    problem = await _done(desk, "POST", _asked(sub, "ended"), None)
    if problem is None:
        return see_other(account_path(sub))
    account, address = await desk.door.get(_asked(sub)), account_path(sub)
    return desk.page("account_end.html", problem.status, account=account, address=address, problem=problem)


@router.post("/accounts/{sub}/restored")
async def restore(desk: Keeping, sub: Sub, _sent: Form) -> Response:
    return await _at_once(desk, sub, "restored")


@router.post("/accounts/{sub}/sessions/ended")
async def end_sessions(desk: Keeping, sub: Sub, _sent: Form) -> Response:
    return await _at_once(desk, sub, "sessions", "ended")


@router.get("/account-changes")
async def show_changes(desk: Reading, before: _Before = None) -> HTMLResponse:
    """Of all accounts, the newest first."""
    found = (await desk.door.get("/account-changes", before=before, limit=_CHANGES))["items"]
    older = found[-1]["no"] if len(found) == _CHANGES else None
    return desk.page("account_changes.html", changes=found, older=older)


async def _at_once(desk: Desk, sub: str, *what: str) -> Response:
    await desk.door.done("POST", _asked(sub, *what))
    return see_other(account_path(sub))


async def _done(desk: Desk, method: str, path: str, body: Mapping[str, Any] | None) -> Problem | None:
    """None where the API did it, else why it did not; what no form can mend is raised."""
    answer = await desk.door.ask(method, path, json=body)
    if not answer.is_error:
        return None
    problem = problem_of(answer)
    if problem.status not in (409, 422):
        raise problem
    return problem


async def _fields(desk: Desk, *, new: bool = False) -> tuple[Field, ...]:
    """The account's own name first; units are to be written as others wrote them."""
    fields = fields_of(NewAccount if new else AccountFields)
    accounts = (await desk.door.get("/accounts"))["items"]
    units = "、".join(sorted({one["unit"] for one in accounts if one["unit"]})[:20])
    hint = f"与同科室的人写法一致；已有：{units}" if units else ""
    told = [replace(one, hint=hint) if one.name == "unit" else one for one in fields]
    return tuple(sorted(told, key=lambda one: one.name != "sub"))


def _form(
    desk: Desk, title: str, form: EntryForm, problem: Problem | None = None, *, sub: str | None = None
) -> HTMLResponse:
    status = 200
    if problem is not None:
        status = problem.status
        form.take_errors(problem.extra.get("errors", ()))
    back = _LIST if sub is None else account_path(sub)
    return desk.page("account_form.html", status, title=title, form=form, problem=problem, back=back)
