"""Every page of the console, to everybody: who may see it stands in one table, and no page is left out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from lxml import html
from sqlalchemy.ext.asyncio import AsyncEngine

from api.console.pages import VERSION
from law.vocabulary import Role
from messages.steps import STEPS, StepName
from store.accounts import sessions
from store.engine import make_engine
from tests.api.builders import PEOPLE, laboratory, ordered, told
from tests.console.desks import account, browser, desk, seen

EVERYBODY = frozenset(PEOPLE)
KEEPS, WATCHES = frozenset({Role.ADMIN}), frozenset({Role.ADMIN, Role.AUDITOR})
# What nobody has to sign in for, and what it answers to the values of ``example``.
OPEN = {
    "/console": 308,
    "/console/static/{version}/{name}": 200,
    "/console/sign-in": 200,
    "/console/link/{token}": 410,
    "/console/invitation/{token}": 200,
    "/console/provider": 404,
    "/console/provider/back": 404,
}
BUREAU = EVERYBODY - {Role.LAB}
ORDERS = frozenset({Role.OFFICER, Role.SUPERVISOR})
LEADS = frozenset({Role.SUPERVISOR, Role.APPROVER})
OFFICER = frozenset({Role.OFFICER})
POST = BUREAU - {Role.ADMIN}
# Who may see what else; all others get 403, or what they may not know of is not found.
MAY = {
    "/console/": EVERYBODY,
    "/console/sessions": EVERYBODY,
    "/console/accounts": WATCHES,
    "/console/new-account": KEEPS,
    "/console/accounts/{sub}": WATCHES,
    "/console/accounts/{sub}/change": KEEPS,
    "/console/accounts/{sub}/invitation": KEEPS,
    "/console/accounts/{sub}/ended": KEEPS,
    "/console/account-changes": WATCHES,
    "/console/deputies": WATCHES,
    "/console/batches": EVERYBODY,
    "/console/search": EVERYBODY,
    "/console/calendar": EVERYBODY,
    "/console/holidays": EVERYBODY,
    "/console/holidays/{year}": EVERYBODY,
    "/console/holidays/new": frozenset({Role.SUPERVISOR, Role.ADMIN}),
    "/console/forecast": EVERYBODY,
    "/console/outages": BUREAU - OFFICER,
    "/console/operations": WATCHES,
    "/console/access-log": frozenset({Role.AUDITOR}),
    "/console/exports": EVERYBODY,
    "/console/exports/{what}": EVERYBODY,
    "/console/orders/new": ORDERS,
    "/console/orders/whole": ORDERS,
    "/console/plans": BUREAU,
    "/console/plans/{place}": BUREAU,
    "/console/plans/{place}/new": ORDERS,
    "/console/tasks": BUREAU,
    "/console/records": BUREAU,
    "/console/records/list.{ending}": BUREAU,
    "/console/statistics": BUREAU,
    "/console/statistics.xlsx": BUREAU,
    "/console/draws": BUREAU,
    "/console/draws/new": ORDERS,
    "/console/draws/upload": ORDERS,
    "/console/registers": BUREAU,
    "/console/registers/{register}": BUREAU,
    "/console/registers/{register}/list.xlsx": BUREAU,
    "/console/registers/{register}/new": ORDERS | KEEPS,
    "/console/registers/{register}/import": ORDERS | KEEPS,
    "/console/registers/{register}/entries/{code}/change": ORDERS | KEEPS,
    "/console/approvals": LEADS,
    "/console/evidence": POST,
    "/console/post": POST,
    "/console/post/postings": OFFICER,
    "/console/post/findings": OFFICER,
    "/console/post/lists/{kind}": OFFICER,
    "/console/batches/{batch_no}": EVERYBODY,
    "/console/batches/{batch_no}/holder": EVERYBODY,
    "/console/batches/{batch_no}/history": BUREAU,
    "/console/batches/{batch_no}/waits/{wait}": EVERYBODY,
    "/console/batches/{batch_no}/evidence": EVERYBODY,
    "/console/batches/{batch_no}/documents/{document_id}.pdf": EVERYBODY,
    "/console/batches/{batch_no}/certificates/{wait}.html": EVERYBODY,
    "/console/batches/{batch_no}/steps/{step}/new": frozenset(STEPS[StepName.PURCHASED].ROLES),
    "/console/batches/{batch_no}/steps/{step_id:uuid}": EVERYBODY,
    "/console/batches/{batch_no}/steps/{step_id:uuid}/correct": LEADS | OFFICER,
}
# Who may see what there is not yet: for them it is not found.
MAY_WHERE_THERE_IS_ONE = {
    "/console/orders/under/{id_}": ORDERS,
    "/console/orders/under/{id_}/list": ORDERS,
    "/console/orders/under/{id_}/list/template.xlsx": ORDERS,
    "/console/orders/under/{id_}/list/runs/{no}": ORDERS,
    "/console/registers/{register}/entries/{code}": BUREAU,
    "/console/registers/{register}/import/answer": ORDERS | KEEPS,
    "/console/post/lists/{kind}/answer": OFFICER,
    "/console/plans/{place}/{id_}": BUREAU,
    "/console/plans/{place}/{id_}/change": ORDERS,
    "/console/plans/commissions/{id_}/replacing": ORDERS,
    "/console/plans/{place}/{id_}/versions/{nth}.pdf": BUREAU,
    "/console/plans/plans/{id_}/progress": BUREAU,
    "/console/plans/plans/{id_}/progress.xlsx": BUREAU,
    "/console/records/{subject}/{key:path}": BUREAU,
    "/console/draws/{draw_id}": BUREAU,
    "/console/draws/{draw_id}/candidates.csv": BUREAU,
    "/console/holidays/imports/{no}": BUREAU,
    "/console/batches/{batch_no}/objections/{party}": BUREAU,
    "/console/batches/{batch_no}/corrections/{correction:uuid}": BUREAU,
    "/console/batches/{batch_no}/evidence/disposal/{nth}.pdf": BUREAU,
    "/console/batches/{batch_no}/evidence/{digest}": EVERYBODY,
    "/console/batches/{batch_no}/evidence/{digest}/content": EVERYBODY,
    "/console/post/files/{name}": POST,
}
# No pages of the console's own making.
AS_MADE = {
    "/console/registers/{register}/list.xlsx",
    "/console/exports/{what}",
    "/console/records/list.{ending}",
    "/console/statistics.xlsx",
    "/console/batches/{batch_no}/documents/{document_id}.pdf",
    "/console/batches/{batch_no}/certificates/{wait}.html",
}
# Leads on to the form that a wait asks for.
ON = "/console/batches/{batch_no}/waits/{wait}/do"
POLICY = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """All of the console's that are looked at, from the application itself."""
    for one in app.routes:
        for route in getattr(getattr(one, "original_router", None), "routes", [one]):
            if isinstance(route, APIRoute) and f"{route.path}/".startswith("/console/"):
                yield route


@dataclass(frozen=True)
class Seats:
    """A browser for each role, one for nobody, and what the addresses of pages are filled in with."""

    of: dict[Role | None, httpx.AsyncClient]
    example: dict[str, str]

    def at(self, path: str) -> str:
        return path.replace(":uuid", "").replace(":path", "").format_map(self.example)


@pytest.fixture(scope="module")
async def seats(
    app: FastAPI,
    migrated: AsyncEngine,
    officer: httpx.AsyncClient,
    lab: httpx.AsyncClient,
    working: None,  # noqa: ARG001 (up)
) -> AsyncIterator[Seats]:
    batch_no = await told(officer, lab)
    batch = (await officer.get(f"/batches/{batch_no}")).json()
    steps = (await officer.get(f"/batches/{batch_no}/steps")).json()["items"]
    await account(migrated, "seat-invited")
    example = {
        "version": VERSION,
        "name": "console.css",
        "token": await sessions.link(migrated, "seat-invited", "invitation"),
        "sub": "seat-invited",
        "batch_no": batch_no,
        "step": StepName.PURCHASED,
        # Of the laboratory itself: it sees no other's.
        "step_id": next(one["step_id"] for one in steps if one["step"] == StepName.RECEIVED),
        "wait": StepName.REPORT_SUBMITTED,
        "document_id": batch["documents"][0]["document_id"],
        **{"what": "tasks", "kind": "postings", "year": "2026", "no": "1", "nth": "1", "party": "seller"},
        **{"correction": str(uuid4()), "digest": "0" * 64, "act": "holds"},
        **{"id_": "FA2000-0001", "place": "schemes", "register": "businesses", "code": "J9"},
        **{"ending": "xlsx", "subject": "seller", "key": "J9"},
        **{"draw_id": "CQ2000-0001", "deed": "frozen"},
    }
    async with AsyncExitStack() as stack:
        of: dict[Role | None, httpx.AsyncClient] = {None: await stack.enter_async_context(browser(app))}
        for role in PEOPLE:
            of[role] = await stack.enter_async_context(desk(app, migrated, f"seat-{role}", role))
        yield Seats(of, example)


def test_every_page_is_in_the_table(app: FastAPI) -> None:
    """A new one says here who may see it; none is there twice, none that is no more."""
    looked_at = {route.path for route in routes(app) if "GET" in (route.methods or ())}
    assert looked_at == {*OPEN, *MAY, *MAY_WHERE_THERE_IS_ONE, ON}


@pytest.mark.parametrize("path", MAY_WHERE_THERE_IS_ONE)
async def test_what_there_is_not_yet_is_not_found_by_those_who_may_see_it(seats: Seats, path: str) -> None:
    """And is refused to all others, as if it were there."""
    for role, client in seats.of.items():
        answer = await client.get(seats.at(path))
        expected = 303 if role is None else 404 if role in MAY_WHERE_THERE_IS_ONE[path] else 403
        assert answer.status_code == expected, (role, path)


@pytest.mark.parametrize("path", MAY)
async def test_a_page_is_for_those_who_may_see_it(seats: Seats, path: str) -> None:
    """Nobody is asked to sign in and comes back here; a role that may not is told so on a page."""
    address = seats.at(path)
    for role, client in seats.of.items():
        answer = await client.get(address)
        if role is None:
            assert answer.status_code == 303, address
            assert answer.headers["location"].startswith("/console/sign-in?then=%2Fconsole%2F")
        elif role in MAY[path]:
            assert answer.status_code == 200, (role, address, answer.text)
            if path not in AS_MADE:
                is_a_safe_page(answer)
        else:
            assert answer.status_code == 403, (role, address)
            is_a_safe_page(answer)


@pytest.mark.parametrize("path", OPEN)
async def test_what_is_open_shows_nothing_of_a_case(seats: Seats, path: str) -> None:
    """Signing in, and the stylesheet; to somebody who is signed in no less and no more."""
    for role in (None, Role.OFFICER):
        answer = await seats.of[role].get(seats.at(path))
        assert answer.status_code == OPEN[path], (role, path)
        assert seats.example["batch_no"] not in answer.text
        if answer.headers.get("content-type", "").startswith("text/html"):
            is_a_safe_page(answer)


@pytest.mark.parametrize("step", sorted(set(STEPS) - {"record_corrected", "correction_confirmed"}))
async def test_a_steps_form_is_for_who_may_do_the_step(seats: Seats, step: StepName) -> None:
    """As the API refuses the step itself."""
    for role in PEOPLE:
        address = f"/console/batches/{seats.example['batch_no']}/steps/{step}/new"
        answer = await seats.of[role].get(address)
        assert answer.status_code == (200 if role in STEPS[step].ROLES else 403), role
        is_a_safe_page(answer)


async def test_a_laboratory_sees_its_own_batches_alone(seats: Seats, officer: httpx.AsyncClient) -> None:
    """Another's does not exist for it, on whatever page."""
    elsewhere = await ordered(officer, laboratory=laboratory("LAB-09"))
    for path in MAY:
        if "{batch_no}" in path and Role.LAB in MAY[path]:
            address = seats.at(path).replace(seats.example["batch_no"], elsewhere)
            answer = await seats.of[Role.LAB].get(address)
            assert answer.status_code == 404, address
            is_a_safe_page(answer)


@pytest.mark.parametrize(
    "address",
    [
        "/console/nothing",
        "/console/batches/CJ0000-000000",
        "/console/batches/%00",
        "/console/accounts/nobody",
        "/console/accounts/%2e%2e%2fx",
        "/console/account-changes?before=x",
        "/console/account-changes?before=99999999999999999999",
        "/console/sign-in?then=" + "x" * 3000,
    ],
)
async def test_what_there_is_not_is_told_on_a_page(seats: Seats, address: str) -> None:
    """To whoever is signed in, and to whoever is not; never as a fault of ours."""
    for role in (None, Role.ADMIN):
        answer = await seats.of[role].get(address)
        assert answer.status_code in ((303, 404, 422) if role is None else (404, 422)), answer.text
        if answer.status_code != 303:
            is_a_safe_page(answer)


async def test_every_form_wants_its_token(app: FastAPI, seats: Seats) -> None:
    """All routes that change something, as somebody who may: without the token none of them does."""
    posts = [route for route in routes(app) if "GET" not in (route.methods or ())]
    assert len(posts) > 10
    for route in posts:
        role = Role.ADMIN if "account" in route.path or "deput" in route.path else Role.OFFICER
        address = seats.at(route.path)
        answer = await seats.of[role].post(address, data={"form_token": "0" * 64})
        # What takes files in is no form of texts.
        assert answer.status_code in (403, 415), address
        is_a_safe_page(answer)
        nobody = await seats.of[None].post(address, data={"sub": "x"})
        assert nobody.status_code in (303, 403), address


async def test_a_page_tells_that_the_database_is_away(app: FastAPI) -> None:
    """503, on a page that says to try again."""
    engine = app.state.runtime.engine
    nobody = make_engine("postgresql://nobody@127.0.0.1:9/nothing", pool_size=1)
    app.state.runtime.engine = nobody
    try:
        async with browser(app, "x" * 43) as client:
            answer = await client.get("/console/")
    finally:
        app.state.runtime.engine = engine
        await nobody.dispose()
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    is_a_safe_page(answer)
    assert "数据库暂时连接不上" in answer.text


def is_a_safe_page(answer: httpx.Response) -> None:
    """Of the console, in a browser's words, with a policy that nothing in it needs to be bent for."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    said = answer.headers["content-security-policy"]
    assert all(part in said for part in POLICY), said
    assert "unsafe" not in said
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    page = seen(answer)
    assert page.xpath("//title[contains(., '抽检')]")
    assert not [one for one in page.iter() if _inline(one)]


def _inline(element: html.HtmlElement) -> bool:
    """A script, a style or a handler that stands in the page itself."""
    if not isinstance(element.tag, str):
        return False
    if element.tag == "style" or (element.tag == "script" and not element.get("src")):
        return True
    return any(
        name == "style" or name.startswith("on") or value.strip().lower().startswith("javascript:")
        for name, value in element.attrib.items()
    )
