"""The bureau's registers at the desk: who stands in them, what holds on a day, every version."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from api.batches import Cursor
from api.console.desk import Desk, only_for
from api.console.door import problem_of
from api.console.fields import fields_of
from api.console.forms import EntryForm
from api.console.pages import today
from api.console.route import ConsoleRoute
from api.console.through import Through
from api.registers.routes import CHANGERS, EntryCode
from api.web.auth import BUREAU
from api.web.problems import Problem
from lists.registers.forms import FORMS
from messages.base import Day
from messages.registers import ENTRIES, Register

router = APIRouter(prefix="/console/registers", include_in_schema=False, route_class=ConsoleRoute)

Reader = Annotated[Desk, only_for(*BUREAU)]
TITLES = {register: form.title for register, form in FORMS.items()}
_PAGE = 50


def may_change(desk: Desk, register: Register) -> bool:
    return desk.session.role in CHANGERS[register]


@router.get("")
async def show_all(desk: Reader) -> HTMLResponse:
    return desk.page("registers.html", titles=TITLES)


@router.get("/{register}")
async def show_entries(
    desk: Reader,
    register: Register,
    q: Annotated[str, Query(max_length=100)] = "",
    on: Annotated[str, Query(max_length=10)] = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    asked = {name: value for name, value in (("q", q.strip()), ("on", on)) if value}
    page = await desk.door.get(f"/{register}", **asked, limit=_PAGE, cursor=cursor)
    following = page["next_cursor"]
    return desk.page(
        "register.html",
        register=register,
        title=TITLES[register],
        entries=page["items"],
        sought=q.strip(),
        on=on or today(),
        following=following and f"/console/registers/{register}?{urlencode(asked | {'cursor': following})}",
        may_change=may_change(desk, register),
    )


@router.get("/{register}/list.xlsx")
async def download(
    desk: Reader, register: Register, on: Day | None = None, template: bool = False
) -> Response:
    return Through(desk, f"/{register}.xlsx", {"on": on, "template": "true" if template else None})


@router.get("/{register}/entries/{code}")
async def show_entry(
    desk: Reader,
    register: Register,
    code: EntryCode,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> HTMLResponse:
    found = await held(desk, register, code, version)
    if found is None:
        raise Problem(404, "not_found", f"{TITLES[register]}登记中没有 {code}。")
    return desk.page(
        "register_entry.html",
        register=register,
        title=TITLES[register],
        one=found,
        form=EntryForm(fields_of(ENTRIES[register]), found["entry"]),
        may_change=may_change(desk, register),
    )


async def held(
    desk: Desk, register: Register, code: str, version: int | None = None
) -> dict[str, Any] | None:
    """The version asked for, else what holds today, else the last recorded; None where nothing ever was."""
    address = f"/{register}/{code}"
    answer = await desk.door.ask("GET", address, query={"version": version})
    if answer.status_code == 404 and version is None:
        first = await desk.door.ask("GET", address, query={"version": 1})
        if first.status_code == 404:
            return None
        last = max(one["version"] for one in first.json()["versions"])
        answer = await desk.door.ask("GET", address, query={"version": last})
    if answer.is_error:
        raise problem_of(answer)
    found: dict[str, Any] = answer.json()
    return found
