"""The search of the head: from any page, over all numbers and names, with what was found of each batch."""

import httpx
from fastapi import FastAPI

from law.vocabulary import Role
from tests.api.builders import order_example, ordered
from tests.console.around import at_desk, said, tree


async def test_the_head_leads_to_the_batches_and_says_what_was_found(
    app: FastAPI, officer: httpx.AsyncClient
) -> None:
    goods = order_example()["goods"] | {"spec_model": "查找-7788", "trademark": "北极熊牌"}
    number = await ordered(officer, goods=goods)
    async with at_desk(app, Role.OFFICER) as desk:
        page = await tree(desk, "/console/search?q=ｃｈ查找 7788")
        assert "没有查到" in said(page)
        page = await tree(desk, "/console/search?q=查找 ７７８８")
        assert page.xpath("//table//a/@href") == [f"/console/batches/{number}"]
        assert "规格型号 查找-7788" in said(page, "//table")
        assert page.xpath("//input[@name='q']/@value") == ["查找 ７７８８"]
    async with at_desk(app, Role.LAB) as desk:
        assert number in said(await tree(desk, "/console/search?q=查找7788"))


async def test_nothing_typed_or_only_marks_is_answered_with_what_may_be(app: FastAPI) -> None:
    async with at_desk(app, Role.AUDITOR) as desk:
        assert "封条" in said(await tree(desk, "/console/search?q="))
        page = await tree(desk, "/console/search?q=——", 422)
        assert "不能只有标点" in said(page, "//*[@role='alert']")
        assert "<b>" not in (await desk.get("/console/search?q=<b>x</b>")).text


async def test_many_come_page_by_page(app: FastAPI, officer: httpx.AsyncClient) -> None:
    for _ in range(3):
        await ordered(officer)
    async with at_desk(app, Role.OFFICER) as desk:
        seen: list[str] = []
        path = "/console/search?q=示例"
        for _ in range(30):
            page = await tree(desk, path)
            seen += page.xpath("//table//a/@href")
            following = page.xpath("//nav[@aria-label='翻页']/a/@href")
            if not following:
                break
            path = f"/console/search{following[0]}"
        assert len(set(seen)) >= 3
        assert seen == sorted(seen, reverse=True)
