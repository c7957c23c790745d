"""Who gets a letter that takes another back learns what that means for it (procedure section 10)."""

from datetime import timedelta
from typing import Any

import pytest

from law.calendar import chinese_day
from law.vocabulary import DocumentKind, Recipient
from local.scenarios.courses import (
    APPROVER,
    BOTH_SERVED,
    OBJECTED,
    OFFICER,
    PRODUCER_ACCEPTS,
    RETEST_NOTIFIED,
    SUPERVISOR,
    Do,
    Lapse,
    Pass,
    delivered,
)
from messages.envelope import RefusalCode
from messages.records import Paper
from messages.steps import StepName
from tests.quick.played import InMemory, begun
from tests.quick.test_put_right import SELLER_WINDOW, filed, put_right, served_too_early

WITHDRAWAL = DocumentKind.WITHDRAWAL_NOTICE
# What the officer gave as the reason for a correction: the bureau's own affair.
INTERNAL = "与回执原件不符"


def said(batch: InMemory, kind: DocumentKind) -> list[Paper]:
    return [one for change in batch.world.changes for one in change.papers if one.kind is kind]


async def test_who_is_not_the_producer_is_told_just_that() -> None:
    """It has nothing to do, and no period to keep."""
    batch = begun()
    await batch.play([*BOTH_SERVED, PRODUCER_ACCEPTS])
    other = {"producer": "宁波真正制造有限公司", "producer_address": "宁波市海曙区一路1号"}
    await put_right(batch, filed(batch, StepName.SEALED), **other, mismatch_reason="以铭牌为准")
    (told,) = said(batch, WITHDRAWAL)
    assert told.recipient_name == "浙江示例制造有限公司"
    assert "不是该批次样品的标称生产者" in told.fields["consequence"]
    assert "标称生产者由“浙江示例制造有限公司”更正为“宁波真正制造有限公司”" in told.fields["reasons"]
    assert "收到检验结果通知书" not in told.fields["reasons"]
    assert INTERNAL not in told.fields["reasons"]
    batch.end()


async def test_whose_application_was_refused_as_late_hears_that_it_is_examined() -> None:
    """The delivery was typed too early: the refusal that came of it falls."""
    batch, true_day = await served_too_early(24)
    await batch.play([Lapse(SELLER_WINDOW), Pass(1)])
    assert (await batch.example(OFFICER, StepName.OBJECTION_FILED)).code is RefusalCode.FILED_LATE
    await batch.play([delivered("late_filing_notice", "seller")])
    wrong = filed(batch, StepName.NOTICE_DELIVERED, notice="result_notice", recipient="seller")
    await put_right(batch, wrong, delivered_on=str(true_day))
    (told,) = said(batch, WITHDRAWAL)
    assert "你（单位）的书面复检申请予以受理并继续审查" in told.fields["consequence"]
    batch.end()


async def test_an_application_entered_for_another_party_leaves_the_first_its_period() -> None:
    """The refusal that it was sent falls, and it may still apply, until the day that it is told."""
    batch = begun()
    refuses = {"approved": False, "reasons": "申请理由不涉及检验结果"}
    await batch.play([*BOTH_SERVED, Pass(3), Do(OFFICER, StepName.OBJECTION_FILED)])
    await batch.play(
        [Do(APPROVER, StepName.OBJECTION_DECIDED, refuses), delivered("retest_refusal", "seller")]
    )
    await put_right(batch, filed(batch, StepName.OBJECTION_FILED), party="producer")
    (told,) = said(batch, WITHDRAWAL)
    last_day = batch.case.waits[SELLER_WINDOW].wait.last_day
    assert last_day is not None
    assert f"提出书面复检申请的最后一日为{chinese_day(last_day)}24时" in told.fields["consequence"]
    batch.end()


async def test_a_refusal_that_falls_says_that_the_application_is_gone_on_with() -> None:
    batch = begun()
    refuses = {"approved": False, "reasons": "申请理由不涉及检验结果"}
    await batch.play(
        [
            *OBJECTED,
            Do(APPROVER, StepName.OBJECTION_DECIDED, refuses),
            delivered("retest_refusal", "seller"),
        ]
    )
    await put_right(batch, filed(batch, StepName.OBJECTION_DECIDED), approved=True, reasons=None)
    (told,) = said(batch, WITHDRAWAL)
    assert "你（单位）的复检申请已获批准，复检继续办理" in told.fields["consequence"]
    batch.end()


@pytest.mark.parametrize("kind", [DocumentKind.PUBLICATION_CORRECTION, DocumentKind.REFERRAL_CORRECTION])
async def test_the_public_is_told_what_was_wrong_and_not_what_the_officer_noted(kind: DocumentKind) -> None:
    """A silence falls for a delivery typed too early: both days are told."""
    batch, true_day = await served_too_early(24)
    wrong_day = true_day - timedelta(days=24)
    await batch.play([Lapse(SELLER_WINDOW)])
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    await put_right(batch, wrong, delivered_on=str(true_day))
    paper = said(batch, kind)[0]
    fields: dict[str, Any] = paper.fields
    text = str(fields.get("grounds") or fields.get("situation"))
    assert f"由“{chinese_day(wrong_day)}”更正为“{chinese_day(true_day)}”" in text
    assert INTERNAL not in text
    batch.end()


async def test_a_letter_that_replaces_another_says_what_is_another_in_it() -> None:
    batch, _ = await served_too_early()
    sealed = filed(batch, StepName.SEALED)
    await put_right(batch, sealed, SUPERVISOR, spec_model="SL-500A", mismatch_reason="以铭牌照片为准")
    replaced = said(batch, DocumentKind.RESULT_NOTICE)[-1]
    assert "规格型号由“SL-500”更正为“SL-500A”" in replaced.facts["replaces"]
    assert INTERNAL not in replaced.facts["replaces"]
    batch.end()


async def test_a_laboratory_that_drops_out_is_told_to_stop() -> None:
    batch = begun()
    await batch.play([*RETEST_NOTIFIED, Pass(1), Do(OFFICER, StepName.LABORATORY_REPLACED)])
    (told,) = said(batch, WITHDRAWAL)
    assert told.recipient is Recipient.RETEST_LABORATORY
    assert "请停止复检" in told.fields["consequence"]
    reason = batch.world.ledger[-1].body["reason"]
    assert reason not in told.fields["reasons"]
    assert reason not in said(batch, DocumentKind.RETEST_LAB_NOTICE)[-1].facts["replaces"]
    batch.end()
