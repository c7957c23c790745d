"""Random draws over HTTP: frozen before the seed is known, drawn as anybody repeats it, corrected by two."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from local.commands.checking import verify_timeline
from proof.draws import misdrawn
from store.draws import reading
from tests.api.builders import Tokens, assert_problem, client_of
from tests.api.drawing import READ, SEED, done, draft, drafted, entered, frozen
from tests.api.planning import SELLER, Bureau
from tests.databases import tamper
from tests.store.builders import until
from verify.certificate import main


@pytest.fixture
async def bureau(empty_app: FastAPI, tokens: Tokens) -> AsyncIterator[Bureau]:
    async with AsyncExitStack() as stack:
        bureau = Bureau(empty_app, tokens, stack)
        await bureau.registers()
        yield bureau


async def made(bureau: Bureau, **changes: Any) -> tuple[httpx.AsyncClient, str, dict[str, Any]]:
    """An officer, a draw that was made, and how it is shown."""
    officer = await bureau.caller(Role.OFFICER)
    address = await frozen(officer, await bureau.scheme(), **changes)
    return officer, address, await entered(officer, address)


def repeated(folder: Path, program: bytes, candidates: bytes, seed: str, number: int) -> list[str]:
    """What the published program says of the published list, in a process of its own."""
    (folder / "draw.py").write_bytes(program)
    (folder / "list.csv").write_bytes(candidates)
    command = [sys.executable, "-I", "-S", "draw.py", "list.csv", seed, str(number)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout.splitlines()


async def test_a_draw_is_frozen_published_drawn_and_repeated_by_anybody(
    bureau: Bureau, empty_app: FastAPI, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is published is drawn from, byte for byte; whoever is skipped is followed by the next."""
    officer, scheme_id = await bureau.caller(Role.OFFICER), await bureau.scheme()
    tried = await officer.post("/draws", json=draft(scheme_id), params={"dry_run": True})
    assert tried.status_code == 200, tried.text
    assert (await officer.get("/draws")).json()["items"] == []
    async with client_of(empty_app, {}) as anybody:
        unpublished = await drafted(officer, draft(scheme_id))
        assert (await anybody.get(f"/public{unpublished}/candidates.csv")).status_code == 404
        address = await frozen(officer, scheme_id)
        published, shown = f"/public{address}", (await officer.get(address)).json()
        assert shown["frozen"]["list_sha256"] == tried.json()["frozen"]["list_sha256"]
        assert (shown["state"], shown["candidates"], shown["frozen"]["weight"]) == ("frozen", 5, 7)
        assert [one["id"] for one in shown["excluded"]] == ["P5"]
        listed = (await anybody.get(f"{published}/candidates.csv")).content
        assert sha256(listed).hexdigest() == shown["frozen"]["list_sha256"]
        assert listed == (await officer.get(f"{address}/candidates.csv")).content
        assert listed.decode().splitlines() == ["id,weight", '"P,4",1', "P1,1", "P2,3", "P3,1", "P6,1"]
        drawn = await entered(officer, address)
        program = (await anybody.get("/public/draws/draw.py")).content
        order = repeated(tmp_path, program, listed, SEED, 5)
        assert [one["id"] for one in drawn["drawn"]] == order[:2]
        assert drawn["chosen"] == order[:2]
        skipped = {"candidate": order[0], "reason": "店铺已经关闭"}
        for _ in range(2):
            left = await done(officer, f"{address}/skipped", skipped)
        assert left["chosen"] == order[1:3]
        assert [(one["state"], one["next"]) for one in left["drawn"]] == [
            ("skipped", order[2]),
            ("chosen", None),
            ("chosen", None),
        ]
        assert left["faults"] == []
        page = (await anybody.get(f"/chouqu/{shown['id']}")).text
        told = (f"list {shown['frozen']['list_sha256']}", f"drawn {order[0]}", f"skipped {order[0]}")
        (tmp_path / "keys.txt").write_text((await anybody.get("/.well-known/choujian-keys.txt")).text)
        for event, line in zip(left["events"], told, strict=True):
            note = f"{published}/record/{event['no']}.txt"
            assert f'href="{note}"' in page
            (tmp_path / "note.txt").write_text((await anybody.get(note)).text)
            assert main([str(tmp_path / "note.txt"), "--key", str(tmp_path / "keys.txt")]) == 0
            assert line in capsys.readouterr().out
        assert_problem(await anybody.get(f"{published}/record/99.txt"), 404, "draw_line_unknown")


async def test_a_seed_is_entered_once_and_never_before_its_moment(bureau: Bureau) -> None:
    """Nor before the list is frozen; the same again is the same draw."""
    officer = await bureau.caller(Role.OFFICER)
    scheme_id = await bureau.scheme()
    address = await drafted(officer, draft(scheme_id))
    assert_problem(await officer.post(f"{address}/seed", json=READ), 409, "draw_not_frozen")
    await done(officer, f"{address}/frozen")
    assert_problem(await officer.post(f"{address}/seed", json=READ), 409, "draw_seed_too_early")
    past = await drafted(officer, draft(scheme_id, seconds=-1))
    assert_problem(await officer.post(f"{past}/frozen"), 409, "draw_seed_not_future")
    second = await frozen(officer, scheme_id)
    first = await entered(officer, second)
    again = await done(officer, f"{second}/seed", READ)
    assert again["events"] == first["events"]
    other = await officer.post(f"{second}/seed", json=READ | {"seed": "1"})
    assert_problem(other, 409, "draw_made")
    assert_problem(await officer.post(f"{second}/frozen"), 409, "draw_not_draft")
    supervisor = await bureau.caller(Role.SUPERVISOR)
    assert_problem(await supervisor.post(f"{second}/ended", json={"reason": "重抽"}), 409, "draw_made")


async def test_of_several_at_once_one_freezes_and_one_draws(bureau: Bureau) -> None:
    """Five freeze: one line. Five enter five seeds: one draws, four are refused."""
    callers = [await bureau.caller(Role.OFFICER, f"officer-{no}") for no in range(5)]
    scheme_id = await bureau.scheme()
    far = await drafted(callers[0], draft(scheme_id))
    answers = await asyncio.gather(*(one.post(f"{far}/frozen") for one in callers))
    assert [len(one.json()["events"]) for one in answers] == [1] * 5
    address = await frozen(callers[0], scheme_id)

    statuses: list[int] = []

    async def raced() -> bool:
        seeds = [READ | {"seed": f"{SEED}-{no}"} for no in range(5)]
        posted = (one.post(f"{address}/seed", json=seed) for one, seed in zip(callers, seeds, strict=True))
        statuses[:] = [one.status_code for one in await asyncio.gather(*posted)]
        return 200 in statuses

    await until(raced)
    assert sorted(statuses) == [200, 409, 409, 409, 409]
    kinds = [one["kind"] for one in (await callers[0].get(address)).json()["events"]]
    assert kinds == ["frozen", "drawn"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "update draws set content = jsonb_set(content::jsonb, '{candidates,0,weight}', '9')::json",
            "候选名单",
        ),
        (
            "update draws set content = jsonb_set(content::jsonb, '{candidates,0,id}', '\"P9\"')::json",
            "候选名单",
        ),
        ("update draws set content = jsonb_set(content::jsonb, '{number}', '4')::json", "抽取数量"),
        (
            "update draws set content = jsonb_set(content::jsonb, '{excluded,0,reason}', '\"其他\"')::json",
            "内容",
        ),
        (
            "update draw_events set said = jsonb_set(said::jsonb, '{list_sha256}', '\"0\"')::json",
            "与其签名不符",
        ),
        ("update draw_events set at = at - interval '1 day'", "与其签名不符"),
        ("""update draw_events set "by" = jsonb_set("by", '{name}', '"李四"')""", "与其签名不符"),
        ("update draw_events set note = replace(note, 'number 2', 'number 4')", "与其签名不符"),
        ("update draw_events set no = no + 1", "缺少1条"),
    ],
)
async def test_whoever_changes_what_was_frozen_is_seen_and_nothing_is_drawn_from_it(
    bureau: Bureau, empty_app: FastAPI, engine: AsyncEngine, statement: str, said: str
) -> None:
    """Also with every right in the database: the signature is not in it."""
    officer = await bureau.caller(Role.OFFICER)
    address = await frozen(officer, await bureau.scheme())
    await tamper(engine, statement)
    assert said in "；".join((await officer.get(address)).json()["faults"])
    async with client_of(empty_app, {}) as anybody:
        assert "与签名不符" in (await anybody.get(f"/chouqu/{address.rpartition('/')[2]}")).text

    async def refused() -> bool:
        answer = await officer.post(f"{address}/seed", json=READ)
        return answer.json().get("code") == "draw_altered"

    await until(refused)


async def test_a_wrong_seed_is_corrected_by_two_and_stays_visible(bureau: Bureau) -> None:
    """Nobody confirms what he proposed; while it waits nothing is skipped; the first draw stays there."""
    officer, address, first = await made(bureau)
    right = READ | {"seed": "03-08-17-21-26-30-12", "reason": "蓝球号码误录"}
    for _ in range(2):
        waiting = await done(officer, f"{address}/seed/correction", right)
    assert waiting["correction"] == right
    to_confirm = (await officer.get("/draws", params={"is_to_confirm": True})).json()["items"]
    assert [one["id"] for one in to_confirm] == [waiting["id"]]
    skip = {"candidate": first["chosen"][0], "reason": "停售"}
    assert_problem(await officer.post(f"{address}/skipped", json=skip), 409, "draw_in_correction")
    yes = {"confirmed": True, "reason": "已核对公告"}
    himself = await bureau.caller(Role.SUPERVISOR, "officer-01")
    assert_problem(await himself.post(f"{address}/seed/confirmed", json=yes), 403, "draw_same_person")
    assert_problem(await officer.post(f"{address}/seed/confirmed", json=yes), 403, "role_not_allowed")
    approver = await bureau.caller(Role.APPROVER)
    of_another = yes | {"seed": "03-08-17-21-26-30-13"}
    answer = await approver.post(f"{address}/seed/confirmed", json=of_another)
    assert_problem(answer, 409, "draw_other_correction")
    corrected = await done(approver, f"{address}/seed/confirmed", yes | {"seed": right["seed"]})
    assert (corrected["seed"], corrected["correction"], corrected["faults"]) == (right["seed"], None, [])
    assert [one["kind"] for one in corrected["events"]] == [
        "frozen",
        "drawn",
        "correction_proposed",
        "corrected",
    ]
    assert corrected["events"][1]["seed"] == SEED
    assert corrected["events"][1]["drawn"] == first["chosen"]
    assert_problem(await approver.post(f"{address}/seed/confirmed", json=yes), 409, "draw_nothing_to_confirm")


async def test_a_correction_that_is_refused_leaves_the_draw_as_it_was(bureau: Bureau) -> None:
    officer, address, first = await made(bureau)
    await done(officer, f"{address}/seed/correction", READ | {"seed": "1", "reason": "想换一换"})
    supervisor = await bureau.caller(Role.SUPERVISOR)
    left = await done(supervisor, f"{address}/seed/confirmed", {"confirmed": False, "reason": "原种子无误"})
    assert (left["chosen"], left["correction"], left["is_to_confirm"]) == (first["chosen"], None, False)
    assert left["events"][-1]["reason"] == "原种子无误"


async def test_an_order_names_the_draw_it_comes_from(bureau: Bureau) -> None:
    """Only whom it drew; then its seed stands, and whoever was ordered from is not skipped."""
    body = {"subject": "businesses", "number": 1, "candidates": [{"id": "J1"}, {"id": "J2"}]}
    supervisor = await bureau.caller(Role.SUPERVISOR)
    second = {**SELLER, "entry": {**SELLER["entry"], "name": "另一旗舰店", "registration": "330100000000001"}}
    assert (await supervisor.put("/businesses/J2", json=second)).status_code == 200
    officer, address, drawn = await made(bureau, **body)
    draw_id, (chosen,) = drawn["id"], drawn["chosen"]
    other = {"J1": "J2", "J2": "J1"}[chosen]

    def order(code: str, **named: Any) -> dict[str, Any]:
        goods = {
            "name": "儿童保温杯",
            "trademark": "示例牌",
            "spec_model": uuid4().hex,
            "link": "https://a.cn/1",
        }
        asked = {"scheme_id": drawn["scheme_id"], "laboratory": "LAB-01", "platform": "PT-01"}
        from_it = {"drawn_from": {"draw_id": draw_id, "candidate": code} | named}
        return asked | {"seller_code": chosen, "goods": goods, "kind": "routine"} | from_it

    for named, code in (
        (order(other), "draw_not_chosen"),
        (order(chosen) | {"seller_code": other}, "draw_of_another_seller"),
    ):
        assert_problem(await officer.post("/batches", json=named), 409, code)
    unknown = await officer.post("/batches", json=order(chosen, draw_id="CQ2000-0001"))
    assert_problem(unknown, 404, "draw_unknown")
    row = {"承检机构": "LAB-01", "平台": "PT-01", "经营者": chosen, "商品名称": "杯", "抽检方式": "常规抽检"}
    row |= {"商品链接": "https://a.cn", "随机抽查编号": draw_id, "抽中的编号": other}
    mistyped = row | {"随机抽查编号": "CQ2000-0001"}
    bulk = await officer.post(f"/schemes/{drawn['scheme_id']}/orders", json={"rows": [mistyped, row]})
    codes = [one["code"] for one in bulk.json()["rows"]]
    assert codes == ["draw_unknown", "draw_not_chosen"], bulk.text
    ordered = await officer.post("/batches", json=order(chosen))
    assert ordered.status_code == 201, ordered.text
    (shown,) = (await officer.get(address)).json()["drawn"]
    assert shown["batches"] == [{"batch_no": ordered.json()["batch_no"], "outcome": None}]
    skip = {"candidate": chosen, "reason": "停售"}
    assert_problem(await officer.post(f"{address}/skipped", json=skip), 409, "draw_candidate_ordered")
    wrong = READ | {"seed": "1", "reason": "误录"}
    assert_problem(await officer.post(f"{address}/seed/correction", json=wrong), 409, "draw_ordered_from")


async def test_the_operators_check_finds_every_line_that_was_changed_or_taken_out(
    bureau: Bureau, empty_app: FastAPI, engine: AsyncEngine
) -> None:
    """Lines between two others too, and a draw that does not follow from its list, however it was signed."""
    settings = empty_app.state.runtime.settings
    officer, _, _ = await made(bureau)
    assert await verify_timeline(settings, None) == []
    await done(officer, (await drafted(officer, draft(await bureau.scheme()))) + "/frozen")
    assert await verify_timeline(settings, None) == []
    await tamper(engine, "delete from draw_events where kind = 'drawn'")
    assert any("缺少第2条" in one for one in await verify_timeline(settings, None))
    (one,) = [one for one in (await officer.get("/draws")).json()["items"] if one["frozen_at"]][1:]
    assert "缺少1条" in "；".join((await officer.get(f"/draws/{one['id']}")).json()["faults"])


async def test_a_draw_that_does_not_follow_from_list_and_seed_is_found(
    bureau: Bureau, engine: AsyncEngine
) -> None:
    _, address, drawn = await made(bureau)
    draw = await reading.one(engine, address.rpartition("/")[2])
    assert misdrawn(draw) == []
    said = drawn["events"][-1] | {"drawn": drawn["chosen"][::-1]}
    forged = draw.events[-1].model_copy(
        update={"said": {name: said[name] for name in ("seed", "read_from", "drawn", "reason")}}
    )
    (found,) = misdrawn(replace(draw, events=(*draw.events[:-1], forged)))
    assert "不是由名单和种子得出的" in found
