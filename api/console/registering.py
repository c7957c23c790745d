"""Putting entries into the registers at the desk: one by its form, many from a sheet, tried first."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import TypeAdapter, ValidationError

from api.console.desk import Desk, Form, Signed, see_other
from api.console.lists import answered_at, last_answer
from api.console.pages import today
from api.console.registers import TITLES, held, may_change
from api.console.route import ConsoleRoute
from api.console.sheets import Base, EntrySheet, begin, begun_at, go_on
from api.console.tried_file import TriedFile, sent_file
from api.registers.routes import EntryCode
from api.web.problems import Problem
from messages.registers import (
    BureauChange,
    BusinessChange,
    Code,
    EntryChange,
    LaboratoryChange,
    PlatformChange,
    Register,
)

router = APIRouter(prefix="/console/registers/{register}", include_in_schema=False, route_class=ConsoleRoute)

_CHANGES: dict[Register, type[EntryChange[Any]]] = {
    Register.LABORATORIES: LaboratoryChange,
    Register.PLATFORMS: PlatformChange,
    Register.BUSINESSES: BusinessChange,
    Register.BUREAUS: BureauChange,
}
_CODE = TypeAdapter(Code)
# More than anybody reads through in a form; a sheet has room for them.
_MOST_ROWS = 200
_STATUSES = {
    "created": "新登记",
    "changed": "有变动",
    "unchanged": "没有变动",
    "refused": "不予登记",
    "invalid": "有误",
}


@router.get("/new")
async def new(
    desk: Signed, register: Register, code: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    """First its code: one that is there already is changed."""
    _require(desk, register)
    problem = None
    if code is not None:
        try:
            return see_other(_address(register, _CODE.validate_python(code), "change"))
        except ValidationError:
            problem = "代码应为64位以内的字母、数字、连字符或下划线，以字母或数字开头。"
    return desk.page(
        "register_new.html",
        422 if problem else 200,
        register=register,
        title=TITLES[register],
        code=code or "",
        problem=problem,
    )


@router.get("/entries/{code}/change")
async def ask(desk: Signed, register: Register, code: EntryCode, base: Base = None) -> HTMLResponse:
    """From what holds; ``base``: what was kept for later of a form that began at that version."""
    _require(desk, register)
    found = await held(desk, register, code)
    body: dict[str, Any] = {"holds_from": today(), "ended": False}
    if found is not None:
        if _rows(found["entry"]) > _MOST_ROWS:
            told = f"这一登记有{_rows(found['entry'])}行，请导出清单，改好后导入。"
            raise Problem(409, "entry_too_long", told)
        body["entry"] = found["entry"]
    last = max(one["version"] for one in found["versions"]) if found else 0
    return await begin(desk, _sheet(register, code, last if base is None else base), body)


@router.post("/entries/{code}/change")
async def take(desk: Signed, register: Register, code: EntryCode, sent: Form, base: Base = None) -> Response:
    _require(desk, register)
    return await go_on(desk, _sheet(register, code, base), sent)


@router.get("/import")
async def ask_sheet(desk: Signed, register: Register) -> HTMLResponse:
    _require(desk, register)
    return _asked(desk, register, {}, None)


@router.get("/import/answer")
async def show_answer(desk: Signed, register: Register) -> HTMLResponse:
    """Of the last sheet of this register that this person took in."""
    _require(desk, register)
    return _answered(desk, register, await last_answer(desk))


@router.post("/import")
async def take_sheet(desk: Signed, register: Register) -> Response:
    """Tried first; what was tried is taken in with one click more."""
    _require(desk, register)
    sent = None
    try:
        sent = await sent_file(desk)
        sent.require_the_same()
        answer = await _taken_in(desk, register, sent)
    except Problem as problem:
        if problem.status >= 500 or problem.status in (401, 403):
            raise
        return _asked(desk, register, sent.said if sent else {}, problem)
    shown = {"answer": answer, "file": sent.said["name"]}
    if sent.was_tried:
        return await answered_at(desk, f"/console/registers/{register}/import/answer", shown)
    carried = sent.carried("name", "reason", "holds_from")
    wanted = sum(answer["counts"].get(one, 0) for one in ("created", "changed"))
    known = {"carried": carried, "again": sent.is_chosen_again, "wanted": wanted}
    return _answered(desk, register, {**shown, **known})


def _answered(desk: Desk, register: Register, shown: Mapping[str, Any]) -> HTMLResponse:
    title = TITLES[register]
    return desk.page("register_answer.html", register=register, title=title, statuses=_STATUSES, **shown)


async def _taken_in(desk: Desk, register: Register, sent: TriedFile) -> dict[str, Any]:
    said = sent.said
    if not said.get("reason", "").strip():
        raise Problem(422, "invalid", "请写明理由。")
    query = {
        "reason": said["reason"].strip(),
        "holds_from": said.get("holds_from", ""),
        "dry_run": None if sent.was_tried else "true",
    }
    headers = {"Content-Type": "application/octet-stream"}
    answer = await desk.door.done("POST", f"/{register}", content=sent.content, query=query, headers=headers)
    found: dict[str, Any] = answer.json()
    return found


def _asked(desk: Desk, register: Register, said: Mapping[str, str], problem: Problem | None) -> HTMLResponse:
    return desk.page(
        "register_import.html",
        problem.status if problem else 200,
        register=register,
        title=TITLES[register],
        reason=said.get("reason", ""),
        holds_from=said.get("holds_from") or today(),
        problem=problem,
    )


def _sheet(register: Register, code: str, base: int | None) -> EntrySheet:
    sheet = EntrySheet(
        title=f"登记{TITLES[register]} {code}",
        model=_CHANGES[register],
        path=_address(register, code, "change"),
        door=f"/{register}/{code}",
        back=(f"/console/registers/{register}", TITLES[register]),
        done=lambda answer: _address(register, answer["code"]),
        tried=False,
        method="PUT",
    )
    return begun_at(sheet, base)


def _rows(entry: Mapping[str, Any]) -> int:
    """Of a laboratory: what it may test, and its prices."""
    prices = sum(len(one["prices"]) for one in entry.get("contracts", ()))
    return len(entry.get("qualifications", ())) + prices


def _address(register: Register, code: str, *further: str) -> str:
    return "/".join((f"/console/registers/{register}/entries", code, *further))


def _require(desk: Desk, register: Register) -> None:
    """Raises :class:`Problem` 403 as the API would."""
    if not may_change(desk, register):
        raise Problem(403, "role_not_allowed", f"您的身份不能登记{TITLES[register]}。")
