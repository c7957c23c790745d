"""Corner cases in which a party's right, or the batch itself, could be lost."""

from datetime import timedelta

from law.calendar import day_in_shanghai
from law.vocabulary import Outcome, Role, Term
from local.scenarios.courses import (
    BOTH_SERVED,
    BOUGHT,
    CONFORMING,
    SEALED,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from messages.envelope import RefusalCode
from messages.steps import StepName

OFFICER, LAB, APPROVER, SUPERVISOR = Role.OFFICER, Role.LAB, Role.APPROVER, Role.SUPERVISOR
SELLER_WINDOW = "objection_filed:seller"
TO_BE_SEALED = (*BOUGHT, Do(OFFICER, StepName.SEALING_SCHEDULED))
REPORTED = (*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED))
TOLD = (*REPORTED, *posted("result_notice", "seller", "producer", "platform"))


async def test_withdrawing_before_the_receipt_was_recorded_leaves_a_window(table) -> None:
    """Objected, then the receipt recorded, then withdrawn: the window counts from the receipt."""
    batch_no = await table.opened(TOLD)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    await table.at(batch_no, [delivered("result_notice", "seller")])
    await table.example(batch_no, OFFICER, StepName.OBJECTION_WITHDRAWN)
    window = await table.wait(batch_no, SELLER_WINDOW)
    assert window.starts_on == day_in_shanghai(await table.clock(batch_no))


async def test_a_receipt_recorded_late_leaves_time_to_record_the_application_beside_it(table) -> None:
    """The window was over when the officer entered the receipt; the timely application is entered next."""
    batch_no = await table.opened((*TOLD, Pass(1)))
    received = day_in_shanghai(await table.clock(batch_no))
    await table.fast_forward(batch_no, timedelta(days=30))
    await table.example(batch_no, OFFICER, StepName.NOTICE_DELIVERED, delivered_on=str(received))
    in_time = str(received + timedelta(days=3))
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, filed_on=in_time)).accepted


async def test_a_receipt_recorded_late_does_not_make_a_late_application_timely(table) -> None:
    """What was filed after the last day stays late, and after a day the window lapses."""
    batch_no = await table.opened((*TOLD, Pass(1)))
    received = day_in_shanghai(await table.clock(batch_no))
    await table.fast_forward(batch_no, timedelta(days=30))
    await table.example(batch_no, OFFICER, StepName.NOTICE_DELIVERED, delivered_on=str(received))
    late = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    assert late.code is RefusalCode.FILED_LATE
    await table.fast_forward(batch_no, timedelta(hours=30))
    standings = {p.party: p.standing for p in (await table.snapshot(batch_no)).parties}
    assert standings["seller"] == "silent"


async def test_a_stay_that_ended_before_the_receipt_was_recorded_still_counts(table) -> None:
    """Delivered, stayed for weeks, resumed, and only then the delivery is recorded: the stay is added."""
    batch_no = await table.opened((*TOLD, Pass(1)))
    received = day_in_shanghai(await table.clock(batch_no))
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=30))
    await table.example(batch_no, SUPERVISOR, StepName.RESUMED)
    await table.example(batch_no, OFFICER, StepName.NOTICE_DELIVERED, delivered_on=str(received))
    assert (await table.wait(batch_no, SELLER_WINDOW)).last_day >= received + timedelta(days=45)


async def test_an_objection_filed_and_withdrawn_around_a_stay_keeps_the_stays_days(table) -> None:
    """Filed while stayed, resumed, withdrawn: the reopened window is longer by the stay."""
    batch_no = await table.opened(BOTH_SERVED)
    before = await table.wait(batch_no, SELLER_WINDOW)
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=20))
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    await table.fast_forward(batch_no, timedelta(days=5))
    await table.example(batch_no, SUPERVISOR, StepName.RESUMED)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_WITHDRAWN)
    assert (await table.wait(batch_no, SELLER_WINDOW)).last_day >= before.last_day + timedelta(days=25)


async def test_nothing_is_published_during_a_stay(table) -> None:
    """Both parties accept while the court is asked: the result waits for the stay to end."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    for party in ("seller", "producer"):
        await table.example(batch_no, OFFICER, StepName.RESULT_ACCEPTED, party=party)
    assert (await table.snapshot(batch_no)).outcome is None
    await table.example(batch_no, SUPERVISOR, StepName.RESUMED)
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_EXPRESSLY


async def test_the_producer_named_on_the_sample_is_told_though_the_order_knew_none(table) -> None:
    """检验不合格的，应当通知样品标称的生产者 (§6)."""
    batch_no = await table.opened(REPORTED, producer=None)
    notices = {d.recipient for d in (await table.snapshot(batch_no)).documents if d.kind == "result_notice"}
    assert "producer" in notices


async def test_a_producer_written_otherwise_on_the_goods_is_the_one_that_was_ordered(table) -> None:
    """In width or spacing: what the order knows of it stays, under the name that stands on the goods."""
    person = {"name": "诸葛三丰（ＡＢ）", "address": "浙江省丽水市示例村1号", "natural_person": True}
    batch_no = await table.opened(TO_BE_SEALED, producer=person)
    await table.example(batch_no, OFFICER, StepName.SEALED, producer="诸葛三丰 (ab)")
    (producer,) = [p for p in (await table.snapshot(batch_no)).parties if p.party == "producer"]
    assert (producer.name, producer.natural_person) == ("诸葛三丰 (ab)", True)


async def test_a_sample_that_names_no_producer_has_none_to_tell(table) -> None:
    """Nobody is told, and nobody waits for a producer that does not exist."""
    batch_no = await table.opened(TO_BE_SEALED)
    await table.example(batch_no, OFFICER, StepName.SEALED, producer="无")
    told = [delivered("result_notice", "seller"), *posted("result_notice", "platform")]
    await table.at(batch_no, [Do(OFFICER, StepName.REPORT_RECEIVED), *told])
    assert "producer" not in {p.party for p in (await table.snapshot(batch_no)).parties}
    await table.at(batch_no, [Lapse(SELLER_WINDOW)])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE


async def test_a_conforming_result_overturned_by_a_retest_is_told_to_the_producer(table) -> None:
    """The producer, who has heard of nothing so far, learns of the nonconforming retest."""
    batch_no = await table.opened((*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED, CONFORMING)))
    await table.at(
        batch_no,
        [
            delivered("result_notice", "seller"),
            *posted("result_notice", "platform"),
            Do(OFFICER, StepName.OBJECTION_FILED),
            Do(APPROVER, StepName.OBJECTION_DECIDED),
            Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
            delivered("retest_lab_notice", "seller"),
            Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED),
            Do(OFFICER, StepName.RETEST_SEALED),
            Do(OFFICER, StepName.RETEST_REPORT_RECEIVED),
        ],
    )
    snapshot = await table.snapshot(batch_no)
    told = {d.recipient for d in snapshot.documents if d.kind == "retest_result_notice"}
    assert snapshot.outcome is Outcome.RETEST_OVERTURNED
    assert "producer" in told


async def test_the_approvers_term_starts_when_the_receipt_completes_the_application(table) -> None:
    """The bureau itself holds the receipt: once it is recorded nothing is missing."""
    batch_no = await table.opened(TOLD)
    documents = [
        {"kind": kind, "reference": kind}
        for kind in ("written_application", "applicant_qualification", "power_of_attorney", "agent_identity")
    ]
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, documents=documents)
    assert (await table.wait(batch_no, "application_completed:seller")).term is Term.APPLICATION_COMPLETED
    await table.at(batch_no, [delivered("result_notice", "seller")])
    assert (await table.wait(batch_no, "objection_decided:seller")).term is Term.RETEST_DECISION


async def test_a_deadline_cannot_be_set_to_the_day_it_starts_from(table) -> None:
    """An extension that could not be counted is refused, and the batch goes on."""
    batch_no = await table.opened(TOLD)
    today = str(day_in_shanghai(await table.clock(batch_no)))
    wait = "notice_delivered:result_notice:seller"
    decision = await table.example(batch_no, APPROVER, StepName.DEADLINE_EXTENDED, wait=wait, to=today)
    assert decision.code is RefusalCode.WOULD_SHORTEN
    await table.at(batch_no, [delivered("result_notice", "seller")])
