"""The inbox and the list of batches: what is owed by whom, filtered in the address, who has it in hand."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from law.calendar import day_in_shanghai, end_of_day
from law.vocabulary import Role
from tests.api.builders import eventually, ordered, told
from tests.console.seats import links, page, person, seated, send, words
from tests.databases import tamper

pytestmark = pytest.mark.usefixtures("working")


@pytest.fixture
async def desk(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An officer of an office of their own, whose list begins empty."""
    async with seated(app, person(Role.OFFICER, f"u-{uuid4().hex}", "李经办"), unit="网监一科") as client:
        yield client


async def take(desk: httpx.AsyncClient, number: str) -> None:
    case = await page(desk, f"/console/batches/{number}")
    answer = await send(desk, case, f"/console/batches/{number}/holder", how="take", instead_of="")
    assert answer.headers["location"] == f"/console/batches/{number}"


async def test_what_i_have_in_hand_is_a_list_of_its_own(
    desk: httpx.AsyncClient, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Taken with one click; the soonest first; each leads to the batch and to what is to be done."""
    assert "现在没有事项" in words(await page(desk, "/console/?whose=held"))
    number = await told(officer, lab)
    await take(desk, number)
    inbox = await page(desk, "/console/?whose=held")
    rows = [words(row) for row in inbox.xpath("//tbody/tr")]
    assert ["发出抽查检验通知书" in rows[0], "发出抽检结果通知书" in rows[1], len(rows)] == [True, True, 2]
    assert all("李经办" in row and number in row for row in rows)
    doing = links(inbox)["发出抽检结果通知书"]
    followed = (await desk.get(doing)).headers["location"]
    assert followed.startswith(f"/console/batches/{number}/steps/notice_posted/new?notice=result_notice")
    for listed, lines in ((inbox, 2), (await page(desk, "/console/batches?mine=true"), 1)):
        taken = await desk.get(f"{links(listed)['导出这份清单（XLSX）']}&format=csv")
        assert [number in line for line in taken.text.splitlines()] == [False, *[True] * lines]
    of_unit = await page(desk, "/console/?whose=unit")
    assert [words(row) for row in of_unit.xpath("//tbody/tr")] == rows


async def test_what_is_late_and_what_ends_today_are_views_with_their_counts(
    app: FastAPI, desk: httpx.AsyncClient, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """The head of every page says how much is late, in words as well as in red."""
    number = await told(officer, lab)
    await take(desk, number)
    today = day_in_shanghai(datetime.now().astimezone())
    late, now = end_of_day(today - timedelta(days=1)), end_of_day(today)
    for wait, due in (("inspection_notice_sent", late), ("result_notice_sent", now)):
        await tamper(
            app.state.runtime.engine,
            "update waits set due = :due, overdue_from = :due where batch_no = :no and wait_id = :wait",
            due=due,
            no=number,
            wait=wait,
        )
    inbox = await page(desk, "/console/?whose=held")
    views = {words(one) for one in inbox.xpath("//nav[@aria-label='届满日']/a")}
    assert {"全部2件", "已经逾期1件", "今天届满1件", "本周届满1件"} == views
    of_late = await page(desk, "/console/?whose=held&due=late")
    assert [words(row) for row in of_late.xpath("//tbody/tr/th")] == ["发出抽查检验通知书"]
    of_today = await page(desk, "/console/?whose=held&due=today")
    assert [words(row) for row in of_today.xpath("//tbody/tr/th")] == ["发出抽检结果通知书"]
    (head,) = of_today.xpath("//nav[@aria-label='栏目']/a[@href='/console/']")
    assert "，其中逾期" in words(head)


async def test_approvers_see_what_waits_for_them_and_auditors_owe_nothing(app: FastAPI) -> None:
    """Each comes for something else; a laboratory is told of its own."""
    titles = {
        Role.APPROVER: "待办：待我审批",
        Role.SUPERVISOR: "待办：待我审批",
        Role.LAB: "待办：本机构应办的",
        Role.AUDITOR: "待办：全部事项",
    }
    for role, title in titles.items():
        async with seated(app, person(role, f"{role}-inbox")) as client:
            inbox = await page(client, "/console/")
            assert inbox.findtext(".//h1") == title
            assert ("当事人的期限" in links(inbox)) is (role in (Role.APPROVER, Role.SUPERVISOR))
    async with seated(app, person(Role.LAB, "lab-two", laboratory="LAB-02")) as other:
        assert not (await page(other, "/console/?whose=all")).xpath("//tbody/tr[contains(., 'LAB-01')]")


async def test_a_batch_is_handed_on_with_a_note(
    app: FastAPI, desk: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    """The colleague is chosen from a list; whoever looked before it changed is told, and nothing is lost."""
    number = await ordered(officer)
    here = f"/console/batches/{number}/holder"
    colleague = person(Role.SUPERVISOR, f"u-{uuid4().hex}", "王处长")
    async with seated(app, colleague):
        form = await page(desk, here)
        unchosen = await send(desk, form, here, how="other", instead_of="", to="", note="请协助")
        assert (unchosen.status_code, "请选择移交给谁" in unchosen.text) == (422, True)
        assert "请协助</textarea>" in unchosen.text
        assert (
            await send(desk, form, here, how="other", instead_of="", to=colleague.sub, note="请协助")
        ).status_code == 303
        too_late = await send(desk, form, here, how="take", instead_of="")
        assert (too_late.status_code, "经办人已经变了" in too_late.text) == (409, True)
        kept = await page(desk, here)
    assert kept.findtext(".//h1") == "经办人：王处长"
    assert [words(row)[15:] for row in kept.xpath("//tbody/tr")] == ["王处长李经办请协助"]
    assert words((await page(desk, f"/console/batches/{number}")).xpath("//*[@class='holds']")[0]).endswith(
        "王处长"
    )


async def test_the_list_of_batches_is_filtered_and_paged(
    desk: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    """What is chosen stands in the address and in the form; nothing chosen is no filter."""
    number = await ordered(officer)
    await eventually(officer, f"/batches/{number}", lambda batch: batch["waiting_for"])
    plain = await page(desk, "/console/batches?phase=&outcome=&q=")
    newest = words(plain.xpath("//tbody/tr")[0])
    assert number in newest
    assert "示例旗舰店" in newest
    found = await page(desk, "/console/batches", q=number, phase="sampling")
    assert len(found.xpath("//tbody/tr")) == 1
    assert found.xpath("//select[@name='phase']/option[@selected]/@value") == ["sampling"]
    assert "没有符合条件的批次" in words(await page(desk, "/console/batches", q=number, overdue="true"))
    assert "没有符合条件的批次" in words(await page(desk, "/console/batches", q=number, mine="true"))
    await page(desk, "/console/batches?phase=nowhere", 422)
