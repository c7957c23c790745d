"""The calendar of last days: counts by day, rest days and make-up days named, each day's matters linked."""

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from tests.api.builders import eventually, ordered, told
from tests.console.around import at_desk, said, tree


@pytest.mark.usefixtures("working")
async def test_each_day_leads_to_what_ends_on_it(
    app: FastAPI, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    number = await told(officer, lab)
    batch = await eventually(
        officer, f"/batches/{number}", lambda body: any(one["last_day"] for one in body["waiting_for"])
    )
    wait = next(one for one in batch["waiting_for"] if one["last_day"] and one["owed_by"] == "officer")
    async with at_desk(app, Role.OFFICER) as desk:
        page = await tree(desk, f"/console/calendar?month={wait['last_day'][:7]}&owed_by=officer")
        assert "应办" in said(page, "//table")
        [link] = [one for one in page.xpath("//td/a/@href") if f"day={wait['last_day']}" in one]
        page = await tree(desk, f"/console/calendar{link}")
        # Other tests' batches end on it as well.
        while number not in said(page, "//section"):
            (further,) = page.xpath("//a[contains(., '后面的事项')]/@href")
            page = await tree(desk, f"/console/calendar{further}")
        assert "权利" not in said(page, "//table[@class='month']")


async def test_rest_days_and_days_that_are_worked_instead_are_named(app: FastAPI) -> None:
    async with at_desk(app, Role.AUDITOR) as desk:
        page = await tree(desk, "/console/calendar?month=2026-10")
        assert "国庆节" in said(page)
        assert "调休上班" in said(page)
        assert "暂定" not in said(page)
        assert "尚未公布" in said(await tree(desk, "/console/calendar?month=2029-02"))
        for wrong in ("2026-13", "2017-01", "2099-01", "x"):
            await tree(desk, f"/console/calendar?month={wrong}", 422)


async def test_a_laboratory_counts_its_own_only(app: FastAPI, officer: httpx.AsyncClient) -> None:
    await ordered(officer)
    async with at_desk(app, Role.LAB) as desk, at_desk(app, Role.OFFICER) as other:
        days = (await other.get("/console/calendar")).text
        assert days
        assert (await desk.get("/console/calendar?owed_by=nobody")).status_code == 422
