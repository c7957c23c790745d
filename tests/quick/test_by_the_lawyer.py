"""Mistakes put right late, as a party's lawyer finds them: no right is lost, and the record verifies."""

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Outcome, Party, Recipient
from local.scenarios.courses import (
    APPROVER,
    CONFORMING,
    NONCONFORMING,
    OFFICER,
    PRODUCER_ACCEPTS,
    SUPERVISOR,
    Act,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from messages.envelope import RefusalCode
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.on_record import certificates
from tests.quick.played import InMemory, begun
from tests.quick.test_announced_in_vain import RETURNED, announced, is_announced, with_order
from tests.quick.test_judging import stands_as_played
from tests.quick.test_put_right import SELLER_WINDOW, filed, put_right, undone
from verify.certificate import verify

PRODUCER_WINDOW = "objection_filed:producer"
POSTED_TO_BOTH: tuple[Act, ...] = (*NONCONFORMING[:-2], *posted("result_notice", "seller"), Pass(3))


async def holds(batch: InMemory) -> None:
    """The ledger tells the same once more, and every certificate can be verified."""
    await stands_as_played(batch)
    for certificate in certificates(batch.world).values():
        verify(certificate)


async def test_who_is_announced_late_has_its_days_from_the_publication() -> None:
    """The producer's letter had come back, and the return was entered for the seller."""
    batch = begun()
    await batch.play((*POSTED_TO_BOTH, Do(OFFICER, RETURNED), Pass(20)))
    await put_right(batch, filed(batch, RETURNED), recipient="producer")
    window, today = batch.case.waits[PRODUCER_WINDOW].wait, day_in_shanghai(batch.world.clock)
    assert window.starts_on == today
    assert SELLER_WINDOW not in batch.case.waits
    (public,) = batch.case.standing(DocumentKind.ANNOUNCEMENT)
    assert (public.party, public.sent_on) == (Party.PRODUCER, today)
    notice = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.PRODUCER)
    assert notice is not None
    assert (notice.status, notice.settled_on) == (DocumentStatus.ANNOUNCED, today)
    await holds(batch)
    batch.end()


async def test_a_return_that_was_refused_counts_and_is_announced_now() -> None:
    """Another batch's receipt had been entered first; its silence would have come long ago."""
    batch = begun()
    await batch.play((*POSTED_TO_BOTH, delivered("result_notice", "producer"), PRODUCER_ACCEPTS))
    await batch.play([delivered("result_notice", "platform"), delivered("result_notice", "seller"), Pass(2)])
    assert (await batch.example(OFFICER, RETURNED)).code is RefusalCode.ALREADY_DONE
    await batch.play([Lapse(SELLER_WINDOW), Pass(20)])
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    await undone(batch, filed(batch, StepName.NOTICE_DELIVERED, recipient="seller"))
    assert is_announced(batch)
    assert batch.case.outcome is None
    assert batch.case.waits[SELLER_WINDOW].wait.starts_on == day_in_shanghai(batch.world.clock)
    await holds(batch)
    await batch.play([Lapse(SELLER_WINDOW)])
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    await holds(batch)
    batch.end()


async def test_a_sample_that_was_sealed_does_not_bar_who_never_had_its_letter() -> None:
    """Sealed for the producer's retest when the seller was taken to be silent."""
    producer = {"party": "producer"}
    batch = await announced()
    await undone(batch, filed(batch, StepName.RESULT_ACCEPTED))
    retest: tuple[Act, ...] = (
        Do(OFFICER, StepName.OBJECTION_FILED, producer),
        Do(APPROVER, StepName.OBJECTION_DECIDED, producer),
        Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
        delivered("retest_lab_notice", "producer"),
        delivered("retest_lab_notice", "retest_laboratory"),
        Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, producer),
        Lapse(SELLER_WINDOW),
        Do(OFFICER, StepName.RETEST_SEALED),
        Pass(8),
        Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, CONFORMING),
    )
    await batch.play(retest)
    assert batch.case.outcome is Outcome.RETEST_OVERTURNED
    await with_order(batch, seller__place__detail="示例路11号")
    assert batch.case.parties[Party.SELLER].standing is None
    assert batch.case.retest.sealed_on is not None
    await batch.play([*posted("result_notice", "seller"), Pass(2), delivered("result_notice", "seller")])
    await batch.play([Lapse(SELLER_WINDOW)])
    assert batch.case.outcome is Outcome.RETEST_OVERTURNED
    await holds(batch)
    batch.end()


async def test_what_came_too_late_for_a_silence_that_fell_counts_and_verifies() -> None:
    """The application of the tenth day after the announced last day is in time: no period had begun."""
    batch = await announced()
    await batch.play([Lapse(SELLER_WINDOW), Pass(2)])
    late = await batch.example(OFFICER, StepName.OBJECTION_FILED)
    assert late.code is RefusalCode.FILED_LATE
    await with_order(batch, seller__place__detail="示例路11号")
    assert batch.case.parties[Party.SELLER].objection is not None
    await holds(batch)
    batch.end()


async def test_letters_posted_anew_while_the_batch_is_stayed_verify() -> None:
    """Their duty had been done before; a stay holds nothing that has ended."""
    batch = await announced()
    await batch.play([Do(SUPERVISOR, StepName.SUSPENDED), Pass(4)])
    await with_order(batch, seller__place__detail="示例路11号")
    await batch.play([*posted("result_notice", "seller"), Pass(3), delivered("result_notice", "seller")])
    await batch.play([Pass(3), Do(SUPERVISOR, StepName.RESUMED)])
    await holds(batch)
    batch.end()


async def test_a_batch_whose_name_was_put_right_verifies() -> None:
    """Its first line tells the name as it was opened under."""
    batch = begun()
    await batch.play((*NONCONFORMING[:-2], delivered("result_notice", "seller")))
    await with_order(batch, seller__name="示例旗舰店有限公司", goods__name="儿童保温水杯")
    await holds(batch)
    batch.end()


async def test_the_same_party_may_be_looked_for_in_vain_twice() -> None:
    """The second address was wrong as well: the second announcement falls as the first did."""
    batch = await announced()
    await with_order(batch, seller__place__detail="示例路11号")
    await batch.play([*posted("result_notice", "seller"), Pass(3), Do(OFFICER, RETURNED)])
    told = batch.case.waits[SELLER_WINDOW].wait.last_day
    await batch.play([Lapse(SELLER_WINDOW)])
    await with_order(batch, seller__place__detail="示例路12号")
    assert not is_announced(batch)
    await batch.play([*posted("result_notice", "seller"), delivered("result_notice", "seller")])
    last_day = batch.case.waits[SELLER_WINDOW].wait.last_day
    assert told is not None
    assert last_day is not None
    assert last_day >= told
    await holds(batch)
    batch.end()
