"""Whoever was told of something that no longer holds is told so (procedure section 3.8 and 3.11)."""

from law.vocabulary import DocumentKind, Party, Recipient, Role
from local.scenarios.courses import (
    APPROVER,
    BOTH_SERVED,
    BOUGHT,
    CONFORMING,
    OBJECTED,
    OFFICER,
    SEALED,
    Do,
    Pass,
    delivered,
)
from messages.envelope import RefusalCode
from messages.records import Paper
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.played import InMemory, begun

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


async def test_one_that_comes_back_is_announced() -> None:
    batch = await voided(*SEALED)
    about = {"notice": NOTICE, "recipient": Recipient.SELLER}
    for step in (StepName.NOTICE_POSTED, StepName.NOTICE_RETURNED):
        batch = InMemory(batch.world, batch.world.on_record)
        assert (await batch.example(OFFICER, step, **about)).accepted
    assert notices(batch, DocumentKind.ANNOUNCEMENT)[Recipient.PUBLIC].facts["about"] == "抽查检验撤销告知书"


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
