"""Staff and where they belong, over HTTP: units of the bureau and of subordinate ones, each from a day on."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.web.days import today
from law.vocabulary import Role
from settings import Settings
from tests.api.builders import Tokens, assert_problem, running
from tests.api.planning import Bureau

WANG: dict[str, Any] = {"sub": "wang", "name": "王某", "role": "officer", "unit": "网监处"}


@pytest.fixture
async def bureau(
    settings: Settings, engine: AsyncEngine, database_url: str, tokens: Tokens
) -> AsyncIterator[Bureau]:
    """On a database of its own, empty."""
    assert engine
    away = {"database_url": database_url, "temporal_address": "127.0.0.1:9"}
    async with AsyncExitStack() as stack:
        application = await stack.enter_async_context(running(settings.model_copy(update=away)))
        bureau = Bureau(application, tokens, stack)
        await bureau.registers()
        yield bureau


async def test_a_move_is_recorded_with_its_day(bureau: Bureau) -> None:
    """The register of staff is that of accounts; units are listed as they hold on a day."""
    admin, officer = await bureau.caller(Role.ADMIN), await bureau.caller(Role.OFFICER)
    assert (await admin.post("/accounts", json=WANG)).status_code == 201
    later = today() + timedelta(days=30)
    fields = {"name": "王某", "role": "officer", "bureau": "QX-03", "unit": "网监科"}
    moved = await admin.put("/accounts/wang", json=fields | {"unit_from": str(later)})
    assert (moved.json()["unit"], moved.json()["bureau"]) == ("网监处", None)
    history = (await admin.get("/accounts/wang/units")).json()["items"]
    assert [(one["holds_from"], one["bureau"]) for one in history] == [
        (str(later), "QX-03"),
        (str(today()), None),
    ]
    (now,) = (await officer.get("/units")).json()["items"]
    assert now == {"bureau": None, "bureau_name": None, "unit": "网监处", "staff": 1}
    (then,) = (await officer.get("/units", params={"on": str(later)})).json()["items"]
    assert (then["bureau_name"], then["unit"]) == ("杭州市西湖区市场监督管理局", "网监科")
    changes = (await admin.get("/account-changes", params={"sub": "wang"})).json()["items"]
    assert changes[0]["what"] == "更改单位"
    assert changes[0]["detail"] == {
        "from_day": str(later),
        "unit": ["网监处", "网监科"],
        "bureau": [None, "QX-03"],
    }


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"bureau": "QX-99"}, 409, "entry_not_held"),
        ({"bureau": "QX-03", "role": "supervisor"}, 422, "invalid"),
        ({"bureau": "QX-03", "unit_from": "2999-01-01"}, 409, "unit_not_yet"),
    ],
)
async def test_whoever_belongs_elsewhere_is_an_officer_there_from_the_first_day(
    bureau: Bureau, changes: dict[str, Any], status: int, code: str
) -> None:
    """Else he would be one of the bureau's own until then."""
    admin = await bureau.caller(Role.ADMIN)
    assert_problem(await admin.post("/accounts", json=WANG | changes), status, code)


async def test_who_is_still_elsewhere_has_no_other_role_yet(bureau: Bureau) -> None:
    """He comes back next month: leader he is from then on, not today."""
    admin = await bureau.caller(Role.ADMIN)
    assert (await admin.post("/accounts", json=WANG | {"bureau": "QX-03"})).status_code == 201
    back = {
        "name": "王某",
        "role": "supervisor",
        "unit": "网监处",
        "unit_from": str(today() + timedelta(days=9)),
    }
    assert_problem(await admin.put("/accounts/wang", json=back), 409, "unit_not_yet")
    assert (await admin.put("/accounts/wang", json=back | {"unit_from": None})).status_code == 200


async def test_a_deputy_is_of_the_same_bureau(bureau: Bureau) -> None:
    admin = await bureau.caller(Role.ADMIN)
    leader = {"sub": "li", "name": "李某", "role": "approver"}
    for account in (WANG | {"bureau": "QX-03"}, leader):
        assert (await admin.post("/accounts", json=account)).status_code == 201
    day = str(today())
    said = {"deputy": "wang", "stands_in_for": "li", "from_day": day, "to_day": day}
    assert_problem(await admin.post("/deputies", json=said), 409, "deputy_elsewhere")
