"""Letters that go electronically: the batch goes on meanwhile, and people hear of what does not arrive."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.common import RetryPolicy
from temporalio.testing import ActivityEnvironment, TimeSkipper

from activities import channels, relay
from activities.bounces import Bounces
from activities.mailbox import mailbox_at
from activities.outgoing import GIVEN_UP_AFTER, SmtpPort
from activities.platforms import PlatformLetters
from activities.relay import Relaying
from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Recipient, Role, WaitKind
from local.scenarios.courses import SEALED, Do, delivered, example_body, posted
from messages.snapshot import DocumentState, DocumentStatus, Snapshot
from messages.steps import StepName
from settings import Settings
from store.ledger import filings
from store.reads import read_model
from tests.activities.conftest import mailbox, smtp_url
from tests.activities.imap import ImapServer, imap_server, report
from tests.activities.mailbox import Mailbox
from tests.activities.operators import OperatorSystem, operator_system, says
from tests.procedure.conftest import Crew, Table, at_work
from tests.procedure.test_courses import keep_history
from tests.procedure.test_service import confirmations, letter, result_notice
from tests.store.builders import until
from workflows.batch import effects

__all__ = ["imap_server", "mailbox", "smtp_url"]
OFFICER = Role.OFFICER
TOLD = (*SEALED, Do(Role.OFFICER, StepName.REPORT_RECEIVED))


@pytest.fixture
async def system() -> AsyncIterator[OperatorSystem]:
    async with operator_system() as listening:
        yield listening


@pytest.fixture
def given_up_after(request: pytest.FixtureRequest) -> timedelta:
    """A day, but for a test that asks for less."""
    asked: timedelta = getattr(request, "param", GIVEN_UP_AFTER)
    return asked


@pytest.fixture
def settings(
    settings: Settings,
    system: OperatorSystem,
    smtp_url: str,
    tmp_path: Path,
    given_up_after: timedelta,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """The platform of the example order is linked; letters are mailed to who has an address."""
    monkeypatch.setattr(channels, "PlatformLetters", partial(PlatformLetters, given_up_after=given_up_after))
    monkeypatch.setattr(channels, "SmtpPort", partial(SmtpPort, given_up_after=given_up_after))
    file = system.file(tmp_path, "示例电商平台")
    return settings.model_copy(update={"platforms": file, "smtp_url": smtp_url})


@pytest.fixture
async def crew(engine: AsyncEngine, skipper: TimeSkipper, settings: Settings) -> AsyncIterator[Crew]:
    """One for each test, which has servers of its own."""
    async with at_work(engine, skipper.client, settings) as crew:
        yield crew


@pytest.fixture
def relaying(table: Table, monkeypatch: pytest.MonkeyPatch) -> Relaying:
    """A relay that takes up at once what it finds."""
    monkeypatch.setattr(relay, "_OLDER_THAN_SECONDS", 0.0)
    return table.relaying()


def to_platform(snapshot: Snapshot) -> DocumentState:
    return letter(snapshot, DocumentKind.RESULT_NOTICE, Recipient.PLATFORM)


async def test_the_platforms_receipt_is_its_delivery(
    table: Table, system: OperatorSystem, relaying: Relaying
) -> None:
    """Its system took the notice in and gave a number: nobody has to record that it arrived."""
    batch_no = await table.opened(SEALED)
    assert [message["kind"] for _, message in system.received] == ["inspection_notice"]
    system.answers = [says(200, '{"receipt": "PT-0001"}')]
    await table.at(batch_no, [Do(Role.OFFICER, StepName.REPORT_RECEIVED)])

    async def delivered_there() -> bool:
        await relaying.relay()
        return to_platform(await table.snapshot(batch_no)).status is DocumentStatus.DELIVERED

    await until(delivered_there, patience_seconds=60)
    notice = to_platform(await table.snapshot(batch_no))
    assert notice.proof == "通过平台送达，PT-0001"
    assert notice.settled_on == notice.sent_on
    assert await relaying.relay() == 0


async def test_a_batch_goes_on_while_the_platform_does_not_answer(
    table: Table, system: OperatorSystem
) -> None:
    """The seller is served and its window runs; when the platform refuses, an officer is asked."""
    batch_no = await table.opened(SEALED)
    system.answers = [says(503, retry_after="1")]
    await table.at(
        batch_no, [Do(Role.OFFICER, StepName.REPORT_RECEIVED), delivered("result_notice", "seller")]
    )
    assert (await table.wait(batch_no, "objection_filed:seller")).kind is WaitKind.RIGHT
    snapshot = await table.snapshot(batch_no)
    assert to_platform(snapshot).sent_on is None
    assert confirmations(snapshot) == []
    system.answers = [says(410)]

    async def refused() -> bool:
        return to_platform(await table.snapshot(batch_no)).failure is not None

    await until(refused, patience_seconds=60)
    snapshot = await table.snapshot(batch_no)
    (wait,) = confirmations(snapshot)
    assert (wait.kind, wait.role, wait.step) == (WaitKind.DUTY, OFFICER, StepName.NOTICE_POSTED)
    notice = to_platform(snapshot)
    assert (notice.status, notice.by_hand, notice.sent_on) == (DocumentStatus.TO_SEND, True, None)
    assert "result_notice_sent" in {wait.id for wait in snapshot.waits}
    assert notice.failure == f"平台接口未接收：127.0.0.1:{system.port}：HTTP 410"
    assert not [d for d in snapshot.documents if d.kind is DocumentKind.ANNOUNCEMENT]
    (shown,) = [
        d
        for d in (await read_model.batch(table.engine, batch_no)).documents
        if d.document_id == notice.document_id
    ]
    assert (shown.channel, shown.sent_at) == ("outbox", None)
    # Handed over another way, it has left and is served as ever; the duty to send is done with it.
    await table.at(batch_no, posted("result_notice", "producer"))
    assert "result_notice_sent" in {wait.id for wait in (await table.snapshot(batch_no)).waits}
    await table.at(batch_no, [delivered("result_notice", "platform")])
    snapshot = await table.snapshot(batch_no)
    assert confirmations(snapshot) == []
    assert "result_notice_sent" not in {wait.id for wait in snapshot.waits}
    await keep_history(table, batch_no, "electronic")


@pytest.mark.parametrize("given_up_after", [timedelta(seconds=2)], indirect=True)
async def test_a_platform_that_stays_away_is_given_up(table: Table, system: OperatorSystem) -> None:
    """Busy ever since the letter was to be sent, also by the clock of a batch that was fast-forwarded."""
    batch_no = await table.opened(SEALED)
    system.answers = [says(503, retry_after="1")]
    before = len(system.received)
    await table.at(batch_no, [Do(Role.OFFICER, StepName.REPORT_RECEIVED)])

    async def given_up() -> bool:
        return to_platform(await table.snapshot(batch_no)).failure is not None

    await until(given_up, patience_seconds=60)
    assert (to_platform(await table.snapshot(batch_no)).failure or "").endswith("小时内未能接收")
    assert len(system.received) - before > 1


@pytest.mark.parametrize("given_up_after", [timedelta(seconds=2)], indirect=True)
async def test_a_mail_server_that_stays_away_is_given_up(table: Table, mailbox: Mailbox) -> None:
    """It is not sent until people hand it over; an officer is asked to see to it, and the duty runs on."""
    batch_no = await table.opened(SEALED)
    mailbox.refusing = "451 busy"
    await table.at(batch_no, [Do(Role.OFFICER, StepName.REPORT_RECEIVED)])

    async def given_up() -> bool:
        return result_notice(await table.snapshot(batch_no)).failure is not None

    await until(given_up, patience_seconds=60)
    notice = result_notice(await table.snapshot(batch_no))
    assert (notice.failure or "").startswith("电子邮件未能发出：")
    assert (notice.failure or "").endswith("451 busy")
    snapshot = await table.snapshot(batch_no)
    assert (notice.status, notice.sent_on) == (DocumentStatus.TO_SEND, None)
    assert "result_notice_sent" in {wait.id for wait in snapshot.waits}
    assert confirmations(snapshot)
    await table.at(batch_no, [delivered("result_notice", "seller")])
    notice = result_notice(await table.snapshot(batch_no))
    assert notice.sent_on == notice.settled_on
    assert (await table.wait(batch_no, "objection_filed:seller")).kind is WaitKind.RIGHT


@pytest.mark.parametrize("given_up_after", [timedelta(days=9)], indirect=True)
async def test_mail_that_leaves_days_late_costs_nobody_a_right(
    table: Table, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever kept it that long: served by hand and objected to the day before it leaves, both count."""
    twice_a_day = RetryPolicy(initial_interval=timedelta(hours=12), backoff_coefficient=1)
    monkeypatch.setattr(effects, "_UNTIL_IT_WORKS", twice_a_day)
    batch_no = await table.opened(SEALED)
    mailbox.refusing = "451 busy"
    await table.at(batch_no, [Do(Role.OFFICER, StepName.REPORT_RECEIVED)])
    made_out = day_in_shanghai(await table.clock(batch_no))
    await table.fast_forward(batch_no, timedelta(days=1))
    steps = [
        (StepName.NOTICE_DELIVERED, {"means": "in_person", "delivered_on": str(made_out)}),
        (StepName.OBJECTION_FILED, {"filed_on": str(made_out)}),
    ]
    filed = []
    for step, changes in steps:
        body = example_body(step, await table.clock(batch_no), changes)
        filed.append(await table.file(batch_no, OFFICER, step, body))
        await table.signal(filed[-1])
    assert result_notice(await table.snapshot(batch_no)).sent_on is None
    assert [await filings.decision_of(table.engine, step.step_id) for step in filed] == [None, None]
    mailbox.refusing = None
    await table.fast_forward(batch_no, timedelta(days=1))
    decisions = [await table.decision(step.step_id) for step in filed]
    assert [decision.accepted for decision in decisions] == [True, True], decisions
    notice = result_notice(await table.snapshot(batch_no))
    assert notice.sent_on is not None
    assert notice.sent_on > made_out
    assert notice.made_out_on == notice.settled_on == made_out


async def test_a_bounce_reaches_the_officer(
    table: Table, relaying: Relaying, imap_server: ImapServer, mailbox: Mailbox
) -> None:
    """The e-mail leaves, comes back, and an officer is asked; nothing is announced by itself."""
    await imap_server.start()
    batch_no = await table.opened(TOLD)

    async def has_left() -> bool:
        return result_notice(await table.snapshot(batch_no)).sent_on is not None

    await until(has_left, patience_seconds=60)
    notice = result_notice(await table.snapshot(batch_no))
    assert f"<{notice.document_id}@localhost>" in {sent["Message-ID"] for sent in mailbox.letters}
    await imap_server.put(*[report("postfix-failed", notice.document_id)] * 2)
    reader = Bounces(table.engine, mailbox_at(imap_server.url))
    await ActivityEnvironment().run(reader.read)
    await relaying.relay()

    async def asked() -> bool:
        return bool(confirmations(await table.snapshot(batch_no)))

    await until(asked, patience_seconds=60)
    snapshot = await table.snapshot(batch_no)
    (wait,) = confirmations(snapshot)
    assert (wait.kind, wait.role, wait.step) == (WaitKind.DUTY, OFFICER, StepName.NOTICE_RETURNED)
    assert (result_notice(snapshot).failure or "").startswith("电子邮件被退回：550 5.1.1 ")
    assert not [d for d in snapshot.documents if d.kind is DocumentKind.ANNOUNCEMENT]
