"""Mails that no rule reads are shown to people, who say what they have done about them."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from store.mails import unread
from store.mails.unread import MailHead, WhyUnread
from tests.api.builders import PEOPLE, Tokens, assert_problem, client_of


@pytest.fixture
async def no(migrated: AsyncEngine) -> int:
    """A bounce in words."""
    head = MailHead(
        uuid4().hex, "postmaster@example.cn", "系统退信", "昨天", "收件人 seller@example.com 不存在"
    )
    await unread.keep(migrated, head, WhyUnread.NO_REPORT)
    return (await unread.mails(migrated)).items[0].no


async def listed(client: httpx.AsyncClient, no: int, **asked: str) -> dict[str, object] | None:
    answer = await client.get("/mailbox", params=asked)
    assert answer.status_code == 200, answer.text
    return next((mail for mail in answer.json()["items"] if mail["no"] == no), None)


async def test_a_mail_is_shown_until_it_is_dealt_with(officer: httpx.AsyncClient, no: int) -> None:
    """With sender, subject, the beginning of its text, and why no rule reads it."""
    mail = await listed(officer, no)
    assert mail is not None
    assert (mail["subject"], mail["reason"], mail["mailed_at"]) == ("系统退信", "no_report", "昨天")
    answer = await officer.post(f"/mailbox/{no}/dealt-with", json={"note": "已登记未能送达线索"})
    assert (answer.status_code, answer.json()["note"]) == (200, "已登记未能送达线索")
    assert answer.json()["dealt_with_by"].startswith("张三")
    assert await listed(officer, no) is None
    assert await listed(officer, no, dealt_with="true") == answer.json()
    again = await officer.post(f"/mailbox/{no}/dealt-with", json={"note": "又一次"})
    assert again.json() == answer.json()


async def test_who_may_see_and_deal_with_mails(
    app: FastAPI, tokens: Tokens, officer: httpx.AsyncClient, anybody: httpx.AsyncClient, no: int
) -> None:
    """The house, not a laboratory; dealing with them is the officer's and the supervisor's."""
    done = {"note": "广告"}
    for role in PEOPLE:
        async with client_of(app, tokens.header(role)) as client:
            seen = (await client.get("/mailbox")).status_code
            assert (seen == 200) is (role in {Role.OFFICER, Role.SUPERVISOR, Role.ADMIN}), role
            if role not in {Role.OFFICER, Role.SUPERVISOR}:
                answer = await client.post(f"/mailbox/{no}/dealt-with", json=done)
                assert_problem(answer, 403, "role_not_allowed")
    assert_problem(await anybody.get("/mailbox"), 401, "unauthenticated")
    assert_problem(await officer.post("/mailbox/9999999999/dealt-with", json=done), 404, "mail_unknown")
    for note in ("", "长" * 20_000):
        assert_problem(await officer.post(f"/mailbox/{no}/dealt-with", json={"note": note}), 422, "invalid")
