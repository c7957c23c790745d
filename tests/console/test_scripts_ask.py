"""The console's script asks the API by the session: with the token of our own pages, and in no other way."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from store.accounts import people, sessions
from tests.api.builders import assert_problem, client_of, ordered
from tests.api.tus import TUS, said
from tests.console.visitors import Visitor, at_the_desk


@pytest.fixture
async def token_of_forms(clerk: Visitor) -> str:
    page = await clerk.see("/console/sessions")
    return str(page.tree.xpath("//input[@name='form_token']/@value")[0])


@pytest.fixture
async def batch_no(officer: httpx.AsyncClient) -> str:
    return await ordered(officer)


async def test_with_session_and_token_a_script_is_the_person(
    clerk: Visitor, token_of_forms: str, batch_no: str, officer: httpx.AsyncClient
) -> None:
    headers = {"Form-Token": token_of_forms, "Origin": "http://localhost"}
    answer = await clerk.client.get(f"/batches/{batch_no}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    begun = TUS | {"Upload-Length": "10", "Upload-Metadata": said(batch_no=batch_no, filename="照片.png")}
    answer = await clerk.client.post("/evidence/uploads", headers=headers | begun)
    assert answer.status_code == 201, answer.text
    (mine,) = (await officer.get(f"/batches/{batch_no}/evidence/uploads")).json()["items"]
    assert mine["filename"] == "照片.png"


async def test_the_session_alone_opens_nothing(clerk: Visitor, batch_no: str) -> None:
    """Which is all that a page of somebody else's can make the browser send."""
    assert_problem(await clerk.client.get(f"/batches/{batch_no}"), 401, "unauthenticated")
    begun = TUS | {"Upload-Length": "10", "Upload-Metadata": said(batch_no=batch_no, filename="照片.png")}
    assert_problem(await clerk.client.post("/evidence/uploads", headers=begun), 401, "unauthenticated")


@pytest.mark.parametrize("wrong", ["", "0" * 64, "é"])
async def test_another_token_opens_nothing(clerk: Visitor, batch_no: str, wrong: str) -> None:
    headers = {"Form-Token": wrong.encode()}
    answer = await clerk.client.get(f"/batches/{batch_no}", headers=headers)
    assert_problem(answer, 403, "form_outdated")


async def test_the_token_of_another_session_opens_nothing(
    token_of_forms: str, batch_no: str, app: FastAPI
) -> None:
    async with at_the_desk(app, Role.OFFICER) as other:
        answer = await other.client.get(f"/batches/{batch_no}", headers={"Form-Token": token_of_forms})
    assert_problem(answer, 403, "form_outdated")


async def test_from_another_page_it_is_refused(clerk: Visitor, token_of_forms: str, batch_no: str) -> None:
    """And no other host is ever told that it may ask: a browser does not even send it."""
    headers = {"Form-Token": token_of_forms, "Origin": "https://elsewhere.example"}
    assert_problem(await clerk.client.get(f"/batches/{batch_no}", headers=headers), 403, "form_foreign")
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "form-token",
    }
    for path in ("/evidence/uploads", f"/batches/{batch_no}"):
        answer = await clerk.client.request("OPTIONS", path, headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_without_a_session_the_token_is_nothing(
    token_of_forms: str, batch_no: str, app: FastAPI, clerk: Visitor, migrated: AsyncEngine
) -> None:
    async with client_of(app, {"Form-Token": token_of_forms}) as nobody:
        assert_problem(await nobody.get(f"/batches/{batch_no}"), 401, "unauthenticated")
    assert await people.account(migrated, "officer-01")
    for one in await sessions.own(migrated, "officer-01"):
        await sessions.end(migrated, "officer-01", one.no)
    answer = await clerk.client.get(f"/batches/{batch_no}", headers={"Form-Token": token_of_forms})
    assert_problem(answer, 401, "unauthenticated")


async def test_a_bearer_token_is_asked_for_nothing_else(officer: httpx.AsyncClient, batch_no: str) -> None:
    answer = await officer.get(f"/batches/{batch_no}", headers={"Form-Token": "anything"})
    assert answer.status_code == 200
