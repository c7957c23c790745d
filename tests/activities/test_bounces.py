"""What mail servers report of letters, read from a real mailbox: filed once, noted, or shown to people."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, ScheduleHandle
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from activities import bounces
from activities.bounces import Bounces
from activities.mailbox import MailError, OpenMailbox, mailbox_at
from activities.outgoing import OutboxOnly
from law.calendar import day_in_shanghai
from law.vocabulary import Role
from messages.envelope import StepEnvelope
from messages.steps import StepName
from settings import SettingFaulty, Settings
from store.documents import outbox
from store.documents.papers import HandedOver
from store.ledger import batches, filings
from store.mails import unread
from store.reads import read_model
from temporal import schedules
from tests.activities.imap import PASSWORD, ImapServer, imap_server, report
from tests.activities.test_dispatching import make_out
from tests.store.builders import open_one, paper, until
from worker import run_worker

__all__ = ["imap_server"]
SEEN, FLAGGED = {"\\Seen"}, {"\\Seen", "\\Flagged"}


@pytest.fixture
async def server(imap_server: ImapServer) -> AsyncIterator[ImapServer]:
    await imap_server.start()
    return imap_server


@pytest.fixture
async def letter(engine: AsyncEngine) -> str:
    """A result notice that was mailed."""
    return await mailed(engine)


async def mailed(engine: AsyncEngine, name: str = "result_notice-seller-1", channel: str = "email") -> str:
    opening = await open_one(engine)
    document_id = f"{opening.batch_no}-{name}"
    # Made out as for a mail server, which is not what is tried here.
    port = OutboxOnly()
    port.at_once = lambda _paper: None  # type: ignore[method-assign]
    await make_out(engine, opening.batch_no, port, paper(document_id))
    await outbox.mark_sent(engine, document_id, HandedOver(channel, "seller@example.com <m@b>"))
    return document_id


async def read(engine: AsyncEngine, server: ImapServer) -> int:
    settled: int = await ActivityEnvironment().run(Bounces(engine, mailbox_at(server.url)).read)
    return settled


async def filed(engine: AsyncEngine) -> list[StepEnvelope]:
    return await filings.unsignalled(engine, -60, 10)


async def detail(engine: AsyncEngine, document_id: str) -> str | None:
    (shown,) = (
        await read_model.batch(engine, await read_model.batch_of_document(engine, document_id))
    ).documents
    return shown.detail


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "postfix-failed",
            "550 5.1.1 <seller@example.com>: Recipient address rejected: "
            "User unknown in virtual mailbox table",
        ),
        (
            "exchange-failed",
            "554 5.2.2 mailbox full; "
            "STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
        ),
    ],
)
async def test_a_bounce_is_filed_once(
    engine: AsyncEngine, server: ImapServer, letter: str, name: str, reason: str
) -> None:
    """However often it comes, and though it be read again: one step of the system, with what was said."""
    await server.put(report(name, letter), report(name, letter))
    assert await read(engine, server) == 2
    await server.put(report(name, letter))
    assert await read(engine, server) == 1
    assert await read(engine, server) == 0
    (step,) = await filed(engine)
    assert (step.step, step.actor.role) == (StepName.DELIVERY_FAILED, Role.SYSTEM)
    assert step.body == {
        "notice": "result_notice",
        "recipient": "seller",
        "document_id": letter,
        "failed_on": str(day_in_shanghai(datetime.now(UTC))),
        "cause": "email_bounced",
        "reason": reason,
        "tracking_no": None,
    }
    assert await server.flags() == [SEEN] * 3


async def test_a_bounce_told_again_on_another_day_is_the_same(
    engine: AsyncEngine, server: ImapServer, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day on which it became known is that of the first report; the second is marked as read."""
    await server.put(report("postfix-failed", letter))
    await read(engine, server)
    (first,) = await filed(engine)

    async def tomorrow(*_args: object) -> datetime:
        return datetime.now(UTC) + timedelta(days=1)

    monkeypatch.setattr(filings, "clock", tomorrow)
    await server.put(report("postfix-failed", letter))
    await read(engine, server)
    assert await filed(engine) == [first]
    assert await server.flags() == [SEEN, SEEN]


async def test_a_bounce_of_a_fast_forwarded_batch_has_its_own_day(
    engine: AsyncEngine, server: ImapServer, letter: str
) -> None:
    """The ledger's clock of that batch, not the machine's."""
    then = datetime.now(UTC) + timedelta(days=30)
    await filings.follow_clock(engine, await read_model.batch_of_document(engine, letter), then)
    await server.put(report("postfix-failed", letter))
    await read(engine, server)
    (step,) = await filed(engine)
    assert step.body["failed_on"] == str(day_in_shanghai(then))


@pytest.mark.parametrize("killed", ["settle", "file_step"])
async def test_nothing_is_lost_when_the_reader_is_killed(
    engine: AsyncEngine, server: ImapServer, letter: str, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    """Filed first, then marked: killed before or between, the next round files it once and marks it."""

    def crash(*_args: object, **_named: object) -> None:
        raise ConnectionResetError("killed")

    await server.put(report("postfix-failed", letter))
    with monkeypatch.context() as at:
        at.setattr(OpenMailbox if killed == "settle" else filings, killed, crash)
        with pytest.raises(ConnectionResetError):
            await read(engine, server)
    assert await server.flags() == [set()]
    assert await read(engine, server) == 1
    assert len(await filed(engine)) == 1
    assert await server.flags() == [SEEN]


@pytest.mark.parametrize(("name", "steps"), [("postfix-failed", 1), ("postfix-delivered", 0)])
async def test_a_report_of_thousands_is_of_one_letter(
    engine: AsyncEngine, server: ImapServer, letter: str, name: str, steps: int
) -> None:
    """Anybody can mail one in. One step at most comes of it, and no more than a line in the outbox."""
    once = report(name, letter)
    block = once[once.index(b"Final-Recipient:") :].partition(b"\n\n")[0]
    others = b"".join(
        block.replace(b"seller@example.com", b"nobody-%d@example.com" % n) + b"\n\n" for n in range(3000)
    )
    forged = once.replace(block, others + block)
    await server.put(forged, *(forged.replace(b"nobody-", b"n%d-" % n) for n in range(3)))
    await read(engine, server)
    assert len(await filed(engine)) == steps
    assert len(await detail(engine, letter) or "") < 500
    assert await server.flags() == [SEEN] * 4


async def test_a_success_is_noted_and_is_no_delivery(
    engine: AsyncEngine, server: ImapServer, letter: str
) -> None:
    """The outbox says once that the recipient's server took it in; nobody is served by that."""
    await server.put(report("postfix-delivered", letter), report("postfix-delivered", letter))
    await read(engine, server)
    said = "seller@example.com <m@b>；收件服务器已转交（seller@example.com）"
    assert await detail(engine, letter) == said
    assert await filed(engine) == []
    assert await server.flags() == [SEEN, SEEN]


async def test_a_delay_is_nothing_yet(engine: AsyncEngine, server: ImapServer, letter: str) -> None:
    """The server goes on trying; it will tell in the end."""
    await server.put(report("postfix-delayed", letter))
    assert await read(engine, server) == 1
    assert await detail(engine, letter) == "seller@example.com <m@b>"
    assert await filed(engine) == []
    assert await server.flags() == [SEEN]


async def test_what_is_not_understood_is_flagged_for_people(
    engine: AsyncEngine, server: ImapServer, letter: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Bounces in words only, unknown letters, garbage: looked at once, and logged; the rest goes on."""
    await server.put(
        report("qq-plain", letter),
        report("netease-plain", letter),
        report("postfix-failed", "CJ2026-999999-result_notice-seller-1"),
        report("postfix-failed", letter).replace(b"Action: failed", b"Action: exploded"),
        report("postfix-failed", letter)[:1500],
        b"\x00\xff\xfe garbage",
        b"Subject: \r\n\r\n",
        report("postfix-failed", letter),
    )
    with caplog.at_level(logging.WARNING):
        assert await read(engine, server) == 8
    assert await read(engine, server) == 0
    assert await server.flags() == [FLAGGED] * 7 + [SEEN]
    assert caplog.text.count("is about no letter: flagged") == 7
    kept = (await unread.mails(engine)).items
    assert [mail.reason for mail in kept] == [*["no_report"] * 4, "no_letter", *["no_report"] * 2]
    assert kept[-1].subject
    assert await unread.waiting(engine) == 7
    assert len(await filed(engine)) == 1


async def test_a_letter_that_was_not_mailed_does_not_bounce(engine: AsyncEngine, server: ImapServer) -> None:
    """Whoever makes up a report of a letter that people handed over is not believed."""
    by_hand = await mailed(engine, channel="outbox")
    await server.put(report("postfix-failed", by_hand))
    await read(engine, server)
    assert await filed(engine) == []
    assert await server.flags() == [FLAGGED]


async def test_a_message_that_cannot_be_dealt_with_holds_up_no_other(
    engine: AsyncEngine, server: ImapServer, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect of ours is logged, the message flagged, and the one after it read."""
    really: Callable[[bytes], object] = bounces.read_report

    def defective(raw: bytes) -> object:
        if b"Delayed" in raw:
            raise KeyError("defect")
        return really(raw)

    monkeypatch.setattr(bounces, "read_report", defective)
    await server.put(report("postfix-delayed", letter), report("postfix-failed", letter))
    await read(engine, server)
    assert len(await filed(engine)) == 1
    assert await server.flags() == [FLAGGED, SEEN]


async def test_a_server_that_is_away_is_tried_again(
    engine: AsyncEngine,
    imap_server: ImapServer,
    letter: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The reader says so and goes on; when the server is back the bounce is filed. It ends when told."""
    monkeypatch.setattr(bounces, "_EVERY_SECONDS", 0.1)
    environment = ActivityEnvironment()
    reading = asyncio.create_task(environment.run(Bounces(engine, mailbox_at(imap_server.url)).keep_reading))
    try:
        await until(lambda: "could not read the mailbox" in caplog.text, patience_seconds=60)
        await imap_server.start()
        await imap_server.put(report("postfix-failed", letter))

        async def is_filed() -> bool:
            return len(await filed(engine)) == 1

        await until(is_filed, patience_seconds=60)
    finally:
        environment.worker_shutdown()
    assert await asyncio.wait_for(reading, 10) >= 1
    assert PASSWORD not in caplog.text


async def test_the_worker_reads_bounces_beside_the_relay(
    engine: AsyncEngine,
    temporal_client: Client,
    database_url: str,
    imap_server: ImapServer,
    letter: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The whole worker: while the mail server is away it relays all the same; then the bounce is filed."""
    monkeypatch.setattr(bounces, "_EVERY_SECONDS", 0.2)
    settings = Settings(
        database_url=database_url,
        temporal_address=temporal_client.service_client.config.target_host,
        task_queue="reads-bounces",
        bounces_url=imap_server.url,
    )
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(settings, stop))
    reading = temporal_client.get_schedule_handle(schedules.BOUNCES_ID)

    async def relayed() -> bool:
        await asyncio.sleep(0.1)
        return await batches.unstarted(engine, -60, 10) == []

    async def is_filed() -> bool:
        await asyncio.sleep(0.1)
        return len(await filed(engine)) == 1

    try:
        # Not before the worker has made it; else it would begin at the next full minute.
        await until(lambda: _triggered(reading), patience_seconds=90)
        await until(lambda: "could not read the mailbox" in caplog.text, patience_seconds=90)
        await until(relayed, patience_seconds=90)
        await imap_server.start()
        await imap_server.put(report("postfix-failed", letter))
        await until(is_filed, patience_seconds=90)
    finally:
        stop.set()
        await working
        await reading.delete()
        await temporal_client.get_schedule_handle(schedules.RELAY_ID).delete()


async def _triggered(schedule: ScheduleHandle) -> bool:
    try:
        await schedule.trigger()
    except RPCError:
        await asyncio.sleep(0.2)
        return False
    return True


async def test_nothing_is_read_where_there_is_no_mailbox(temporal_client: Client) -> None:
    """The schedule is there when it is wanted, once, and goes with the setting."""
    for wanted in (True, True, False, False):
        await schedules.keep_bounces_schedule(temporal_client, task_queue="somewhere", wanted=wanted)
        with nullcontext() if wanted else pytest.raises(RPCError):
            await temporal_client.get_schedule_handle(schedules.BOUNCES_ID).describe()


async def test_a_wrong_password_is_said_without_it(engine: AsyncEngine, server: ImapServer) -> None:
    """The server's refusal is an error like its being away, and holds no secret."""
    mailbox = replace(mailbox_at(server.url), password="wrong-password")
    with pytest.raises(MailError) as refused:
        await ActivityEnvironment().run(Bounces(engine, mailbox).read)
    assert "wrong-password" not in repr(refused.value) + repr(mailbox)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("imaps://u%40qq.com:p%2Fw@imap.qq.com/%E9%80%80%E4%BF%A1", ("imap.qq.com", 993, True, "退信")),
        ("imaps://u@163.com:pw@imap.163.com:1993", ("imap.163.com", 1993, True, "INBOX")),
        ("imap://u:pw@127.0.0.1:3143/INBOX/bounces", ("127.0.0.1", 3143, False, "INBOX/bounces")),
    ],
)
def test_an_address_says_where_the_mailbox_is(url: str, expected: tuple[str, int, bool, str]) -> None:
    """Host, port, TLS and folder; an account may have an @ in its name."""
    mailbox = mailbox_at(url)
    assert (mailbox.host, mailbox.port, mailbox.tls, mailbox.folder) == expected


@pytest.mark.parametrize(
    "url",
    ["imap.qq.com", "https://u:geheim@h", "imaps://u@h", "imaps://u:geheim@", "imaps://u:geheim%0A@h",
     "imaps://u:geheim@h:port", "imaps://u:%E5%AF%86geheim@h"],
)  # fmt: skip
def test_a_wrong_address_is_refused_without_its_password(url: str) -> None:
    """One sentence that says the form."""
    with pytest.raises(SettingFaulty, match="CHOUJIAN_BOUNCES_URL") as refused:
        mailbox_at(url)
    assert "geheim" not in str(refused.value)
