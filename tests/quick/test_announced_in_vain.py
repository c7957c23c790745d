"""Announced because the bureau had written the address down wrongly: that serves nobody (§6, a reading)."""

from typing import Any

import pytest

from law.judgements import PartyStanding
from law.regulation import Regulation
from law.vocabulary import DocumentKind, Outcome, Party, Phase, Recipient
from local.scenarios.courses import (
    APPROVER,
    NONCONFORMING,
    OBJECTED,
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
from messages.envelope import Decision, RefusalCode
from messages.names import order_id
from messages.records import TimelineKind
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.memory import REGULATION, Memory, opening
from tests.quick.on_record import certificates
from tests.quick.played import InMemory, begun
from tests.quick.test_judging import stands_as_played
from tests.quick.test_periods_told import last, to_seller
from tests.quick.test_put_right import SELLER_WINDOW, confirm, filed, put_right
from verify.certificate import verify

POSTED, RETURNED = StepName.NOTICE_POSTED, StepName.NOTICE_RETURNED
LICENCE, SUPPLIED = "浙江省杭州市西湖区示例路1号", "浙江省杭州市余杭区仓前路6号"
NOTICE = {"notice": "result_notice", "recipient": "seller"}
OTHERS: tuple[Act, ...] = (
    delivered("result_notice", "producer"),
    PRODUCER_ACCEPTS,
    delivered("result_notice", "platform"),
)


async def announced(*how: Act, batch: InMemory | None = None) -> InMemory:
    """The seller's notice was posted (``how``), came back, and was announced; the others have theirs."""
    batch = batch or begun(platform={"seller_address": SUPPLIED})
    await batch.play((*NONCONFORMING[:-2], *(how or posted("result_notice", "seller")), Pass(3)))
    await batch.play([Do(OFFICER, RETURNED), *OTHERS, Pass(1)])
    assert batch.case.parties[Party.SELLER].by_announcement
    return batch


async def with_order(batch: InMemory, **changes: Any) -> Decision:
    """What was ordered is put right; what a supervisor who would confirm was answered."""
    order = batch.case.opening.order.model_dump(mode="json")
    for path, value in changes.items():
        *parents, name = path.split("__")
        of = order
        for parent in parents:
            of = of[parent]
        of[name] = value
    step = {"corrects": str(order_id(batch.case.batch_no)), "body": order, "reason": "地址抄错"}
    proposed = await batch.do(OFFICER, StepName.RECORD_CORRECTED, step)
    assert proposed.accepted, proposed.reason
    by_supervisor = await confirm(batch, proposed, SUPERVISOR)
    if not by_supervisor.accepted:
        assert (await confirm(batch, proposed, APPROVER)).accepted
    return by_supervisor


def is_announced(batch: InMemory) -> bool:
    return bool(batch.case.standing(DocumentKind.ANNOUNCEMENT))


def letters(batch: InMemory, kind: DocumentKind, recipient: Recipient) -> list[tuple[str, str | None]]:
    found = [one for one in batch.case.documents.values() if (one.kind, one.recipient) == (kind, recipient)]
    return [(one.status, one.address) for one in found]


async def test_the_letter_is_posted_again_and_the_window_runs_from_its_receipt() -> None:
    """A right moves: the approver confirms. The announcement is taken down, and says nothing any more."""
    batch = await announced()
    moved = await with_order(batch, seller__place__detail="示例路11号")
    assert moved.code is RefusalCode.ROLE_NOT_ALLOWED
    assert SELLER_WINDOW not in batch.case.waits
    assert not is_announced(batch)
    (first, _), (second, address) = letters(batch, DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    assert (first, second) == (DocumentStatus.RETURNED, DocumentStatus.TO_SEND)
    assert "示例路11号" in (address or "")
    assert "的次日起15日内" in to_seller(batch).fields["last_day"]
    assert "公告的抽检结果通知书不作为送达" in to_seller(batch).facts["replaces"]
    await stands_as_played(batch)
    await batch.play([*posted("result_notice", "seller"), Pass(2), delivered("result_notice", "seller")])
    window = batch.case.waits[SELLER_WINDOW].wait
    assert window.starts_on == batch.case.parties[Party.SELLER].received_on
    await stands_as_played(batch)
    batch.end()


async def test_silence_on_that_announcement_does_not_stand() -> None:
    """Published and referred; its true window had not even begun."""
    batch = await announced()
    await batch.play([Lapse(SELLER_WINDOW)])
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    await with_order(batch, seller__place__detail="示例路11号")
    assert (batch.case.outcome, batch.case.phase) == (None, Phase.OBJECTION)
    set_aside = [one for one in batch.world.lines if one.kind is TimelineKind.SET_ASIDE]
    assert [one.data["wait_id"] for one in set_aside] == [SELLER_WINDOW]
    told = last(batch, DocumentKind.PUBLICATION_CORRECTION, Recipient.PUBLIC)
    assert "不作为送达" in told.fields["grounds"]
    await batch.play([*posted("result_notice", "seller"), Pass(2), delivered("result_notice", "seller")])
    await batch.play([Lapse(SELLER_WINDOW)])
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    for certificate in certificates(batch.world).values():
        verify(certificate)
    batch.end()


async def test_a_last_day_that_was_announced_is_not_moved_earlier() -> None:
    """It had been extended; the new letter is in the seller's hands a day later."""
    batch = await announced()
    extended = {"wait": SELLER_WINDOW, "to": "2026-11-20", "reason": "当事人申请"}
    await batch.play([Do(APPROVER, StepName.DEADLINE_EXTENDED, extended)])
    await with_order(batch, seller__place__detail="示例路11号")
    await batch.play([*posted("result_notice", "seller"), Pass(1), delivered("result_notice", "seller")])
    assert str(batch.case.waits[SELLER_WINDOW].wait.last_day) == "2026-11-20"
    batch.end()


@pytest.mark.parametrize(
    ("changes", "stands"),
    [
        ({"platform__seller_address": "浙江省杭州市余杭区仓前路66号"}, False),
        ({"seller__place__detail": "示例路11号"}, True),
        ({"platform__seller_address": "浙江省杭州市余杭区仓前路 ６ 号"}, True),
    ],
    ids=["where-it-went", "not-where-it-went", "the-same-place"],
)
async def test_it_stands_where_another_address_was_wrong(changes: dict[str, str], stands: bool) -> None:
    """The letter was posted to the address that the platform had supplied, and to no other."""
    batch = await announced(Do(OFFICER, POSTED, {**NOTICE, "address": SUPPLIED}))
    await with_order(batch, **changes)
    assert is_announced(batch) is stands
    assert (SELLER_WINDOW in batch.case.waits) is stands
    batch.end()


async def test_one_of_two_parcels_went_to_a_wrong_address() -> None:
    """Both came back: the true address of the licence was never tried."""
    both = [
        Do(OFFICER, POSTED, {**NOTICE, "address": address, "tracking_no": f"12345678901{place}"})
        for place, address in enumerate((LICENCE, SUPPLIED), 10)
    ]
    batch = await announced(*both)
    await with_order(batch, seller__place__detail="示例路11号")
    assert not is_announced(batch)
    batch.end()


async def test_an_address_mistyped_when_the_letter_was_posted() -> None:
    """The seller had told its new address; the clerk wrote another number."""
    told = {"address": "浙江省杭州市余杭区示例路9号", "address_source": "经营者电话告知"}
    batch = await announced(Do(OFFICER, POSTED, {**NOTICE, **told}))
    await put_right(batch, filed(batch, POSTED, recipient="seller"), address="浙江省杭州市余杭区示例路19号")
    assert not is_announced(batch)
    assert letters(batch, DocumentKind.RESULT_NOTICE, Recipient.SELLER)[-1] == (
        DocumentStatus.TO_SEND,
        "浙江省杭州市余杭区示例路19号",
    )
    await stands_as_played(batch)
    batch.end()


async def test_an_address_that_had_been_left_out() -> None:
    """It stood in the report of the purchase all the time."""
    batch = begun(producer={"address": None})
    await batch.play((*NONCONFORMING[:-4], *posted("result_notice", "seller"), Pass(1)))
    await batch.play([Do(OFFICER, RETURNED, {"recipient": "producer"})])
    assert is_announced(batch)
    await with_order(batch, producer__address="浙江省金华市永康市示例工业区6号")
    assert not is_announced(batch)
    queued = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.PRODUCER)
    assert queued is not None
    assert (queued.status, queued.address) == (DocumentStatus.TO_SEND, "浙江省金华市永康市示例工业区6号")
    await stands_as_played(batch)
    batch.end()


async def test_a_wrong_email_address() -> None:
    """The mail bounced, and nobody wrote by post."""
    batch = begun(seller={"email": "shop@example.com"})
    batch.world.mails = True
    await batch.play((*NONCONFORMING[:-3], Pass(1)))
    await batch.play([Do(OFFICER, StepName.DELIVERY_FAILED), Do(OFFICER, RETURNED), Pass(1)])
    assert is_announced(batch)
    await with_order(batch, seller__email="shop@example.org")
    assert not is_announced(batch)
    letter = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    assert letter is not None
    assert (letter.document_id[-1], letter.email) == ("2", "shop@example.org")
    batch.end()


async def test_who_collected_the_letter_has_its_window_from_that_day() -> None:
    """Collected after the announcement, which had served nobody."""
    batch = await announced()
    await batch.play([Pass(5), delivered("result_notice", "seller")])
    collected = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    assert collected is not None
    assert batch.case.waits[SELLER_WINDOW].wait.starts_on != collected.settled_on
    await with_order(batch, seller__place__detail="示例路11号")
    assert batch.case.waits[SELLER_WINDOW].wait.starts_on == collected.settled_on
    assert len(letters(batch, DocumentKind.RESULT_NOTICE, Recipient.SELLER)) == 1
    await stands_as_played(batch)
    batch.end()


async def test_a_retest_given_up_on_that_announcement_is_not_given_up() -> None:
    """The notice of the retest laboratory had gone to the wrong address."""
    batch = begun(platform={"seller_address": SUPPLIED})
    appointed = Do(APPROVER, StepName.OBJECTION_DECIDED), Do(OFFICER, StepName.RETEST_LAB_APPOINTED)
    about = {"notice": "retest_lab_notice", "recipient": "seller"}
    await batch.play((*OBJECTED, *appointed, *posted("retest_lab_notice", "seller"), Pass(2)))
    formalities = "retest_formalities_completed:seller"
    await batch.play([Do(OFFICER, RETURNED, about), Pass(1), Lapse(formalities)])
    assert batch.case.parties[Party.SELLER].standing is PartyStanding.ABANDONED
    await with_order(batch, seller__place__detail="示例路11号")
    assert batch.case.parties[Party.SELLER].standing is PartyStanding.RETEST
    await batch.play(
        [*posted("retest_lab_notice", "seller"), Pass(1), delivered("retest_lab_notice", "seller")]
    )
    assert formalities in batch.case.waits
    await stands_as_played(batch)
    batch.end()


async def test_what_the_seller_did_on_the_announcement_counts() -> None:
    """It read of its result, and applied."""
    batch = await announced(Pass(0), *posted("result_notice", "seller"))
    await batch.play([Do(OFFICER, StepName.OBJECTION_FILED)])
    await with_order(batch, seller__place__detail="示例路11号")
    assert batch.case.parties[Party.SELLER].objection is not None
    assert StepName.OBJECTION_DECIDED in {one.wait.step for one in batch.case.waits.values()}
    await stands_as_played(batch)
    batch.end()


async def test_a_bureau_may_read_it_otherwise() -> None:
    """The switch of the regulation file: the announcement serves all the same."""
    value = REGULATION.model_dump(mode="json")
    value["readings"]["announced_at_wrong_address_counts"] = True
    regulation = Regulation.model_validate(value)
    batch = InMemory(Memory(opening(regulation=regulation, platform={"seller_address": SUPPLIED})))
    await announced(batch=batch)
    window = batch.case.waits[SELLER_WINDOW].wait
    await with_order(batch, seller__place__detail="示例路11号")
    assert batch.case.waits[SELLER_WINDOW].wait == window
    assert is_announced(batch)
    batch.end()


async def test_where_a_parcel_went_is_a_fact_of_the_parcel() -> None:
    """The list named another address than the label: the letter came back from the right one."""
    batch = await announced(Do(OFFICER, POSTED, {**NOTICE, "address": "浙江省杭州市余杭区示例路9号"}))
    await put_right(batch, filed(batch, POSTED, recipient="seller"), SUPERVISOR, address=SUPPLIED)
    assert is_announced(batch)
    letter = batch.case.document_of(DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    assert letter is not None
    assert (letter.posted_to, letter.document_id[-1]) == (SUPPLIED, "1")
    batch.end()
