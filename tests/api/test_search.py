"""Searching over what a clerk has in hand: numbers and names of a batch, from its order on."""

from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI

from law.calendar import day_in_shanghai
from law.vocabulary import Role
from tests.api.builders import (
    Tokens,
    assert_problem,
    client_of,
    eventually,
    laboratory,
    order_example,
    ordered,
    queue,
    told,
)


async def kinds(client: httpx.AsyncClient, q: str, batch_no: str) -> set[str]:
    answer = await client.get("/search", params={"q": q, "limit": 200})
    assert answer.status_code == 200, answer.text
    hits = [hit for hit in answer.json()["items"] if hit["batch_no"] == batch_no]
    assert all(hit["address"] == f"/batches/{batch_no}" for hit in hits)
    return {hit["kind"] for hit in hits}


@pytest.mark.usefixtures("working")
async def test_a_batch_is_found_by_what_its_course_left_in_hand(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    number = await told(officer, lab)
    purchase = next(
        one
        for one in (await officer.get(f"/batches/{number}/steps")).json()["items"]
        if one["step"] == "purchased"
    )["body"]["order"]["order_no"]
    assert "purchase" in await kinds(officer, purchase.lower(), number)
    assert "report" in await kinds(officer, "ｊｙ２０２６０００１", number)
    assert "producer" in await kinds(officer, "浙江 示例制造", number)
    assert "trademark" in await kinds(officer, "示例®牌", number)
    letter = (await queue(officer, number))[0]
    assert "letter" in await kinds(officer, letter["number"], number)
    hit = (await officer.get("/search", params={"q": number})).json()["items"][0]
    assert (hit["kind_title"], hit["matched"], hit["title"].split()[0]) == ("批次编号", number, number)
    assert "purchase" not in await kinds(lab, purchase, number)
    assert "letter" not in await kinds(lab, letter["number"], number)
    assert "report" in await kinds(lab, "JY-2026-0001", number)


@pytest.mark.usefixtures("working")
async def test_a_number_that_a_letter_is_posted_under_leads_to_its_batch(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    number = await told(officer, lab)
    letter = next(one for one in await queue(officer, number) if one["kind"] == "result_notice")
    step = {
        "notice": "result_notice",
        "recipient": letter["recipient"],
        "document_id": letter["document_id"],
        "posted_on": str(day_in_shanghai(datetime.fromisoformat(letter["created_at"]))),
        "tracking_no": "1098765432109",
    }
    answer = await officer.post(f"/batches/{number}/steps/notice_posted", json=step)
    assert answer.status_code == 200, answer.text
    found = await eventually(officer, "/search?q=109876 5432109", lambda body: body["items"])
    assert [one["document_id"] for one in found["items"] if one["batch_no"] == number] == [
        letter["document_id"]
    ]


async def test_a_laboratory_finds_its_own_only(
    app: FastAPI, officer: httpx.AsyncClient, tokens: Tokens
) -> None:
    other = await ordered(officer, laboratory=laboratory("LAB-77"))
    model = (await officer.get(f"/batches/{other}/order")).json()["goods"]["spec_model"]
    assert await kinds(officer, model, other) == {"model"}
    async with client_of(app, tokens.header(Role.LAB)) as stranger:
        assert await kinds(stranger, model, other) == set()
    async with client_of(app, tokens.header(Role.LAB, lab="LAB-77")) as own:
        assert await kinds(own, model, other) == {"model"}
        registration = order_example()["seller"]["registration"]
        assert await kinds(own, registration, other) == set()


async def test_what_cannot_be_sought_is_said(officer: httpx.AsyncClient, anybody: httpx.AsyncClient) -> None:
    assert_problem(await officer.get("/search", params={"q": "——"}), 422, "nothing_sought")
    assert_problem(await officer.get("/search"), 422, "invalid")
    assert_problem(await officer.get("/search", params={"q": "啊" * 101}), 422, "invalid")
    assert_problem(await officer.get("/search", params={"q": "a", "cursor": "?"}), 422, "cursor_invalid")
    assert_problem(await anybody.get("/search", params={"q": "a"}), 401, "unauthenticated")
