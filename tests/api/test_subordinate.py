"""A subordinate bureau's officers see and step what is commissioned to them; others do not exist."""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from law.vocabulary import Role
from messages.named_order import NamedOrder
from messages.steps import StepName
from tests.api.builders import PEOPLE, Tokens, assert_problem, body_of, client_of, eventually, ordered
from tests.api.planning import SELLER, Bureau

pytestmark = pytest.mark.usefixtures("working")
ORDER: dict[str, Any] = NamedOrder.model_json_schema()["example"]
# What they may ask of theirs; whatever else there is to read is the commissioning bureau's, with 403.
LET_IN = {
    "/batches",
    "/batches/{batch_no}",
    "/batches/{batch_no}/certificates/{wait}",
    "/batches/{batch_no}/certificates/{wait}.html",
    "/batches/{batch_no}/documents",
    "/batches/{batch_no}/evidence",
    "/batches/{batch_no}/evidence/disposal",
    "/batches/{batch_no}/evidence/disposal/{nth}.pdf",
    "/batches/{batch_no}/evidence/standing",
    "/batches/{batch_no}/evidence/uploads",
    "/batches/{batch_no}/holder",
    "/batches/{batch_no}/order",
    "/batches/{batch_no}/steps",
    "/batches/{batch_no}/steps/{step_id:uuid}",
    "/batches/{batch_no}/timeline",
    "/batches/{batch_no}/timeline/head.txt",
    "/batches/{batch_no}/waits",
    "/batches/{batch_no}/waits/{wait}",
    "/calendars",
    "/calendars/years/{year}",
    "/colleagues",
    "/commissions",
    "/commissions/{id_}",
    "/commissions/{id_}/versions/{version}.pdf",
    "/dispatches",
    "/dispatches/findings.csv",
    "/dispatches/findings.xlsx",
    "/dispatches/labels.pdf",
    "/dispatches/letters.pdf",
    "/dispatches/postings.csv",
    "/dispatches/postings.xlsx",
    "/dispatches/receipts.csv",
    "/dispatches/receipts.xlsx",
    "/documents/{document_id}",
    "/documents/{document_id}.pdf",
    "/evidence/{digest}",
    "/evidence/{digest}/content",
    "/exports/batches.csv",
    "/exports/batches.xlsx",
    "/exports/tasks.csv",
    "/exports/tasks.xlsx",
    "/forecast",
    "/forecast/month",
    "/my-steps/{step}",
    "/search",
    "/tasks",
    "/tasks/counts",
    "/tasks/planned",
}


@dataclass(frozen=True)
class Two:
    """Officers of two subordinate bureaus, and a batch that the first one carries out."""

    own: httpx.AsyncClient
    other: httpx.AsyncClient
    batch_no: str
    commission_id: str
    scheme_id: str


@pytest.fixture(scope="module")
async def two(app: FastAPI, tokens: Tokens, working: None) -> AsyncIterator[Two]:  # noqa: ARG001 (up)
    async with AsyncExitStack() as stack:
        bureau = Bureau(app, tokens, stack)
        await bureau.registers()
        scheme_id = await bureau.scheme()
        given = await bureau.commission(scheme_id)
        goods = ORDER["goods"] | {"spec_model": uuid4().hex}
        body = {**ORDER, "scheme_id": scheme_id, "commission_id": given, "goods": goods}
        officer = await bureau.caller(Role.OFFICER)
        answer = await officer.post("/batches", json=body)
        assert answer.status_code == 201, answer.text
        batch_no = answer.json()["batch_no"]
        await eventually(officer, f"/batches/{batch_no}", lambda one: one.get("documents"))
        own = await bureau.caller(Role.OFFICER, "xihu-01", bureau="QX-03")
        other = await bureau.caller(Role.OFFICER, "binjiang-01", bureau="QX-04")
        yield Two(own, other, batch_no, given, scheme_id)


def gets(app: FastAPI) -> Iterator[str]:
    """All that is read with a token, the console apart."""
    for one in app.routes:
        for route in getattr(getattr(one, "original_router", None), "routes", [one]):
            if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
                yield route.path


async def filled_in(path: str, officer: httpx.AsyncClient, two: Two) -> str:
    documents = (await officer.get(f"/batches/{two.batch_no}/documents")).json()
    steps = (await officer.get(f"/batches/{two.batch_no}/steps")).json()["items"]
    values = {
        "batch_no": two.batch_no,
        "document_id": documents[0]["document_id"],
        "wait": "purchased",
        "step_id": steps[0]["step_id"] if steps else str(uuid4()),
        "id_": two.commission_id if "/commissions" in path else two.scheme_id,
        **{"version": "1", "nth": "1", "no": "1", "year": "2026", "step": "purchased", "digest": "0" * 64},
        **{"code": "LAB-01", "sub": "xihu-01", "term": "objection", "draw_id": "CQ2026-0001"},
        **{"kind": "seller", "key": "J1"},
    }
    return path.replace(":uuid", "").replace(":path", "").format_map(values)


async def test_what_is_read_beside_their_own_is_the_commissioning_bureaus(
    app: FastAPI, officer: httpx.AsyncClient, anybody: httpx.AsyncClient, two: Two
) -> None:
    """Every route, from the application itself: one that lets them in stands in the table."""
    let_in = set()
    for path in sorted(set(gets(app))):
        if path.startswith(("/console", "/public", "/health", "/verify")):
            continue
        address = await filled_in(path, officer, two)
        if (await anybody.get(address)).status_code != 401:
            continue
        answer = await two.own.get(address, params={"q": "保温杯"})
        if answer.status_code == 403:
            assert_problem(answer, 403, "commissioning_bureau_only")
        else:
            let_in.add(path)
    assert sorted(let_in) == sorted(LET_IN)


@pytest.mark.parametrize(
    "path", sorted(path for path in LET_IN if "{" in path and not path.startswith(("/calendars", "/my-")))
)
async def test_of_another_bureaus_batch_and_commission_nothing_is_found(
    officer: httpx.AsyncClient, two: Two, path: str
) -> None:
    """As if there were none."""
    answer = await two.other.get(await filled_in(path, officer, two))
    assert answer.status_code == 404, (path, answer.text)


async def whole(who: httpx.AsyncClient, address: str, **params: Any) -> str:
    """All pages of a list: other tests' batches are in it as well."""
    answer = await who.get(address, params=params)
    assert answer.status_code == 200, answer.text
    is_listing = answer.headers["content-type"].startswith("application/json")
    cursor = answer.json()["next_cursor"] if is_listing else None
    return answer.text + (await whole(who, address, **params | {"cursor": cursor}) if cursor else "")


async def test_lists_tell_each_of_their_own_alone(officer: httpx.AsyncClient, two: Two) -> None:
    """Batches, tasks, post, search, forecast, exports, commissions; the commissioning bureau sees both."""
    elsewhere = await ordered(officer)
    for address, params in (
        ("/batches", {"limit": 200}),
        ("/exports/batches.csv", {}),
        ("/tasks", {"limit": 200}),
        ("/exports/tasks.csv", {}),
        ("/dispatches", {"limit": 200}),
        ("/search", {"q": "示例", "limit": 200}),
    ):
        said = [await whole(who, address, **params) for who in (officer, two.own, two.other)]
        assert [two.batch_no in one for one in said] == [True, True, False], address
        assert [elsewhere in one for one in said[1:]] == [False, False], address
    counts = [(await who.get("/tasks/counts")).json()["open"] for who in (two.own, two.other)]
    assert counts[0] > 0
    assert counts[1] == 0
    for address in ("/commissions", "/tasks/planned"):
        said = [await whole(who, address) for who in (two.own, two.other)]
        assert [two.commission_id in one for one in said] == [True, False], address


async def test_they_step_their_own_and_no_other(officer: httpx.AsyncClient, two: Two) -> None:
    """The purchase is filed under their name and bureau; for the other bureau there is no such batch."""
    body = await body_of(officer, two.batch_no, StepName.PURCHASED)
    body["seller"]["registration"] = SELLER["entry"]["registration"]
    address = f"/batches/{two.batch_no}/steps/{StepName.PURCHASED}"
    for query in ({}, {"dry_run": "true"}):
        refused = await two.other.post(address, json=body, params=query)
        assert_problem(refused, 404, "batch_unknown")
    answer = await two.own.post(address, json=body)
    assert answer.status_code == 200, answer.text
    line = (await officer.get("/tasks/planned", params={"scheme_id": two.scheme_id})).json()["items"][0]
    assert (line["commission_id"], line["bureau"]) == (two.commission_id, "QX-03")
    assert (line["assigned"], line["ordered"], line["bought"], line["sealed"]) == (5, 1, 1, 0)
    steps = (await officer.get(f"/batches/{two.batch_no}/steps")).json()["items"]
    bought = next(one for one in steps if one["step"] == StepName.PURCHASED)
    assert (bought["actor"]["sub"], bought["actor"]["bureau"]) == ("xihu-01", "QX-03")
    told = {"filename": "录屏.mp4", "batch_no": two.batch_no}
    named = ",".join(f"{name} {b64encode(said.encode()).decode()}" for name, said in told.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "3", "Upload-Metadata": named}
    assert (await two.other.post("/evidence/uploads", headers=headers)).status_code == 404
    assert (await two.own.post("/evidence/uploads", headers=headers)).status_code == 201


async def test_they_neither_order_nor_plan_nor_keep_registers(two: Two) -> None:
    """Even what they may do elsewhere as officers."""
    for method, address, body in (
        ("POST", "/batches", ORDER | {"scheme_id": two.scheme_id}),
        ("POST", f"/schemes/{two.scheme_id}/orders", {"rows": []}),
        ("POST", "/plans", {}),
        ("POST", "/commissions", {}),
        ("POST", f"/commissions/{two.commission_id}/submitted", None),
        ("PUT", "/platforms/PT-01", {}),
        ("POST", "/dispatches/postings", {"rows": []}),
    ):
        answer = await two.own.request(method, address, json=body)
        assert_problem(answer, 403, "commissioning_bureau_only")


@pytest.mark.parametrize("role", PEOPLE)
async def test_only_an_officer_can_be_of_a_subordinate_bureau(
    app: FastAPI, tokens: Tokens, two: Two, role: Role
) -> None:
    """Whoever else's token says so is nobody; without it the bureau's own see the batch."""
    address = f"/batches/{two.batch_no}"
    async with client_of(app, tokens.header(role, sub=f"x-{role}", bureau="QX-03")) as client:
        assert (await client.get(address)).status_code == (200 if role is Role.OFFICER else 401)
    async with client_of(app, tokens.header(role, sub=f"y-{role}")) as client:
        assert (await client.get(address)).status_code == 200


async def test_a_batch_is_handed_to_nobody_who_cannot_see_it(officer: httpx.AsyncClient, two: Two) -> None:
    """Its own officers take it; another bureau's do not know of it."""
    taken = {"to": "xihu-01", "instead_of": None}
    assert (await two.own.post(f"/batches/{two.batch_no}/holder", json=taken)).status_code == 200
    theirs = {"to": "binjiang-01", "instead_of": "xihu-01"}
    assert_problem(await two.other.post(f"/batches/{two.batch_no}/holder", json=theirs), 404, "batch_unknown")
    back = {"to": "officer-01", "instead_of": "xihu-01"}
    assert (await officer.post(f"/batches/{two.batch_no}/holder", json=back)).status_code == 200
