"""Staff are kept by the administrator: accounts, invitations, deputies, and what was done with each."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pyotp
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from api.web import credentials
from law.calendar import day_in_shanghai
from law.vocabulary import Role
from store.accounts import people
from tests.console.desks import BY, COOKIE, account, browser, desk, form, seen, send, text

PASSWORD = "九月的雨下在西湖的荷叶上"


async def _invited(admin: httpx.AsyncClient, sub: str) -> str:
    """The path of the invitation, which the page shows this once."""
    path = f"/console/accounts/{sub}/invitation"
    shown = seen(await send(admin, path))
    (link,) = shown.xpath("//input[@id='link']/@value")
    assert link not in (await admin.get(path)).text
    return re.sub(r"^http://[^/]+", "", link)


async def _taken_up(client: httpx.AsyncClient, path: str, password: str = PASSWORD) -> httpx.Response:
    opened = await client.get(path)
    given = form(opened)
    code = pyotp.TOTP(given["secret"]).now()
    return await client.post(path, data=given | {"password": password, "again": password, "code": code})


async def test_somebody_new_is_added_invited_and_signs_in(house: FastAPI, engine: AsyncEngine) -> None:
    """The administrator never learns the password; all that was done stands in the history."""
    async with desk(house, engine, "admin", Role.ADMIN) as admin, browser(house) as client:
        added = await send(
            admin, "/console/new-account", sub="wang.mou", name="王某", role="officer", unit="网监办"
        )
        assert added.headers["location"] == "/console/accounts/wang.mou"
        link = await _invited(admin, "wang.mou")
        weak = await _taken_up(client, link, "password1234")
        assert weak.status_code == 422
        assert "容易被猜到" in text(weak)
        answer = await _taken_up(client, link)
        assert answer.status_code == 303
        assert "王某" in (await client.get("/console/")).text
        assert (await client.get(link)).status_code == 410
        history = text(await admin.get("/console/accounts/wang.mou"))
        for done in ("建立账号", "网监办", "发出邀请链接", "设定密码和动态口令"):
            assert done in history
        assert PASSWORD not in history


async def test_what_is_wrong_stands_at_its_field(house: FastAPI, engine: AsyncEngine) -> None:
    """And what was entered is still there."""
    async with desk(house, engine, "admin", Role.ADMIN) as admin:
        answer = await send(admin, "/console/new-account", sub="王某", name="", role="officer")
        assert answer.status_code == 422
        page = seen(answer)
        linked = page.xpath("//div[@role='alert']//a/@href")
        assert set(linked) == {"#sub", "#name"}
        assert page.get_element_by_id("sub").value == "王某"
        lab = await send(admin, "/console/new-account", sub="li", name="李某", role="lab")
        assert "检验机构人员应填写检验机构代码" in text(lab)
        again = await send(admin, "/console/new-account", sub="admin", name="李某", role="officer")
        assert again.status_code == 409
        assert "已经有了" in text(again)


async def test_a_change_of_role_is_shown_and_signs_out(house: FastAPI, engine: AsyncEngine) -> None:
    """From what to what, by whom; a change that changes nothing leaves nothing."""
    async with desk(house, engine, "admin", Role.ADMIN) as admin, desk(house, engine, "wang") as wang:
        path = "/console/accounts/wang/change"
        await send(admin, path)
        assert (await wang.get("/console/")).status_code == 200
        await send(admin, path, role="supervisor", unit="网监办")
        assert (await wang.get("/console/")).status_code == 303
        shown = text(await admin.get("/console/accounts/wang"))
        assert "身份：执法人员 → 处室负责人" in shown
        assert "科室：无 → 网监办" in shown
        assert shown.count("更改账号") == 1
        everything = text(await admin.get("/console/account-changes"))
        assert "身份：执法人员 → 处室负责人" in everything


async def test_an_invitation_nobody_asked_for_is_noticed(house: FastAPI, engine: AsyncEngine) -> None:
    """An administrator who takes up somebody's account shuts its owner out, and the record says who it was.

    The page says so before; an older invitation is good for nothing then.
    """
    async with desk(house, engine, "admin", Role.ADMIN) as admin, browser(house) as wang:
        await account(engine, "wang")
        first = await _invited(admin, "wang")
        await _taken_up(wang, first)
        assert "立即作废" in text(await admin.get("/console/accounts/wang/invitation"))
        link = await _invited(admin, "wang")
        assert (await wang.get("/console/")).status_code == 303
        stored = await people.account(engine, "wang")
        assert stored is not None
        assert stored.password is None
        assert stored.totp is None
        later = await _invited(admin, "wang")
        assert (await wang.get(link)).status_code == 410
        await _taken_up(wang, later)
        own = text(await wang.get("/console/sessions"))
        assert "原有的登录方式作废" in own
        assert "（admin）" in own
    async with desk(house, engine, "auditor", Role.AUDITOR) as auditor:
        assert "原有的登录方式作废" in text(await auditor.get("/console/accounts/wang"))


async def test_who_is_ended_is_out_until_restored(house: FastAPI, engine: AsyncEngine) -> None:
    """With sessions, links and deputies."""
    async with desk(house, engine, "admin", Role.ADMIN) as admin, desk(house, engine, "wang") as wang:
        link = await _invited(admin, "wang")
        await send(admin, "/console/accounts/wang/ended")
        assert (await wang.get("/console/")).status_code == 303
        assert (await wang.get(link)).status_code == 410
        assert "已停用" in text(await admin.get("/console/accounts/wang"))
        assert "王某" not in text(await admin.get("/console/accounts?q=wang"))
        assert "王某" in text(await admin.get("/console/accounts?q=wang&ended=yes"))
        refused = await admin.get("/console/accounts/wang/invitation")
        refused = await admin.post("/console/accounts/wang/invitation", data=form(refused))
        assert refused.status_code == 409
        await send(admin, "/console/accounts/wang", "/console/accounts/wang/restored")
        assert (await wang.get(await _invited(admin, "wang"))).status_code == 200


async def test_the_last_administrator_who_can_sign_in_stays(house: FastAPI, engine: AsyncEngine) -> None:
    """Neither ended nor made something else; an invitation not taken up yet is no administrator."""
    async with desk(house, engine, "admin", Role.ADMIN) as admin:
        await account(engine, "second", Role.ADMIN)
        await people.keep_secrets(
            engine, "admin", password=credentials.hashed(PASSWORD), totp=b"sealed", by=BY
        )
    async with desk(house, engine, "admin", Role.ADMIN) as admin:
        for path, filled in (("ended", {}), ("change", {"role": "officer"})):
            answer = await send(admin, f"/console/accounts/admin/{path}", **filled)
            assert answer.status_code == 409
            assert "没有其他能够登录的系统管理员" in text(answer)
        await people.bind(engine, "second", "https://login.example second", by=BY)
        answer = await send(admin, "/console/accounts/admin/ended")
        assert answer.status_code == 303
        assert (await admin.get("/console/")).status_code == 303


async def test_an_administrator_ends_what_somebody_is_signed_in_with(
    house: FastAPI, engine: AsyncEngine
) -> None:
    """All of it, from their page, where each browser is named."""
    async with (
        desk(house, engine, "admin", Role.ADMIN) as admin,
        desk(house, engine, "wang") as one,
        desk(house, engine, "wang") as two,
    ):
        path = "/console/accounts/wang"
        await send(admin, path, f"{path}/sessions/ended")
        for client in (one, two):
            assert (await client.get("/console/")).status_code == 303
        shown = text(await admin.get(path))
        assert "现在没有登录" in shown
        assert "结束全部登录" in shown


async def test_a_deputy_acts_on_the_days_named_and_until_taken_back(
    house: FastAPI, engine: AsyncEngine
) -> None:
    """In the other's role under their own name; whoever is stood in for sees it."""
    today = day_in_shanghai(datetime.now(UTC))
    await account(engine, "chen", Role.APPROVER, name="陈某")
    async with desk(house, engine, "admin", Role.ADMIN) as admin, desk(house, engine, "wang") as wang:
        path = "/console/deputies"
        days = {"from_day": str(today), "to_day": str(today + timedelta(days=3))}
        wrong = await send(admin, path, stands_in_for="chen", deputy="chen", **days)
        assert "不能是被代理人自己" in text(wrong)
        await account(engine, "lab", Role.LAB)
        elsewhere = await send(admin, path, stands_in_for="chen", deputy="lab", **days)
        assert "同一单位" in text(elsewhere)
        over = {"from_day": "2026-01-01", "to_day": "2026-01-02"}
        assert "已经过去" in text(await send(admin, path, stands_in_for="chen", deputy="wang", **over))
        done = await send(admin, path, stands_in_for="chen", deputy="wang", **days)
        assert done.status_code == 303
        (deputy,) = await people.deputies(engine)
        acted = await send(wang, "/console/sessions", "/console/acting", deputy=str(deputy.no))
        assert acted.status_code == 303
        assert "分管负责人，代陈某" in (await wang.get("/console/")).text
        await send(admin, path, f"{path}/{deputy.no}/taken-back")
        assert "代陈某" not in (await wang.get("/console/")).text
        assert "执法人员" in (await wang.get("/console/")).text
        assert COOKIE in wang.cookies
    async with desk(house, engine, "chen", Role.APPROVER) as chen:
        seen_there = text(await chen.get("/console/sessions"))
        assert "指定代理" in seen_there
        assert "收回代理" in seen_there


async def test_a_deputy_of_somebody_who_is_gone_has_their_own_role_alone(
    house: FastAPI, engine: AsyncEngine
) -> None:
    """What an ended account may not, nobody may in its place."""
    today = day_in_shanghai(datetime.now(UTC))
    await account(engine, "chen", Role.APPROVER, name="陈某")
    async with desk(house, engine, "wang") as wang:
        await people.deputise(
            engine, deputy="wang", stands_in_for="chen", from_day=today, to_day=today, by=BY
        )
        (deputy,) = await people.deputies(engine)
        await send(wang, "/console/sessions", "/console/acting", deputy=str(deputy.no))
        assert "代陈某" in (await wang.get("/console/")).text
        await people.end(engine, "chen", ended=True, by=BY)
        assert "代陈某" not in (await wang.get("/console/")).text
        assert not await people.deputies(engine)
