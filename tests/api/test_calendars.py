"""Importing a year over HTTP: shown first, proposed by one, approved by another; roles and refusals."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from law.calendar import day_in_shanghai
from law.calendar_sources import provisional
from law.vocabulary import Role
from tests.api.builders import Tokens, client_of

YEAR = day_in_shanghai(datetime.now(UTC)).year + 1
WEDNESDAY = next(day for day in (date(YEAR, 3, n) for n in range(1, 8)) if day.weekday() == 2)
STATUTORY = {day.isoformat(): name for day, name in provisional(YEAR).holidays.items()}


def body(**changes: Any) -> dict[str, Any]:
    """A made-up arrangement: the statutory days, a second of January, no make-up days."""
    holidays = {**STATUTORY, f"{YEAR}-01-02": "元旦"}
    return {"year": YEAR, "version": "虚构甲", "holidays": holidays, "makeup_days": []} | changes


@pytest.fixture
async def calls(empty_app: FastAPI, tokens: Tokens) -> AsyncIterator[Any]:
    """A client in a role, under a name."""
    async with AsyncExitStack() as stack:

        async def client(role: Role, sub: str = "") -> httpx.AsyncClient:
            header = tokens.header(role, sub=sub or f"{role}-01")
            return await stack.enter_async_context(client_of(empty_app, header))

        yield client


async def test_one_proposes_another_approves_and_all_can_see_it(calls: Any) -> None:
    """From the effect to the year in force; the same again says that there is nothing to do."""
    supervisor, approver, officer = (
        await calls(Role.SUPERVISOR),
        await calls(Role.APPROVER),
        await calls(Role.OFFICER),
    )
    effect = await officer.post("/calendars/what-if", json=body())
    assert (effect.status_code, effect.json()["changes"], effect.json()["moved"]) == (200, True, [])
    assert effect.json()["warnings"] == []
    proposed = await supervisor.post("/calendars", json=body())
    assert (proposed.status_code, proposed.json()["in_force"]) == (201, False)
    approved = await approver.post(f"{proposed.headers['Location']}/approval")
    assert (approved.status_code, approved.json()["in_force"]) == (200, True)
    shown = (await officer.get("/calendars")).json()
    (year,) = [year for year in shown["years"] if year["year"] == YEAR]
    assert (year["version"], year["announced"], shown["to_be_recounted"]) == ("虚构甲", True, 0)
    (one,) = shown["imports"]
    assert (one["proposed_by"]["sub"], one["approved_by"]["sub"]) == ("supervisor-01", "approver-01")
    account = (await officer.get(proposed.headers["Location"])).json()
    assert (account["accounts"], account["holidays"][f"{YEAR}-01-02"]) == ([], "元旦")
    again = await supervisor.post("/calendars", json=body())
    assert (again.status_code, again.json()["code"]) == (409, "calendar_already_in_force")
    assert "完全相同" in again.json()["detail"]


async def test_a_year_is_shown_with_its_days(calls: Any) -> None:
    """What a change is laid over; a year beyond the calendar is told as such."""
    officer = await calls(Role.OFFICER)
    shown = (await officer.get("/calendars/years/2020")).json()
    assert (shown["announced"], shown["holidays"]["2020-02-02"]) == (True, "春节")
    assert "2020-01-19" in shown["makeup_days"]
    beyond = await officer.get("/calendars/years/2100")
    assert (beyond.status_code, beyond.json()["code"]) == (404, "year_unknown")


async def test_showing_the_effect_changes_nothing(calls: Any) -> None:
    """No import, no year, and the next deadline is as provisional as before."""
    officer = await calls(Role.OFFICER)
    preview = f"/deadlines/preview?term=objection&start={YEAR}-03-01"
    before = (await officer.get(preview)).json(), (await officer.get("/calendars")).json()
    await officer.post("/calendars/what-if", json=body())
    assert ((await officer.get(preview)).json(), (await officer.get("/calendars")).json()) == before


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        (Role.OFFICER, "POST", "/calendars", 403),
        (Role.APPROVER, "POST", "/calendars", 403),
        (Role.ADMIN, "POST", "/calendars", 201),
        (Role.LAB, "POST", "/calendars/what-if", 403),
        (Role.SUPERVISOR, "POST", "/calendars/1/approval", 403),
        (Role.ADMIN, "POST", "/calendars/1/approval", 403),
        (Role.APPROVER, "POST", "/calendars/999999/approval", 404),
        (Role.LAB, "GET", "/calendars/1", 403),
        (Role.LAB, "GET", "/calendars", 200),
    ],
)
async def test_who_may_do_what(calls: Any, role: Role, method: str, path: str, status: int) -> None:
    """A supervisor or the administrator proposes, an approver approves, staff of the bureau looks."""
    answer = await (await calls(role)).request(method, path, json=body() if method == "POST" else None)
    assert answer.status_code == status, answer.text


async def test_the_proposer_cannot_approve_in_another_role(calls: Any) -> None:
    """The person counts, not the role."""
    proposed = await (await calls(Role.SUPERVISOR, "wang")).post("/calendars", json=body())
    address = f"{proposed.headers['Location']}/approval"
    refused = await (await calls(Role.APPROVER, "wang")).post(address)
    assert (refused.status_code, refused.json()["code"]) == (403, "calendar_same_person")
    assert "提出人以外的人" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"makeup_days": [str(WEDNESDAY)]}, "不是周六、周日"),
        ({"holidays": {}}, "放假日"),
        ({"holidays": {f"{YEAR}-01-01": " "}}, "不能为空"),
        ({"holidays": {f"{YEAR}-02-30": "元旦"}}, "应为日期"),
        ({"holidays": {f"{YEAR + 1}-01-01": "元旦"}}, f"不属于{YEAR}年"),
        ({"holidays": {f"{YEAR - 1}-11-30": "元旦"}}, f"不属于{YEAR}年"),
        ({"extra": 1}, "没有这一项"),
        ({"year": YEAR + 9, "holidays": {f"{YEAR + 9}-01-01": "元旦"}}, "还不可能公布"),
    ],
    ids=str,
)
async def test_what_is_no_arrangement_is_refused_in_words(
    calls: Any, changes: dict[str, Any], said: str
) -> None:
    """Every fault has its sentence; nothing is recorded."""
    supervisor = await calls(Role.SUPERVISOR)
    answer = await supervisor.post("/calendars", json=body(**changes))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert said in answer.json()["detail"]
    assert (await supervisor.get("/calendars")).json()["imports"] == []


async def test_a_statutory_holiday_that_is_worked_is_doubted(calls: Any) -> None:
    """Shown, not refused: the law on holidays may have changed since the library was made."""
    without = {day: name for day, name in STATUTORY.items() if day != f"{YEAR}-10-01"}
    effect = await (await calls(Role.OFFICER)).post("/calendars/what-if", json=body(holidays=without))
    (warning,) = effect.json()["warnings"]
    assert f"{YEAR}-10-01" in warning
    assert date.fromisoformat(warning[:10]).year == YEAR


async def test_a_version_names_one_content(calls: Any) -> None:
    """Another content under the same number is refused, and says what to do."""
    supervisor = await calls(Role.SUPERVISOR)
    await supervisor.post("/calendars", json=body())
    other = await supervisor.post("/calendars", json=body(holidays=STATUTORY))
    assert (other.status_code, other.json()["code"]) == (409, "calendar_version_reused")
    assert "更正的文号" in other.json()["detail"]
