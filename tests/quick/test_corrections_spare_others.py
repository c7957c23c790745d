"""What others did stands when a record is put right, and who was told hears of it (procedure section 10)."""

from datetime import date, timedelta
from typing import Any

import pytest

from law.calendar import day_in_shanghai
from law.judgements import PartyStanding
from law.vocabulary import DocumentKind, Outcome, Party, Phase, Recipient
from local.scenarios.courses import (
    APPROVER,
    BOTH_SERVED,
    CONFORMING,
    OFFICER,
    PRODUCER_ACCEPTS,
    RETEST_NOTIFIED,
    RETESTED,
    SUPERVISOR,
    Act,
    Do,
    Lapse,
    Pass,
    delivered,
)
from messages.envelope import RefusalCode
from messages.names import order_id
from messages.records import Paper
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.played import InMemory, begun
from tests.quick.test_put_right import (
    SELLER_WINDOW,
    confirm,
    filed,
    propose,
    put_right,
    served_too_early,
    undone,
)

FORMALITIES = "retest_formalities_completed:seller"
SERVED_IN_PERSON: tuple[Act, ...] = (*BOTH_SERVED, PRODUCER_ACCEPTS)


def papers(batch: InMemory, kind: DocumentKind) -> list[Paper]:
    return [one for change in batch.world.changes for one in change.papers if one.kind is kind]


async def test_a_replaced_notice_in_the_queue_bars_no_application() -> None:
    """The party had the first one, and applies within its window."""
    batch, _ = await served_too_early()
    said = {"spec_model": "SL-500A", "mismatch_reason": "以铭牌照片为准"}
    await put_right(batch, filed(batch, StepName.SEALED), SUPERVISOR, **said)
    queued = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    assert queued is not None
    assert queued.sent_on is None
    assert (await batch.example(OFFICER, StepName.OBJECTION_FILED)).accepted
    batch.end()


async def test_an_application_shows_that_its_notice_came() -> None:
    """The delivery in person was not "never", unless the application was not made either."""
    batch = begun()
    await batch.play((*SERVED_IN_PERSON, Do(OFFICER, StepName.OBJECTION_FILED)))
    wrong = filed(batch, StepName.NOTICE_DELIVERED, notice="result_notice", recipient="seller")
    refused = await propose(batch, wrong, None)
    assert refused.code is RefusalCode.NOT_CORRECTABLE
    assert "提出异议" in (refused.reason or "")
    await undone(batch, filed(batch, StepName.OBJECTION_FILED))
    await undone(batch, wrong)
    assert batch.case.parties[Party.SELLER].received_on is None
    batch.end()


@pytest.mark.parametrize("step", [StepName.RETEST_LAB_APPOINTED, StepName.RETEST_FORMALITIES_COMPLETED])
async def test_a_retest_that_was_reported_is_not_undone_from_below(step: StepName) -> None:
    """What the laboratory found stands; the report's own record can be put right."""
    batch = begun()
    await batch.play((*RETESTED, Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, CONFORMING)))
    refused = await propose(batch, filed(batch, step), None)
    assert refused.code is RefusalCode.NOT_CORRECTABLE
    assert "收到复检报告" in (refused.reason or "")
    batch.end()


async def test_a_delivery_undone_after_the_referral_is_gone_on_with() -> None:
    """It was handed over later, silence came again, and the batch is concluded again."""
    batch = begun()
    await batch.play((*SERVED_IN_PERSON, Lapse(SELLER_WINDOW)))
    wrong = filed(batch, StepName.NOTICE_DELIVERED, notice="result_notice", recipient="seller")
    await undone(batch, wrong)
    assert batch.case.phase is Phase.OBJECTION
    await batch.play([delivered("result_notice", "seller"), Lapse(SELLER_WINDOW)])
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    assert batch.case.phase is Phase.REFERRAL
    batch.end()


async def test_one_sample_is_sealed_once_everybody_has_spoken() -> None:
    """The producer may still dispute another item, and its application is decided on first."""
    batch = begun()
    approved = (Do(OFFICER, StepName.OBJECTION_FILED), Do(APPROVER, StepName.OBJECTION_DECIDED))
    notified = delivered("retest_lab_notice", "seller"), delivered("retest_lab_notice", "retest_laboratory")
    done = Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED)
    await batch.play((*BOTH_SERVED, *approved, Do(OFFICER, StepName.RETEST_LAB_APPOINTED), *notified, done))
    assert "异议期未满" in ((await batch.example(OFFICER, StepName.RETEST_SEALED)).reason or "")
    await batch.play([Do(OFFICER, StepName.OBJECTION_FILED, {"party": "producer"})])
    assert "尚未审批" in ((await batch.example(OFFICER, StepName.RETEST_SEALED)).reason or "")
    await batch.play([Do(APPROVER, StepName.OBJECTION_DECIDED, {"party": "producer"})])
    assert "期限未满" in ((await batch.example(OFFICER, StepName.RETEST_SEALED)).reason or "")
    await batch.play(
        [
            delivered("retest_lab_notice", "producer"),
            Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, {"party": "producer"}),
            Do(OFFICER, StepName.RETEST_SEALED),
        ]
    )
    batch.end()


async def test_another_retest_laboratory_shortens_no_period() -> None:
    """The approver had extended it."""
    batch = begun()
    extended = {"wait": FORMALITIES, "to": "2026-10-30", "reason": "申请人路途遥远"}
    await batch.play((*RETEST_NOTIFIED, Pass(1), Do(APPROVER, StepName.DEADLINE_EXTENDED, extended)))
    await batch.play([Do(OFFICER, StepName.LABORATORY_REPLACED), delivered("retest_lab_notice", "seller")])
    assert batch.case.waits[FORMALITIES].wait.last_day == date(2026, 10, 30)
    batch.end()


async def referred() -> InMemory:
    batch = begun()
    await batch.play((*SERVED_IN_PERSON, Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})))
    assert batch.case.was_referred
    return batch


async def order_of(batch: InMemory) -> dict[str, Any]:
    return batch.case.opening.order.model_dump(mode="json")


async def put_order_right(batch: InMemory, order: dict[str, Any]) -> None:
    step = {"corrects": str(order_id(batch.case.batch_no)), "body": order, "reason": "抄错"}
    proposed = await batch.do(OFFICER, StepName.RECORD_CORRECTED, step)
    assert proposed.accepted, proposed.reason
    assert (await confirm(batch, proposed)).accepted


async def test_the_right_seller_is_published_and_the_authority_told() -> None:
    """The wrong company does not stay on the website, nor in the authority's file."""
    batch = await referred()
    order = await order_of(batch)
    order["seller"]["name"] = "杭州正确网络科技有限公司"
    await put_order_right(batch, order)
    assert papers(batch, DocumentKind.PUBLICATION)[-1].fields["seller"] == "杭州正确网络科技有限公司"
    told = papers(batch, DocumentKind.REFERRAL_CORRECTION)
    assert {one.recipient for one in told} >= {Recipient.AUTHORITY}
    batch.end()


async def test_another_authority_gets_the_letter_and_the_first_hears_of_it() -> None:
    """The platform's district was wrong, and with it the authority."""
    batch = await referred()
    before = batch.case.referral.authority
    order = await order_of(batch)
    order["platform"]["place"]["district"] = "余杭区"
    await put_order_right(batch, order)
    now = batch.case.referral.authority
    assert now != before
    letters = [(one.recipient, one.recipient_name) for one in papers(batch, DocumentKind.REFERRAL_LETTER)]
    assert letters[-1] == (Recipient.AUTHORITY, now)
    told = [
        one.recipient_name
        for one in papers(batch, DocumentKind.REFERRAL_CORRECTION)
        if one.recipient is Recipient.AUTHORITY
    ]
    assert told == [before]
    batch.end()


async def refused_as_late() -> InMemory:
    """The window has ended; the application's postmark was read as a day after it."""
    batch, _ = await served_too_early()
    last = batch.case.waits[SELLER_WINDOW].wait.last_day
    assert last is not None
    await batch.go_to(batch.world.clock + (last - day_in_shanghai(batch.world.clock)) + timedelta(days=2))
    late = {"how": "post", "postmark": str(last + timedelta(days=1))}
    refused = await batch.example(OFFICER, StepName.OBJECTION_FILED, **late)
    assert refused.code is RefusalCode.FILED_LATE
    return batch


async def test_a_day_by_which_an_application_was_refused_is_put_right() -> None:
    """The letter that said so lies in the queue, and leaves it."""
    batch = await refused_as_late()
    wrong = filed(batch, StepName.OBJECTION_FILED)
    right = date.fromisoformat(wrong.body["postmark"]) - timedelta(days=2)
    await put_right(batch, wrong, postmark=str(right))
    assert batch.case.parties[Party.SELLER].objection is not None
    notices = [one for one in batch.case.documents.values() if one.kind is DocumentKind.LATE_FILING_NOTICE]
    assert [one.status for one in notices] == [DocumentStatus.WITHDRAWN]
    batch.end()


async def test_a_true_day_that_is_late_is_put_right_too() -> None:
    """The application does not count any more, and its party is told why."""
    batch, _ = await served_too_early()
    last = batch.case.waits[SELLER_WINDOW].wait.last_day
    assert last is not None
    await batch.go_to(batch.world.clock + (last - day_in_shanghai(batch.world.clock)) + timedelta(days=2))
    assert (await batch.example(OFFICER, StepName.OBJECTION_FILED, how="post", postmark=str(last))).accepted
    wrong = filed(batch, StepName.OBJECTION_FILED)
    await put_right(batch, wrong, postmark=str(last + timedelta(days=1)))
    assert batch.case.parties[Party.SELLER].objection is None
    assert papers(batch, DocumentKind.LATE_FILING_NOTICE)
    await batch.play([Lapse(SELLER_WINDOW)])
    assert batch.case.parties[Party.SELLER].standing is PartyStanding.SILENT
    batch.end()


async def test_nothing_becomes_final_while_a_correction_waits() -> None:
    """Two people know that the day may be wrong: the result is not published on it."""
    batch, day = await served_too_early()
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    proposed = await propose(batch, wrong, wrong.body | {"delivered_on": str(day)})
    await batch.play([Lapse(SELLER_WINDOW)])
    assert batch.case.outcome is None
    step = {"correction": str(proposed.step_id), "confirmed": False, "reason": "与回执相符"}
    assert (await batch.do(APPROVER, StepName.CORRECTION_CONFIRMED, step)).accepted
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    batch.end()


async def test_an_extended_duty_keeps_its_day() -> None:
    """The report is due when the approver said, though the sealing was a day later than was typed."""
    batch = begun()
    extended = {"wait": "retest_report_received", "to": "2026-10-29", "reason": "仪器检修"}
    seal = Do(OFFICER, StepName.RETEST_SEALED)
    await batch.play((*RETESTED[:-2], Pass(1), seal, Do(APPROVER, StepName.DEADLINE_EXTENDED, extended)))
    wrong = filed(batch, StepName.RETEST_SEALED)
    typed = wrong.body["sealed_at"]
    day = date.fromisoformat(typed[:10]) - timedelta(days=1)
    await put_right(batch, wrong, sealed_at=f"{day}{typed[10:]}")
    assert batch.case.waits["retest_report_received"].wait.last_day == date(2026, 10, 29)
    batch.end()


async def test_the_repeat_limit_is_judged_on_what_was_put_right() -> None:
    """Another model, which has been sampled as often as it may: a supervisor says why, or it stays."""
    batch, _ = await served_too_early()
    batch.world.sampled = 3
    said = {"spec_model": "SL-900", "mismatch_reason": "以铭牌照片为准"}
    wrong = filed(batch, StepName.SEALED)
    proposed = await propose(batch, wrong, wrong.body | said)
    assert (await confirm(batch, proposed, SUPERVISOR)).code is RefusalCode.REPEAT_LIMIT
    step = {"correction": str(proposed.step_id), "confirmed": False, "reason": "应说明理由"}
    assert (await batch.do(SUPERVISOR, StepName.CORRECTION_CONFIRMED, step)).accepted
    await put_right(batch, wrong, SUPERVISOR, **said, repeat_reason="专项监测")
    batch.end()
