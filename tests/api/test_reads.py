"""Who reads personal data is on record, for the auditor, whose own look leaves the legal record as it is."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.web.auth import caller
from law.calendar import day_in_shanghai
from law.vocabulary import Role
from store.access import log, revocations
from tests.api.builders import Tokens, assert_problem, client_of, eventually, ordered
from tests.api.tus import kept
from tests.store.builders import until

pytestmark = pytest.mark.usefixtures("working")
_ABOUT_NOBODY = ("/deadlines", "/calendars", "/health", "/tasks/counts")
_RECORD = text("""
    select b.version, b.last_seq, b.last_hash, b.last_stamp, b.last_position, b.snapshot,
        (select count(*) from letters l join documents d using (document_id) where d.batch_no = b.batch_no),
        (select count(*) from timeline t where t.batch_no = b.batch_no)
    from batches b where b.batch_no = :batch_no
""")


@pytest.fixture
async def auditor(app: FastAPI, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, tokens.header(Role.AUDITOR, sub="shenji")) as client:
        yield client


async def _made_out(client: httpx.AsyncClient) -> tuple[str, str]:
    number = await ordered(client)
    batch = await eventually(client, f"/batches/{number}", lambda one: one.get("documents"))
    return number, batch["documents"][0]["document_id"]


def _gets(app: FastAPI) -> list[APIRoute]:
    within = [getattr(route, "original_router", None) for route in app.routes]
    routes = [route for router in within if router for route in router.routes if isinstance(route, APIRoute)]
    return [route for route in routes if "GET" in (route.methods or ()) and _needs_token(route.dependant)]


def _needs_token(dependant: object) -> bool:
    inner = getattr(dependant, "dependencies", ())
    return getattr(dependant, "call", None) is caller or any(map(_needs_token, inner))


async def test_every_read_that_needs_a_token_is_on_record_with_its_batches(
    app: FastAPI,
    tokens: Tokens,
    officer: httpx.AsyncClient,
    migrated: AsyncEngine,
) -> None:
    """One, lists, documents, letters, exports: whose answer was about the batch names it."""
    number, document = await _made_out(officer)
    begin, end = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC)
    query = {"from": begin.isoformat(), "to": end.isoformat(), "limit": 200, "state": "all"}
    values = {"batch_no": number, "document_id": document, "wait": "x", "step_id": "0" * 32, "no": "1"} | {
        "nth": "1",
        "sub": f"du-{Role.ADMIN}-{number}",
        "year": "2026",
        "digest": await kept(officer, number),
        "step": "purchased",
        **{"code": "LAB-01", "id_": "FA2026-0001", "version": "1", "kind": "seller", "key": "示例旗舰店"},
        "draw_id": "CQ2026-0001",
    }
    asked = 0
    for role in (Role.ADMIN, Role.AUDITOR):
        async with client_of(app, tokens.header(role, sub=f"du-{role}-{number}")) as client:
            for route in _gets(app):
                path = route.path
                for name in route.param_convertors:
                    path = re.sub(rf"{{{{{name}(:\w+)?}}}}", values[name], path)
                before = await log.reads(migrated, sub=f"du-{role}-{number}", limit=200)
                answer = await client.get(path, params=query)
                after = await log.reads(migrated, sub=f"du-{role}-{number}", limit=200)
                new = after.items[: len(after.items) - len(before.items)]
                if answer.status_code >= 400 or path.startswith(_ABOUT_NOBODY):
                    assert new == (), path
                    continue
                (one,) = new
                assert (one.path, one.role, one.status) == (path, role, answer.status_code)
                assert "limit=200" in one.query
                told = answer.text if "json" in answer.headers["content-type"] else ""
                if f'"batch_no":"{number}"' in told.replace(": ", ":") or number in path:
                    assert number in one.batch_nos, path
                asked += 1
    assert asked > 20


async def test_the_auditor_finds_reads_by_batch_person_and_day(
    officer: httpx.AsyncClient, auditor: httpx.AsyncClient
) -> None:
    """Page by page; a print run is found by each of its batches."""
    number, document = await _made_out(officer)
    await officer.get("/dispatches/letters.pdf", params={"document_id": document})
    answer = await auditor.get("/access-log", params={"batch_no": number, "limit": 1})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert [one["path"] for one in page["items"]] == ["/dispatches/letters.pdf"]
    assert page["items"][0]["name"] == "张三"
    following = {"batch_no": number, "limit": 1, "cursor": page["next_cursor"]}
    (older,) = (await auditor.get("/access-log", params=following)).json()["items"]
    assert older["path"] == f"/batches/{number}"
    today = day_in_shanghai(datetime.now(UTC))
    for day, found in ((today, True), (today - timedelta(days=1), False)):
        wanted = {"batch_no": number, "sub": "officer-01", "day": day.isoformat()}
        items = (await auditor.get("/access-log", params=wanted)).json()["items"]
        assert bool(items) is found


async def test_nobody_else_reads_it(officer: httpx.AsyncClient, supervisor: httpx.AsyncClient) -> None:
    for client in (officer, supervisor):
        assert_problem(await client.get("/access-log"), 403, "role_not_allowed")


async def test_an_auditors_look_changes_nothing_in_the_record(
    officer: httpx.AsyncClient, auditor: httpx.AsyncClient, migrated: AsyncEngine
) -> None:
    """A letter nobody has opened yet is shown, and not fixed; an officer's opening fixes it, the same."""
    number, document = await _made_out(officer)

    async def record() -> tuple[object, ...]:
        async with migrated.connect() as connection:
            return tuple((await connection.execute(_RECORD, {"batch_no": number})).one())

    before = await record()
    looked = await auditor.get(f"/documents/{document}.pdf")
    assert looked.status_code == 200, looked.text
    for path in ("", "/timeline", "/waits", "/documents"):
        assert (await auditor.get(f"/batches/{number}{path}")).status_code == 200
    await auditor.get("/dispatches/letters.pdf", params={"document_id": document})
    await auditor.get("/dispatches/labels.pdf", params={"document_id": document})
    assert await record() == before
    opened = await officer.get(f"/documents/{document}.pdf")
    assert opened.content == looked.content
    assert await record() != before


async def test_where_a_read_cannot_be_kept_nothing_is_read(
    officer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer leaves before it is on record who had it."""
    number, _ = await _made_out(officer)

    async def failing(*_args: object, **_said: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(log, "note", failing)
    answer = await officer.get(f"/batches/{number}")
    assert_problem(answer, 503, "database_unavailable")
    assert number not in answer.json()["detail"]


@pytest.mark.parametrize("by", ["jti", "sub"])
async def test_a_revoked_token_holds_no_longer(
    app: FastAPI, tokens: Tokens, migrated: AsyncEngine, by: str
) -> None:
    """One by its id, or all of an account until now; another of the same account, issued later, holds."""
    now = int(datetime.now(UTC).timestamp())
    account = f"li-{by}-{now}"
    mine = {"sub": account, "jti": f"{account}-1", "iat": now}
    async with client_of(app, tokens.header(Role.OFFICER, **mine)) as client:
        assert (await client.get("/batches")).status_code == 200
        await revocations.revoke(migrated, **{by: mine[by]})

        async def refused() -> bool:
            return (await client.get("/batches")).status_code == 401

        await until(refused)
    later = mine | {"jti": f"{account}-2", "iat": now + 5}
    async with client_of(app, tokens.header(Role.OFFICER, **later)) as client:
        assert (await client.get("/batches")).status_code == 200
