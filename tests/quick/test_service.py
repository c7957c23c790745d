"""Every letter is followed to its end: posted, delivered, or back, confirmed and announced (§5, §6)."""

from datetime import timedelta

import pytest

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Recipient, Role, Term, WaitKind
from local.scenarios.courses import (
    BOTH_SERVED,
    NONCONFORMING,
    PRODUCER_ACCEPTS,
    REFERRED,
    SEALED,
    Do,
    delivered,
    posted,
)
from messages.envelope import RefusalCode
from messages.snapshot import DocumentState, DocumentStatus, Snapshot, Wait
from messages.steps import StepName
from tests.quick.table import Table

OFFICER, SYSTEM = Role.OFFICER, Role.SYSTEM
BOUNCED = {"cause": "email_bounced", "reason": "550 5.1.1 收件人邮箱不存在"}
# Three results told, none of them received yet.
TOLD = (*NONCONFORMING[:-3], *posted("result_notice", "seller", "platform"))
NO_ADDRESS = {"producer": {"name": "浙江示例制造有限公司", "address": None}}


def letter(snapshot: Snapshot, kind: DocumentKind, recipient: Recipient) -> DocumentState:
    return [d for d in snapshot.documents if (d.kind, d.recipient) == (kind, recipient)][-1]


def result_notice(snapshot: Snapshot, recipient: Recipient = Recipient.SELLER) -> DocumentState:
    return letter(snapshot, DocumentKind.RESULT_NOTICE, recipient)


def confirmations(snapshot: Snapshot) -> list[Wait]:
    return [wait for wait in snapshot.waits if wait.term is Term.RETURN_CONFIRMED]


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
    """Back on the 3rd day, and only then a second parcel of the 1st is recorded; posted anew, it is."""
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


async def test_an_unconfirmed_sign_climbs(table: Table) -> None:
    """Nobody looks at it: the officer is reminded, then the supervisor is told."""
    batch_no = await table.opened(TOLD)
    await table.example(batch_no, SYSTEM, StepName.DELIVERY_FAILED, **BOUNCED)
    (wait,) = confirmations(await table.snapshot(batch_no))
    assert wait.deadline is not None
    await table.fast_forward(batch_no, wait.deadline - await table.clock(batch_no) + timedelta(minutes=1))
    await table.snapshot(batch_no)
    lines = table.timeline(batch_no)
    climbed = [line.kind for line in lines if line.data.get("wait_id") == wait.id]
    assert climbed == ["wait_opened", "reminded", "escalated"]


async def test_a_notice_to_nowhere_asks_an_officer_at_once(table: Table) -> None:
    """经营者地址不详: a producer without an address cannot be written to; it is announced."""
    batch_no = await table.opened((*SEALED, Do(Role.OFFICER, StepName.REPORT_RECEIVED)), **NO_ADDRESS)
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
    told = [line.kind for line in table.timeline(batch_no) if line.data.get("wait_id") == wait.id]
    assert told == ["wait_opened", "reminded", "escalated"]
    await table.at(batch_no, REFERRED[-1:])
    await table.closed(batch_no)


async def test_a_sign_that_comes_for_a_letter_of_the_sampling_is_seen_to(table: Table) -> None:
    """The inspection notice comes back too: confirmed, it is announced, and no window opens from it."""
    batch_no = await table.opened((*SEALED[:-3], *posted("inspection_notice", "seller")))
    about = {"notice": "inspection_notice", "recipient": "seller"}
    await table.example(batch_no, SYSTEM, StepName.DELIVERY_FAILED, **BOUNCED, **about)
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED, **about)).accepted
    snapshot = await table.snapshot(batch_no)
    notice = letter(snapshot, DocumentKind.INSPECTION_NOTICE, Recipient.SELLER)
    assert notice.status is DocumentStatus.ANNOUNCED
    assert not [wait for wait in snapshot.waits if wait.kind is WaitKind.RIGHT]
