"""Documents leave once: by e-mail over a real SMTP server, on the website, or by people's hands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities.dispatch import Dispatching
from activities.outgoing import OutboxOnly, SmtpPort, port_for
from law.vocabulary import DocumentKind, Recipient
from local.ports import free_port
from messages.records import DispatchInput, DispatchResult, Paper, TimelineKind
from settings import Settings
from store import documents, reads
from tests.store.builders import open_one


class Mailbox:
    """What the server took in; ``refusing`` is how it answers instead."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusing: str | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.refusing:
            return self.refusing
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp_url(mailbox: Mailbox) -> Iterator[str]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def paper(document_id: str, **fields: Any) -> Paper:
    values: dict[str, Any] = {
        "document_id": document_id,
        "kind": DocumentKind.RESULT_NOTICE,
        "recipient": Recipient.SELLER,
        "recipient_name": "示例旗舰店",
        "address": "浙江省杭州市西湖区示例路1号",
        "email": "seller@example.com",
        "title": "抽检结果通知书",
        "fields": {
            "verdict": "不合格",
            "items": [
                {
                    "name": "耐热冲击",
                    "standard": "GB/T 29606-2013",
                    "requirement": "无裂纹",
                    "measured": "出现裂纹",
                    "verdict": "nonconforming",
                }
            ],
            "last_day": None,
        },
        "field_titles": {"verdict": "综合判定结论", "items": "检验项目及结果", "last_day": "届满日"},
        "rests_on": "§6",
    }
    return Paper.model_validate(values | fields)


async def run(activity: Dispatching, batch_no: str, *papers: Paper) -> DispatchResult:
    given = DispatchInput(batch_no=batch_no, papers=papers, now=datetime.now(UTC))
    result: DispatchResult = await ActivityEnvironment().run(activity.dispatch, given)
    return result


async def test_a_letter_leaves_once(engine: AsyncEngine, mailbox: Mailbox, smtp_url: str) -> None:
    """The letter can be read by people; dispatched again, it does not leave again."""
    opening = await open_one(engine)
    activity = Dispatching(engine, SmtpPort(smtp_url, "choujian@bureau.example"))
    document_id = f"{opening.batch_no}:result_notice:seller"
    first = await run(activity, opening.batch_no, paper(document_id))
    assert await run(activity, opening.batch_no, paper(document_id)) == first
    (letter,) = mailbox.letters
    assert (letter["To"], letter["From"]) == ("seller@example.com", "choujian@bureau.example")
    assert letter["Subject"] == f"抽检结果通知书（{opening.batch_no}）"
    assert letter["Message-ID"] == f"<{opening.batch_no}.result_notice.seller@bureau.example>"
    text = letter.get_content()
    for line in (
        "综合判定结论：不合格",
        "检验项目：耐热冲击",
        "单项判定：不合格",
        "届满日：（无）",
        "依据：§6",
    ):
        assert line in text
    (shown,) = (await reads.batch(engine, opening.batch_no)).documents
    assert (shown.channel, shown.sent_at) == ("email", first.sent_at[document_id])


async def test_a_failure_is_made_good_by_the_next_attempt(
    engine: AsyncEngine, mailbox: Mailbox, smtp_url: str
) -> None:
    """What had left before the failure stays sent; the rest leaves when the server takes it."""
    opening = await open_one(engine)
    activity = Dispatching(engine, SmtpPort(smtp_url, "choujian@bureau.example"))
    one, two = paper("d-1"), paper("d-2", email="platform@example.com")
    await run(activity, opening.batch_no, one)
    mailbox.refusing = "451 busy"
    with pytest.raises(Exception, match="busy"):
        await run(activity, opening.batch_no, one, two)
    assert set(await documents.sent_at(engine, ["d-1", "d-2"])) == {"d-1"}
    mailbox.refusing = None
    result = await run(activity, opening.batch_no, one, two)
    assert set(result.sent_at) == {"d-1", "d-2"}
    assert [letter["To"] for letter in mailbox.letters] == ["seller@example.com", "platform@example.com"]
    kinds = [line.kind for line in await reads.timeline(engine, opening.batch_no)]
    assert kinds.count(TimelineKind.DOCUMENT_ISSUED) == kinds.count(TimelineKind.DOCUMENT_SENT) == 2


async def test_no_server_is_a_failure(engine: AsyncEngine) -> None:
    """A document is never taken for sent because nobody answered."""
    opening = await open_one(engine)
    activity = Dispatching(engine, SmtpPort(f"smtp://127.0.0.1:{free_port()}", "a@b.example"))
    with pytest.raises(OSError):  # noqa: PT011 (the system's own words)
        await run(activity, opening.batch_no, paper("d-1"))
    assert await documents.sent_at(engine, ["d-1"]) == {}


async def test_without_an_address_people_hand_it_over(
    engine: AsyncEngine, mailbox: Mailbox, smtp_url: str
) -> None:
    """The public's papers are published, those without e-mail wait in the outbox; no letter leaves."""
    opening = await open_one(engine)
    public = {"recipient": Recipient.PUBLIC, "recipient_name": "社会公众", "email": "all@example.com"}
    papers = (paper("d-1", email=None), paper("d-2", kind=DocumentKind.PUBLICATION, **public))
    result = await run(Dispatching(engine, SmtpPort(smtp_url, "a@b.example")), opening.batch_no, *papers)
    assert set(result.sent_at) == {"d-1", "d-2"}
    assert mailbox.letters == []
    shown = {d.document_id: d.channel for d in (await reads.outbox(engine)).items}
    assert shown == {"d-1": "outbox", "d-2": "website"}
    assert [d.document_id for d in (await reads.public_results(engine)).items] == ["d-2"]


def test_the_settings_choose_the_port() -> None:
    """With no SMTP configured nothing leaves by itself; a wrong address is refused in words."""
    assert isinstance(port_for(Settings()), OutboxOnly)
    assert isinstance(port_for(Settings(smtp_url="smtps://u:p%40w@mail.example:465")), SmtpPort)
    with pytest.raises(ValueError, match="CHOUJIAN_SMTP_URL"):
        port_for(Settings(smtp_url="mail.example"))
