"""Who has a batch in hand: taken, handed on, let go, and never unseen."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from messages.base import Actor
from store.accounts import people
from tests.api.builders import eventually, ordered

_BY = Actor(sub="tests", name="测试", role=Role.ADMIN)


async def hand(client: httpx.AsyncClient, number: str, to: str | None, now: str | None, **more: Any) -> Any:
    return await client.post(f"/batches/{number}/holder", json={"to": to, "instead_of": now, **more})


@pytest.fixture
async def colleague(app: FastAPI) -> str:
    actor = Actor(sub=f"u-{uuid4().hex}", name="王同事", role=Role.OFFICER)
    await people.add(app.state.runtime.engine, actor, unit="网监处", by=_BY)
    return actor.sub


@pytest.mark.usefixtures("working")
async def test_a_batch_is_taken_handed_on_and_let_go(officer: httpx.AsyncClient, colleague: str) -> None:
    """Each change is kept with who did it and why, the latest first; lists show who has it now."""
    number = await ordered(officer)
    assert (await officer.get(f"/batches/{number}/holder")).json()["holder"] is None
    taken = await hand(officer, number, "officer-01", None)
    assert taken.json()["holder"]["name"] == "张三"
    handed = await hand(officer, number, colleague, "officer-01", note="出差")
    assert handed.json()["holder"]["name"] == "王同事"
    assert (await officer.get(f"/batches/{number}")).json()["holder"]["sub"] == colleague
    held = (await officer.get("/batches", params={"held_by": colleague})).json()["items"]
    assert [one["batch_no"] for one in held] == [number]
    (task,) = (await eventually(officer, f"/tasks?held_by={colleague}", lambda page: page["items"]))["items"]
    assert (task["batch_no"], task["holder"]["name"]) == (number, "王同事")
    of_unit = (await officer.get("/tasks", params={"unit": "网监处", "limit": 200})).json()["items"]
    assert number in {one["batch_no"] for one in of_unit}
    gone = (await hand(officer, number, None, colleague)).json()
    assert gone["holder"] is None
    assert [(one["name"], one["by_name"], one["note"]) for one in gone["items"]] == [
        (None, "张三", ""),
        ("王同事", "张三", "出差"),
        ("张三", "张三", ""),
    ]


async def test_of_two_who_take_it_the_second_is_told(
    officer: httpx.AsyncClient, supervisor: httpx.AsyncClient
) -> None:
    """What one saw before is not what is; nothing is taken from anybody unseen."""
    number = await ordered(officer)
    assert (await hand(officer, number, "officer-01", None)).status_code == 200
    for now in (None, "somebody"):
        refused = await hand(supervisor, number, "supervisor-01", now)
        assert (refused.status_code, refused.json()["code"]) == (409, "holder_changed")
    same = await hand(officer, number, "officer-01", "officer-01")
    assert same.json()["code"] == "holder_unchanged"
    assert len((await officer.get(f"/batches/{number}/holder")).json()["items"]) == 1


async def test_only_the_bureaus_own_people_have_batches_in_hand(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient, app: FastAPI, colleague: str
) -> None:
    """Neither a laboratory, nor whoever has no account, nor whoever had one."""
    number = await ordered(officer)
    assert (await hand(lab, number, "lab-01", None)).status_code == 403
    assert (await lab.get("/colleagues")).status_code == 403
    assert colleague in {one["sub"] for one in (await officer.get("/colleagues")).json()["items"]}
    await people.end(app.state.runtime.engine, colleague, ended=True, by=_BY)
    for whom in ("nobody", colleague):
        refused = await hand(officer, number, whom, None)
        assert (refused.status_code, refused.json()["code"]) == (409, "holder_unsuitable")
    assert colleague not in {one["sub"] for one in (await officer.get("/colleagues")).json()["items"]}
    assert (await officer.get("/batches/CJ1999-000001/holder")).status_code == 404
