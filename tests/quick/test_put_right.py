"""A record is put right (procedure section 10): the end is as if it had been right from the start."""

from datetime import date, timedelta
from typing import Any

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Outcome, Party, Phase, Recipient, Role
from local.scenarios.courses import (
    APPROVER,
    NONCONFORMING,
    OFFICER,
    PRODUCER_ACCEPTS,
    REFERRED,
    SUPERVISOR,
    Act,
    DaysAgo,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.names import order_id
from messages.records import TimelineKind
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.played import InMemory, begun
from tests.quick.test_judging import stands_as_played

SELLER_WINDOW = "objection_filed:seller"
PRODUCER_SERVED = delivered("result_notice", "producer")


def filed(batch: InMemory, step: StepName, **said: str) -> StepEnvelope:
    """The last step of this name that says so."""
    return next(
        one
        for one in reversed(batch.world.ledger)
        if one.step is step and all(one.body.get(name) == value for name, value in said.items())
    )


# What shows that a record was wrong.
PROOF = {"reference": "GZ-01", "sha256": "0" * 64, "keeper": "市局档案室"}


async def propose(
    batch: InMemory, wrong: StepEnvelope, body: dict[str, Any] | None, *proof: dict[str, str]
) -> Decision:
    step = {"corrects": str(wrong.step_id), "body": body, "reason": "与回执原件不符", "evidence": proof}
    return await batch.do(OFFICER, StepName.RECORD_CORRECTED, step)


async def confirm(batch: InMemory, proposed: Decision, role: Role = APPROVER) -> Decision:
    step = {"correction": str(proposed.step_id), "confirmed": True, "reason": "经核对，更正属实"}
    return await batch.do(role, StepName.CORRECTION_CONFIRMED, step)


async def put_right(batch: InMemory, wrong: StepEnvelope, role: Role = APPROVER, **changes: Any) -> None:
    proposed = await propose(batch, wrong, wrong.body | changes, PROOF)
    assert proposed.accepted, proposed.reason
    confirmed = await confirm(batch, proposed, role)
    assert confirmed.accepted, confirmed.reason


async def undone(batch: InMemory, wrong: StepEnvelope) -> None:
    proposed = await propose(batch, wrong, None)
    assert proposed.accepted, proposed.reason
    assert (await confirm(batch, proposed)).accepted


async def served_too_early(days: int = 2, *also: Act) -> tuple[InMemory, date]:
    """Everybody is served; the seller's delivery was typed some days too early. Gives the true day."""
    batch = begun()
    await batch.play((*NONCONFORMING[:-2], *posted("result_notice", "seller"), Pass(days + 1)))
    await batch.play(
        (PRODUCER_SERVED, *(also or (PRODUCER_ACCEPTS,)), delivered("result_notice", "platform"))
    )
    await batch.play([Do(OFFICER, StepName.NOTICE_DELIVERED, {"delivered_on": DaysAgo(days)})])
    return batch, day_in_shanghai(batch.world.clock)


async def test_a_delivery_typed_too_early_is_counted_from_the_true_day() -> None:
    """Before its effect: the window is opened anew from the true day, and says on which word."""
    batch, true_day = await served_too_early()
    wrong = batch.case.waits[SELLER_WINDOW].wait
    await put_right(
        batch, filed(batch, StepName.NOTICE_DELIVERED, recipient="seller"), delivered_on=str(true_day)
    )
    right = batch.case.waits[SELLER_WINDOW].wait
    assert right.starts_on == true_day
    assert right.last_day is not None
    assert wrong.last_day is not None
    assert right.last_day > wrong.last_day
    (line,) = [line for line in batch.world.lines if line.kind is TimelineKind.CORRECTED]
    assert "与回执原件不符" in line.text
    assert "经核对，更正属实" in line.text
    letter = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    assert letter is not None
    assert letter.settled_on == true_day
    batch.end()


async def test_silence_declared_on_a_wrong_day_is_set_aside() -> None:
    """Published and referred; the seller comes on the true last day, and is heard."""
    batch, true_day = await served_too_early(24)
    await batch.play([Lapse(SELLER_WINDOW)])
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    assert batch.case.was_referred
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    await put_right(batch, wrong, delivered_on=str(true_day))
    assert batch.case.outcome is None
    assert batch.case.phase is Phase.OBJECTION
    kinds = {one.kind for one in batch.case.documents.values()}
    assert DocumentKind.PUBLICATION_CORRECTION in kinds
    assert DocumentKind.REFERRAL_CORRECTION in kinds
    assert batch.case.waits[SELLER_WINDOW].wait.starts_on == true_day
    assert (await batch.example(OFFICER, StepName.OBJECTION_FILED)).accepted
    batch.end()


async def test_what_was_refused_as_late_is_heard_once_the_day_is_right() -> None:
    """The application that came on the true last day was refused: it counts from then."""
    batch, true_day = await served_too_early(24)
    await batch.play([Lapse(SELLER_WINDOW), Pass(1)])
    late = await batch.example(OFFICER, StepName.OBJECTION_FILED)
    assert late.code is RefusalCode.FILED_LATE
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    await put_right(batch, wrong, delivered_on=str(true_day))
    assert batch.case.parties[Party.SELLER].objection is not None
    notices = [one for one in batch.case.documents.values() if one.kind is DocumentKind.LATE_FILING_NOTICE]
    assert [one.status for one in notices] == [DocumentStatus.WITHDRAWN]
    (line,) = [line for line in batch.world.lines if line.kind is TimelineKind.CORRECTED]
    assert line.data["accepted"] == [str(late.step_id)]
    batch.end()


async def test_a_last_day_that_was_told_is_never_moved_earlier() -> None:
    """The true day is earlier than the one typed: the party keeps the day that it was told."""
    batch = begun()
    await batch.play((*NONCONFORMING[:-2], Pass(3), delivered("result_notice", "seller")))
    told = batch.case.waits[SELLER_WINDOW].wait.last_day
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    earlier = day_in_shanghai(batch.world.clock) - timedelta(days=2)
    await put_right(batch, wrong, delivered_on=str(earlier))
    wait = batch.case.waits[SELLER_WINDOW].wait
    assert (wait.starts_on, wait.last_day) == (earlier, told)
    batch.end()


async def test_a_delivery_that_never_happened_is_awaited_again() -> None:
    """It was another batch's receipt."""
    batch, _ = await served_too_early()
    await undone(batch, filed(batch, StepName.NOTICE_DELIVERED, recipient="seller"))
    assert SELLER_WINDOW not in batch.case.waits
    assert "notice_delivered:result_notice:seller" in batch.case.waits
    assert batch.case.parties[Party.SELLER].received_on is None
    assert (await batch.example(OFFICER, StepName.NOTICE_DELIVERED)).accepted
    assert SELLER_WINDOW in batch.case.waits
    batch.end()


async def test_an_acceptance_of_the_wrong_party_is_taken_back_after_the_referral() -> None:
    """It was the other one's letter: the window runs on, the result is open again."""
    batch, _ = await served_too_early()
    await batch.play([Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})])
    assert batch.case.outcome is Outcome.ACCEPTED_EXPRESSLY
    await undone(batch, filed(batch, StepName.RESULT_ACCEPTED, party="seller"))
    assert batch.case.outcome is None
    assert SELLER_WINDOW in batch.case.waits
    await batch.play([Lapse(SELLER_WINDOW), *REFERRED])
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    batch.end()


async def test_two_people_put_a_record_right() -> None:
    """Not who proposed it; and where a right moves, the approver."""
    batch, true_day = await served_too_early()
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    proposed = await propose(batch, wrong, wrong.body | {"delivered_on": str(true_day)})
    assert (await confirm(batch, proposed, SUPERVISOR)).code is RefusalCode.ROLE_NOT_ALLOWED
    assert (await confirm(batch, proposed)).accepted
    assert (await confirm(batch, proposed)).code is RefusalCode.NO_SUCH_STEP
    batch.end()


async def test_a_model_sealed_wrongly_is_put_right_in_letters_and_publication() -> None:
    """Letters that carried it are replaced by new ones that name the old; the publication is corrected."""
    batch, _ = await served_too_early()
    await batch.play([Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})])
    before = set(batch.case.documents)
    await put_right(
        batch,
        filed(batch, StepName.SEALED),
        SUPERVISOR,
        spec_model="SL-500A",
        mismatch_reason="以铭牌照片为准",
    )
    new = [one for key, one in batch.case.documents.items() if key not in before]
    replaced = {(str(one.kind), str(one.recipient)) for one in new if one.replaces}
    assert ("result_notice", "seller") in replaced
    assert ("inspection_notice", "seller") in replaced
    published = [p for change in batch.world.changes for p in change.papers if p.kind == "publication"]
    assert "SL-500A" in published[-1].fields["spec_model"]
    assert "SL-500" in published[-1].fields["correction"]
    assert batch.case.outcome is Outcome.ACCEPTED_EXPRESSLY
    batch.end()


async def closed() -> InMemory:
    """A batch that has closed, taken up from its record for what may still come."""
    batch, _ = await served_too_early()
    await batch.play([Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}), *REFERRED])
    for wait in list(batch.case.waits.values()):
        if wait.wait.step is StepName.NOTICE_DELIVERED:
            _, notice, recipient = wait.wait.id.split(":")
            await batch.example(OFFICER, StepName.NOTICE_DELIVERED, notice=notice, recipient=recipient)
    assert batch.is_closed
    return InMemory(batch.world, batch.world.on_record)


async def test_a_conclusion_that_was_another_batchs_takes_the_batch_up_again() -> None:
    """The batch had closed on it."""
    batch = await closed()
    await undone(batch, filed(batch, StepName.REFERRAL_CONCLUDED))
    assert batch.case.phase is Phase.REFERRAL
    assert StepName.REFERRAL_CONCLUDED in batch.case.waits
    batch.end()


async def test_a_decision_clicked_wrongly_is_taken_back_while_its_letter_has_not_left() -> None:
    """By who made it, alone: nobody has been told."""
    batch, _ = await served_too_early(2, Pass(0))
    await batch.play([Do(OFFICER, StepName.OBJECTION_FILED)])
    refusal = await batch.example(APPROVER, StepName.OBJECTION_DECIDED, approved=False, reasons="误点")
    assert refusal.accepted
    wrong = filed(batch, StepName.OBJECTION_DECIDED)
    step = {"corrects": str(wrong.step_id), "body": wrong.body | {"approved": True}, "reason": "误点"}
    assert (await batch.do(APPROVER, StepName.RECORD_CORRECTED, step)).accepted
    assert StepName.RETEST_LAB_APPOINTED in batch.case.waits
    letters = [one for one in batch.case.documents.values() if one.kind is DocumentKind.RETEST_REFUSAL]
    assert [one.status for one in letters] == [DocumentStatus.WITHDRAWN]
    batch.end()


async def test_a_refusal_that_was_sent_is_withdrawn_by_a_letter_that_names_it() -> None:
    """The application's postmark had been misread; the refusal is in the applicant's hands."""
    batch, _ = await served_too_early()
    await batch.play([Do(OFFICER, StepName.OBJECTION_FILED)])
    await batch.play([Do(APPROVER, StepName.OBJECTION_DECIDED, {"approved": False, "reasons": "逾期"})])
    await batch.play([delivered("retest_refusal", "seller")])
    wrong = filed(batch, StepName.OBJECTION_DECIDED)
    proposed = await propose(batch, wrong, wrong.body | {"approved": True, "reasons": None})
    assert (await confirm(batch, proposed)).accepted
    papers = [p for change in batch.world.changes for p in change.papers if p.kind == "withdrawal_notice"]
    assert [(p.recipient, p.corrects) for p in papers] == [
        ("seller", f"{batch.case.batch_no}-retest_refusal-seller-1")
    ]
    batch.end()


async def test_a_corrected_report_is_told_to_all_and_each_window_runs_from_its_receipt() -> None:
    """Where the verdict is another."""
    batch, _ = await served_too_early()
    wrong = filed(batch, StepName.REPORT_SUBMITTED)
    items = [item | {"verdict": "conforming"} for item in wrong.body["items"]]
    await put_right(batch, wrong, verdict="conforming", items=items, report_no="JY-2026-0001-G1")
    assert SELLER_WINDOW not in batch.case.waits
    notices = [p for change in batch.world.changes for p in change.papers if p.kind == "result_notice"]
    assert {p.recipient for p in notices[3:]} == {"seller", "producer", "platform"}
    for recipient in ("seller", "producer", "platform"):
        await batch.play([delivered("result_notice", recipient)])
    assert SELLER_WINDOW in batch.case.waits
    await batch.play([Lapse(SELLER_WINDOW)])
    assert batch.case.outcome is Outcome.CONFORMING
    batch.end()


async def test_what_says_the_same_corrects_nothing() -> None:
    batch, _ = await served_too_early()
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    assert (await propose(batch, wrong, wrong.body)).code is RefusalCode.NOTHING_CHANGED
    assert (await propose(batch, wrong, {"notice": "result_notice"})).code is RefusalCode.UNREADABLE
    report = filed(batch, StepName.REPORT_RECEIVED)
    assert (await propose(batch, report, None)).code is RefusalCode.NOT_CORRECTABLE
    batch.end()


async def correct_order(batch: InMemory, order: dict[str, Any]) -> Decision:
    """Propose what should have been ordered, and confirm it where it is accepted."""
    corrects = str(order_id(batch.case.batch_no))
    step = {"corrects": corrects, "body": order, "reason": "地址抄错"}
    proposed = await batch.do(OFFICER, StepName.RECORD_CORRECTED, step)
    if proposed.accepted:
        assert (await confirm(batch, proposed, SUPERVISOR)).accepted
    return proposed


async def test_a_wrong_address_is_put_right_for_what_is_still_to_be_sent() -> None:
    """A letter in the post queue is made anew, later ones go there; one that arrived is not sent again."""
    batch = begun()
    await batch.play((*NONCONFORMING[:-2], delivered("result_notice", "seller")))
    order = batch.case.opening.order.model_dump(mode="json")
    order["platform"]["place"]["detail"] = "示范大道88号"
    order["seller"]["place"]["detail"] = "示例路11号"
    assert (await correct_order(batch, order)).accepted
    queued = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.PLATFORM)
    assert queued is not None
    assert (queued.document_id[-1], queued.replaces) == ("2", None)
    assert "示范大道88号" in (queued.address or "")
    arrived = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    assert arrived is not None
    assert arrived.document_id.endswith("-1")
    assert "示例路11号" in (batch.case.parties[Party.SELLER].address or "")
    await batch.lose("流程已不存在")
    assert "示例路11号" in (batch.case.parties[Party.SELLER].address or "")
    assert batch.case.opening.order.seller.place.detail == "示例路11号"
    batch.end()


async def test_no_earlier_correction_is_undone_in_passing() -> None:
    """The delivery had been put right; by another day of the posting that would not hold, and is named."""
    batch = begun()
    by_post = Do(OFFICER, StepName.NOTICE_POSTED, {"posted_on": DaysAgo(3)})
    await batch.play((*NONCONFORMING[:-2], Pass(3), by_post, Pass(2), delivered("result_notice", "seller")))
    served, sent = filed(batch, StepName.NOTICE_DELIVERED), filed(batch, StepName.NOTICE_POSTED)
    true_day = date.fromisoformat(served.body["delivered_on"]) - timedelta(days=4)
    await put_right(batch, served, delivered_on=str(true_day))
    later = await propose(batch, sent, sent.body | {"posted_on": str(true_day + timedelta(days=1))})
    assert later.code is RefusalCode.NOT_CORRECTABLE
    assert "此前对“文书送达”的更正" in (later.reason or "")
    await put_right(batch, served, delivered_on=served.body["delivered_on"])
    (told,) = [line.text for line in batch.world.lines if "不再适用" in line.text]
    assert told == "此前对“文书送达”的更正不再适用"
    batch.end()


async def test_an_order_put_right_twice_says_what_was_said_last() -> None:
    """The first correction was wrong itself: the address that it gave is nobody's."""
    batch = begun()
    await batch.play((*NONCONFORMING[:-2], delivered("result_notice", "seller")))
    for address in ("浙江省金华市永康市示例工业区8号", "浙江省金华市永康市示例工业区9号"):
        order = batch.case.opening.order.model_dump(mode="json")
        order["producer"]["address"] = address
        assert (await correct_order(batch, order)).accepted
        assert batch.case.parties[Party.PRODUCER].address == address
    await put_right(batch, filed(batch, StepName.SEALED), SUPERVISOR, courier_label="顺丰 SF1000000001 杭州")
    assert batch.case.parties[Party.PRODUCER].address == address
    await stands_as_played(batch)
    batch.end()


async def test_who_was_inspected_and_what_is_not_put_right_in_the_order() -> None:
    """That would be another batch."""
    batch = begun()
    await batch.play(NONCONFORMING)
    order = batch.case.opening.order.model_dump(mode="json")
    order["goods"]["spec_model"] = "SL-900"
    refused = await correct_order(batch, order)
    assert (refused.code, "goods.spec_model" in (refused.reason or "")) == (RefusalCode.NOT_CORRECTABLE, True)
    batch.end()


async def test_several_corrections_stand_together() -> None:
    """Each is judged in the course as it was, with the others made at their time."""
    batch, true_day = await served_too_early()
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    await put_right(batch, wrong, delivered_on=str(true_day))
    said = {"spec_model": "SL-500A", "mismatch_reason": "以铭牌照片为准"}
    await put_right(batch, filed(batch, StepName.SEALED), SUPERVISOR, **said)
    assert batch.case.waits[SELLER_WINDOW].wait.starts_on == true_day
    order = batch.case.opening.order.model_dump(mode="json")
    order["seller"]["email"] = "new@example.com"
    assert (await correct_order(batch, order)).accepted
    assert batch.case.waits[SELLER_WINDOW].wait.starts_on == true_day
    assert batch.case.sealed is not None
    assert batch.case.sealed.spec_model == "SL-500A"
    batch.end()
