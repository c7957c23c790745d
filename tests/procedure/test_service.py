"""Every letter is followed to its end: posted, delivered, or back, confirmed and announced (§5, §6)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Phase, Recipient, Role, Term, WaitKind
from local.scenarios.courses import (
    BOTH_SERVED,
    CONFORMING,
    NONCONFORMING,
    PRODUCER_ACCEPTS,
    REFERRED,
    RETESTED,
    SEALED,
    Do,
    delivered,
    example_body,
)
from messages.envelope import RefusalCode, StepEnvelope
from messages.snapshot import DocumentState, DocumentStatus, Snapshot, Wait
from messages.steps import StepName
from store.documents import published
from store.ledger import batches
from store.reads import read_model
from temporal import running
from tests.procedure.conftest import QUEUE, Table

OFFICER, SYSTEM = Role.OFFICER, Role.SYSTEM
BOUNCED = {"cause": "email_bounced", "reason": "550 5.1.1 收件人邮箱不存在"}
# Three results told, none of them received yet.
TOLD = NONCONFORMING[:-3]
NO_ADDRESS = {"producer": {"name": "不详制造厂", "address": None}}


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


async def test_a_posted_letter_has_its_number_and_goes_on_being_followed(table: Table) -> None:
    """The number is on the document and in the post queue; that it arrived is still to be recorded."""
    batch_no = await table.opened(TOLD)
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED)).accepted
    snapshot = await table.snapshot(batch_no)
    notice = result_notice(snapshot)
    today = day_in_shanghai(await table.clock(batch_no))
    assert (notice.status, notice.posted_on, notice.carrier, notice.tracking_no) == (
        DocumentStatus.SENT,
        today,
        "EMS",
        "1234567890123",
    )
    assert "notice_delivered:result_notice:seller" in {wait.id for wait in snapshot.waits}
    row = await in_outbox(table, notice.document_id)
    assert (row.status, row.posted_on, row.tracking_no) == ("sent", today, "1234567890123")


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
    assert f"- {notice.document_id}（示例旗舰店）：{notice.failure}" in details
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


async def test_a_letter_that_bounced_is_sent_another_way(table: Table) -> None:
    """Posted instead, nobody need confirm anything; delivered, its window opens as ever."""
    batch_no = await table.opened(TOLD)
    await table.example(batch_no, SYSTEM, StepName.DELIVERY_FAILED, **BOUNCED)
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED)).accepted
    snapshot = await table.snapshot(batch_no)
    assert (confirmations(snapshot), result_notice(snapshot).failure) == ([], None)
    await table.at(batch_no, [delivered("result_notice", "seller")])
    assert (await table.wait(batch_no, "objection_filed:seller")).kind is WaitKind.RIGHT


async def test_a_posting_recorded_late_does_not_undo_the_return_that_came_after(table: Table) -> None:
    """Back on the 3rd day, and only then it is recorded that it was posted on the 1st; posted anew, it is."""
    batch_no = await table.opened(TOLD)
    first = day_in_shanghai(await table.clock(batch_no))
    await table.fast_forward(batch_no, timedelta(days=2))
    await table.example(batch_no, OFFICER, StepName.DELIVERY_FAILED, cause="post_returned", reason="无人签收")
    await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED, posted_on=str(first))
    snapshot = await table.snapshot(batch_no)
    notice = result_notice(snapshot)
    assert (notice.posted_on, notice.failure) == (first, "邮件被退回：无人签收")
    assert len(confirmations(snapshot)) == 1
    await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED)
    snapshot = await table.snapshot(batch_no)
    assert result_notice(snapshot).failure is None
    assert confirmations(snapshot) == []


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
    assert announced.fields["last_day"].startswith(f"{window.last_day}（24:00届满）")


async def test_an_unconfirmed_sign_climbs(table: Table) -> None:
    """Nobody looks at it: the officer is reminded, then the supervisor is told."""
    batch_no = await table.opened(TOLD)
    await table.example(batch_no, SYSTEM, StepName.DELIVERY_FAILED, **BOUNCED)
    (wait,) = confirmations(await table.snapshot(batch_no))
    assert wait.deadline is not None
    await table.fast_forward(batch_no, wait.deadline - await table.clock(batch_no) + timedelta(minutes=1))
    await table.snapshot(batch_no)
    lines = await read_model.timeline(table.engine, batch_no)
    climbed = [line.kind for line in lines if line.data.get("wait_id") == wait.id]
    assert climbed == ["wait_opened", "reminded", "escalated"]


async def test_a_notice_to_nowhere_asks_an_officer_at_once(table: Table) -> None:
    """经营者地址不详: a producer without an address cannot be written to; it is announced."""
    batch_no = await table.opened(TOLD, **NO_ADDRESS)
    snapshot = await table.snapshot(batch_no)
    (wait,) = confirmations(snapshot)
    notice = result_notice(snapshot, Recipient.PRODUCER)
    assert wait.id == f"delivery_failed:{notice.document_id}"
    assert notice.failure == "没有可用的送达地址：订单和平台均未提供地址"
    returned = await table.example(
        batch_no, OFFICER, StepName.NOTICE_RETURNED, recipient="producer", reason="无法取得地址"
    )
    assert returned.accepted
    snapshot = await table.snapshot(batch_no)
    assert result_notice(snapshot, Recipient.PRODUCER).status is DocumentStatus.ANNOUNCED
    assert (await table.wait(batch_no, "objection_filed:producer")).kind is WaitKind.RIGHT


async def test_a_laboratorys_letter_that_bounced_is_handed_over(table: Table) -> None:
    """It is not announced: somebody sends it another way."""
    batch_no = await table.opened(())
    to_lab = {"notice": "commission_letter", "recipient": "laboratory"}
    assert (await table.example(batch_no, SYSTEM, StepName.DELIVERY_FAILED, **BOUNCED, **to_lab)).accepted
    (wait,) = confirmations(await table.snapshot(batch_no))
    assert wait.step is StepName.NOTICE_POSTED
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED, **to_lab)).accepted
    assert confirmations(await table.snapshot(batch_no)) == []


@pytest.mark.parametrize(
    ("role", "step", "changes", "code"),
    [
        (OFFICER, StepName.NOTICE_POSTED, {"notice": "retest_refusal"}, RefusalCode.NO_SUCH_NOTICE),
        (OFFICER, StepName.NOTICE_POSTED, {"document_id": "CJ-other"}, RefusalCode.NO_SUCH_NOTICE),
        (OFFICER, StepName.NOTICE_POSTED, {"posted_on": "2999-01-01"}, RefusalCode.DATE_IN_FUTURE),
        (OFFICER, StepName.NOTICE_POSTED, {"posted_on": "2020-01-01"}, RefusalCode.DATE_BEFORE_EVENT),
        (OFFICER, StepName.NOTICE_POSTED, {"tracking_no": "12 34"}, RefusalCode.UNREADABLE),
        (SYSTEM, StepName.NOTICE_POSTED, {}, RefusalCode.ROLE_NOT_ALLOWED),
        (SYSTEM, StepName.NOTICE_DELIVERED, {}, RefusalCode.ROLE_NOT_ALLOWED),
        (Role.LAB, StepName.DELIVERY_FAILED, {}, RefusalCode.ROLE_NOT_ALLOWED),
    ],
)
async def test_what_cannot_be_is_refused(
    table: Table, role: Role, step: StepName, changes: dict[str, str], code: RefusalCode
) -> None:
    """A letter that is not there, a day that cannot be, a word that is not the officer's."""
    batch_no = await table.opened(TOLD)
    decision = await table.example(batch_no, role, step, **changes)
    assert (decision.accepted, decision.code) == (False, code)


async def test_the_platforms_own_receipt_is_recorded_by_the_system(table: Table) -> None:
    """For the platform, which has no window, the answer of its system is the receipt."""
    batch_no = await table.opened(TOLD)
    receipt = {"recipient": "platform", "means": "platform", "receipt": "回执 R-1"}
    assert (await table.example(batch_no, SYSTEM, StepName.NOTICE_DELIVERED, **receipt)).accepted
    notice = result_notice(await table.snapshot(batch_no), Recipient.PLATFORM)
    assert (notice.status, notice.proof) == (DocumentStatus.DELIVERED, "通过平台送达，回执 R-1")


async def test_a_letter_is_followed_after_its_batch_has_closed(table: Table) -> None:
    """A retest turned the result: the batch closed while its last letters were under way."""
    batch_no = await table.opened(
        (*RETESTED, Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, CONFORMING, "复检合格"))
    )
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
    batch_no = await table.opened(
        (*RETESTED, Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, CONFORMING, "复检合格"))
    )
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
        await running.take_up_again(table.skipper.client, *kept, filed[1], task_queue=QUEUE)
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
    async with batches.taking_up(table.engine, envelope.batch_no) as kept:
        assert kept is not None
        await running.take_up_again(table.skipper.client, *kept, envelope, task_queue=QUEUE)


async def test_a_referral_that_is_not_concluded_climbs(table: Table) -> None:
    """Acknowledged, the authority has an internal term of ninety days; then the ladder is climbed."""
    batch_no = await table.opened(
        (
            *BOTH_SERVED,
            Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}),
            PRODUCER_ACCEPTS,
            *REFERRED[:2],
        )
    )
    wait = await table.wait(batch_no, "referral_concluded")
    assert (wait.term, wait.internal, wait.kind) == (Term.REFERRAL_CONCLUDED, True, WaitKind.DUTY)
    assert wait.deadline is not None
    await table.fast_forward(batch_no, wait.deadline - await table.clock(batch_no) + timedelta(minutes=1))
    await table.snapshot(batch_no)
    told = [
        line.kind
        for line in await read_model.timeline(table.engine, batch_no)
        if line.data.get("wait_id") == wait.id
    ]
    assert told == ["wait_opened", "reminded", "escalated"]
    await table.at(batch_no, REFERRED[-1:])
    await table.closed(batch_no)


async def test_a_sign_that_comes_for_a_letter_of_the_sampling_is_seen_to(table: Table) -> None:
    """The inspection notice comes back too: confirmed, it is announced, and no window opens from it."""
    batch_no = await table.opened(SEALED[:-3])
    about = {"notice": "inspection_notice", "recipient": "seller"}
    await table.example(batch_no, SYSTEM, StepName.DELIVERY_FAILED, **BOUNCED, **about)
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED, **about)).accepted
    snapshot = await table.snapshot(batch_no)
    notice = letter(snapshot, DocumentKind.INSPECTION_NOTICE, Recipient.SELLER)
    assert notice.status is DocumentStatus.ANNOUNCED
    assert not [wait for wait in snapshot.waits if wait.kind is WaitKind.RIGHT]
