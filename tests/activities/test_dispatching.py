"""Documents leave once: by e-mail over a real SMTP server, on the website, or by people's hands."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities import dispatch
from activities.dispatch import Dispatching
from activities.enclosures import Enclosures
from activities.outgoing import OutboxOnly, OutgoingPort, SmtpPort
from activities.record import Recording
from evidence.opening import evidence_room
from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Recipient
from letters.typesetting import Typesetter
from local.embedded.ports import free_port
from messages.records import DispatchInput, DispatchResult, Paper, RecordResult, TimelineKind
from settings import Settings
from store.calendars.in_force import AnnouncedCalendar
from store.documents import dispatches, letters, outbox, published
from store.reads import read_model
from temporal.payloads import InMemory
from tests.activities.mailbox import Mailbox
from tests.store.builders import change, open_one, paper, snapshot, until

TYPESETTER = Typesetter("https://bureau.example")
CUT_OFF_WHO_WAITS = text("""
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()
""")


async def make_out(engine: AsyncEngine, batch_no: str, port: OutgoingPort, *papers: Paper) -> RecordResult:
    """The record they are made out in."""
    recording = Recording(engine, AnnouncedCalendar(engine), port, TYPESETTER, time_skipping=False)
    on_record = (await read_model.batch(engine, batch_no)).snapshot.version
    what = change(snapshot(batch_no, on_record + 1), papers=papers)
    result: RecordResult = await ActivityEnvironment().run(recording.record, InMemory(what))
    return result


def dispatching_by(engine: AsyncEngine, port: OutgoingPort, settings: Settings | None = None) -> Dispatching:
    """With the evidence of these settings; where a letter names none, of nobody's."""
    room = evidence_room(settings or Settings(), engine)
    return Dispatching(engine, port, TYPESETTER, Enclosures(room))


async def mail(
    engine: AsyncEngine,
    batch_no: str,
    port: OutgoingPort,
    *document_ids: str,
    settings: Settings | None = None,
) -> DispatchResult:
    given = DispatchInput(batch_no=batch_no, document_ids=document_ids)
    result: DispatchResult = await ActivityEnvironment().run(
        dispatching_by(engine, port, settings).dispatch, given
    )
    return result


async def test_a_letter_leaves_once(engine: AsyncEngine, mailbox: Mailbox, smtp_url: str) -> None:
    """The letter can be read by people; dispatched again, it does not leave again."""
    opening = await open_one(engine)
    port = SmtpPort(smtp_url, "choujian@bureau.example")
    document_id = f"{opening.batch_no}:result_notice:seller"
    assert (await make_out(engine, opening.batch_no, port, paper(document_id))).sent == {}
    assert mailbox.letters == []
    first = await mail(engine, opening.batch_no, port, document_id)
    assert await mail(engine, opening.batch_no, port, document_id) == first
    # A later record names it again: the letter is not made out anew, and its moment is known.
    assert (await make_out(engine, opening.batch_no, port, paper(document_id))).sent == first.sent_at
    assert await mail(engine, opening.batch_no, port, document_id) == first
    (letter,) = mailbox.letters
    assert (letter["To"], letter["From"]) == ("seller@example.com", "choujian@bureau.example")
    assert letter["Subject"] == f"抽检结果通知书（{opening.batch_no}）"
    assert letter["Message-ID"] == f"<{opening.batch_no}.result_notice.seller@bureau.example>"
    body = letter.get_body()
    assert body is not None
    text = body.get_content()
    (attached,) = letter.iter_attachments()
    kept = await letters.opened(engine, document_id, TYPESETTER)
    assert attached.get_filename() == "抽检结果通知书（抽检结果通知书〔2026〕1号）.pdf".replace(
        "2026", str(day_in_shanghai(opening.opened_at).year)
    )
    assert attached.get_content() == kept.pdf
    for line in (
        "综合判定结论：不合格",
        "检验项目：耐热冲击",
        "单项判定：不合格",
        "届满日：（无）",
        "依据：§6",
    ):
        assert line in text
    (shown,) = (await read_model.batch(engine, opening.batch_no)).documents
    assert (shown.channel, shown.sent_at) == ("email", first.sent_at[document_id])
    issued, typeset, sent = await read_model.timeline(engine, opening.batch_no)
    assert (issued.kind, issued.text) == (
        TimelineKind.DOCUMENT_ISSUED,
        f"制作抽检结果通知书（{shown.number}），受送达人：示例旗舰店",
    )
    assert (typeset.kind, typeset.data["pdf_sha256"]) == (TimelineKind.DOCUMENT_TYPESET, kept.sha256)
    assert (sent.kind, sent.text) == (
        TimelineKind.DOCUMENT_SENT,
        "抽检结果通知书已发出，受送达人：示例旗舰店",
    )
    assert (sent.data["channel"], sent.at) == ("email", first.sent_at[document_id])
    assert issued.data["sha256"] == shown.sha256


async def test_a_letter_repeated_after_a_crash_is_known_for_one(
    engine: AsyncEngine, mailbox: Mailbox, smtp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Handed over but not noted, it goes again: with the same Message-ID and date, word for word."""
    opening = await open_one(engine)
    port = SmtpPort(smtp_url, "choujian@bureau.example")
    await make_out(engine, opening.batch_no, port, paper("d-1"))

    async def crash(*_args: object) -> datetime:
        raise ConnectionResetError("killed before it was noted")

    with monkeypatch.context() as killed:
        killed.setattr(outbox, "mark_sent", crash)
        killed.setattr(dispatch, "_NOTING_SECONDS", 0)
        with pytest.raises(ConnectionResetError):
            await mail(engine, opening.batch_no, port, "d-1")
    await mail(engine, opening.batch_no, port, "d-1")
    once, again = mailbox.letters
    assert once["Message-ID"] == again["Message-ID"] == "<d-1@bureau.example>"
    assert once.as_bytes() == again.as_bytes()
    kinds = [line.kind for line in await read_model.timeline(engine, opening.batch_no)]
    assert kinds.count(TimelineKind.DOCUMENT_SENT) == 1


async def test_a_letter_comes_once_though_the_database_goes_away_over_it(
    engine: AsyncEngine, superuser: AsyncEngine, mailbox: Mailbox, smtp_url: str
) -> None:
    """Handed over while nothing can be written: that it was is noted as soon as it can be."""
    opening = await open_one(engine)
    port = SmtpPort(smtp_url, "choujian@bureau.example")
    await make_out(engine, opening.batch_no, port, paper("d-1"))
    await letters.opened(engine, "d-1", TYPESETTER)
    async with superuser.connect() as elsewhere:
        await elsewhere.execute(text("lock table documents in exclusive mode"))
        mailing = asyncio.create_task(mail(engine, opening.batch_no, port, "d-1"))
        async with asyncio.timeout(20):
            while not (await elsewhere.execute(CUT_OFF_WHO_WAITS)).all():  # noqa: ASYNC110 - elsewhere
                await asyncio.sleep(0.05)
        assert len(mailbox.letters) == 1
    assert "d-1" in (await mailing).sent_at
    assert len(mailbox.letters) == 1


async def test_a_letter_comes_once_though_temporal_no_longer_knows_who_brings_it(
    engine: AsyncEngine, mailbox: Mailbox, smtp_url: str
) -> None:
    """Its database was replaced: the attempt is cut off and another begins, while the mail server is slow."""
    opening = await open_one(engine)
    port = SmtpPort(smtp_url, "choujian@bureau.example")
    await make_out(engine, opening.batch_no, port, paper("d-1"))
    mailbox.takes_seconds = 1.0
    dispatching = dispatching_by(engine, port)
    given = DispatchInput(batch_no=opening.batch_no, document_ids=("d-1",))
    first, second = ActivityEnvironment(), ActivityEnvironment()
    cut_off = asyncio.ensure_future(first.run(dispatching.dispatch, given))
    await until(lambda: mailbox.being_brought > 0)
    first.cancel()
    again: DispatchResult = await second.run(dispatching.dispatch, given)
    with pytest.raises(asyncio.CancelledError):
        await cut_off
    assert len(mailbox.letters) == 1
    assert "d-1" in again.sent_at


async def test_a_letter_that_cannot_be_printed_is_left_to_people(
    engine: AsyncEngine, mailbox: Mailbox, smtp_url: str
) -> None:
    """Nothing goes out with a box in it, nothing is tried for ever: people are told the character.

    On record it is one of which no letter can be made; asked for all the same, it is left to them.
    """
    opening = await open_one(engine)
    port = SmtpPort(smtp_url, "choujian@bureau.example")
    strange = paper("d-1", recipient_name="爆款한店")
    refused = await make_out(engine, opening.batch_no, port, strange, paper("d-2"))
    assert refused.unprintable is not None
    assert "U+D55C" in refused.unprintable["d-1"]
    assert not refused.is_written
    told = strange.model_copy(update={"unprintable": refused.unprintable["d-1"]})
    assert (await make_out(engine, opening.batch_no, port, told, paper("d-2"))).is_written
    await mail(engine, opening.batch_no, port, "d-1", "d-2")
    (letter,) = mailbox.letters
    assert letter["Message-ID"] == "<d-2@bureau.example>"
    sent = [
        e for e in await read_model.timeline(engine, opening.batch_no) if e.kind is TimelineKind.DOCUMENT_SENT
    ]
    assert [line.data["channel"] for line in sent] == ["email"]
    (queued,) = (await dispatches.dispatches(engine, dispatches.DispatchSearch(channel="outbox"))).items
    assert (queued.document_id, queued.sent_at) == ("d-1", None)
    assert "“한”（U+D55C）" in (queued.detail or "")


async def test_a_failure_is_made_good_by_the_next_attempt(
    engine: AsyncEngine, mailbox: Mailbox, smtp_url: str
) -> None:
    """What had left before the failure stays sent; the rest leaves when the server takes it."""
    opening = await open_one(engine)
    port = SmtpPort(smtp_url, "choujian@bureau.example")
    one, two = paper("d-1"), paper("d-2", email="platform@example.com")
    await make_out(engine, opening.batch_no, port, one, two)
    await mail(engine, opening.batch_no, port, "d-1")
    mailbox.refusing = "451 busy"
    with pytest.raises(Exception, match="busy"):
        await mail(engine, opening.batch_no, port, "d-1", "d-2")
    assert set((await outbox.left(engine, ["d-1", "d-2"])).sent_at) == {"d-1"}
    mailbox.refusing = None
    result = await mail(engine, opening.batch_no, port, "d-1", "d-2")
    assert set(result.sent_at) == {"d-1", "d-2"}
    assert [letter["To"] for letter in mailbox.letters] == ["seller@example.com", "platform@example.com"]
    kinds = [line.kind for line in await read_model.timeline(engine, opening.batch_no)]
    assert kinds.count(TimelineKind.DOCUMENT_ISSUED) == kinds.count(TimelineKind.DOCUMENT_SENT) == 2


async def test_an_address_refused_for_good_is_handed_over_by_people(
    engine: AsyncEngine, mailbox: Mailbox, smtp_url: str
) -> None:
    """A letter nobody can be mailed waits in the outbox, and the batch goes on."""
    opening = await open_one(engine)
    port = SmtpPort(smtp_url, "choujian@bureau.example")
    mailbox.unknown = "gone@example.com"
    await make_out(engine, opening.batch_no, port, paper("d-1", email="gone@example.com"), paper("d-2"))
    result = await mail(engine, opening.batch_no, port, "d-1", "d-2")
    assert (set(result.sent_at), set(result.failed)) == ({"d-2"}, {"d-1"})
    channels = {
        d.document_id: d.channel for d in (await read_model.batch(engine, opening.batch_no)).documents
    }
    assert channels == {"d-1": "outbox", "d-2": "email"}


async def test_no_server_is_a_failure(engine: AsyncEngine) -> None:
    """A document is never taken for sent because nobody answered."""
    opening = await open_one(engine)
    port = SmtpPort(f"smtp://127.0.0.1:{free_port()}", "a@b.example")
    await make_out(engine, opening.batch_no, port, paper("d-1"))
    with pytest.raises(OSError):  # noqa: PT011 (the system's own words)
        await mail(engine, opening.batch_no, port, "d-1")
    assert (await outbox.left(engine, ["d-1"])).sent_at == {}
    (shown,) = (await read_model.batch(engine, opening.batch_no)).documents
    assert (shown.status, shown.sent_at, shown.channel) == ("to_send", None, None)


async def test_without_an_address_people_hand_it_over(
    engine: AsyncEngine, mailbox: Mailbox, smtp_url: str
) -> None:
    """The public's papers are published, those without e-mail lie in the outbox; no letter leaves by mail."""
    opening = await open_one(engine)
    port = SmtpPort(smtp_url, "a@b.example")
    public = {"recipient": Recipient.PUBLIC, "recipient_name": "社会公众", "email": "all@example.com"}
    papers = (paper("d-1", email=None), paper("d-2", kind=DocumentKind.PUBLICATION, **public))
    left = await make_out(engine, opening.batch_no, port, *papers)
    assert set(left.sent) == {"d-1", "d-2"}
    assert (await mail(engine, opening.batch_no, port, "d-1", "d-2")).sent_at == left.sent
    assert mailbox.letters == []
    shown = {d.document_id: d.channel for d in (await dispatches.dispatches(engine)).items}
    assert shown == {"d-1": "outbox", "d-2": "website"}
    assert [d.document_id for d in (await published.results(engine)).items] == ["d-2"]


async def test_a_letter_outlives_its_mail_server(
    engine: AsyncEngine, mailbox: Mailbox, smtp_url: str
) -> None:
    """Made out for the mail, dispatched by a worker that has none any more: people hand it over."""
    opening = await open_one(engine)
    await make_out(engine, opening.batch_no, SmtpPort(smtp_url, "a@b.example"), paper("d-1"))
    result = await mail(engine, opening.batch_no, OutboxOnly(), "d-1")
    assert (result.sent_at, result.by_hand) == ({}, ("d-1",))
    assert mailbox.letters == []
    (shown,) = (await dispatches.dispatches(engine)).items
    assert (shown.channel, shown.sent_at) == ("outbox", None)


@pytest.mark.parametrize(
    ("recipient", "email", "by_smtp", "by_outbox"),
    [
        (Recipient.SELLER, "seller@example.com", None, "outbox"),
        (Recipient.SELLER, None, "outbox", "outbox"),
        (Recipient.PUBLIC, "all@example.com", "website", "website"),
        (Recipient.PUBLIC, None, "website", "website"),
    ],
)
def test_what_leaves_at_once(
    smtp_url: str, recipient: Recipient, email: str | None, by_smtp: str | None, by_outbox: str
) -> None:
    """Only a letter to an e-mail address waits for the mail."""
    letter = paper("d-1", recipient=recipient, email=email)
    smtp, outbox = SmtpPort(smtp_url, "a@b.example").at_once(letter), OutboxOnly().at_once(letter)
    assert (smtp and smtp.channel, outbox and outbox.channel) == (by_smtp, by_outbox)
