"""Batches as the contract shows them: ordered, read, listed, recorded; the inbox; the public pages."""

from uuid import uuid4

import httpx
import pytest

from tests.api.builders import assert_problem, eventually, order_example, ordered, step_example

pytestmark = pytest.mark.usefixtures("working")

WAIT_FIELDS = {
    "id", "step", "kind", "owed_by", "owed_by_title", "party", "deadline", "last_day", "provisional",
    "internal", "rests_on", "on_silence", "overdue",
}  # fmt: skip


async def test_an_ordered_batch_shows_what_it_waits_for(officer: httpx.AsyncClient) -> None:
    """Phase, parties and the first duty, a moment after the order."""
    answer = await officer.post("/batches", json=order_example())
    assert answer.status_code == 201
    (batch_no,) = answer.json().values()
    assert answer.headers["location"] == f"/batches/{batch_no}"
    batch = await eventually(officer, f"/batches/{batch_no}", lambda body: body["waiting_for"])
    assert (batch["batch_no"], batch["phase"], batch["outcome"]) == (batch_no, "sampling", None)
    assert {party["party"] for party in batch["parties"]} == {"seller", "platform", "producer"}
    (wait,) = batch["waiting_for"]
    assert wait.keys() >= WAIT_FIELDS
    assert (wait["step"], wait["kind"], wait["role"], wait["overdue"]) == (
        "purchased",
        "duty",
        "officer",
        False,
    )
    assert "waits" not in batch


async def test_the_documents_of_a_batch_carry_their_contents(officer: httpx.AsyncClient) -> None:
    """The commission letter is listed once, with what it says and its digest."""
    batch_no = await ordered(officer)
    batch = await eventually(
        officer, f"/batches/{batch_no}", lambda body: body["documents"] and body["documents"][0]["sha256"]
    )
    (letter,) = batch["documents"]
    assert (letter["kind"], letter["recipient"]) == ("commission_letter", "laboratory")
    assert letter["fields"]["contract"] == "JYHT-2026-01"


async def test_the_timeline_is_chained(officer: httpx.AsyncClient) -> None:
    """Each line carries the hash of the one before."""
    batch_no = await ordered(officer)
    await officer.post(f"/batches/{batch_no}/steps/purchased", json=step_example("purchased"))
    timeline = (await officer.get(f"/batches/{batch_no}/timeline")).json()
    entries = timeline["entries"]
    assert timeline["batch_no"] == batch_no
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry["prev_hash"] for entry in entries[1:]] == [entry["hash"] for entry in entries[:-1]]
    (accepted,) = [entry for entry in entries if entry["kind"] == "step_accepted"]
    assert accepted["actor"]["sub"] == "officer-01"


async def test_the_list_finds_and_pages(officer: httpx.AsyncClient) -> None:
    """By a piece of text, phase and outcome; the newest first, page by page."""
    mark = uuid4().hex
    goods = [order_example()["goods"] | {"name": f"儿童水杯{mark}"} for _ in range(3)]
    numbers = [await ordered(officer, goods=one) for one in goods]
    query = {"q": f"水杯{mark}", "limit": "2"}
    first = (await officer.get("/batches", params=query)).json()
    second = (await officer.get("/batches", params={**query, "cursor": first["next_cursor"]})).json()
    assert [item["batch_no"] for item in first["items"] + second["items"]] == numbers[::-1]
    assert second["next_cursor"] is None
    none = await officer.get("/batches", params={"q": mark, "outcome": "conforming", "overdue": "false"})
    assert none.json()["items"] == []


async def test_the_inbox_names_batch_and_wait(officer: httpx.AsyncClient) -> None:
    """Open waits with their batch, filtered by who owes them."""
    batch_no = await ordered(officer)
    await eventually(officer, f"/batches/{batch_no}", lambda body: body["waiting_for"])
    items, cursor = [], None
    while not items or cursor:
        page = await officer.get(
            "/tasks", params={"owed_by": "officer", "limit": 200, **({"cursor": cursor} if cursor else {})}
        )
        items += page.json()["items"]
        cursor = page.json()["next_cursor"]
    (task,) = [item for item in items if item["batch_no"] == batch_no]
    assert task.keys() >= WAIT_FIELDS | {"title", "batch_title"}
    assert {item["owed_by"] for item in items} == {"officer"}
    soon = await officer.get("/tasks", params={"due_before": "2026-01-01T00:00:00+08:00"})
    assert soon.json() == {"items": [], "next_cursor": None}


async def test_unknown_batches_and_bad_cursors_are_problems(officer: httpx.AsyncClient) -> None:
    """404 and 422, never 500."""
    for path in ("/batches/CJ1999-000001", "/batches/CJ1999-000001/timeline"):
        assert_problem(await officer.get(path), 404, "batch_unknown")
    answer = await officer.post("/batches/CJ1999-000001/steps/voided", json=step_example("voided"))
    assert_problem(answer, 403, "role_not_allowed")
    answer = await officer.post("/batches/CJ1999-000001/steps/purchased", json=step_example("purchased"))
    assert_problem(answer, 404, "batch_unknown")
    for path in ("/batches", "/tasks", "/public/results", "/public/announcements"):
        assert_problem(await officer.get(path, params={"cursor": "WyJhIl0"}), 422, "cursor_invalid")


async def test_the_public_needs_no_token(anybody: httpx.AsyncClient) -> None:
    """Results, announcements, preview and health are open."""
    for path in ("/public/results", "/public/announcements"):
        answer = await anybody.get(path)
        assert answer.status_code == 200
        assert answer.json().keys() == {"items", "next_cursor"}
    assert (await anybody.get("/health/live")).json() == {"status": "ok"}
    assert (await anybody.get("/health/ready")).json() == {"status": "ok"}
