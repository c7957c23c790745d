"""A letter is sent once it was handed over; silence waits for what is on its way (decision 39)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Outcome, Phase, Recipient, Role
from local.scenarios.courses import (
    BOTH_SERVED,
    CONFORMING,
    NONCONFORMING,
    OBJECTED,
    PRODUCER_ACCEPTS,
    RETESTED,
    SEALED,
    DaysAgo,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from messages.envelope import RefusalCode
from messages.names import posting
from messages.records import Failure, TimelineKind
from messages.snapshot import DocumentState, DocumentStatus
from messages.steps import StepName
from messages.steps.service import FailureCause
from tests.quick.memory import Memory, opening
from tests.quick.played import InMemory
from tests.quick.table import Table
from tests.quick.test_service import letter, result_notice

OFFICER, LAB, APPROVER = Role.OFFICER, Role.LAB, Role.APPROVER
DUTY, WINDOW = "result_notice_sent", "objection_filed:seller"
REPORTED = (*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED))
NOTICES = ("seller", "producer", "platform")


async def waits(table: Table, batch_no: str) -> set[str]:
    return {wait.id for wait in (await table.snapshot(batch_no)).waits}


async def told(table: Table, batch_no: str, wait_id: str) -> list[str]:
    return [line.kind for line in table.timeline(batch_no) if line.data.get("wait_id") == wait_id]


async def test_a_letter_in_the_post_queue_is_owed_late_and_climbs(table: Table) -> None:
    """Made out is not sent: who owes it is reminded, then his leaders, and nobody awaits its delivery."""
    batch_no = await table.opened((*REPORTED, *posted("result_notice", "seller"), Pass(30)))
    notices = [result_notice(await table.snapshot(batch_no), Recipient(to)) for to in NOTICES]
    assert [(n.status, n.by_hand, n.sent_on is None) for n in notices] == [
        (DocumentStatus.SENT, True, False),
        (DocumentStatus.TO_SEND, True, True),
        (DocumentStatus.TO_SEND, True, True),
    ]
    assert await told(table, batch_no, DUTY) == ["wait_opened", "reminded", *["escalated"] * 3]
    open_waits = await waits(table, batch_no)
    assert DUTY in open_waits
    assert {wait for wait in open_waits if wait.startswith("notice_delivered:result_notice")} == {
        "notice_delivered:result_notice:seller"
    }


async def test_a_letter_whose_kind_has_no_period_is_owed_too(table: Table) -> None:
    """A refusal in the queue is owed within three working days, and climbs until it is handed over."""
    batch_no = await table.opened(OBJECTED)
    await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED, approved=False, reasons="逾期")
    refusal = letter(await table.snapshot(batch_no), DocumentKind.RETEST_REFUSAL, Recipient.SELLER)
    wait_id = posting(refusal.document_id)
    assert (await table.wait(batch_no, wait_id)).role is OFFICER
    await table.at(batch_no, [Pass(30)])
    assert await told(table, batch_no, wait_id) == ["wait_opened", "reminded", *["escalated"] * 3]
    await table.at(batch_no, posted("retest_refusal", "seller"))
    assert wait_id not in await waits(table, batch_no)


@pytest.mark.parametrize(
    "last", [*posted("result_notice", "platform"), delivered("result_notice", "platform")]
)
async def test_the_duty_is_done_with_the_last_letter(table: Table, last: Do) -> None:
    """Posted, or given in person, which is its sending too; the line says on which day."""
    batch_no = await table.opened((*REPORTED, *posted("result_notice", "seller", "producer")))
    assert DUTY in await waits(table, batch_no)
    await table.at(batch_no, [Pass(1), last])
    assert DUTY not in await waits(table, batch_no)
    notice = result_notice(await table.snapshot(batch_no), Recipient.PLATFORM)
    assert notice.sent_on == day_in_shanghai(await table.clock(batch_no))
    (line,) = [one for one in table.timeline(batch_no) if one.key == f"document-sent:{notice.document_id}"]
    assert (line.data["channel"], line.data["sent_on"]) == ("outbox", str(notice.sent_on))


async def test_a_posting_recorded_later_was_on_its_day(table: Table) -> None:
    """The delivery is awaited from the day of posting, not from that of its record."""
    batch_no = await table.opened((*REPORTED, Pass(3)))
    day = day_in_shanghai(await table.clock(batch_no)) - timedelta(days=2)
    await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED, posted_on=str(day))
    assert result_notice(await table.snapshot(batch_no)).sent_on == day
    assert (await table.wait(batch_no, "notice_delivered:result_notice:seller")).starts_on == day


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        (StepName.NOTICE_DELIVERED, {"delivered_on": DaysAgo(1)}),
        (StepName.NOTICE_RETURNED, {"returned_on": DaysAgo(1)}),
        (StepName.DELIVERY_FAILED, {"failed_on": DaysAgo(1)}),
        (StepName.OBJECTION_FILED, {"filed_on": DaysAgo(1)}),
    ],
)
async def test_nothing_arrives_before_it_was_posted(
    table: Table, step: StepName, changes: dict[str, Any]
) -> None:
    """Posted today, it was neither delivered nor back yesterday, and nobody objected to it."""
    batch_no = await table.opened((*REPORTED, Pass(2), *posted("result_notice", "seller")))
    decision = await table.example(batch_no, OFFICER, step, **changes)
    assert (decision.accepted, decision.code) == (False, RefusalCode.DATE_BEFORE_EVENT)


@pytest.mark.parametrize("step", [StepName.OBJECTION_FILED, StepName.RESULT_ACCEPTED])
async def test_who_comes_before_the_posting_was_recorded_is_told_what_to_record(
    table: Table, step: StepName
) -> None:
    """The letter left, and nobody said so: not "no right", and nothing is lost by it."""
    batch_no = await table.opened(REPORTED)
    refused = await table.example(batch_no, OFFICER, step, party="seller")
    assert refused.code is RefusalCode.OUT_OF_ORDER
    assert "先登记交寄或者送达" in (refused.reason or "")
    await table.at(batch_no, posted("result_notice", "seller"))
    assert (await table.example(batch_no, OFFICER, step, party="seller")).accepted


async def test_the_platforms_letter_holds_up_no_right_and_the_closing(table: Table) -> None:
    """The parties were told and silence is declared; the batch closes once the platform's was handed over."""
    acts = (*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED, CONFORMING), delivered("result_notice", "seller"))
    batch_no = await table.opened((*acts, Lapse(WINDOW)))
    snapshot = await table.snapshot(batch_no)
    assert (snapshot.outcome, snapshot.phase) == (Outcome.CONFORMING, Phase.PUBLICATION)
    assert DUTY in await waits(table, batch_no)
    await table.at(batch_no, [delivered("result_notice", "platform")])
    await table.closed(batch_no)


async def test_the_retests_result_is_final_before_its_notice_leaves(table: Table) -> None:
    """It is public at once; its notices are owed all the same."""
    batch_no = await table.opened((*RETESTED, Do(OFFICER, StepName.RETEST_REPORT_RECEIVED)))
    snapshot = await table.snapshot(batch_no)
    assert snapshot.outcome is Outcome.RETEST_UPHELD
    assert {d.kind for d in snapshot.documents} >= {DocumentKind.PUBLICATION, DocumentKind.REFERRAL_LETTER}
    assert "retest_result_notice_sent" in {wait.id for wait in snapshot.waits}


async def test_what_is_not_served_leaves_with_its_record(table: Table) -> None:
    """A commission letter, a referral letter, what the website shows."""
    accepted = Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})
    batch_no = await table.opened((*BOTH_SERVED, accepted, PRODUCER_ACCEPTS))
    kinds = {DocumentKind.COMMISSION_LETTER, DocumentKind.PUBLICATION, DocumentKind.REFERRAL_LETTER}
    letters = [one for one in (await table.snapshot(batch_no)).documents if one.kind in kinds]
    assert {one.kind for one in letters} == kinds
    assert all(one.status is DocumentStatus.SENT and not one.by_hand for one in letters)


async def mailed(refusal: Failure | None) -> InMemory:
    """A report has come; letters to the parties are mailed, and taken in or refused."""
    batch = InMemory(Memory(opening(), mails=True))
    await batch.play(SEALED)
    batch.world.refusal = refusal
    await batch.play([Do(OFFICER, StepName.REPORT_RECEIVED)])
    return batch


def to_seller(batch: InMemory) -> DocumentState:
    found = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    assert found is not None
    return found


async def test_a_letter_that_was_mailed_is_sent_by_itself() -> None:
    """The mail server took it: nobody hands it over."""
    batch = await mailed(None)
    assert (to_seller(batch).status, to_seller(batch).by_hand) == (DocumentStatus.SENT, False)
    batch.end()


async def test_a_letter_that_the_mail_server_refused_is_not_sent_until_it_is_posted() -> None:
    """It lies in the queue, an officer is asked, and the duty runs on; also where the workflow is lost."""
    batch = await mailed(Failure(cause=FailureCause.EMAIL_BOUNCED, reason="550 no such user"))
    for _ in range(2):
        notice = to_seller(batch)
        assert (notice.status, notice.by_hand, notice.sent_on) == (DocumentStatus.TO_SEND, True, None)
        assert notice.failure == "电子邮件被退回：550 no such user"
        asked = batch.case.waits[f"delivery_failed:{notice.document_id}"].wait
        assert asked.step is StepName.NOTICE_POSTED
        assert DUTY in batch.case.waits
        await batch.lose("流程已不存在")
    recorded = [line for line in batch.world.lines if line.kind is TimelineKind.DELIVERY_FAILED]
    assert len({line.key for line in recorded}) == len(recorded)
    letters = [d for d in batch.case.documents.values() if d.kind is DocumentKind.RESULT_NOTICE]
    for one in letters:
        if one.sent_on is None:
            await batch.play(posted("result_notice", one.recipient))
    assert (to_seller(batch).status, to_seller(batch).failure) == (DocumentStatus.SENT, None)
    assert DUTY not in batch.case.waits
    batch.end()


async def heard(table: Table) -> tuple[str, date]:
    """An hour before the end of what is heard after the seller's last day; and that last day."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    window = await table.wait(batch_no, WINDOW)
    assert window.last_day is not None
    assert window.heard_until is not None
    by = window.heard_until - timedelta(hours=1) - await table.clock(batch_no)
    await table.fast_forward(batch_no, by)
    return batch_no, window.last_day


async def test_silence_is_declared_once_all_on_its_way_was_heard(table: Table) -> None:
    """Nobody is silent in the week after the close; then the ledger is asked, and it is silence."""
    batch_no, last_day = await heard(table)
    assert day_in_shanghai(await table.clock(batch_no)) > last_day + timedelta(days=6)
    assert (await table.snapshot(batch_no)).outcome is None
    await table.fast_forward(batch_no, timedelta(hours=2))
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE
    (silence,) = [line for line in table.timeline(batch_no) if line.kind is TimelineKind.SILENCE]
    moments = [datetime.fromisoformat(silence.data[at]) for at in ("closes_at", "heard_until", "ledger_now")]
    assert moments == sorted(moments)
    assert moments[1] - moments[0] >= timedelta(days=7)


@pytest.mark.parametrize(("late_by", "counts"), [(0, True), (1, False)])
async def test_what_was_posted_on_the_last_day_counts_when_it_arrives(
    table: Table, late_by: int, counts: bool
) -> None:
    """The postmark decides; a day later it is late, though it came in time to be heard."""
    batch_no, last_day = await heard(table)
    by_post = {"how": "post", "postmark": str(last_day + timedelta(days=late_by))}
    decision = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, **by_post)
    assert decision.accepted is counts
    assert decision.code is (None if counts else RefusalCode.FILED_LATE)


async def test_an_extension_to_a_saturday_rolls_to_monday(table: Table) -> None:
    """And what is on its way is heard from there."""
    batch_no = await table.opened(OBJECTED[:-3])
    before = await table.wait(batch_no, WINDOW)
    assert before.last_day is not None
    saturday = date(2026, 10, 24)
    assert (await table.example(batch_no, APPROVER, StepName.DEADLINE_EXTENDED, to=str(saturday))).accepted
    window = await table.wait(batch_no, WINDOW)
    assert window.last_day == date(2026, 10, 26)
    assert window.heard_until is not None
    assert day_in_shanghai(window.heard_until) == date(2026, 11, 3)
    moved = [line for line in table.timeline(batch_no) if line.kind is TimelineKind.DEADLINE_MOVED]
    assert f"改为{window.last_day}" in moved[-1].text


async def test_the_inspection_notice_too_is_sent_once_it_was_handed_over(table: Table) -> None:
    """Sealed, both notices are owed; the batch closes only when they were."""
    batch_no = await table.opened(SEALED[:-3])
    snapshot = await table.snapshot(batch_no)
    assert "inspection_notice_sent" in {wait.id for wait in snapshot.waits}
    assert letter(snapshot, DocumentKind.INSPECTION_NOTICE, Recipient.SELLER).sent_on is None
    await table.at(batch_no, NONCONFORMING[len(SEALED) - 3 : len(SEALED) - 1])
    assert "inspection_notice_sent" not in await waits(table, batch_no)
