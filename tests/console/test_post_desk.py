"""The post desk: many numbers at once, the carrier's list row by row, what came back at once."""

from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI
from temporalio.client import Client

from api.console import tried_file
from law.calendar import SHANGHAI
from law.vocabulary import Role
from settings import Settings
from store.engine import make_engine
from temporal.connecting import ensure_search_attributes
from tests.api.builders import Tokens, client_of, queue, running, told
from tests.application import elsewhere
from tests.console.visitors import Page, Visitor, at_the_desk
from tests.databases import Addresses, create
from worker import build_worker

pytestmark = pytest.mark.usefixtures("working")

POSTINGS = "/console/post/postings"


@pytest.fixture(scope="module")
async def own(settings: Settings, addresses: Addresses) -> Settings:
    """Of an installation with a post queue of its own: a page of it shows the most urgent letters alone."""
    return elsewhere(settings, (await create(addresses)).service)


@pytest.fixture(scope="module")
async def app(own: Settings) -> AsyncIterator[FastAPI]:
    async with running(own) as application:
        yield application


@pytest.fixture(scope="module")
async def working(temporal_client: Client, own: Settings) -> AsyncIterator[None]:
    engine = make_engine(own.database_url or "")
    await ensure_search_attributes(temporal_client)
    async with build_worker(temporal_client, engine, own):
        yield
    await engine.dispose()


@pytest.fixture
async def officer(app: FastAPI, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, tokens.header(Role.OFFICER)) as client:
        yield client


@pytest.fixture
async def lab(app: FastAPI, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, tokens.header(Role.LAB)) as client:
        yield client


def today() -> str:
    return f"{datetime.now(SHANGHAI):%Y-%m-%d}"


def numbers_of(batch_no: str) -> list[str]:
    """Numbers that no other batch's letters have."""
    return [f"EE{batch_no[-6:]}{nth:03}CN" for nth in range(3)]


def rows_of(page: Page, batch_no: str) -> list[str]:
    """The fields for the numbers of one batch's letters."""
    letters = page.tree.xpath(f"//input[starts-with(@data-letter, '{batch_no}-result_notice-')]")
    return [str(one.get("name")) for one in letters]


async def posted(clerk: Visitor, batch_no: str) -> list[str]:
    """All result notices of a batch are in the post; their numbers."""
    page = await clerk.see(POSTINGS)
    numbers = numbers_of(batch_no)
    filled = dict(zip(rows_of(page, batch_no), numbers, strict=False))
    page = await clerk.press(page, "下一步：核对", **filled)
    assert page.status == 200, page.text
    page = await clerk.press(page, f"登记这{len(filled)}条")
    assert "已受理" in page.text
    return list(filled.values())


async def handed_in(visitor: Visitor, kind: str, content: bytes, **fields: str) -> Page:
    page = await visitor.see(f"/console/post/lists/{kind}")
    form = dict(page.form("下一步：逐行核对").form_values()) | fields
    files = {"file": ("投递结果.csv", content, "text/csv")}
    return Page(await visitor.client.post(f"/console/post/lists/{kind}", data=form, files=files))


async def test_the_queue_is_seen_and_printed(
    clerk: Visitor, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """The state is in the address; labels and letters are those of the page."""
    batch_no = await told(officer, lab)
    page = await clerk.see("/console/post", batch_no=batch_no)
    assert "抽检结果通知书" in page.text
    labels = await clerk.client.get(page.links["打印寄送标签"])
    assert (labels.status_code, labels.content[:5]) == (200, b"%PDF-")
    letter = await clerk.client.get(page.links["抽检结果通知书"])
    assert (letter.status_code, letter.content[:5]) == (200, b"%PDF-")
    assert (await clerk.client.get("/console/post/files/other.pdf")).status_code == 404
    page = await clerk.see("/console/post", batch_no=batch_no, state="announced")
    assert "没有这样的文书" in page.text


async def test_numbers_are_typed_one_after_the_other(
    clerk: Visitor, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Enter of a scanner loses nothing without scripts: the cursor stands at the next letter."""
    batch_no = await told(officer, lab)
    page = await clerk.see(POSTINGS)
    # A seller with two addresses has two rows.
    first, _, second, *_ = rows_of(page, batch_no)
    label = page.tree.xpath(f"//input[@name='{first}']/@data-letter")[0]
    page = await clerk.press(page, "下一行", scanned=label)
    assert page.tree.xpath("//input[@autofocus]/@name") == [first]
    numbers = numbers_of(batch_no)
    page = await clerk.press(page, "下一步：核对", **{first: numbers[0], second: "短"})
    assert "将登记1条；1条有误，不登记。" in page.text
    page = await clerk.press(page, "返回修改")
    assert page.tree.xpath(f"//input[@name='{first}']/@value") == [numbers[0]]
    page = await clerk.press(page, "下一步：核对", **{second: numbers[1]})
    assert await queue(officer, batch_no, "posted") == [], "so far it was only tried"
    page = await clerk.press(page, "登记这2条")
    assert page.text.count("文书交寄") == 2
    filed = (await officer.get(f"/batches/{batch_no}/steps")).json()["items"]
    again = await clerk.see(page.path)
    assert again.text == page.text, "looking again files nothing again"
    assert (await officer.get(f"/batches/{batch_no}/steps")).json()["items"] == filed
    sent = {one["tracking_no"] for one in await queue(officer, batch_no, "all")}
    assert set(numbers[:2]) <= sent
    page = await clerk.press(await clerk.see(POSTINGS), "下一步：核对")
    assert (page.status, "还没有填写任何一行" in page.text) == (422, True)


async def test_the_carriers_list_is_answered_row_by_row_and_what_came_back_is_confirmed_at_once(
    clerk: Visitor, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """First tried, then taken in; an officer's word on the signs, and the letters are announced."""
    batch_no = await told(officer, lab)
    numbers = await posted(clerk, batch_no)
    back = "\n".join(f"{number},退回,{today()},查无此人" for number in numbers)
    content = f"邮件号码,邮件状态,日期,退回原因\n{back}\nEE000000000XX,妥投,{today()},\n".encode()
    page = await handed_in(clerk, "receipts", content)
    assert "没有登记过邮件号码 EE000000000XX" in page.text
    assert await queue(officer, batch_no, "failing") == []
    (button,) = [one.text for one in page.tree.xpath("//button") if (one.text or "").startswith("登记这")]
    page = await clerk.press(page, button)
    assert page.h1 == "登记回执的结果"
    failing = await queue(officer, batch_no, "failing")
    assert failing
    page = await clerk.press(await clerk.see("/console/post/findings"), "有退回线索的全部选为“退回”")
    mine = page.tree.xpath(f"//input[starts-with(@value, '{batch_no}-')]/@name")
    chosen = {name.replace("document", "finding") for name in mine}
    checked = {one.get("name") for one in page.tree.xpath("//input[@checked and @value='退回']")}
    assert chosen <= checked
    # Another has come in before it since: what was found of a letter stays with that letter.
    filled = page.filled("下一步：核对")
    others = [("document.0", "another-letter"), ("finding.0", "送达"), ("change", "yes")]
    sent = [pair for pair in filled if pair[0] not in {name for name, _ in others}] + others
    again = Page(await clerk.client.post("/console/post/findings", data=dict(sent)))
    assert again.tree.xpath("//input[@checked and @value='送达']/@name") == []
    page = await clerk.press(page, "下一步：核对")
    (button,) = [one.text for one in page.tree.xpath("//button") if (one.text or "").startswith("登记这")]
    page = await clerk.press(page, button)
    assert "已受理" in page.text
    assert len(await queue(officer, batch_no, "announced")) == len(failing)


async def test_a_large_list_is_chosen_once_more(
    clerk: Visitor, officer: httpx.AsyncClient, lab: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it has to be the one that was tried."""
    monkeypatch.setattr(tried_file, "MOST_CARRIED", 10)
    batch_no = await told(officer, lab)
    (number, *_) = await posted(clerk, batch_no)
    content = f"邮件号码,结果,日期,签收人\n{number},妥投,{today()},王某\n".encode()
    page = await handed_in(clerk, "receipts", content)
    (tried,) = page.tree.xpath("//input[@name='tried']/@value")
    assert not page.tree.xpath("//input[@name='content']")
    other = await handed_in(clerk, "receipts", content + b"\n", tried=tried)
    assert (other.status, "不是刚才试过的那个文件" in other.text) == (422, True)
    taken = await handed_in(clerk, "receipts", content, tried=tried)
    assert "已受理" in taken.text
    (letter,) = await queue(officer, batch_no, "delivered")
    assert number in letter["proof"] or letter["recipient"] == "seller"


async def test_what_is_no_list_is_told(clerk: Visitor) -> None:
    page = await handed_in(clerk, "receipts", b"%PDF-1.7 nothing")
    assert page.status in (415, 422)
    assert "清单没有读出" in page.text
    assert (await clerk.see("/console/post/lists/others")).status == 404


async def test_others_look_and_a_laboratory_does_not(app: FastAPI) -> None:
    for role, sees in ((Role.SUPERVISOR, 200), (Role.AUDITOR, 200), (Role.LAB, 403), (Role.ADMIN, 403)):
        async with at_the_desk(app, role) as somebody:
            assert (await somebody.see("/console/post")).status == sees
            for path in (POSTINGS, "/console/post/findings", "/console/post/lists/receipts"):
                assert (await somebody.see(path)).status == 403
