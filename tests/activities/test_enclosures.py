"""The report goes out with the letter that tells of its result, where its file is kept (§6)."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities import enclosures
from activities.outgoing import SmtpPort
from evidence.keyring import RootKeys
from evidence.opening import evidence_room
from evidence.uploading import Offered, Uploads
from law.vocabulary import DocumentKind
from messages.records import Paper
from settings import Settings
from store.documents.dispatches import DispatchSearch, dispatches
from store.evidence.kept import KeptEvidence
from tests.activities.mailbox import Mailbox
from tests.activities.test_dispatching import mail, make_out
from tests.store.builders import OFFICER, open_one, paper

REPORT = b"%PDF-1.7\n" + bytes(range(256)) * 2000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path, evidence_keys=tmp_path / "keys")
    RootKeys(made.evidence_keys_folder).ensure()
    return made


@pytest.fixture
async def batch_no(engine: AsyncEngine) -> str:
    return (await open_one(engine)).batch_no


@pytest.fixture
async def report(engine: AsyncEngine, settings: Settings, batch_no: str) -> KeptEvidence:
    """Kept with the batch."""

    async def pieces() -> AsyncIterator[bytes]:
        yield REPORT

    taking_in = Uploads(evidence_room(settings, engine), lambda _: 2**50)
    offered = Offered(batch_no, "检验报告.pdf", len(REPORT), None, "周保管", OFFICER)
    upload = await taking_in.begin(offered, 5)
    kept = await taking_in.receive(upload.upload_id, OFFICER, 0, pieces())
    assert isinstance(kept, KeptEvidence)
    return kept


def notice(sha256: str, of: str = "检验报告", **fields: object) -> Paper:
    base, file = paper("d-1"), {"reference": "BG-1", "sha256": sha256, "keeper": "周保管"}
    told = base.fields | {"report": {"report_no": "JY-1", "file": file}}
    return paper("d-1", fields=told, field_titles=base.field_titles | {"report": of}, **fields)


async def mailed(
    engine: AsyncEngine, settings: Settings, mailbox: Mailbox, url: str, batch_no: str, letter_out: Paper
) -> tuple[str, list[EmailMessage]]:
    """What the one letter says, and what is attached beside the letter itself."""
    port = SmtpPort(url, "choujian@bureau.example")
    await make_out(engine, batch_no, port, letter_out)
    await mail(engine, batch_no, port, "d-1", settings=settings)
    (letter,) = mailbox.letters
    body = letter.get_body()
    assert isinstance(body, EmailMessage)
    first, *more = letter.iter_attachments()
    assert first.get_content_type() == "application/pdf"
    return body.get_content(), [one for one in more if isinstance(one, EmailMessage)]


@pytest.mark.parametrize(
    ("kind", "of"),
    [(DocumentKind.RESULT_NOTICE, "检验报告"), (DocumentKind.RETEST_RESULT_NOTICE, "复检报告")],
)
async def test_the_report_goes_along(
    engine: AsyncEngine,
    settings: Settings,
    mailbox: Mailbox,
    smtp_url: str,
    batch_no: str,
    report: KeptEvidence,
    kind: DocumentKind,
    of: str,
) -> None:
    """Byte for byte, under its name; the letter says which it is."""
    letter = notice(report.sha256, of, kind=kind)
    said, (attached,) = await mailed(engine, settings, mailbox, smtp_url, batch_no, letter)
    assert attached.get_content() == REPORT
    assert (attached.get_filename(), attached.get_content_type()) == ("检验报告.pdf", "application/pdf")
    assert f"随附{of}：检验报告.pdf（{len(REPORT):,} 字节，SHA-256 {report.sha256}）" in said


@pytest.mark.parametrize("why", ["too large", "lost"])
async def test_one_that_cannot_go_along_is_told_of(
    engine: AsyncEngine,
    settings: Settings,
    mailbox: Mailbox,
    smtp_url: str,
    batch_no: str,
    report: KeptEvidence,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With its digest, and how it is had; the letter leaves all the same."""
    if why == "too large":
        monkeypatch.setattr(enclosures, "LARGEST", len(REPORT) - 1)
    else:
        evidence_room(settings, engine).files.delete(report.evidence_id)
    said, attached = await mailed(engine, settings, mailbox, smtp_url, batch_no, notice(report.sha256))
    assert attached == []
    assert report.sha256 in said
    assert "请持本通知书向我局索取" in said


async def test_another_batchs_and_what_nobody_keeps_do_not_go_along(
    engine: AsyncEngine, settings: Settings, mailbox: Mailbox, smtp_url: str, report: KeptEvidence
) -> None:
    other = (await open_one(engine)).batch_no
    said, attached = await mailed(engine, settings, mailbox, smtp_url, other, notice(report.sha256))
    assert attached == []
    assert "SHA-256" not in said.replace("SHA-256 摘要", "")
    assert "检验报告.pdf" not in said


async def test_the_list_for_the_post_names_it(
    engine: AsyncEngine, batch_no: str, report: KeptEvidence, smtp_url: str
) -> None:
    """Of a letter that goes by hand."""
    port = SmtpPort(smtp_url, "choujian@bureau.example")
    await make_out(engine, batch_no, port, notice(report.sha256, email=None))
    (letter,) = (await dispatches(engine, DispatchSearch(batch_no=batch_no))).items
    assert letter.encloses == f"检验报告.pdf（SHA-256 {report.sha256}）"
