"""Letters in the post queue and on the public site, and followed after their batch has closed (§5, §6)."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from law.calendar import chinese_day, day_in_shanghai
from law.vocabulary import DocumentKind, Phase, Recipient, Role, Term, WaitKind
from local.scenarios.courses import (
    CONFORMING,
    NONCONFORMING,
    RETESTED,
    Do,
    example_body,
    posted,
)
from messages.envelope import RefusalCode, StepEnvelope
from messages.snapshot import DocumentState, DocumentStatus, Snapshot, Wait
from messages.steps import StepName
from signalling import signal_step
from store.documents import dispatches, published
from store.ledger import batches
from store.reads import read_model
from temporal import running
from tests.procedure.conftest import QUEUE, Table

OFFICER, SUPERVISOR, SYSTEM = Role.OFFICER, Role.SUPERVISOR, Role.SYSTEM
TO_POST = dispatches.DispatchSearch(dispatches.DispatchState.TO_POST)
BOUNCED = {"cause": "email_bounced", "reason": "550 5.1.1 收件人邮箱不存在"}
# Three results told, none of them received yet.
TOLD = (*NONCONFORMING[:-3], *posted("result_notice", "seller", "platform"))
OVERTURNED = (
    *RETESTED,
    Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, CONFORMING, "复检合格"),
    *posted("retest_result_notice", "seller", "platform"),
    *(
        Do(SUPERVISOR, StepName.DELIVERY_GIVEN_UP, {"notice": "retest_result_notice", "recipient": recipient})
        for recipient in ("seller", "platform")
    ),
)


def letter(snapshot: Snapshot, kind: DocumentKind, recipient: Recipient) -> DocumentState:
    return [d for d in snapshot.documents if (d.kind, d.recipient) == (kind, recipient)][-1]


def result_notice(snapshot: Snapshot, recipient: Recipient = Recipient.SELLER) -> DocumentState:
    return letter(snapshot, DocumentKind.RESULT_NOTICE, recipient)


def confirmations(snapshot: Snapshot) -> list[Wait]:
    return [wait for wait in snapshot.waits if wait.term is Term.RETURN_CONFIRMED]


async def in_outbox(table: Table, document_id: str) -> Any:
    async with table.engine.connect() as connection:
        found = await connection.execute(
            text("select * from outbox where document_id = :id"), {"id": document_id}
        )
        return found.one()


async def test_a_letter_in_the_post_queue_is_not_sent(table: Table) -> None:
    """Made out and not handed over: the duty to send runs on, and nobody waits for its delivery."""
    batch_no = await table.opened(NONCONFORMING[:-3])
    snapshot = await table.snapshot(batch_no)
    notice = result_notice(snapshot)
    assert (notice.status, notice.by_hand, notice.sent_on) == (DocumentStatus.TO_SEND, True, None)
    waits = {wait.id for wait in snapshot.waits}
    assert "result_notice_sent" in waits
    assert "notice_delivered:result_notice:seller" not in waits
    row = await in_outbox(table, notice.document_id)
    assert (row.status, row.channel, row.handed_over_at) == ("to_send", "outbox", None)
    queue = await dispatches.dispatches(table.engine, TO_POST)
    assert notice.document_id in {one.document_id for one in queue.items}
    told = await read_model.timeline(table.engine, batch_no)
    assert f"document-sent:{notice.document_id}" not in {line.key for line in told}


async def test_a_posted_letter_has_its_number_and_goes_on_being_followed(table: Table) -> None:
    """The number is on the document and in the post queue; that it arrived is still to be recorded."""
    batch_no = await table.opened(NONCONFORMING[:-3])
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED)).accepted
    snapshot = await table.snapshot(batch_no)
    notice = result_notice(snapshot)
    today = day_in_shanghai(await table.clock(batch_no))
    assert (notice.status, notice.sent_on, notice.posted_on, notice.carrier, notice.tracking_no) == (
        DocumentStatus.SENT,
        today,
        today,
        "EMS",
        "1234567890123",
    )
    assert "notice_delivered:result_notice:seller" in {wait.id for wait in snapshot.waits}
    row = await in_outbox(table, notice.document_id)
    assert (row.status, row.posted_on, row.tracking_no) == ("sent", today, "1234567890123")
    told = await read_model.timeline(table.engine, batch_no)
    (sent,) = [line for line in told if line.key == f"document-sent:{notice.document_id}"]
    assert (sent.data["channel"], sent.data["sent_on"]) == ("outbox", str(today))


async def test_a_delivered_letter_has_its_proof(table: Table) -> None:
    """How it was delivered and the number of its receipt stand on the document."""
    batch_no = await table.opened(NONCONFORMING)
    notice = result_notice(await table.snapshot(batch_no))
    assert (notice.status, notice.proof) == (DocumentStatus.DELIVERED, "邮寄送达，HZ-2026-0001")
    assert (await in_outbox(table, notice.document_id)).proof == notice.proof
    again = await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED)
    assert (again.accepted, again.code) == (False, RefusalCode.ALREADY_DONE)


async def test_a_bounce_announces_nothing_until_an_officer_confirms(table: Table) -> None:
    """A bounced e-mail is a sign; the officer's word makes an announcement of it, and the window runs."""
    batch_no = await table.opened(TOLD)
    assert (await table.example(batch_no, SYSTEM, StepName.DELIVERY_FAILED, **BOUNCED)).accepted
    snapshot = await table.snapshot(batch_no)
    notice = result_notice(snapshot)
    assert (notice.status, notice.failure) == (
        DocumentStatus.SENT,
        "电子邮件被退回：550 5.1.1 收件人邮箱不存在",
    )
    (wait,) = confirmations(snapshot)
    assert (wait.kind, wait.role, wait.step) == (WaitKind.DUTY, OFFICER, StepName.NOTICE_RETURNED)
    details = (await table.handle(batch_no).query("__temporal_workflow_metadata")).current_details
    parcel = f"- {notice.document_id}（网络商品经营者，EMS EM000000001CN）"
    assert details.endswith(f"{parcel}：电子邮件被退回"), "not what a server wrote"
    assert wait.title == "确认退回公告或改用其他方式送达（抽检结果通知书，网络商品经营者，电子邮件被退回）"
    assert wait.last_day is not None
    assert not [d for d in snapshot.documents if d.kind is DocumentKind.ANNOUNCEMENT]
    assert (await in_outbox(table, notice.document_id)).failure == notice.failure

    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED)).accepted
    snapshot = await table.snapshot(batch_no)
    notice = result_notice(snapshot)
    announcement = letter(snapshot, DocumentKind.ANNOUNCEMENT, Recipient.PUBLIC)
    assert (notice.status, notice.failure) == (DocumentStatus.ANNOUNCED, None)
    assert notice.proof == f"公告（{announcement.document_id}）"
    assert confirmations(snapshot) == []
    window = await table.wait(batch_no, "objection_filed:seller")
    assert window.starts_on == announcement.sent_on
    shown = await published.announcements(table.engine, published.Search(), limit=50, cursor=None)
    assert announcement.document_id in {one.document_id for one in shown.items}


async def test_a_return_taken_up_on_a_later_day_is_announced_with_that_days_window(table: Table) -> None:
    """Filed before midnight, decided after: what is printed is counted from the day of publication."""
    batch_no = await table.opened(TOLD)
    body = example_body(StepName.NOTICE_RETURNED, await table.clock(batch_no))
    filed = await table.file(batch_no, OFFICER, StepName.NOTICE_RETURNED, body)
    await table.fast_forward(batch_no, timedelta(days=1))
    await table.signal(filed)
    assert (await table.decision(filed.step_id)).accepted
    window = await table.wait(batch_no, "objection_filed:seller")
    (announced,) = [
        d for d in (await read_model.batch(table.engine, batch_no)).documents if d.kind == "announcement"
    ]
    assert announced.sent_at is not None
    assert window.starts_on == day_in_shanghai(announced.sent_at)
    assert announced.fields["last_day"].startswith(f"{chinese_day(window.last_day)}24时届满")


async def test_a_letter_is_followed_after_its_batch_has_closed(table: Table) -> None:
    """A retest turned the result, its last letters were given up: one turns up after all, and comes back."""
    batch_no = await table.opened(OVERTURNED)
    await table.closed(batch_no)
    now = await table.clock(batch_no)
    to_seller = {"notice": "retest_result_notice", "recipient": "seller"}
    for step in (StepName.NOTICE_POSTED, StepName.NOTICE_RETURNED):
        envelope = await table.file(batch_no, OFFICER, step, example_body(step, now, to_seller))
        await _taken_up_again(table, envelope)
        assert (await table.decision(envelope.step_id)).accepted
        await table.closed(batch_no)
    snapshot = (await read_model.batch(table.engine, batch_no)).snapshot
    told = letter(snapshot, DocumentKind.RETEST_RESULT_NOTICE, Recipient.SELLER)
    announcement = letter(snapshot, DocumentKind.ANNOUNCEMENT, Recipient.PUBLIC)
    assert (snapshot.phase, told.status) == (Phase.CLOSED, DocumentStatus.ANNOUNCED)
    assert (told.tracking_no, told.proof) == ("1234567890123", f"公告（{announcement.document_id}）")


async def test_two_steps_that_take_up_a_closed_batch_at_once_both_count(table: Table) -> None:
    """Who has read the kept case goes on from it before the other can change it and close the batch again."""
    batch_no = await table.opened(OVERTURNED)
    await table.closed(batch_no)
    now = await table.clock(batch_no)
    filed = [
        await table.file(
            batch_no,
            OFFICER,
            StepName.NOTICE_POSTED,
            example_body(
                StepName.NOTICE_POSTED, now, {"notice": "retest_result_notice", "recipient": recipient}
            ),
        )
        for recipient in ("seller", "platform")
    ]
    async with batches.taking_up(table.engine, batch_no) as kept:
        assert kept is not None
        other = asyncio.create_task(_taken_up_again(table, filed[0]))
        done, _ = await asyncio.wait([other], timeout=1)
        assert not done
        await running.take_up(
            table.skipper.client, kept.opening, kept.carried, kept.phase, kept.ahead, task_queue=QUEUE
        )
    await other
    assert [(await table.decision(step.step_id)).accepted for step in filed] == [True, True]
    await table.closed(batch_no)
    snapshot = (await read_model.batch(table.engine, batch_no)).snapshot
    posted = [
        letter(snapshot, DocumentKind.RETEST_RESULT_NOTICE, recipient).tracking_no
        for recipient in (Recipient.SELLER, Recipient.PLATFORM)
    ]
    assert posted == ["1234567890123"] * 2


async def _taken_up_again(table: Table, envelope: StepEnvelope) -> None:
    assert await signal_step(table.engine, table.skipper.client, envelope, task_queue=QUEUE) is None
