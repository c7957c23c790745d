"""The registers over HTTP: who may put in what, what is warned of, and a sheet with each row's answer."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.web.receiving import XLSX
from law.vocabulary import Role
from messages.registers import BusinessChange, LaboratoryChange
from tests.api.builders import Tokens, assert_problem, client_of

SELLER: dict[str, Any] = BusinessChange.model_json_schema()["example"]
SHOP = "https://shop.example.com/s/"
LABORATORY: dict[str, Any] = LaboratoryChange.model_json_schema()["example"]


@pytest.fixture
async def calls(empty_app: FastAPI, tokens: Tokens) -> AsyncIterator[Any]:
    """A client in a role."""
    async with AsyncExitStack() as stack:

        async def client(role: Role) -> httpx.AsyncClient:
            return await stack.enter_async_context(client_of(empty_app, tokens.header(role)))

        yield client


async def test_an_entry_is_put_in_and_read_with_its_versions(calls: Any) -> None:
    """The same again changes nothing; who, when and why are shown."""
    officer = await calls(Role.OFFICER)
    first = await officer.put("/businesses/J1", json=SELLER)
    assert (first.status_code, first.json()["version"], first.json()["warnings"]) == (200, 1, [])
    assert (await officer.put("/businesses/J1", json=SELLER)).json() == first.json()
    renamed = {**SELLER, "holds_from": "2026-06-01", "reason": "更名"}
    renamed["entry"] = SELLER["entry"] | {"name": "示例新名店"}
    assert (await officer.put("/businesses/J1", json=renamed)).json()["version"] == 2
    before = (await officer.get("/businesses/J1", params={"on": "2026-05-31"})).json()
    now = (await officer.get("/businesses/J1")).json()
    assert (before["entry"]["name"], now["entry"]["name"]) == ("示例旗舰店", "示例新名店")
    assert [(one["version"], one["reason"]) for one in now["versions"]] == [
        (2, "更名"),
        (1, SELLER["reason"]),
    ]
    assert now["recorded_by"]["sub"] == "officer-01"
    listed = (await officer.get("/businesses", params={"q": "ｓｈｏｐ.example"})).json()["items"]
    assert [(one["code"], one["name"], one["sample"]) for one in listed] == [("J1", "示例新名店", False)]


async def test_nobody_overwrites_what_he_has_not_read(calls: Any) -> None:
    """Two change one entry that both have before them: the second is told, and the first stands."""
    officer = await calls(Role.OFFICER)
    fresh = {"version": 0}
    for _ in range(2):
        assert (await officer.put("/businesses/J1", json=SELLER, params=fresh)).status_code == 200
    first = SELLER | {"reason": "更名", "entry": SELLER["entry"] | {"name": "示例新名店"}}
    second = SELLER | {"reason": "迁址", "entry": SELLER["entry"] | {"name": "又一名店"}}
    assert (await officer.put("/businesses/J1", json=first, params={"version": 1})).status_code == 200
    told = await officer.put("/businesses/J1", json=second, params={"version": 1})
    assert "已有第2个版本" in assert_problem(told, 409, "entry_changed")["detail"]
    assert (await officer.get("/businesses/J1")).json()["entry"]["name"] == "示例新名店"
    assert_problem(await officer.put("/businesses/J1", json=second, params=fresh), 409, "entry_changed")
    assert (await officer.put("/businesses/J1", json=second, params={"version": 2})).status_code == 200


async def test_a_wrong_check_digit_warns_and_does_not_block(calls: Any) -> None:
    """The entry is there, and the answer says what to look at."""
    wrong = SELLER | {"entry": SELLER["entry"] | {"registration": "91330106MA2AAAAA0X"}}
    answer = await (await calls(Role.OFFICER)).put("/businesses/J1", json=wrong)
    assert answer.status_code == 200
    assert "校验位不符" in answer.json()["warnings"][0]


async def test_one_legal_person_twice_is_refused_with_its_code(calls: Any) -> None:
    """And what nobody has put in is told as such."""
    officer = await calls(Role.OFFICER)
    await officer.put("/businesses/J1", json=SELLER)
    problem = assert_problem(await officer.put("/businesses/J2", json=SELLER), 409, "entry_elsewhere")
    assert "J1" in problem["detail"]
    assert_problem(await officer.get("/businesses/J2"), 404, "entry_unknown")
    early = await officer.get("/businesses/J1", params={"on": "2020-01-01"})
    assert_problem(early, 404, "entry_not_held")


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        (Role.OFFICER, "PUT", "/laboratories/L1", 403),
        (Role.SUPERVISOR, "PUT", "/laboratories/L1", 200),
        (Role.ADMIN, "PUT", "/laboratories/L1", 200),
        (Role.APPROVER, "PUT", "/laboratories/L1", 403),
        (Role.LAB, "GET", "/laboratories", 403),
        (Role.AUDITOR, "GET", "/laboratories", 200),
        (Role.LAB, "GET", "/businesses.xlsx", 403),
    ],
)
async def test_who_may_do_what(calls: Any, role: Role, method: str, path: str, status: int) -> None:
    """What a laboratory may test and is paid for is put in by a supervisor or the administrator."""
    body = LABORATORY if method == "PUT" else None
    answer = await (await calls(role)).request(method, path, json=body)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/laboratories/a.b", "代码"),
        ("/laboratories/L1?on=1800-01-01", "年份"),
        ("/laboratories/L1?version=0", "版本"),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words(calls: Any, path: str, said: str) -> None:
    """A code that is none, a day out of time."""
    answer = await (await calls(Role.OFFICER)).get(path)
    assert said in assert_problem(answer, 422, "invalid")["detail"]


async def test_an_export_goes_back_in_and_changes_nothing(calls: Any) -> None:
    """Laboratories with qualifications, contracts and prices; and the empty template is a sheet too."""
    supervisor = await calls(Role.SUPERVISOR)
    await supervisor.put("/laboratories/L1", json=LABORATORY)
    sheet = await supervisor.get("/laboratories.xlsx")
    answer = await supervisor.post(
        "/laboratories", params={"reason": "核对"}, content=sheet.content, headers={"Content-Type": XLSX}
    )
    assert (answer.status_code, answer.json()["counts"]) == (200, {"unchanged": 2}), answer.text
    template = await supervisor.get("/laboratories.xlsx", params={"template": "true"})
    empty = await supervisor.post(
        "/laboratories", params={"reason": "空"}, content=template.content, headers={"Content-Type": XLSX}
    )
    assert (empty.status_code, empty.json()["rows"]) == (200, [])


async def test_each_row_of_a_sheet_has_its_answer(calls: Any) -> None:
    """A dry run, then the run: bad ones spoil nobody; the same sheet again is nothing."""
    officer = await calls(Role.OFFICER)
    await officer.put("/businesses/J1", json=SELLER)
    rows = [
        {
            "代码": "J1",
            "名称": "示例旗舰店",
            "店铺网址": "https://shop.example.com/s/1",
            "店铺所在平台代码": "PT-01",
        },
        {"代码": "J1", "店铺网址": f"{SHOP}2"},
        {"名称": "ＪＩＡ公司", "统一社会信用代码": "91330100000000003J"},
        {"名称": "没有代码的公司"},
        {"代码": "J9", "名称": "示例旗舰店"},
        {"代码": "J8", "名称": "/"},
        {},
        {"店铺网址": "https://x.example.com"},
    ]
    url = {"reason": "清单导入", "holds_from": "2026-01-01"}
    expected = ["changed", "changed", "created", "invalid", "refused", "invalid", "invalid"]
    for dry_run in ("true", "false"):
        answer = await officer.post("/businesses", params={**url, "dry_run": dry_run}, json={"rows": rows})
        assert answer.status_code == 200, answer.text
        assert [one["status"] for one in answer.json()["rows"]] == expected
    told = {one["row"]: one["reason"] or "" for one in answer.json()["rows"]}
    assert "请填写代码" in told[4]
    assert "J1" in told[5]
    assert told[6].startswith("名称：")
    assert "不知道是谁" in told[8]
    entry = (await officer.get("/businesses/J1")).json()["entry"]
    assert [shop["url"][-1] for shop in entry["shops"]] == ["1", "2"]
    assert entry["shops"][0]["platform"] == "PT-01"
    assert entry["place"]["detail"] == SELLER["entry"]["place"]["detail"]
    assert (await officer.get("/businesses/91330100000000003J")).json()["entry"]["name"] == "ＪＩＡ公司"
    again = await officer.post("/businesses", params=url, json={"rows": rows})
    assert [one["status"] for one in again.json()["rows"]][:3] == ["unchanged"] * 3
