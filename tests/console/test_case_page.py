"""The page of a batch: where it stands in one look, the one thing to do, and everything a click away."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from messages.steps import StepName
from tests.api.builders import Tokens, body_of, client_of, ordered, queue, step_example, told
from tests.console.seats import links, page, person, seated, words

pytestmark = pytest.mark.usefixtures("working")
_FIRST_PAGE = 60 * 1024


@pytest.fixture
async def desk(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with seated(app, person(Role.OFFICER, "officer-case", "李执法")) as client:
        yield client


async def done(client: httpx.AsyncClient, number: str, step: StepName, **changes: Any) -> str:
    body = await body_of(client, number, step, changes)
    answer = await client.post(f"/batches/{number}/steps/{step}", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["step_id"])


async def heard(officer: httpx.AsyncClient, number: str) -> None:
    """The seller has the result: its letter left, and arrived."""
    for letter in await queue(officer, number):
        about = {"notice": letter["kind"], "recipient": letter["recipient"]}
        await done(officer, number, StepName.NOTICE_POSTED, **about)
    await done(officer, number, StepName.NOTICE_DELIVERED)


async def test_the_first_thing_is_the_soonest_that_is_mine(
    app: FastAPI, desk: httpx.AsyncClient, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Its button leads to the form, told which letter it is about; who owes nothing is told so."""
    number = await told(officer, lab)
    case = await page(desk, f"/console/batches/{number}")
    (button,) = case.xpath("//a[@class='button main']")
    assert words(button) == "办理：发出抽查检验通知书"
    form = await page(desk, button.get("href"))
    assert form.xpath(
        "//input[@name='notice' and @checked]/@value|//select[@name='notice']/option[@selected]/@value"
    ) == ["inspection_notice"]
    async with seated(app, person(Role.APPROVER, "approver-case")) as approver:
        other = await page(approver, f"/console/batches/{number}")
        assert not other.xpath("//a[@class='button main']")
        assert "现在没有要由您（分管负责人）办理的事项" in words(other)


async def test_where_it_stands_is_seen_and_read(
    desk: httpx.AsyncClient, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Phases, each party's time with its last day, letters with their state, every step: under 60 KB."""
    number = await told(officer, lab)
    await heard(officer, number)
    answer = await desk.get(f"/console/batches/{number}")
    assert len(answer.content) < _FIRST_PAGE
    case = await page(desk, f"/console/batches/{number}")
    (svg,) = case.xpath("//*[@class='course']/*[local-name()='svg']")
    (window,) = [
        one
        for one in (await officer.get(f"/batches/{number}")).json()["waiting_for"]
        if one["party"] == "seller" and one["kind"] == "right"
    ]
    assert "网络商品经营者：提出异议" in words(svg)
    assert "异议期" in svg.get("aria-label")
    (seller,) = [
        row for row in case.xpath("//table[caption='当事人']/tbody/tr") if "示例旗舰店" in words(row)
    ]
    assert f"至{window['last_day']}" in words(seller)
    assert {"提出异议（书面复检申请）", "认可检验结果"} <= links(seller).keys()
    count = await page(desk, links(seller)[f"至{window['last_day']}"])
    days = [words(row) for row in count.xpath("//table[caption='逐日计算']/tbody/tr")]
    assert "首日不计入" in days[0]
    assert days[-1].startswith(window["last_day"])
    assert (await desk.get(links(count)["期限证明书（供打印）"])).status_code == 200
    letters = case.xpath("//table[@id='letters']/tbody/tr")
    assert [row for row in letters if "抽检结果通知书" in words(row) and "已送达" in words(row)]


async def test_a_letter_in_the_post_queue_is_called_so(
    desk: httpx.AsyncClient, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Also one that counts as sent when it is made out; its posting can be recorded here."""
    number = await told(officer, lab)
    case = await page(desk, f"/console/batches/{number}")
    queued = {one["number"] for one in await queue(officer, number)}
    rows = case.xpath("//table[@id='letters']/tbody/tr")
    waiting = [row for row in rows if "待交寄" in words(row)]
    assert len(waiting) == len(queued)
    assert all("文书交寄" in words(row) for row in waiting)
    post = await page(desk, "/console/post", batch_no=number, state="all")
    assert words(post).count("待交寄") >= len(queued)


async def test_of_a_voided_batch_only_what_tells_of_it_is_to_be_posted(
    desk: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    lab: httpx.AsyncClient,
    app: FastAPI,
    tokens: Tokens,
) -> None:
    """The page of the batch says what the post queue says."""
    number = await told(officer, lab)
    before = {one["document_id"] for one in await queue(officer, number)}
    async with client_of(app, tokens.header(Role.APPROVER)) as approver:
        voided = await approver.post(f"/batches/{number}/steps/voided", json=step_example("voided"))
    assert voided.status_code == 200, voided.text
    queued = {one["number"] for one in await queue(officer, number)}
    rows = (await page(desk, f"/console/batches/{number}")).xpath("//table[@id='letters']/tbody/tr")
    waiting = [row for row in rows if "待交寄" in words(row)]
    assert before
    assert len(waiting) == len(queued) < len(rows)


async def test_the_sealing_says_who_must_be_there_and_sign(
    desk: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    """At the questions, with the numbers of the regulation."""
    form = await page(desk, f"/console/batches/{await ordered(officer)}/steps/sealed/new")
    assert "不少于2名执法人员" in form.get_element_by_id("participants-hint").text
    for sample in ("test_sample", "backup_sample"):
        assert "都要在封条上签名" in form.get_element_by_id(f"{sample}.signed_by-hint").text


async def test_what_only_a_supervisor_may_say_is_asked_of_nobody_else(
    app: FastAPI, desk: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    form = f"/console/batches/{await ordered(officer)}/steps/purchased/new"
    assert not (await page(desk, form)).xpath("//*[@name='mismatch_reason' or @name='repeat_reason']")
    async with seated(app, person(Role.SUPERVISOR, "supervisor-case")) as supervisor:
        assert (await page(supervisor, form)).xpath("//*[@name='mismatch_reason']")


async def test_letters_open_at_the_desk(
    desk: httpx.AsyncClient, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """The same PDF as the API gives, for this batch's letters alone."""
    number, other = await told(officer, lab), await told(officer, lab)
    case = await page(desk, f"/console/batches/{number}")
    path = case.xpath("//table[@id='letters']//a[contains(@href, '.pdf')]/@href")[0]
    letter = await desk.get(path)
    assert (letter.headers["content-type"], letter.content[:5]) == ("application/pdf", b"%PDF-")
    assert letter.headers["cache-control"] == "no-store", "nobody after him finds it on the computer"
    assert (await desk.get(path.replace(number, other, 1))).status_code == 404


async def test_stays_and_proposals_are_seen_at_once(
    desk: httpx.AsyncClient, officer: httpx.AsyncClient, supervisor: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """A stay stops the clock; a proposed correction waits for a second person; a corrected step says so."""
    number = await told(officer, lab)
    await heard(officer, number)
    steps = (await officer.get(f"/batches/{number}/steps")).json()["items"]
    (wrong,) = [one for one in steps if one["step"] == "notice_delivered"]
    correction = {
        "corrects": wrong["step_id"],
        "body": wrong["body"] | {"receipt": "HZ-2026-0002"},
        "reason": "回执号抄错",
        "evidence": [],
    }
    answer = await officer.post(f"/batches/{number}/steps/record_corrected", json=correction)
    assert answer.status_code == 200, answer.text
    proposal = answer.json()["step_id"]
    case = await page(desk, f"/console/batches/{number}")
    assert f"/console/batches/{number}/corrections/{proposal}" in links(case).values()
    assert f"/console/batches/{number}/steps/{wrong['step_id']}/correct" in links(case).values()
    confirmed = {"correction": proposal, "confirmed": True, "reason": "与回执一致"}
    answer = await supervisor.post(f"/batches/{number}/steps/correction_confirmed", json=confirmed)
    assert answer.status_code == 200, answer.text
    await supervisor.post(f"/batches/{number}/steps/suspended", json=step_example(StepName.SUSPENDED))
    case = await page(desk, f"/console/batches/{number}")
    assert "本批次已经中止" in words(case)
    step = case.xpath(f"//th[a/@href='/console/batches/{number}/steps/{wrong['step_id']}']")
    assert "已更正" in words(step[0])
    history = await page(desk, f"/console/batches/{number}/history")
    line = history.xpath(f"//td[a/@href='/console/batches/{number}/steps/{wrong['step_id']}']")
    assert "已更正" in words(line[0])


async def test_a_laboratory_sees_its_own_part(
    app: FastAPI, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Its letters and its own steps; not the parties' letters, not the whole record, no other's batch."""
    number = await told(officer, lab)
    async with seated(app, person(Role.LAB, "lab-case")) as client:
        case = await page(client, f"/console/batches/{number}")
        letters = [words(row) for row in case.xpath("//table[@id='letters']/tbody/tr")]
        assert len(letters) == 1
        assert "委托书" in letters[0]
        assert not case.xpath("//table[caption='当事人']")
        assert {words(one) for one in case.xpath("//table[starts-with(caption, '经过')]//th/a")} == {
            "样品收货"
        }
        assert "全程记录" not in links(case)
        await page(client, f"/console/batches/{number}/history", 403)
    async with seated(app, person(Role.LAB, "lab-other", laboratory="LAB-09")) as other:
        for further in ("", "/history", "/holder", "/waits/purchased"):
            answer = await other.get(f"/console/batches/{number}{further}")
            assert answer.status_code in (403, 404), further


async def test_all_steps_are_seen_page_by_page_the_latest_first(
    desk: httpx.AsyncClient, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Refused ones too; the rest of the page stays as it is."""
    number = await told(officer, lab)
    received = await body_of(officer, number, StepName.RECEIVED)
    for _ in range(20):
        refused = await lab.post(f"/batches/{number}/steps/received", json=received)
        assert refused.status_code == 409
    steps = (await officer.get(f"/batches/{number}/steps")).json()["items"]
    seen: list[str] = []
    path: str | None = f"/console/batches/{number}"
    while path:
        case = await page(desk, path)
        assert case.xpath("//table[@id='letters']")
        seen += case.xpath("//table[@id='steps']//th/a[1]/@href")
        path = links(case).get("更早的步骤")
    assert seen == [f"/console/batches/{number}/steps/{one['step_id']}" for one in reversed(steps)]
    assert links(case)["回到最近的步骤"] == f"/console/batches/{number}#steps"


async def test_the_record_is_read_page_by_page(
    desk: httpx.AsyncClient, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Every line in order, each step leading to what it said; what is not there is told so."""
    number = await told(officer, lab)
    await heard(officer, number)
    lines = (await officer.get(f"/batches/{number}/timeline", params={"limit": 500})).json()["entries"]
    told_of: list[str] = []
    path: str | None = f"/console/batches/{number}/history"
    while path:
        history = await page(desk, path)
        told_of += [words(row) for row in history.xpath("//tbody/tr/td[@data-label='序号']")]
        path = links(history).get("下一页")
    assert told_of == [str(line["seq"]) for line in lines]
    await page(desk, "/console/batches/CJ1999-000001/history", 404)
    await page(desk, f"/console/batches/{number}/waits/nothing", 404)
