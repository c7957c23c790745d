"""A year's arrangement: pasted in the notice's own words, checked, proposed by one, approved by another."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from lxml import html
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from tests.console.around import at_desk, said, send, tree
from tests.databases import tamper

NOTICE = (Path(__file__).parent.parent / "files" / "2027-made-up.txt").read_text("utf-8")


async def test_a_notice_is_checked_proposed_and_approved_by_another(
    app: FastAPI, migrated: AsyncEngine
) -> None:
    async with at_desk(app, Role.SUPERVISOR) as desk, at_desk(app, Role.APPROVER) as approver:
        page = await tree(desk, "/console/holidays/new")
        answer = await send(desk, page, "/console/holidays/new", text=NOTICE)
        assert answer.status_code == 200
        assert "现在只是试算" in answer.text
        assert "2027年暂定的安排不同的日子" in answer.text
        check = _page(answer.text)
        content = check.xpath("//textarea[@name='content']")[0].text
        answer = await send(desk, check, "/console/holidays", content=content)
        assert answer.status_code == 303
        imported = answer.headers["location"]
        page = await tree(desk, imported)
        assert "待批准" in said(page, "//h1")
        assert not page.xpath("//button[text()='批准导入']")
        refused = await send(
            desk, page if page.xpath("//form//input[@name='form_token']") else check, f"{imported}/approval"
        )
        assert refused.status_code == 403
        page = await tree(approver, imported)
        try:
            answer = await send(approver, page, f"{imported}/approval")
            assert answer.status_code == 303
            assert "现行" in said(await tree(approver, imported), "//h1")
            listed = said(await tree(desk, "/console/holidays"))
            assert "2027年：" in listed
            assert "现行" in listed
        finally:
            # The other tests count on the calendar as it was.
            await tamper(migrated, "delete from calendar_imports")


async def test_what_cannot_be_read_is_refused_in_place(app: FastAPI) -> None:
    async with at_desk(app, Role.ADMIN) as desk:
        page = await tree(desk, "/console/holidays/new")
        for text, reason in (
            ("", "请粘贴"),
            ("放假通知", "应有一个文号"),
            ("{", "不是完整的 JSON"),
            ('{"year": 2027}', "缺少"),
            ('{"year": 2027, "makeup_days": 3}', "缺少"),
            ("长" * 15_001, "过长"),
        ):
            answer = await send(desk, page, "/console/holidays/new", text=text)
            assert answer.status_code == 422, text
            again = _page(answer.text)
            assert reason in said(again, "//*[@role='alert']"), text
            assert again.xpath("//textarea[@name='text']")[0].text_content().strip() == text


async def test_whoever_may_not_is_told_so(app: FastAPI) -> None:
    for role, status in ((Role.OFFICER, 403), (Role.LAB, 403), (Role.APPROVER, 403), (Role.ADMIN, 200)):
        async with at_desk(app, role) as desk:
            assert (await desk.get("/console/holidays/new")).status_code == status
            assert (await desk.get("/console/holidays")).status_code == 200
            assert "国庆节" in said(await tree(desk, "/console/holidays/2026"))
            assert (await desk.get("/console/holidays/2017")).status_code in (404, 422)


def _page(text: str) -> Any:
    return html.fromstring(text)
