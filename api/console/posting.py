"""Many letters at once: the numbers under which they were posted, and what was found of others."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.console.desk import Desk, Form, Posted
from api.console.lists import Clerk, answer_of, answered
from api.console.pages import today
from api.console.route import ConsoleRoute
from api.web.problems import Problem
from store.documents.dispatches import DispatchState

router = APIRouter(prefix="/console/post", include_in_schema=False, route_class=ConsoleRoute)

_AT_ONCE = 200
_POSTINGS, _FINDINGS = "/console/post/postings", "/console/post/findings"


@router.get("/postings")
async def ask_numbers(desk: Desk = Clerk) -> HTMLResponse:
    return await _numbers(desk, {"day": today(), "carrier": "EMS"}, "")


@router.post("/postings")
async def take_numbers(sent: Form, desk: Desk = Clerk) -> Response:
    """Enter goes on to the next letter: scanners send it after each number."""
    said = _said(sent)
    if sent["change"] or sent["next"]:
        return await _numbers(desk, said, sent["scanned"].strip())
    rows = [
        {
            "文书编号": said[f"document.{nth}"],
            "寄往地址": said.get(f"address.{nth}", ""),
            "邮件号码": number,
            "交寄日期": said.get("day", ""),
            "寄递企业": said.get("carrier", ""),
        }
        for nth, number in _filled(said, "number")
    ]
    return await _take(desk, "postings", rows, said, sent, _POSTINGS)


@router.get("/findings")
async def ask_findings(desk: Desk = Clerk) -> HTMLResponse:
    return await _findings(desk, {})


@router.post("/findings")
async def take_findings(sent: Form, desk: Desk = Clerk) -> Response:
    said = _said(sent)
    if sent["change"]:
        return await _findings(desk, said)
    if sent["all"]:
        found = await _letters(desk, DispatchState.TO_DECIDE)
        shown = {letter: nth for nth, letter in _filled(said, "document")}
        came_back = [one["document_id"] for one in found["items"] if one["failure"]]
        chosen = {f"finding.{shown[one]}": "退回" for one in came_back if one in shown}
        return await _findings(desk, said | chosen)
    rows = [
        {
            "文书编号": said[f"document.{nth}"],
            "认定": finding,
            "认定日期": said.get(f"day.{nth}", ""),
            "原因": said.get(f"reason.{nth}", ""),
            "回证编号": said.get(f"receipt.{nth}", ""),
        }
        for nth, finding in _filled(said, "finding")
    ]
    return await _take(desk, "findings", rows, said, sent, _FINDINGS)


async def _take(
    desk: Desk, kind: str, rows: list[dict[str, str]], said: Mapping[str, str], sent: Posted, action: str
) -> Response:
    """First tried, then taken in."""
    show = _numbers_again if kind == "postings" else _findings
    if not rows:
        return await show(desk, said, Problem(422, "nothing_entered", "还没有填写任何一行。"))
    try:
        answer = await answer_of(desk, kind, dry_run=not sent["confirmed"], json={"rows": rows})
    except Problem as problem:
        if problem.status >= 500 or problem.status in (401, 403):
            raise
        return await show(desk, said, problem)
    return await answered(desk, kind, answer, action, list(said.items()))


def _said(sent: Posted) -> dict[str, str]:
    """What was entered, without the buttons."""
    named = ("day", "carrier")
    rows = ("document", "address", "number", "finding", "reason", "receipt")
    return {
        name: sent[name].strip()
        for name in sent.values
        if name in named or name.partition(".")[0] in (*rows, "day")
    }


def _filled(said: Mapping[str, str], name: str) -> list[tuple[str, str]]:
    """The rows in which this was entered, by their numbers."""
    found = [
        (key.removeprefix(f"{name}."), value) for key, value in said.items() if key.startswith(f"{name}.")
    ]
    return [(nth, value) for nth, value in found if value and f"document.{nth}" in said]


async def _numbers_again(desk: Desk, said: Mapping[str, str], problem: Problem) -> HTMLResponse:
    return await _numbers(desk, said, "", problem)


async def _numbers(
    desk: Desk, said: Mapping[str, str], scanned: str, problem: Problem | None = None
) -> HTMLResponse:
    """A row for each address of each letter; the cursor where the next number goes."""
    found = await _letters(desk, DispatchState.TO_POST)
    rows = [
        {"letter": one, "address": address, "number": entered}
        for one in found["items"]
        for address in one["addresses"] or ("",)
        for entered in [_entered(said, one["document_id"], address)]
    ]
    wanted = [nth for nth, one in enumerate(rows) if one["letter"]["document_id"] == scanned]
    empty = [nth for nth, one in enumerate(rows) if not one["number"]]
    return desk.page(
        "postings.html",
        problem.status if problem else 200,
        rows=rows,
        more=found["next_cursor"],
        said={"day": "", "carrier": "", **said},
        cursor=next(iter([*wanted, *empty]), None),
        unknown=scanned if scanned and not wanted else "",
        problem=problem,
    )


def _entered(said: Mapping[str, str], document_id: str, address: str) -> str:
    """Letters may have come into the queue meanwhile: a number stays with its letter."""
    return next(
        (
            said.get(f"number.{nth}", "")
            for nth, letter in _filled(said, "document")
            if letter == document_id and said.get(f"address.{nth}", "") == address
        ),
        "",
    )


async def _findings(desk: Desk, said: Mapping[str, str], problem: Problem | None = None) -> HTMLResponse:
    """What was found of a letter stays with it: others may have come in between."""
    found = await _letters(desk, DispatchState.TO_DECIDE)
    kept = {letter: nth for nth, letter in _filled(said, "document")}
    names = ("finding", "day", "reason", "receipt")
    rows = [
        {"letter": one, **{name: said.get(f"{name}.{kept.get(one['document_id'])}", "") for name in names}}
        for one in found["items"]
    ]
    status = problem.status if problem else 200
    return desk.page("findings.html", status, rows=rows, more=found["next_cursor"], problem=problem)


async def _letters(desk: Desk, state: DispatchState) -> Any:
    return await desk.door.get("/dispatches", state=state, limit=_AT_ONCE)
