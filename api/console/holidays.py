"""Holidays: each year's arrangement; what one would change, proposed by one, approved by another."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.calendars import ImportNo, Year
from api.console.desk import Desk, Form, Signed, only_for, see_other
from api.console.route import ConsoleRoute
from api.web.problems import Problem
from law.vocabulary import Role

router = APIRouter(prefix="/console/holidays", include_in_schema=False, route_class=ConsoleRoute)
Proposer = Annotated[Desk, only_for(Role.SUPERVISOR, Role.ADMIN)]
Approver = Annotated[Desk, only_for(Role.APPROVER)]
_LONGEST = 15_000


@dataclass(frozen=True)
class Changed:
    """A day on which two arrangements differ, and what it is in each."""

    day: date
    was: str
    becomes: str


@router.get("")
async def show_all(desk: Signed) -> HTMLResponse:
    return desk.page("holidays.html", calendars=await desk.door.get("/calendars"))


@router.get("/new")
async def new(desk: Proposer) -> HTMLResponse:
    return desk.page("holidays_new.html", text="", problem=None)


@router.post("/new")
async def check(desk: Proposer, form: Form) -> HTMLResponse:
    """What was pasted, as an arrangement, with what it would change; nothing is changed yet."""
    text = form["text"]
    try:
        arrangement = await _arrangement(desk, text)
        effect = await _asked(desk, "POST", "/calendars/what-if", arrangement)
        held = await _held(desk, arrangement["year"])
    except Problem as problem:
        if problem.status in (401, 403, 503):
            raise
        return desk.page("holidays_new.html", problem.status, text=text, problem=problem)
    return desk.page(
        "holidays_check.html",
        arrangement=arrangement,
        content=json.dumps(arrangement, ensure_ascii=False),
        effect=effect,
        changed=differences(held, arrangement),
        held=held,
        problem=None,
    )


@router.post("")
async def propose(desk: Proposer, form: Form) -> Response:
    try:
        arrangement = json.loads(form["content"])
    except ValueError:
        raise Problem(400, "malformed_form", "表单无法读取，请从导入一页重新开始。") from None
    proposed = await _asked(desk, "POST", "/calendars", arrangement)
    return see_other(f"/console/holidays/imports/{proposed['no']}")


@router.get("/imports/{no}")
async def show_import(desk: Signed, no: ImportNo) -> HTMLResponse:
    one = await desk.door.get(f"/calendars/{no}")
    held = None if one["approved_by"] else await _held(desk, one["year"])
    changed = [] if one["approved_by"] else differences(held, one)
    return desk.page("holidays_import.html", one=one, changed=changed, held=held)


@router.post("/imports/{no}/approval")
async def approve(desk: Approver, no: ImportNo, _form: Form) -> Response:
    await _asked(desk, "POST", f"/calendars/{no}/approval")
    return see_other(f"/console/holidays/imports/{no}")


@router.get("/{year}")
async def show_year(desk: Signed, year: Year) -> HTMLResponse:
    return desk.page("holidays_year.html", held=await desk.door.get(f"/calendars/years/{year}"))


def differences(held: Mapping[str, Any] | None, other: Mapping[str, Any]) -> list[Changed]:
    """Day by day, what another arrangement makes of a year; against nothing at all, its own days."""
    days = sorted({*_special(held), *_special(other)})
    told = ((day, _told(held, day), _told(other, day)) for day in days)
    return [Changed(date.fromisoformat(day), was, becomes) for day, was, becomes in told if was != becomes]


def _special(arrangement: Mapping[str, Any] | None) -> set[str]:
    return set() if arrangement is None else {*arrangement["holidays"], *arrangement["makeup_days"]}


def _told(arrangement: Mapping[str, Any] | None, day: str) -> str:
    if arrangement is not None and day in arrangement["holidays"]:
        return f"{arrangement['holidays'][day]}放假"
    if arrangement is not None and day in arrangement["makeup_days"]:
        return "调休上班"
    return "周末" if date.fromisoformat(day).isoweekday() > 5 else "工作日"


async def _arrangement(desk: Desk, text: str) -> dict[str, Any]:
    """An arrangement as JSON, or in the notice's own words. Raises :class:`Problem`."""
    if not text.strip():
        raise Problem(422, "invalid", "请粘贴通知的原文。")
    if len(text) > _LONGEST:
        raise Problem(422, "invalid", f"原文过长，应当不超过{_LONGEST}字：只留下标题、文号和各项安排即可。")
    if not text.lstrip().startswith("{"):
        return await _asked(desk, "POST", "/calendars/notices", {"text": text})
    try:
        return {"makeup_days": [], **json.loads(text)}
    except ValueError as error:
        raise Problem(422, "invalid", f"不是完整的 JSON（{error}）。") from None


async def _held(desk: Desk, year: int) -> dict[str, Any] | None:
    answer = await desk.door.ask("GET", f"/calendars/years/{year}")
    return None if answer.status_code == 404 else dict(answer.json())


async def _asked(desk: Desk, method: str, path: str, body: Any = None) -> dict[str, Any]:
    return dict((await desk.door.done(method, path, json=body)).json())
