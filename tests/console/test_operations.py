"""Running it: what stands still, the days ahead, outages, who has read what, lists to take along."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from messages.envelope import StepEnvelope
from messages.steps import StepName
from store.ledger import filings
from store.watched import set_aside
from tests.api.builders import PEOPLE, ordered, step_example
from tests.console.around import at_desk, said, tree
from tests.databases import tamper
from tests.store.telling import refused


@pytest.mark.usefixtures("working")
async def test_the_administrator_sees_what_stands_still_and_what_to_do(
    app: FastAPI, officer: httpx.AsyncClient, migrated: AsyncEngine
) -> None:
    number, other = await ordered(officer), await ordered(officer)
    await set_aside.note(migrated, other, "history size exceeds limit")
    lying = StepEnvelope(
        batch_no=number,
        step=StepName.PURCHASED,
        body=step_example(StepName.PURCHASED),
        actor=Actor(sub="officer-01", name="张三", role=Role.OFFICER),
        step_id="6f2d6d1e-6c1c-4a53-9a50-3d2b6f0f4f77",
    )
    await filings.file_step(migrated, lying)
    await tamper(
        migrated,
        "update ledger set received_at = received_at - interval '10 minutes' where batch_no = :no",
        no=number,
    )
    async with at_desk(app, Role.ADMIN) as desk:
        page = await tree(desk, "/console/operations")
        told = said(page)
        assert "备份" in told
        assert "history size exceeds limit" in told
        assert f"/console/batches/{number}" in page.xpath("//a/@href")
        assert "尚未送达流程" in told
        assert "没有可读的" not in told
    await set_aside.forget(migrated, [other])


async def test_what_an_outside_platform_refused_is_sent_again_by_a_click(
    app: FastAPI, migrated: AsyncEngine
) -> None:
    """The administrator's; the auditor sees it, and nothing to click."""
    batch_no = await refused(migrated, "信用平台<1>")
    try:
        async with at_desk(app, Role.AUDITOR) as desk:
            page = await tree(desk, "/console/operations")
            assert batch_no in said(page)
            assert not page.xpath("//form[@action='/console/operations/told/again']")
        async with at_desk(app, Role.ADMIN) as desk:
            page = await tree(desk, "/console/operations")
            assert "HTTP 422" in said(page)
            (form,) = page.xpath("//form[@action='/console/operations/told/again']")
            sent = {one.get("name"): one.get("value") for one in form.xpath(".//input")}
            answer = await desk.post(form.get("action"), data=sent)
            assert answer.status_code == 303
            page = await tree(desk, "/console/operations")
            assert not page.xpath("//form[@action='/console/operations/told/again']")
    finally:
        await tamper(migrated, "delete from told_to where receiver = :name", name="信用平台<1>")
        await tamper(migrated, "delete from told_receivers where receiver = :name", name="信用平台<1>")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/console/operations", {Role.ADMIN, Role.AUDITOR}),
        ("/console/access-log", {Role.AUDITOR}),
        ("/console/outages", {Role.ADMIN, Role.AUDITOR, Role.SUPERVISOR, Role.APPROVER}),
        ("/console/forecast", set(PEOPLE)),
        ("/console/exports", set(PEOPLE)),
        ("/console/calendar", set(PEOPLE)),
        ("/console/holidays", set(PEOPLE)),
        ("/console/search?q=a", set(PEOPLE)),
    ],
)
async def test_each_page_is_for_those_who_may(app: FastAPI, path: str, allowed: set[Role]) -> None:
    for role in PEOPLE:
        async with at_desk(app, role) as desk:
            answer = await desk.get(path)
            assert answer.status_code == (200 if role in allowed else 403), (role, answer.text[:500])
            assert ("您的身份不能" in answer.text) == (role not in allowed)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as nobody:
        answer = await nobody.get(path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/console/sign-in")


async def test_the_auditor_follows_who_has_read_a_batch(app: FastAPI, officer: httpx.AsyncClient) -> None:
    number = await ordered(officer)
    async with at_desk(app, Role.SUPERVISOR, "reader-7") as reader:
        await reader.get(f"/console/batches/{number}")
    async with at_desk(app, Role.AUDITOR) as desk:
        page = await tree(desk, f"/console/access-log?batch_no={number}&sub=reader-7&day=")
        assert f"/batches/{number}" in said(page, "//tbody")
        assert "reader-7" in said(page, "//tbody")
        today = datetime.now(UTC) + timedelta(hours=8)
        page = await tree(desk, f"/console/access-log?sub=reader-7&day={today - timedelta(days=9):%Y-%m-%d}")
        assert "没有这样的查阅" in said(page)
        await tree(desk, "/console/access-log?day=yesterday", 422)


async def test_a_period_of_an_outage_is_asked_on_the_clock_on_the_wall(app: FastAPI) -> None:
    async with at_desk(app, Role.APPROVER) as desk:
        page = await tree(desk, "/console/outages?from=2026-01-01T08:00&to=2026-01-02T08:00")
        assert "核对没有发现问题" in said(page)
        assert page.xpath("//input[@name='from']/@value") == ["2026-01-01T08:00"]
        page = await tree(desk, "/console/outages?from=2026-01-02T08:00&to=2026-01-01T08:00", 422)
        assert said(page, "//*[@role='alert']")
        page = await tree(desk, "/console/outages?from=x&to=y", 422)
        assert said(page, "//*[@role='alert']")


async def test_a_list_is_taken_along_from_the_page(app: FastAPI, officer: httpx.AsyncClient) -> None:
    number = await ordered(officer)
    async with at_desk(app, Role.SUPERVISOR) as desk:
        answer = await desk.get(f"/console/exports/batches?phase=&outcome=&q={number}&overdue=&format=csv")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/csv")
        assert number in answer.content.decode()
        answer = await desk.get("/console/exports/tasks?owed_by=officer&format=xlsx")
        assert answer.content[:2] == b"PK"
        assert (await desk.get("/console/exports/plans")).status_code == 422


async def test_the_days_ahead_are_told_by_whose_they_are(app: FastAPI, officer: httpx.AsyncClient) -> None:
    number = await ordered(officer)
    async with at_desk(app, Role.OFFICER) as desk:
        page = await tree(desk, "/console/forecast?days=92")
        assert said(page, "//h1") == "期限预告：今后92天"
        assert number
        await tree(desk, "/console/forecast?days=93", 422)
