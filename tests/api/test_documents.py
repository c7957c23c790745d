"""A batch's documents: their list, one of them, the letter as PDF, and the page behind its QR code."""

import hashlib
import re
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy.ext.asyncio import AsyncEngine

from api.web.runtime import VERIFICATIONS_A_MINUTE
from settings import Settings
from signing.keys import Keyring
from store.documents import letters
from store.documents.papers import HandedOver, Letter
from store.ledger import record
from tests.api.builders import assert_problem, eventually, laboratory, ordered, running
from tests.store.builders import change, open_one, order, paper, snapshot

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
    batch_no = await ordered(officer, laboratory=laboratory("LAB-77") | {"name": "检验한院"})
    document = (await document_of(officer, batch_no))["document_id"]
    answer = await officer.get(f"/documents/{document}.pdf")
    assert_problem(answer, 409, "letter_faulty")
    assert "“한”（U+D55C）" in answer.json()["detail"]
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
    for fact in (document["recipient_name"], "儿童保温杯", "受送达人"):
        assert fact in page.text


async def person_s_letter(engine: AsyncEngine) -> str:
    """A result notice to a seller who is a natural person, whose name is in the goods' too; its secret."""
    of = order()
    of = of.model_copy(
        update={"seller": of.seller.model_copy(update={"name": "欧阳三丰", "natural_person": True})}
    )
    batch_no = (await open_one(engine, of)).batch_no
    notice = paper(
        f"{batch_no}-1", recipient_name="欧阳三丰", facts={"goods": "欧阳三丰手工茶", "bureau": "某市局"}
    )
    letter = Letter(notice, HandedOver("outbox", "待人工递送"))
    await record.write(engine, change(snapshot(batch_no, 1)), [letter], time_skipping=False)
    return (await letters.facts(engine, f"{batch_no}-1")).secret


async def test_a_natural_person_is_masked_and_can_be_compared(
    migrated: AsyncEngine, anybody: httpx.AsyncClient
) -> None:
    """Who only has the code learns no name; who has the paper finds out whether its name is the right one."""
    secret = await person_s_letter(migrated)
    page = await anybody.get(f"/verify/{secret.upper()}")
    assert "欧阳某某手工茶" in page.text
    assert "三丰" not in page.text
    assert "SHA-256" not in page.text, "a digest would let anybody try names"
    right = await anybody.post(f"/verify/{secret}", content="name=+%E6%AC%A7%E9%98%B3%E4%B8%89%E4%B8%B0")
    assert "姓名与文书的受送达人一致" in right.text
    assert "三丰" not in right.text
    for wrong in ("name=%E6%AC%A7%E9%98%B3%E4%B8%89", "name=", "", "%FF", "name=%3Cscript%3E"):
        answer = await anybody.post(f"/verify/{secret}", content=wrong)
        assert "不一致" in answer.text
        assert "<script>" not in answer.text
    assert (await anybody.post(f"/verify/{'2' * 26}", content="name=a")).status_code == 404


async def test_the_result_can_be_kept_with_its_signature(
    migrated: AsyncEngine, anybody: httpx.AsyncClient, settings: Settings
) -> None:
    secret = await person_s_letter(migrated)
    text = (await anybody.get(f"/verify/{secret}.txt")).text
    said = Keyring(settings.signing_folder).public()[-1].opened(text).splitlines()
    assert said[0] == "choujian-letter/1"
    assert "受送达人 欧阳某某" in said
    assert "结论 不合格" in said
    assert any(line.startswith("核验时间 20") for line in said)
    assert secret not in text


@pytest.mark.parametrize("secret", ["2" * 26, "2" * 25, "%3Cscript%3E", "0" * 400, "%00", "x.txt"])
async def test_whoever_does_not_hold_it_learns_nothing(
    officer: httpx.AsyncClient, anybody: httpx.AsyncClient, secret: str
) -> None:
    """A wrong secret and a document's own number get the same page."""
    document = await document_of(officer, await ordered(officer))
    wrong = await anybody.get(f"/verify/{secret}")
    known = await anybody.get(f"/verify/{document['document_id']}")
    assert wrong.status_code == known.status_code == 404
    assert wrong.text == known.text
    assert "核验不通过" in wrong.text
    assert "<script>" not in wrong.text


async def test_one_address_asks_so_often_and_no_more(settings: Settings, migrated: AsyncEngine) -> None:
    """429 with when to come again, for right secrets too; another address is served."""
    secret = await person_s_letter(migrated)
    async with running(settings) as application:

        async def ask(address: str) -> httpx.Response:
            transport = httpx.ASGITransport(application, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.get(f"/verify/{secret}")

        answers = [await ask("203.0.113.7") for _ in range(VERIFICATIONS_A_MINUTE + 1)]
        assert [answer.status_code for answer in answers] == [200] * VERIFICATIONS_A_MINUTE + [429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert "三丰" not in answers[-1].text
        assert "某某" not in answers[-1].text
        assert (await ask("203.0.113.8")).status_code == 200
