"""What section 7 of the procedure refuses, and whose word counts."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.builders import assert_problem, laboratory, order_example, ordered

pytestmark = pytest.mark.usefixtures("working")

ELSEWHERE = {"province": "广东省", "city": "深圳市", "district": "南山区", "detail": "示例路2号"}


def _elsewhere(**changes: Any) -> dict[str, Any]:
    order = order_example()
    order["seller"]["place"] = ELSEWHERE
    order["platform"]["place"] = ELSEWHERE
    return order | changes


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (order_example(consumer_complaint_case=True), "complaint_case"),
        (order_example(kind="emergency"), "emergency_ground_missing"),
        (order_example(emergency_ground="other"), "emergency_ground_unexpected"),
        (order_example(kind="emergency", emergency_ground="other"), "emergency_ground_unsaid"),
        (order_example(other_ground="专项整治"), "emergency_ground_unexpected"),
        (
            order_example(commission={"bureau": "某市局", "commission_no": "1", "matter": "抽检"}),
            "not_subordinate",
        ),
        (
            order_example(laboratory=laboratory("LAB-01") | {"qualified_items": ["标志"]}),
            "laboratory_not_qualified",
        ),
        (_elsewhere(), "out_of_jurisdiction"),
        (order_example(regulation_date="2017-01-01"), "no_regulation_in_force"),
        (order_example(follows_up="CJ1999-000001"), "follow_up_unknown"),
        (order_example(supervisor_reason="确有必要"), "supervisor_needed"),
        (order_example(goods=order_example()["goods"] | {"trademark": None}), "identity_unknown"),
        (order_example(goods=order_example()["goods"] | {"trademark": "/"}), "identity_unknown"),
        (order_example(goods=order_example()["goods"] | {"spec_model": "见包装"}), "identity_unknown"),
    ],
)
async def test_what_the_procedure_excludes_is_refused(
    officer: httpx.AsyncClient, order: dict[str, Any], code: str
) -> None:
    """Each with its own code and an explanation."""
    assert_problem(await officer.post("/batches", json=order), 409, code)


async def test_a_trial_says_what_would_be_ordered_and_orders_nothing(officer: httpx.AsyncClient) -> None:
    """An order that would be refused is answered as well, with the field at which that is put right."""
    order, trial = order_example(), {"dry_run": True}
    for _ in range(2):
        answer = await officer.post("/batches", json=order, params=trial)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["accepted"], answer.json()["order"]["goods"]) == (True, order["goods"])
    unknown = order | {"goods": order["goods"] | {"spec_model": None}}
    told = (await officer.post("/batches", json=unknown, params=trial)).json()
    assert (told["accepted"], told["code"], told["rests_on"]) == (False, "identity_unknown", "§3")
    assert [one["pointer"] for one in told["errors"]] == ["/goods/spec_model"]
    assert (await officer.post("/batches", json=order)).status_code == 201
    told = (await officer.post("/batches", json=order, params=trial)).json()
    assert (told["code"], told["order"]) == ("repeat_limit", None)
    assert_problem(await officer.post("/batches", json=order | {"goods": {}}, params=trial), 422, "invalid")


async def test_an_authorization_opens_what_jurisdiction_does_not(officer: httpx.AsyncClient) -> None:
    """Category (4) of §2."""
    answer = await officer.post("/batches", json=_elsewhere(authorization="浙市监函〔2026〕1号"))
    assert answer.status_code == 201
    batch = await officer.get(answer.headers["location"])
    assert batch.json()["category"] == "authorized"


async def test_the_repeat_limit_and_its_exceptions(
    officer: httpx.AsyncClient, supervisor: httpx.AsyncClient
) -> None:
    """Twice in a year is refused, but for a follow-up of an earlier batch or a supervisor's reason (§3)."""
    order = order_example()
    first = await officer.post("/batches", json=order)
    assert first.status_code == 201
    refused = assert_problem(await officer.post("/batches", json=order), 409, "repeat_limit")
    assert "处室负责人" in refused["detail"]
    follow_up = order | {"follows_up": first.json()["batch_no"]}
    assert (await officer.post("/batches", json=follow_up)).status_code == 201
    other = order_example() | {"follows_up": first.json()["batch_no"]}
    refused = assert_problem(await officer.post("/batches", json=other), 409, "follow_up_other_goods")
    assert "另一商标或规格型号" in refused["detail"]
    reasoned = order | {"supervisor_reason": "舆情集中，需再次抽检"}
    assert_problem(await officer.post("/batches", json=reasoned), 409, "supervisor_needed")
    assert (await supervisor.post("/batches", json=reasoned)).status_code == 201


async def test_two_orders_arriving_together_cannot_both_pass(officer: httpx.AsyncClient) -> None:
    """The repeat limit is judged under a lock."""
    order = order_example()
    answers = await asyncio.gather(*(officer.post("/batches", json=order) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_the_same_key_gives_the_same_batch(officer: httpx.AsyncClient) -> None:
    """And with another order it is refused."""
    order, key = order_example(), {"Idempotency-Key": str(uuid4())}
    first = await officer.post("/batches", json=order, headers=key)
    again = await officer.post("/batches", json=order, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json(), first.headers["location"]) == (again.json(), again.headers["location"])
    other = await officer.post("/batches", json=order_example(), headers=key)
    assert_problem(other, 409, "key_reused")


async def test_only_officers_and_supervisors_order(
    lab: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    """The refusal names who may."""
    document = assert_problem(await lab.post("/batches", json=order_example()), 403, "role_not_allowed")
    assert "执法人员、处室负责人" in document["detail"]
    assert await ordered(officer)
