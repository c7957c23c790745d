"""Looking ahead over HTTP: day by day and role by role, the late apart, rest days named."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar_sources import builtin_calendar
from law.vocabulary import Role
from messages.snapshot import PartyState
from tests.api.builders import Tokens, assert_problem, client_of
from tests.store.builders import duty, wait
from tests.store.test_forecast import TODAY, on
from tests.store.test_reads import put


@pytest.fixture
async def planner(empty_app: FastAPI, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(empty_app, tokens.header(Role.SUPERVISOR)) as client:
        yield client


def items(groups: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(group["responsible"], item["id"]) for group in groups for item in group["items"]]


def party(name: str, standing: str | None = None) -> PartyState:
    return PartyState(party=name, name=name, entitled=True, standing=standing)


async def test_each_day_says_who_has_what_to_do(planner: httpx.AsyncClient, engine: AsyncEngine) -> None:
    """Counts and items by role or party; what is late, and what is about to lapse, apart at the front."""
    await put(engine, duty("late", **on(-3)), wait("lapsing", **on(-1)))
    await put(engine, duty("report", **on(1)), duty("paper", role="officer", owed_by="officer", **on(1)))
    number = await put(engine, wait("window", provisional=True, on_silence="视为无异议", **on(1)))
    body = (await planner.get("/forecast", params={"days": 3})).json()
    assert items(body["overdue"]) == [("lab", "late")]
    assert items(body["closed_undecided"]) == [("seller", "lapsing")]
    assert [day["day"] for day in body["days"]] == [str(TODAY + timedelta(days=n)) for n in range(3)]
    groups = body["days"][1]["groups"]
    assert items(groups) == [("lab", "report"), ("officer", "paper"), ("seller", "window")]
    assert [(group["title"], group["duties"], group["rights"]) for group in groups] == [
        ("检验机构人员", 1, 0),
        ("执法人员", 1, 0),
        ("网络商品经营者", 0, 1),
    ]
    window = groups[2]["items"][0]
    assert (window["batch_no"], window["last_day"], window["provisional"], window["internal"]) == (
        number,
        str(TODAY + timedelta(days=1)),
        True,
        False,
    )
    assert (window["rests_on"], window["kind"], window["owed_by_title"]) == ("§6", "right", "示例旗舰店")
    assert [day["groups"] for day in body["days"][::2]] == [[], []]


@pytest.mark.parametrize(
    ("producer", "then"),
    [
        ("silent", "视为无异议；检验结果随即确定，应当公示（§7）"),
        (None, "视为无异议；检验结果尚待标称生产者，未确定"),
        ("retest", "视为无异议；检验结果尚待复检，未确定"),
    ],
)
async def test_a_lapse_says_what_follows(
    planner: httpx.AsyncClient, engine: AsyncEngine, producer: str | None, then: str
) -> None:
    """The last window to lapse makes the result final; before, it waits for the other party."""
    parties = (party("seller"), party("producer", producer))
    await put(engine, wait(on_silence="视为无异议", **on(2)), parties=parties)
    days = (await planner.get("/forecast")).json()["days"]
    assert len(days) == 14
    assert [item["then"] for group in days[2]["groups"] for item in group["items"]] == [then]


async def test_rest_days_are_named(planner: httpx.AsyncClient) -> None:
    """By the calendar the deadlines are counted on, and said to be a guess where the year is unannounced."""
    calendar = builtin_calendar()
    days = (await planner.get("/forecast", params={"days": 92})).json()["days"]
    assert len(days) == 92
    for day in days:
        of = date.fromisoformat(day["day"])
        assert day["working"] == calendar.is_working_day(of)
        assert (day["rest"] is None) == day["working"]
        assert day["announced"] == calendar.is_announced(of.year)
    assert {"周六", "周日"} <= {day["rest"] for day in days}


async def test_laboratories_see_their_own(empty_app: FastAPI, tokens: Tokens, engine: AsyncEngine) -> None:
    """As in every list."""
    await put(engine, duty("received", **on(1)), duty("retest_sealed:x", **on(1)), laboratory="LAB-01")
    await put(engine, duty("received", **on(1)), laboratory="LAB-02")
    async with client_of(empty_app, tokens.header(Role.LAB)) as lab:
        days = (await lab.get("/forecast", params={"days": 2})).json()["days"]
    assert items(days[1]["groups"]) == [("lab", "received"), ("lab", "retest_sealed:x")]


async def test_days_that_cannot_be_asked_for(planner: httpx.AsyncClient, anybody: httpx.AsyncClient) -> None:
    """From 1 to 92; and only with a token."""
    for days in ("0", "93", "x"):
        assert_problem(await planner.get("/forecast", params={"days": days}), 422, "invalid")
    assert_problem(await anybody.get("/forecast"), 401, "unauthenticated")
