"""Lists at the post desk: tried first, each row with its answer, then taken in."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.console.desk import Desk, only_for, see_other
from api.console.route import ConsoleRoute
from api.console.tried_file import sent_file
from api.web.problems import Problem
from law.vocabulary import Role
from messages.steps import STEPS
from store.desk import drafts

router = APIRouter(prefix="/console/post/lists", include_in_schema=False, route_class=ConsoleRoute)

Clerk: Any = only_for(Role.OFFICER)
TITLES = {"postings": "登记交寄", "receipts": "登记回执", "findings": "认定退回和送达"}
STATUSES = {
    "accepted": "已受理",
    "received_by_another": "已受理：他人代收，待认定",
    "refused": "不予受理",
    "recorded": "已登记，待决定",
    "not_filed": "没有登记，请再提交一次",
    "invalid": "有误，不登记",
    "blank": "略过",
    "planned": "将会登记",
}
_COUNTED = {
    "accepted": "已受理{}条",
    "received_by_another": "已受理{}条他人代收的，待认定",
    "refused": "{}条不予受理",
    "recorded": "已登记{}条，待决定",
    "not_filed": "{}条没有登记，请再提交一次",
    "invalid": "{}条有误，不登记",
    "blank": "略过{}条",
    "planned": "将登记{}条",
}
GOOD = ("accepted", "received_by_another", "recorded", "planned")


async def answer_of(
    desk: Desk, kind: str, *, dry_run: bool, json: Any = None, content: bytes | None = None
) -> dict[str, Any]:
    """What the API says to each row. Raises :class:`Problem` for a list that it cannot read at all."""
    answer = await desk.door.done(
        "POST",
        f"/dispatches/{kind}",
        json=json,
        content=content,
        query={"dry_run": "true"} if dry_run else {},
        headers={} if content is None else {"Content-Type": "application/octet-stream"},
    )
    said: dict[str, Any] = answer.json()
    return said


async def answered(
    desk: Desk,
    kind: str,
    answer: Mapping[str, Any],
    action: str,
    carried: Sequence[tuple[str, str]],
    **more: Any,
) -> Response:
    """Each row with its answer; what was only tried is taken in with one click more.

    What was taken in is shown at an address of its own: looking again takes in nothing again.
    """
    shown = {"answer": answer, "file": None, **more}
    if not answer["dry_run"]:
        return await answered_at(desk, f"/console/post/lists/{kind}/answer", shown)
    return _shown(desk, kind, {"action": action, "carried": carried, "again": False, **shown})


async def answered_at(desk: Desk, path: str, shown: Mapping[str, Any]) -> Response:
    """Kept as this person's last answer there, and shown there."""
    await drafts.keep(desk.deps.engine, desk.session.sub, path, shown)
    return see_other(path)


async def last_answer(desk: Desk) -> dict[str, Any]:
    """What is kept for this address. Raises :class:`Problem` 404 where nothing is."""
    kept = await drafts.found(desk.deps.engine, desk.session.sub, desk.request.url.path)
    if kept is None:
        raise Problem(404, "not_found", "这里还没有登记过清单，或者已经过了很久。")
    return kept.fields


def _shown(desk: Desk, kind: str, shown: Mapping[str, Any]) -> HTMLResponse:
    words = {"title": TITLES[kind], "kind": kind, "statuses": STATUSES, "counted": _COUNTED}
    return desk.page("list_answer.html", good=GOOD, steps=STEPS, **words, **shown)


@router.get("/{kind}")
async def ask(kind: str, desk: Desk = Clerk) -> HTMLResponse:
    return _asked(desk, _known(kind), None)


@router.get("/{kind}/answer")
async def show_answer(kind: str, desk: Desk = Clerk) -> HTMLResponse:
    """Of the last list of this kind that this person took in."""
    return _shown(desk, _known(kind), await last_answer(desk))


@router.post("/{kind}")
async def take(kind: str, desk: Desk = Clerk) -> Response:
    """The file, or what the page before carried of it."""
    kind = _known(kind)
    try:
        sent = await sent_file(desk)
        sent.require_the_same()
        answer = await answer_of(desk, kind, dry_run=not sent.was_tried, content=sent.content)
    except Problem as problem:
        if problem.status >= 500 or problem.status in (401, 403):
            raise
        return _asked(desk, kind, problem)
    carried = list(sent.carried("name").items())
    path, name = desk.request.url.path, sent.said["name"]
    return await answered(desk, kind, answer, path, carried, file=name, again=sent.is_chosen_again)


def _known(kind: str) -> str:
    if kind not in TITLES:
        raise Problem(404, "not_found", "没有这个页面。")
    return kind


def _asked(desk: Desk, kind: str, problem: Problem | None) -> HTMLResponse:
    status = problem.status if problem else 200
    return desk.page("list_upload.html", status, title=TITLES[kind], kind=kind, problem=problem)
