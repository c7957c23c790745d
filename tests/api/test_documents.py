"""A batch's documents: their list, one of them, the letter as PDF, and the page behind its QR code."""

import hashlib
import re
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader

from tests.api.builders import assert_problem, eventually, laboratory, ordered

pytestmark = pytest.mark.usefixtures("working")


async def document_of(officer: httpx.AsyncClient, batch_no: str) -> dict[str, str]:
    """The batch's first document, the commission letter."""
    batch = await eventually(officer, f"/batches/{batch_no}", lambda body: body["documents"])
    await eventually(officer, f"/batches/{batch_no}", lambda body: body["documents"][0]["number"])
    listed = (await officer.get(f"/batches/{batch_no}/documents")).json()
    assert [one["document_id"] for one in listed] == [one["document_id"] for one in batch["documents"]]
    return dict(listed[0])


async def test_a_document_opens_as_a_letter(officer: httpx.AsyncClient) -> None:
    """From the list to the file: its number, an inline PDF by a Chinese name, the same bytes each time."""
    batch_no = await ordered(officer)
    document = await document_of(officer, batch_no)
    assert re.fullmatch(r"杭市监网抽委〔20\d\d〕[1-9]\d*号", document["number"])
    shown = (await officer.get(f"/documents/{document['document_id']}")).json()
    assert (shown["batch_no"], shown["number"], shown["sha256"]) == (
        batch_no,
        document["number"],
        document["sha256"],
    )
    assert shown["facts"]["bureau"] == "杭州市市场监督管理局"
    first, again = [await officer.get(f"/documents/{document['document_id']}.pdf") for _ in range(2)]
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/pdf"
    assert "filename*=UTF-8''%E7%BD%91%E7%BB%9C" in first.headers["content-disposition"]
    assert first.content == again.content
    assert first.headers["etag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'
    said = "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(first.content)).pages)
    assert document["number"] in said
    lines = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    (typeset,) = [line for line in lines if line["kind"] == "document_typeset"]
    assert typeset["data"]["pdf_sha256"] == hashlib.sha256(first.content).hexdigest()


async def test_documents_are_seen_by_those_who_see_the_batch(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    """Without a token nothing; to another laboratory they do not exist, to its own they do."""
    others, own = await ordered(officer, laboratory=laboratory("LAB-77")), await ordered(officer)
    document = (await document_of(officer, others))["document_id"]
    for path in (f"/documents/{document}", f"/documents/{document}.pdf"):
        assert_problem(await lab.get(path), 404, "document_unknown")
        assert_problem(await anybody.get(path), 401, "unauthenticated")
    assert_problem(await lab.get(f"/batches/{others}/documents"), 404, "batch_unknown")
    assert_problem(await officer.get("/documents/none"), 404, "document_unknown")
    assert_problem(await officer.get("/documents/none.pdf"), 404, "document_unknown")
    document = (await document_of(officer, own))["document_id"]
    assert (await lab.get(f"/documents/{document}.pdf")).status_code == 200


async def test_what_cannot_be_printed_is_said_and_not_printed(officer: httpx.AsyncClient) -> None:
    """A problem names the character and the document; the batch goes on as before."""
    batch_no = await ordered(officer, laboratory=laboratory("LAB-77") | {"name": "检验🔥院"})
    document = (await document_of(officer, batch_no))["document_id"]
    answer = await officer.get(f"/documents/{document}.pdf")
    assert_problem(answer, 409, "letter_faulty")
    assert "“🔥”（U+1F525）" in answer.json()["detail"]
    assert document in answer.json()["detail"]
    assert (await officer.get(f"/documents/{document}")).status_code == 200


async def test_whoever_holds_a_letter_can_verify_it(
    officer: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    """The address in the letter opens a page without script that says what it is, and whom it is not for."""
    batch_no = await ordered(officer)
    document = await document_of(officer, batch_no)
    shown = (await officer.get(f"/documents/{document['document_id']}")).json()
    pdf = (await officer.get(f"/documents/{document['document_id']}.pdf")).content
    address = shown["verification_url"]
    assert address.startswith("http://127.0.0.1:8000/verify/")
    page = await anybody.get(address.removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for part in (
        "文书真实有效",
        "网络商品质量抽查检验工作委托书",
        document["number"],
        batch_no,
        document["sha256"],
        hashlib.sha256(pdf).hexdigest(),
    ):
        assert part in page.text, part
    assert "<script" not in page.text
    for personal in (document["recipient_name"], "示例旗舰店", "儿童保温杯"):
        assert personal not in page.text


@pytest.mark.parametrize("code", ["", "0" * 20, "%3Cscript%3E", "0" * 400, "%00"])
async def test_whoever_does_not_hold_it_learns_nothing(
    officer: httpx.AsyncClient, anybody: httpx.AsyncClient, code: str
) -> None:
    """A wrong code and a document that never was get the same page."""
    document = await document_of(officer, await ordered(officer))
    wrong = await anybody.get(f"/verify/{document['document_id']}?code={code}")
    never = await anybody.get(f"/verify/none?code={code}")
    assert wrong.status_code == never.status_code == 404
    assert wrong.text == never.text
    assert "核验不通过" in wrong.text
    assert "<script>" not in wrong.text
