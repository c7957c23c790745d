"""The post queue over HTTP: who sees what in it, and what is printed for a day's post."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import httpx
import pikepdf
import pytest
from fastapi import FastAPI
from pypdf import PdfReader

from law.calendar import day_in_shanghai
from law.vocabulary import Role
from local.scenarios.courses import example_body
from messages.steps import StepName
from tests.api.builders import (
    LICENCE,
    PEOPLE,
    SUPPLIED,
    Tokens,
    assert_problem,
    client_of,
    eventually,
    laboratory,
    order_example,
    ordered,
    queue,
    told,
)

pytestmark = pytest.mark.usefixtures("working")

FIRST_TO_LAST = [
    ("inspection_notice", "seller"),
    ("inspection_notice", "platform"),
    ("result_notice", "seller"),
    ("result_notice", "producer"),
    ("result_notice", "platform"),
    ("commission_letter", "laboratory"),
]


@pytest.fixture
async def batch_no(officer: httpx.AsyncClient, lab: httpx.AsyncClient) -> str:
    return await told(officer, lab)


async def first_letter(client: httpx.AsyncClient, batch_no: str) -> str:
    """The id of the commission letter, once it is made out."""
    path = f"/dispatches?batch_no={batch_no}"
    body = await eventually(client, path, lambda body: body["items"])
    document_id: str = body["items"][0]["document_id"]
    return document_id


def text_of(pdf: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


async def test_the_queue_says_what_must_be_posted_until_when(
    officer: httpx.AsyncClient, batch_no: str
) -> None:
    """The last day of each letter's duty, the most urgent first; to both of the seller's addresses.

    What is to be served is not sent while it lies here.
    """
    letters = await queue(officer, batch_no)
    assert [(one["kind"], one["recipient"]) for one in letters] == FIRST_TO_LAST
    waits = (await officer.get(f"/batches/{batch_no}/waits")).json()["waits"]
    last_days = {wait["id"]: wait["last_day"] for wait in waits}
    assert [one["post_by"] for one in letters] == [
        *[last_days["inspection_notice_sent"]] * 2,
        *[last_days["result_notice_sent"]] * 3,
        None,
    ]
    notice = letters[2]
    assert notice["addresses"] == [LICENCE, SUPPLIED]
    assert (notice["status"], notice["channel"], notice["overdue"]) == ("to_send", "outbox", False)
    assert notice["sent_at"] is None
    assert letters[-1]["status"] == "sent"
    assert letters[-1]["addresses"] == []


async def test_a_letter_goes_from_state_to_state(officer: httpx.AsyncClient, batch_no: str) -> None:
    """To post, posted, failing, delivered: each step moves it, and what is known stands beside it."""
    today = str(day_in_shanghai(datetime.now(UTC)))

    async def do(step: str, **changes: Any) -> dict[str, Any]:
        body = example_body(StepName(step), datetime.now(UTC), changes)
        answer = await officer.post(f"/batches/{batch_no}/steps/{step}", json=body)
        assert answer.status_code == 200, answer.text
        (letter,) = [
            one
            for one in await queue(officer, batch_no, "all")
            if (one["kind"], one["recipient"]) == ("result_notice", "seller")
        ]
        return letter

    letter = await do("notice_posted")
    assert (letter["status"], letter["sent_at"] is not None) == ("sent", True)
    assert (letter["posted_on"], letter["carrier"], letter["tracking_no"]) == (today, "EMS", "1234567890123")
    assert letter["document_id"] not in {one["document_id"] for one in await queue(officer, batch_no)}
    assert [one["document_id"] for one in await queue(officer, batch_no, "posted")] == [letter["document_id"]]
    letter = await do("delivery_failed", cause="post_returned", reason="查无此人")
    assert letter["failure"] == "邮件被退回：查无此人"
    assert [one["document_id"] for one in await queue(officer, batch_no, "failing")] == [
        letter["document_id"]
    ]
    letter = await do("notice_delivered")
    assert (letter["status"], letter["settled_on"], letter["failure"]) == ("delivered", today, None)
    assert letter["proof"] == "邮寄送达，HZ-2026-0001"
    assert await queue(officer, batch_no, "failing") == await queue(officer, batch_no, "posted") == []
    found = await officer.get("/dispatches", params={"q": letter["number"], "state": "delivered"})
    assert [one["document_id"] for one in found.json()["items"]] == [letter["document_id"]]


async def test_everybody_in_the_house_reads_the_queue_and_no_laboratory(
    app: FastAPI,
    tokens: Tokens,
    officer: httpx.AsyncClient,
    lab: httpx.AsyncClient,
    anybody: httpx.AsyncClient,
) -> None:
    """Whom the bureau writes to, and where they live, is the bureau's matter, in lists and in prints."""
    batch_no = await ordered(officer)
    assert await first_letter(officer, batch_no)
    for role in set(PEOPLE) - {Role.LAB}:
        async with client_of(app, tokens.header(role)) as client:
            assert await queue(client, batch_no)
    for path in ("", "/labels.pdf", "/letters.pdf", "/postings.csv", "/postings.xlsx", "/receipts.xlsx"):
        assert_problem(await lab.get(f"/dispatches{path}"), 403, "role_not_allowed")
        assert_problem(await anybody.get(f"/dispatches{path}"), 401, "unauthenticated")


async def test_a_label_for_each_letter_and_address(officer: httpx.AsyncClient, batch_no: str) -> None:
    """With recipient, address, numbers and sender; letters without an address are named on a last page."""
    answer = await officer.get("/dispatches/labels.pdf", params={"batch_no": batch_no})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    labels, without = text_of(answer.content)
    letters = await queue(officer, batch_no)
    for letter in letters[:-1]:
        assert labels.count(letter["document_id"]) == len(letter["addresses"])
        for part in (*letter["addresses"], letter["number"], letter["recipient_name"]):
            assert part in labels, part
    assert labels.count("地址1／2") == labels.count("地址2／2") == 2
    assert labels.count("寄件人：杭州市市场监督管理局市局网监处0571-00000000") == 7
    assert "以下文书没有地址，未印标签" in without
    assert letters[-1]["number"] in without
    assert "只印了" not in without


async def test_labels_of_chosen_letters_with_rare_characters(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Names that few fonts have are printed; what no font has is left out and named on the last page."""
    rare = order_example()["seller"] | {"name": "𬭎昇𠮷喆店"}
    batch_no = await told(officer, lab, seller=rare)
    chosen = [one["document_id"] for one in await queue(officer, batch_no) if one["recipient"] == "seller"]
    answer = await officer.get("/dispatches/labels.pdf", params={"document_id": chosen})
    (labels,) = text_of(answer.content)
    assert labels.count("𬭎昇𠮷喆店收") == 4

    batch_no = await ordered(officer, laboratory=laboratory("LAB-77") | {"name": "检验한院"})
    unprintable = await first_letter(officer, batch_no)
    for path in ("labels.pdf", "letters.pdf"):
        answer = await officer.get(f"/dispatches/{path}", params={"document_id": [*chosen, unprintable]})
        *printed, left_out = text_of(answer.content)
        assert "无法印出" in left_out
        assert unprintable in left_out
        assert "U+D55C" in left_out
        assert "𬭎昇𠮷喆店" in "".join(printed)
        answer = await officer.get(f"/dispatches/{path}", params={"document_id": unprintable})
        said = assert_problem(answer, 409, "letter_faulty")["detail"]
        assert "“한”（U+D55C）" in said
        assert unprintable in said
    asked = {"document_id": [*chosen, "none"]}
    assert_problem(await officer.get("/dispatches/labels.pdf", params=asked), 404, "document_unknown")


async def test_the_letters_of_the_queue_are_one_print_run(officer: httpx.AsyncClient, batch_no: str) -> None:
    """In the order of the queue, each beginning on the front of a sheet, as it is kept."""
    letters = await queue(officer, batch_no)
    answer = await officer.get("/dispatches/letters.pdf", params={"batch_no": batch_no})
    assert answer.status_code == 200, answer.text
    pages = text_of(answer.content)
    begins = [next(at for at, page in enumerate(pages) if one["number"] in page) for one in letters]
    assert begins == sorted(begins)
    at = 0
    for letter in letters:
        single = text_of((await officer.get(f"/documents/{letter['document_id']}.pdf")).content)
        assert at % 2 == 0
        assert pages[at : at + len(single)] == single
        at += len(single)
        if at % 2 and letter is not letters[-1]:
            assert pages[at] == ""
            at += 1
    assert at == len(pages)
    with pikepdf.open(BytesIO(answer.content)) as whole:
        assert {tuple(round(float(side)) for side in page.mediabox) for page in whole.pages} == {
            (0, 0, 595, 842)
        }
