"""What is owed: by me, of what I have in hand, by my unit, by everybody; the soonest first."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.batches import Cursor
from api.console.desk import Desk, Signed
from api.console.exports import export_of
from api.console.route import ConsoleRoute
from law.vocabulary import Role, WaitKind
from store.reads.tasks import Falls

router = APIRouter(prefix="/console", include_in_schema=False, route_class=ConsoleRoute)

_PAGE = 50
_HOLD = (Role.OFFICER, Role.SUPERVISOR, Role.APPROVER)
_DECIDE = (Role.SUPERVISOR, Role.APPROVER)


class Matters(StrEnum):
    """Matters matters are looked at."""

    MINE = "mine"
    HELD = "held"
    UNIT = "unit"
    PARTIES = "parties"
    CORRECTIONS = "corrections"
    ALL = "all"


class ByDay(StrEnum):
    """Which of them, by their last day."""

    LATE = "late"
    TODAY = "today"
    WEEK = "week"


_FALLS = {ByDay.TODAY: Falls.TODAY, ByDay.WEEK: Falls.THIS_WEEK}
_DUE_TITLES = {None: "全部", ByDay.LATE: "已经逾期", ByDay.TODAY: "今天届满", ByDay.WEEK: "本周届满"}
_COUNTED = {None: "open", ByDay.LATE: "late", ByDay.TODAY: "today", ByDay.WEEK: "this_week"}


@router.get("/")
async def inbox(
    desk: Signed,
    whose: Annotated[Matters | None, Query()] = None,
    due: Annotated[ByDay | None, Query()] = None,
    cursor: Cursor = None,
) -> HTMLResponse:
    choices = _choices(desk)
    of = whose if whose is not None and whose in choices else next(iter(choices))
    asked = _asked(desk, of)
    late = {"overdue": "true"} if due is ByDay.LATE else {}
    falls = {"falls": _FALLS[due]} if due in _FALLS else {}
    tasks = await desk.door.get("/tasks", **asked, **late, **falls, limit=_PAGE, cursor=cursor)
    return desk.page(
        "inbox.html",
        tasks=tasks["items"],
        counts=await desk.door.get("/tasks/counts", **asked),
        of=of,
        due=due,
        choices=choices,
        views=[(_address(of, one), title, _COUNTED[one], one == due) for one, title in _DUE_TITLES.items()],
        taken_along=export_of("tasks", {**asked, **late, **falls}),
        following=tasks["next_cursor"] and _address(of, due, tasks["next_cursor"]),
        first=None if cursor is None else _address(of, due),
    )


def _choices(desk: Desk) -> Mapping[Matters, str]:
    """What this person may choose from; the first is what they come for."""
    role = desk.session.role
    choices: dict[Matters, str] = {}
    if desk.owed is not None:
        choices[Matters.MINE] = _mine(role)
    if role in _HOLD:
        choices[Matters.HELD] = "我经办的批次"
        if desk.session.unit:
            choices[Matters.UNIT] = f"本科室经办的批次（{desk.session.unit}）"
        choices[Matters.PARTIES] = "当事人的期限"
    if role in _DECIDE:
        choices[Matters.CORRECTIONS] = "可由我确认的更正"
    choices[Matters.ALL] = "本机构办理和参加的事项" if role is Role.LAB else "全部事项"
    return choices


def _mine(role: Role) -> str:
    if role in _DECIDE:
        return "待我审批"
    return "本机构应办的" if role is Role.LAB else "执法人员应办的"


def _asked(desk: Desk, of: Matters) -> Mapping[str, Any]:
    session = desk.session
    asked: Mapping[Matters, Mapping[str, Any]] = {
        Matters.MINE: {"role": session.role},
        Matters.HELD: {"held_by": session.sub},
        Matters.UNIT: {"unit": session.unit},
        Matters.PARTIES: {"kind": WaitKind.RIGHT},
        Matters.CORRECTIONS: {"of_others": "true"},
        Matters.ALL: {},
    }
    return asked[of]


def _address(of: Matters, due: ByDay | None, cursor: str | None = None) -> str:
    said = {"whose": of, "due": due, "cursor": cursor}
    return f"/console/?{urlencode({name: value for name, value in said.items() if value})}"
