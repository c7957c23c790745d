"""Tasks: what was assigned to whom until when, and what came of it, from the order to the final result."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from messages.named_order import NamedOrder
from messages.steps import StepName
from tests.api.builders import TOLD, Tokens, body_of, eventually, step_example
from tests.api.planning import SELLER, Bureau

pytestmark = pytest.mark.usefixtures("working")
ORDER: dict[str, Any] = NamedOrder.model_json_schema()["example"]
COUNTED = ("assigned", "ordered", "bought", "sealed", "tested", "final", "given_up")


@pytest.fixture
async def bureau(app: FastAPI, tokens: Tokens) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(app, tokens, stack)
        await bureau.registers()
        yield bureau


async def ordered_under(client: httpx.AsyncClient, scheme_id: str, commission_id: str | None) -> str:
    goods = ORDER["goods"] | {"spec_model": uuid4().hex}
    body = {**ORDER, "scheme_id": scheme_id, "commission_id": commission_id, "goods": goods}
    answer = await client.post("/batches", json=body)
    assert answer.status_code == 201, answer.text
    batch_no: str = answer.json()["batch_no"]
    await eventually(client, f"/batches/{batch_no}", lambda one: one.get("documents"))
    return batch_no


async def step(client: httpx.AsyncClient, batch_no: str, name: StepName, body: dict[str, Any]) -> None:
    answer = await client.post(f"/batches/{batch_no}/steps/{name}", json=body)
    assert answer.status_code == 200, answer.text


async def counted(client: httpx.AsyncClient, scheme_id: str) -> dict[str | None, tuple[int, ...]]:
    """By the executing bureau."""
    found = (await client.get("/tasks/planned", params={"scheme_id": scheme_id})).json()["items"]
    return {one["bureau"]: tuple(one[name] for name in COUNTED) for one in found}


async def test_a_task_is_followed_from_its_assignment_to_the_result(
    bureau: Bureau, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """The subordinate bureau steps; what is left of the scheme is the bureau's own; a voided one is apart."""
    scheme_id = await bureau.scheme()
    given = await bureau.commission(scheme_id, product_kinds=[{"kind": "儿童保温杯", "batches": 3}])
    own = await bureau.caller(Role.OFFICER, "xihu-02", bureau="QX-03")
    approver = await bureau.caller(Role.APPROVER)
    assert await counted(officer, scheme_id) == {"QX-03": (3, *[0] * 6), None: (17, *[0] * 6)}
    first, second = [await ordered_under(officer, scheme_id, given) for _ in range(2)]
    await ordered_under(officer, scheme_id, None)
    assert await counted(officer, scheme_id) == {"QX-03": (3, 2, *[0] * 5), None: (17, 1, *[0] * 5)}
    await step(approver, second, StepName.VOIDED, step_example(StepName.VOIDED))
    seen = []
    for name in TOLD:
        body = await body_of(own, first, name)
        if name is StepName.PURCHASED:
            body["seller"]["registration"] = SELLER["entry"]["registration"]
        await step(lab if name is StepName.RECEIVED else own, first, name, body)
        seen.append((await counted(own, scheme_id))["QX-03"])
    bought, sealed, tested = (3, 1, 1, 0, 0, 0, 1), (3, 1, 1, 1, 0, 0, 1), (3, 1, 1, 1, 1, 0, 1)
    assert seen == [bought, bought, bought, sealed, tested]
    for recipient in ("seller", "producer", "platform"):
        body = await body_of(own, first, StepName.NOTICE_DELIVERED, {"recipient": recipient})
        await step(own, first, StepName.NOTICE_DELIVERED, body)
    for party in ("seller", "producer"):
        body = await body_of(own, first, StepName.RESULT_ACCEPTED, {"party": party})
        await step(own, first, StepName.RESULT_ACCEPTED, body)
    await eventually(own, f"/batches/{first}", lambda one: one["outcome"])
    assert (await counted(own, scheme_id))["QX-03"] == (3, 1, 1, 1, 1, 1, 1)
    under = (await officer.get("/batches", params={"commission_id": given})).json()["items"]
    assert {one["batch_no"] for one in under} == {first, second}
    ended = await approver.post(f"/commissions/{given}/ended", json={"reason": "其余收回"})
    assert ended.status_code == 200, ended.text
    line = (await officer.get("/tasks/planned", params={"bureau": "QX-03"})).json()["items"][0]
    assert (line["commission_id"], line["ended_on"] is not None, line["overdue"]) == (given, True, False)
    assert (await counted(officer, scheme_id))[None][0] == 19
