"""Whoever was told of something that no longer holds is told so (procedure section 3.8 and 3.11)."""

from typing import Any

import pytest

from law.vocabulary import DocumentKind, Party, Recipient, Role
from local.scenarios.courses import (
    APPROVER,
    BOTH_SERVED,
    BOUGHT,
    CONFORMING,
    LAB,
    OBJECTED,
    OFFICER,
    PRODUCER_ACCEPTS,
    SEALED,
    Do,
    Pass,
    delivered,
    posted,
)
from messages.envelope import RefusalCode
from messages.records import Paper
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.played import InMemory, begun
from tests.quick.test_put_right import filed, put_right

NOTICE = DocumentKind.VOIDANCE_NOTICE
VOIDED = Do(APPROVER, StepName.VOIDED)


def notices(batch: InMemory, kind: DocumentKind = NOTICE) -> dict[Recipient, Paper]:
    papers = (paper for change in batch.world.changes for paper in change.papers)
    return {paper.recipient: paper for paper in papers if paper.kind is kind}


async def voided(*acts: object) -> InMemory:
    batch = begun()
    await batch.play([*acts, VOIDED])  # type: ignore[list-item]
    assert batch.is_closed
    return batch


async def test_who_had_a_letter_of_a_voided_batch_is_told_with_the_reason() -> None:
    """Each once, with the names of the letters that no longer apply."""
    batch = await voided(*BOTH_SERVED)
    told = notices(batch)
    assert set(told) == {Recipient.LABORATORY, Recipient.SELLER, Recipient.PLATFORM, Recipient.PRODUCER}
    to_seller = told[Recipient.SELLER]
    names = [one["name"] for one in to_seller.fields["withdrawn"]]
    assert names == ["网络商品质量抽查检验通知书", "抽检结果通知书"]
    assert to_seller.fields["reasons"] == batch.world.ledger[-1].body["reason"]


async def test_who_had_no_letter_is_not_written_to() -> None:
    """Before the sealing the laboratory alone has heard of it; a letter in the queue was read by nobody."""
    assert set(notices(await voided(*BOUGHT))) == {Recipient.LABORATORY}
    queued = (*SEALED[:-4], Do(OFFICER, StepName.SEALED))
    assert set(notices(await voided(*queued))) == {Recipient.LABORATORY}


async def test_who_could_not_be_written_to_was_not_told() -> None:
    """A producer without an address: its letter went nowhere, and that is said instead of another."""
    batch = begun(producer={"address": None})
    await batch.play([*BOTH_SERVED[:-5], Do(APPROVER, StepName.VOIDED)])
    assert Recipient.PRODUCER not in notices(batch)
    unsent = [one for one in batch.case.documents.values() if one.status is DocumentStatus.WITHDRAWN]
    assert {one.recipient for one in unsent} == {Recipient.SELLER, Recipient.PRODUCER, Recipient.PLATFORM}
    (line,) = [
        one.text for one in batch.world.lines if one.text.startswith("撤回抽检结果通知书（标称生产者）")
    ]
    assert "没有寄出" in line


async def test_a_notice_of_the_end_lies_in_the_queue_until_it_has_an_address() -> None:
    """The producer collected its letter, and nobody asked where it is."""
    batch = begun(producer={"address": None})
    served = delivered("result_notice", "producer")
    await batch.play([*BOTH_SERVED[:-5], served, Do(APPROVER, StepName.VOIDED)])
    letter = batch.case.document_of(NOTICE, Recipient.PRODUCER)
    assert letter is not None
    assert (letter.status, letter.sent_on) == (DocumentStatus.TO_SEND, None)
    assert any("撤销告知书（标称生产者）尚未发出" in one.text for one in batch.world.lines)
    batch = InMemory(batch.world, batch.world.on_record)
    about = {"notice": NOTICE, "recipient": "producer", "address": "浙江省金华市永康市一路1号"}
    assert (await batch.example(OFFICER, StepName.NOTICE_POSTED, **about)).accepted


async def test_what_was_announced_of_a_voided_batch_is_taken_down() -> None:
    """It asked to apply by a day that is none any more."""
    returned = Do(OFFICER, StepName.NOTICE_RETURNED, {"recipient": "producer"})
    batch = await voided(*BOTH_SERVED[:-1], returned)
    assert batch.case.standing(DocumentKind.ANNOUNCEMENT) == []


async def test_the_letter_of_a_voided_batch_is_posted_and_followed() -> None:
    """It lies in the post queue of a batch that has ended, which takes no step about anything else."""
    batch = await voided(*SEALED)
    letter = batch.case.document_of(NOTICE, Recipient.SELLER)
    assert letter is not None
    assert letter.by_hand
    assert letter.sent_on is None
    batch = InMemory(batch.world, batch.world.on_record)
    about = {"notice": NOTICE, "recipient": Recipient.SELLER}
    assert (await batch.example(OFFICER, StepName.NOTICE_POSTED, **about)).accepted
    batch = InMemory(batch.world, batch.world.on_record)
    assert (await batch.example(OFFICER, StepName.NOTICE_DELIVERED, **about)).accepted
    letter = batch.case.document_of(NOTICE, Recipient.SELLER)
    assert letter is not None
    assert letter.status is DocumentStatus.DELIVERED
    batch = InMemory(batch.world, batch.world.on_record)
    other = {"notice": DocumentKind.INSPECTION_NOTICE, "recipient": Recipient.SELLER}
    assert (await batch.example(OFFICER, StepName.NOTICE_POSTED, **other)).code is RefusalCode.BATCH_CLOSED


async def test_of_two_producers_each_is_told_what_concerns_it() -> None:
    """The wrong one's letter was withdrawn, and that is posted still; the right one has never had any."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    sealed = filed(batch, StepName.SEALED)
    other = {"producer": "宁波真正制造有限公司", "producer_address": "宁波市海曙区一路1号"}
    await put_right(batch, sealed, **other, mismatch_reason="以铭牌照片为准")
    await batch.play([VOIDED])
    assert Recipient.PRODUCER not in notices(batch)
    batch = InMemory(batch.world, batch.world.on_record)
    about = {"notice": DocumentKind.WITHDRAWAL_NOTICE, "recipient": Recipient.PRODUCER}
    assert (await batch.example(OFFICER, StepName.NOTICE_POSTED, **about)).accepted
    letter = batch.case.document_of(DocumentKind.WITHDRAWAL_NOTICE, Recipient.PRODUCER)
    assert letter is not None
    assert letter.status is DocumentStatus.SENT
    assert letter.recipient_name == "浙江示例制造有限公司"


@pytest.mark.parametrize(
    "right",
    [
        {"producer": "宁波真正制造有限公司", "producer_address": "宁波市海曙区一路1号"},
        {"producer": "无", "producer_address": None},
    ],
)
async def test_who_is_no_party_any_more_is_announced_under_his_own_name(
    right: dict[str, Any],
) -> None:
    """Who has nothing to do with it is told so, and the letter comes back; the right one is not named."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    await put_right(batch, filed(batch, StepName.SEALED), **right, mismatch_reason="以铭牌照片为准")
    about = {"notice": DocumentKind.WITHDRAWAL_NOTICE, "recipient": Recipient.PRODUCER}
    for step in (StepName.NOTICE_POSTED, StepName.NOTICE_RETURNED):
        assert (await batch.example(OFFICER, step, **about)).accepted
    told = notices(batch, DocumentKind.ANNOUNCEMENT)[Recipient.PUBLIC]
    assert told.facts["about_party"] == "浙江示例制造有限公司"


async def test_one_that_comes_back_is_announced() -> None:
    batch = await voided(*SEALED)
    about = {"notice": NOTICE, "recipient": Recipient.SELLER}
    for step in (StepName.NOTICE_POSTED, StepName.NOTICE_RETURNED):
        batch = InMemory(batch.world, batch.world.on_record)
        assert (await batch.example(OFFICER, step, **about)).accepted
    assert notices(batch, DocumentKind.ANNOUNCEMENT)[Recipient.PUBLIC].facts["about"] == "抽查检验撤销告知书"


async def test_whoever_was_told_that_an_item_failed_is_told_that_it_no_longer_does() -> None:
    """The retest lifts one failure of two: the result stands, and not as it was (procedure section 3.8)."""
    first = [item | {"verdict": "nonconforming"} for item in CONFORMING["items"]]
    other = first[0] | {"name": "标志"}
    batch = begun()
    await batch.play(
        (
            *SEALED,
            Do(LAB, StepName.REPORT_SUBMITTED, {"verdict": "nonconforming", "items": [first[0], other]}),
            Do(OFFICER, StepName.REPORT_RECEIVED),
            *posted("result_notice", "producer"),
            Pass(1),
            *(delivered("result_notice", party) for party in ("seller", "platform", "producer")),
            Do(OFFICER, StepName.OBJECTION_FILED, {"items": [first[0]["name"]]}),
            PRODUCER_ACCEPTS,
            Do(APPROVER, StepName.OBJECTION_DECIDED),
            Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
            delivered("retest_lab_notice", "seller"),
            delivered("retest_lab_notice", "retest_laboratory"),
            Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED),
            Do(OFFICER, StepName.RETEST_SEALED),
            Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, {**CONFORMING, "items": CONFORMING["items"][:1]}),
        )
    )
    told = notices(batch, DocumentKind.RETEST_RESULT_NOTICE)
    assert set(told) == {Recipient.SELLER, Recipient.PLATFORM, Recipient.PRODUCER}
    assert told[Recipient.PRODUCER].facts["lifted_failures"] == first[0]["name"]
    assert told[Recipient.PRODUCER].facts["standing_failures"] == "标志"
    public = notices(batch, DocumentKind.PUBLICATION)[Recipient.PUBLIC].fields
    assert public["conclusion"] == f"不合格（复检改变部分检验结果，{first[0]['name']}不再判定为不合格）"
    assert public["nonconforming_items"] == ["标志"]
    batch.end()


async def test_a_refused_party_is_told_that_the_others_retest_overturned_the_result() -> None:
    """It was told that the first result stands."""
    batch = begun()
    await batch.play(
        (
            *OBJECTED[:-2],
            Do(OFFICER, StepName.OBJECTION_FILED, {"party": "producer"}),
            Do(APPROVER, StepName.OBJECTION_DECIDED),
            Do(
                APPROVER,
                StepName.OBJECTION_DECIDED,
                {"party": "producer", "approved": False, "reasons": "申请理由不涉及检验结果"},
            ),
            delivered("retest_refusal", "producer"),
            Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
            Pass(1),
            delivered("retest_lab_notice", "seller"),
            delivered("retest_lab_notice", "retest_laboratory"),
            Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED),
            Do(OFFICER, StepName.RETEST_SEALED),
            Pass(5),
            Do(Role.OFFICER, StepName.RETEST_REPORT_RECEIVED, CONFORMING),
        )
    )
    told = notices(batch, DocumentKind.RETEST_RESULT_NOTICE)
    assert set(told) == {Recipient.SELLER, Recipient.PLATFORM, Recipient.PRODUCER}
    assert told[Recipient.PRODUCER].recipient_name == batch.case.parties[Party.PRODUCER].name
    batch.end()
