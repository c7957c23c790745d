"""What would cost a party its right, or the batch its life, on the real servers and on the public site."""

from datetime import timedelta

from law.vocabulary import Role
from local.scenarios.courses import (
    BOTH_SERVED,
    BOUGHT,
    CONFORMING,
    NONCONFORMING,
    PRODUCER_ACCEPTS,
    SEALED,
    Do,
    Lapse,
    delivered,
    example_body,
)
from messages.steps import StepName
from store.documents import published

OFFICER, LAB, APPROVER = Role.OFFICER, Role.LAB, Role.APPROVER
SELLER_WINDOW = "objection_filed:seller"
TO_BE_SEALED = (*BOUGHT, Do(OFFICER, StepName.SEALING_SCHEDULED))
REPORTED = (*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED))


async def test_an_extension_filed_in_time_counts_although_it_was_never_signalled(table) -> None:
    """What a leader did before the close is taken before silence is declared, signalled or not."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    window = await table.wait(batch_no, SELLER_WINDOW)
    later = str(window.last_day + timedelta(days=10))
    body = example_body(StepName.DEADLINE_EXTENDED, await table.clock(batch_no), {"to": later})
    await table.file(batch_no, APPROVER, StepName.DEADLINE_EXTENDED, body)
    assert window.heard_until > window.deadline
    end = window.heard_until - await table.clock(batch_no)
    await table.fast_forward(batch_no, end + timedelta(minutes=1))
    assert (await table.snapshot(batch_no)).outcome is None
    assert str((await table.wait(batch_no, SELLER_WINDOW)).last_day) == later


async def test_the_public_is_not_told_the_name_of_a_producer_who_is_a_natural_person(table) -> None:
    """Known when ordering or not before sealing; it stays so when the other does not say it."""
    person = {"name": "诸葛三丰", "address": "浙江省丽水市示例村1号"}
    for ordered, on_the_goods in ((person | {"natural_person": True}, False), (person, True), (None, True)):
        batch_no = await table.opened(TO_BE_SEALED, producer=ordered)
        await table.example(
            batch_no,
            OFFICER,
            StepName.SEALED,
            producer=person["name"],
            producer_address=person["address"],
            producer_natural_person=on_the_goods,
        )
        rest = [Do(OFFICER, StepName.REPORT_RECEIVED, CONFORMING), delivered("result_notice", "seller")]
        await table.at(batch_no, [*rest, Lapse(SELLER_WINDOW)])
        shown = [one for one in (await published.results(table.engine)).items if one.batch_no == batch_no]
        assert [one.fields["nominal_producer"] for one in shown] == ["诸葛某某"]


async def test_a_batch_that_waits_for_much_keeps_within_what_the_server_takes(table) -> None:
    """Temporal ends a workflow whose search attributes are too long: the most urgent are shown."""
    batch_no = await table.opened(NONCONFORMING)
    for party in ("seller", "producer"):
        await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, party=party, documents=[])
        await table.example(batch_no, OFFICER, StepName.OBJECTION_SUPPLEMENTED, party=party)
    await table.example(
        batch_no, APPROVER, StepName.REFERRAL_DIRECTED, reason="紧" * 4000, authority="局" * 500
    )
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_WITHDRAWN)).accepted
    description = await table.handle(batch_no).describe()
    assert description.status.name == "RUNNING"


async def test_binary_and_stampless_signals_do_not_wedge_the_batch(table) -> None:
    """Whatever an operator's tool sends: on the timeline, and the batch goes on."""
    batch_no = await table.opened(REPORTED)
    handle = table.handle(batch_no)
    await handle.signal(StepName.NOTICE_DELIVERED, None)
    await handle.signal(StepName.NOTICE_DELIVERED, b"\x00\xff")
    await handle.signal(StepName.NOTICE_DELIVERED, {"received_at": "2999-01-01T00:00:00Z", "body": {}})
    await table.at(batch_no, [delivered("result_notice", "seller")])
