"""Draws drawn up from the register or a sheet, weighed with a reason, bounded; and what the public reads."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from api.web.days import today
from api.web.receiving import CSV, XLSX
from law.quality import SubjectKind, person_key
from law.vocabulary import Role
from lists import writing
from messages.draws import MOST_LISTED
from messages.quality import RecordSubject
from tests.api.builders import Tokens, assert_problem, client_of
from tests.api.drawing import done, draft, drafted, entered, frozen
from tests.api.planning import SELLER, Bureau
from tests.store.quality import entry as result_entry
from tests.store.quality import result

TERMS = {
    "title": "保温杯随机抽查",
    "subject": "products",
    "number": 1,
    "seed_what": "双色球第2027001期",
    "seed_where": "cwl.gov.cn",
    "seed_announced_at": "2999-01-05T21:30:00+08:00",
}
HEADER = ("编号", "名称", "权重", "权重的理由", "排除的理由")
ROWS = (("P1", "保温杯", "", "", ""), ("P2", "", "2", "投诉集中", ""), ("P3", "", "", "", "已经停售"))


@pytest.fixture
async def bureau(empty_app: FastAPI, tokens: Tokens) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(empty_app, tokens, stack)
        await bureau.registers()
        yield bureau


async def test_a_stranger_reads_all_of_it_but_no_natural_persons_name(
    bureau: Bureau, empty_app: FastAPI
) -> None:
    """List, weights, exclusions, seed, result and how to repeat it, from the start page on; no draft."""
    supervisor = await bureau.caller(Role.SUPERVISOR)
    person = {"name": "欧阳不见", "natural_person": True, "registration": "3301000000001"}
    for code, entry in (("J2", person), ("J3", {"name": "第三旗舰店", "registration": "330100000000003"})):
        change = {**SELLER, "entry": {**SELLER["entry"], **entry}}
        assert (await supervisor.put(f"/businesses/{code}", json=change)).status_code == 200
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    listed = [
        {"id": "J1", "excluded": "与欧阳不见同一地址"},
        {"id": "J2", "weight": 2, "weight_reason": "投诉集中"},
    ]
    businesses = {"subject": "businesses", "candidates": listed, "of_register": True, "platform": "PT-01"}
    draft_address = await drafted(officer, draft(scheme_id, **businesses))
    address = await frozen(officer, scheme_id, **businesses)
    read = {"seed": "03 17 'x", "read_from": "欧阳不见转告"}
    drawn = await entered(officer, address, read)
    await done(officer, f"{address}/skipped", {"candidate": "J2", "reason": "欧阳不见已经注销"})
    async with client_of(empty_app, {}) as anybody:
        home = await anybody.get("/gongshi")
        assert '<a href="/chouqu"' in home.text
        listing = await anybody.get("/chouqu")
        assert f'href="/chouqu/{drawn["id"]}"' in listing.text
        assert draft_address.rpartition("/")[2] not in listing.text
        page = (await anybody.get(f"/chouqu/{drawn['id']}")).text
        for words in (
            drawn["frozen"]["list_sha256"],
            "欧阳某某",
            "第三旗舰店",
            "与欧阳某某同一地址",
            "投诉集中",
            "双色球第2027001期",
            f"python3 draw.py {drawn['id']}.csv &#x27;03 17 &#x27;&quot;&#x27;&quot;&#x27;x&#x27; 2",
        ):
            assert words in page, words
        notes = [f"/public{address}/record/{event['no']}.txt" for event in drawn["events"]]
        record = "".join([(await anybody.get(note)).text for note in notes])
        for name in ("不见", "张三"):
            assert name not in page + listing.text + record
        for path in (f"/chouqu/{draft_address.rpartition('/')[2]}", f"/public{draft_address}/candidates.csv"):
            assert (await anybody.get(path)).status_code == 404


async def test_whoever_has_a_shop_is_a_candidate(bureau: Bureau) -> None:
    """On one platform or on any; who is weighed or excluded by itself is one of them."""
    supervisor = await bureau.caller(Role.SUPERVISOR)
    for code, shops in (("J2", [{"url": "https://j2.example.com"}]), ("J3", [])):
        entry = {**SELLER["entry"], "name": f"示例店{code}", "registration": f"3301{code}", "shops": shops}
        assert (
            await supervisor.put(f"/businesses/{code}", json={**SELLER, "entry": entry})
        ).status_code == 200
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()

    async def listed(**changes: Any) -> list[str]:
        asked = {"subject": "businesses", "candidates": [], "of_register": True, "number": 1}
        body = draft(scheme_id, **asked | changes)
        answer = await officer.post("/draws", json=body, params={"dry_run": True})
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["shown"]]

    assert await listed() == ["J1", "J2"]
    assert await listed(platform="PT-01") == ["J1"]
    assert await listed(candidates=[{"id": "J1", "excluded": "正在搬迁"}]) == ["J2"]
    assert await listed(candidates=[{"id": "J3"}], of_register=False) == ["J3"]


async def test_who_failed_before_weighs_more_by_the_bureaus_own_rule(
    bureau: Bureau, engine: AsyncEngine
) -> None:
    """Unless the list gives a weight with a reason of its own."""
    failed = RecordSubject(
        kind=SubjectKind.SELLER,
        key=person_key(SELLER["entry"]["name"], SELLER["entry"]["registration"]) or "",
        name=SELLER["entry"]["name"],
    )
    for model in ("甲", "乙"):
        await result(engine, result_entry(failed, final_on=today()), spec_model=model)
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()

    async def weight(**listed: Any) -> tuple[int, str]:
        body = draft(scheme_id, subject="businesses", number=1, candidates=[{"id": "J1"} | listed])
        answer = await officer.post("/draws", json=body, params={"dry_run": True})
        (one,) = answer.json()["shown"]
        return one["weight"], one["weight_reason"]

    assert await weight() == (3, "前2年内有2个不合格的最终结果（本局自定的规则）")
    assert await weight(weight=1) == (1, None)
    assert await weight(weight=2, weight_reason="投诉集中") == (2, "投诉集中")


@pytest.mark.parametrize(
    ("changes", "status", "code", "said"),
    [
        ({"number": 6}, 422, "draw_number_bad", "大于候选名单"),
        ({"candidates": [{"id": "A"}, {"id": "A"}]}, 422, "draw_id_repeated", "重复"),
        (
            {"candidates": [{"id": "A"}, {"id": "B", "weight": 2}], "number": 1},
            422,
            "draw_weight_unreasoned",
            "请写明理由",
        ),
        ({"subject": "businesses", "candidates": [{"id": "J404"}]}, 422, "draw_candidate_unknown", "J404"),
        ({"candidates": [{"id": "=1+1"}]}, 422, "invalid", "不能以 = + - @ 开头"),
        ({"candidates": [{"id": "A", "weight": 101}]}, 422, "invalid", "应不大于100"),
        ({"candidates": [{"id": "A", "weight": 0}]}, 422, "invalid", "应不小于1"),
        ({"candidates": []}, 422, "invalid", "缺少候选名单"),
        ({"of_register": True}, 422, "invalid", "登记簿中只有经营者"),
        ({"candidates": [{"id": str(no)} for no in range(MOST_LISTED + 1)]}, 422, "invalid", "不能超过"),
        ({"scheme_id": "FA2000-0001"}, 404, "planned_unknown", "没有编号"),
    ],
)
async def test_what_cannot_be_drawn_from_is_refused(
    bureau: Bureau, changes: dict[str, Any], status: int, code: str, said: str
) -> None:
    officer = await bureau.caller(Role.OFFICER)
    body = draft(await bureau.scheme()) | changes
    for trial in (True, False):
        answer = await officer.post("/draws", json=body, params={"dry_run": trial})
        assert said in assert_problem(answer, status, code)["detail"]
    assert (await officer.get("/draws")).json()["items"] == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (CSV, writing.to_csv(HEADER, ROWS)),
        (XLSX, writing.to_xlsx("名单", HEADER, ROWS, ())),
        (
            "application/json",
            json.dumps({"rows": [dict(zip(HEADER, row, strict=True)) for row in ROWS]}).encode(),
        ),
    ],
)
async def test_a_sheet_is_a_list(bureau: Bureau, kind: str, content: bytes) -> None:
    """As CSV, XLSX or rows: the same list, with weights and exclusions."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    answer = await _sent(officer, scheme_id, content, kind)
    assert answer.status_code == 201, answer.text
    assert [one["id"] for one in answer.json()["excluded"]] == ["P3"]
    listed = await officer.get(f"{answer.headers['Location']}/candidates.csv")
    assert listed.text == "id,weight\nP1,1\nP2,2\n"


async def test_a_sheet_with_a_wrong_row_is_no_list(bureau: Bureau) -> None:
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    content = writing.to_csv(HEADER, (*ROWS, ("", "没有编号", "", "", ""), ("P5", "", "许多", "重点", "")))
    problem = assert_problem(await _sent(officer, scheme_id, content, CSV), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["第5行", "第6行"]
    for content, code in ((b"\xb1\xe0\n1\n", "table_header_unknown"), (b"PK\x03\x04", "table_unreadable")):
        assert_problem(await _sent(officer, scheme_id, content, CSV), 422, code)


async def test_the_same_key_is_the_same_draft(bureau: Bureau) -> None:
    officer, body = await bureau.caller(Role.OFFICER), draft(await bureau.scheme())
    key = {"Idempotency-Key": str(uuid4())}
    ids = {(await officer.post("/draws", json=body, headers=key)).json()["id"] for _ in range(3)}
    assert len(ids) == 1
    other = await officer.post("/draws", json=body | {"number": 1}, headers=key)
    assert_problem(other, 409, "key_reused")


async def test_nothing_is_drawn_for_a_scheme_that_nothing_is_ordered_under(bureau: Bureau) -> None:
    officer, supervisor = await bureau.caller(Role.OFFICER), await bureau.caller(Role.SUPERVISOR)
    scheme_id = await bureau.scheme()
    address = await drafted(officer, draft(scheme_id))
    await supervisor.post(f"/schemes/{scheme_id}/ended", json={"reason": "任务完成"})
    assert_problem(await officer.post(f"{address}/frozen"), 409, "planned_ended")
    assert_problem(await officer.post("/draws", json=draft(scheme_id)), 409, "planned_ended")


@pytest.mark.parametrize("act", ["frozen", "seed", "skipped", "seed/correction", "seed/confirmed", "ended"])
async def test_who_may_not_touch_a_draw(bureau: Bureau, act: str) -> None:
    """Nobody of a laboratory, no auditor, not the administrator."""
    address = await drafted(await bureau.caller(Role.OFFICER), draft(await bureau.scheme()))
    for role in (Role.LAB, Role.AUDITOR, Role.ADMIN):
        client = await bureau.caller(role)
        body = {
            "seed": {"seed": "1", "read_from": "a"},
            "skipped": {"candidate": "P1", "reason": "a"},
            "seed/correction": {"seed": "1", "read_from": "a", "reason": "a"},
            "seed/confirmed": {"confirmed": True, "reason": "a"},
            "ended": {"reason": "a"},
        }.get(act)
        assert_problem(await client.post(f"{address}/{act}", json=body), 403, "role_not_allowed")


async def test_a_published_draw_is_ended_by_a_leader_and_stays_public(
    bureau: Bureau, empty_app: FastAPI
) -> None:
    officer, supervisor = await bureau.caller(Role.OFFICER), await bureau.caller(Role.SUPERVISOR)
    address = await drafted(officer, draft(await bureau.scheme()))
    await done(officer, f"{address}/frozen")
    why = {"reason": "名单有遗漏"}
    assert_problem(await officer.post(f"{address}/ended", json=why), 403, "role_not_allowed")
    for _ in range(2):
        ended = await done(supervisor, f"{address}/ended", why)
    assert (ended["state"], len(ended["events"])) == ("ended", 2)
    async with client_of(empty_app, {}) as anybody:
        page = (await anybody.get(f"/chouqu/{ended['id']}")).text
        assert "已终止" in page
        assert "名单有遗漏" in page


async def _sent(client: httpx.AsyncClient, scheme_id: str, content: bytes, kind: str) -> httpx.Response:
    headers = {"Content-Type": kind}
    return await client.post(f"/schemes/{scheme_id}/draws", params=TERMS, content=content, headers=headers)
