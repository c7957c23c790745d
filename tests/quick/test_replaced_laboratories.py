"""A laboratory drops out and another one takes its place: nothing is lost or waits for ever (§6)."""

from datetime import timedelta
from typing import Any

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Recipient, Role
from local.scenarios.courses import BOUGHT, RETEST_NOTIFIED, RETESTED, SEALED, Do, Pass, delivered, posted
from messages.envelope import Decision, RefusalCode
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from messages.words import DOCUMENTS
from tests.quick.table import Table

OFFICER, SUPERVISOR, LAB = Role.OFFICER, Role.SUPERVISOR, Role.LAB
REPLACED = StepName.LABORATORY_REPLACED
FORMALITIES = Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED)
APPLICANTS, LABORATORYS = "retest_formalities_completed:seller", "retest_laboratory_formalities"


async def replaced(table: Table, batch_no: str, role: Role = OFFICER, **laboratory: Any) -> Decision:
    return await table.example(batch_no, role, REPLACED, laboratory=laboratory)


async def waits(table: Table, batch_no: str) -> set[str]:
    return {wait.id for wait in (await table.snapshot(batch_no)).waits}


async def letters(table: Table, batch_no: str, kind: DocumentKind, recipient: Recipient) -> list[str]:
    documents = (await table.snapshot(batch_no)).documents
    return [d.recipient_name for d in documents if (d.kind, d.recipient) == (kind, recipient)]


async def test_the_first_laboratory_drops_out_and_its_report_is_due_anew(table: Table) -> None:
    """From the day it was replaced, by the new contract; the sample goes along, and it is commissioned."""
    batch_no = await table.opened(SEALED)
    assert (await replaced(table, batch_no)).accepted
    today = day_in_shanghai(await table.clock(batch_no))
    wait = await table.wait(batch_no, "report_submitted")
    assert wait.starts_on == today
    assert wait.last_day is not None
    assert wait.last_day >= today + timedelta(days=12)
    snapshot = await table.snapshot(batch_no)
    assert snapshot.laboratory == "LAB-03"
    test_sample, backup = snapshot.samples
    assert (test_sample.keeper, test_sample.seal_no) == ("杭州示例检测研究院", "FT-0001")
    assert backup.holder == "bureau"
    commissioned = await letters(table, batch_no, DocumentKind.COMMISSION_LETTER, Recipient.LABORATORY)
    assert commissioned == ["浙江省示例检验院", "杭州示例检测研究院"]
    letter = [paper for paper in table.papers(batch_no) if paper.kind == "commission_letter"][-1]
    assert letter.fields["testing_period"] == f"12日，自{today}的次日起算"


async def test_the_report_is_then_the_other_laboratorys(table: Table) -> None:
    """What the one that dropped out still sends is not the report."""
    batch_no = await table.opened((*SEALED, Do(OFFICER, REPLACED)))
    assert (await table.example(batch_no, LAB, StepName.REPORT_SUBMITTED)).code is (
        RefusalCode.WRONG_LABORATORY
    )
    theirs = await table.example(batch_no, OFFICER, StepName.REPORT_RECEIVED, laboratory="LAB-03")
    assert theirs.accepted


async def test_before_the_sealing_it_is_replaced_too(table: Table) -> None:
    """Its period runs from the sealing then, as that of any."""
    batch_no = await table.opened((*BOUGHT, Do(OFFICER, REPLACED), *SEALED[len(BOUGHT) : -1]))
    wait = await table.wait(batch_no, "report_submitted")
    assert wait.starts_on == day_in_shanghai(await table.clock(batch_no))
    assert wait.last_day is not None


async def test_one_legal_person_is_one_laboratory(table: Table) -> None:
    """Under another code it is still the one that dropped out; and no other without the qualification."""
    batch_no = await table.opened(SEALED)
    same = await replaced(table, batch_no, code="LAB-77", name="浙江省示例检验院（标称）", registration=None)
    assert same.code is RefusalCode.ALREADY_DONE
    unqualified = await replaced(table, batch_no, qualified_items=["标志"])
    assert unqualified.code is RefusalCode.LABORATORY_NOT_QUALIFIED
    await table.at(batch_no, [Do(LAB, StepName.REPORT_SUBMITTED)])
    assert (await replaced(table, batch_no)).code is RefusalCode.ALREADY_DONE


async def test_another_retest_laboratory_is_named_with_a_reason(table: Table) -> None:
    """It drops out: who has not been there has seven days anew, from the new notice."""
    batch_no = await table.opened(RETEST_NOTIFIED)
    again = await table.example(batch_no, OFFICER, StepName.RETEST_LAB_APPOINTED)
    assert again.code is RefusalCode.ALREADY_DONE
    same = await replaced(table, batch_no, code="LAB-02", name="国家示例产品质量检验检测中心")
    assert same.code is RefusalCode.ALREADY_DONE
    assert (await replaced(table, batch_no)).accepted
    assert (await table.snapshot(batch_no)).retest_laboratory == "LAB-03"
    assert not {APPLICANTS, LABORATORYS} & await waits(table, batch_no)
    for to in (Recipient.SELLER, Recipient.RETEST_LABORATORY):
        assert len(await letters(table, batch_no, DocumentKind.RETEST_LAB_NOTICE, to)) == 2
    notices = (
        delivered("retest_lab_notice", "seller"),
        delivered("retest_lab_notice", "retest_laboratory"),
    )
    await table.at(batch_no, [Pass(1), *notices])
    assert {APPLICANTS, LABORATORYS} <= await waits(table, batch_no)


async def test_that_the_laboratory_drops_out_is_not_the_applicants_loss(table: Table) -> None:
    """What it has done for the retest stays done, whoever carries it out."""
    batch_no = await table.opened((*RETEST_NOTIFIED, FORMALITIES))
    assert (await replaced(table, batch_no)).accepted
    await table.at(batch_no, [Pass(1), delivered("retest_lab_notice", "seller")])
    assert APPLICANTS not in await waits(table, batch_no)
    assert (await table.example(batch_no, OFFICER, StepName.RETEST_SEALED)).accepted


async def test_a_retest_laboratory_drops_out_after_the_sample_was_sealed_for_it(table: Table) -> None:
    """The sealed sample goes to the other one, and the report is due anew by its contract."""
    batch_no = await table.opened(RETESTED)
    assert (await replaced(table, batch_no)).accepted
    wait = await table.wait(batch_no, "retest_report_received")
    assert wait.starts_on == day_in_shanghai(await table.clock(batch_no))
    _, backup = (await table.snapshot(batch_no)).samples
    assert (backup.holder, backup.keeper, backup.seal_no) == (
        "retest_laboratory",
        "杭州示例检测研究院",
        "FT-0003",
    )
    assert not {APPLICANTS, LABORATORYS} & await waits(table, batch_no)
    theirs = await table.example(batch_no, OFFICER, StepName.RETEST_REPORT_RECEIVED, laboratory="LAB-03")
    assert theirs.accepted
    assert (await replaced(table, batch_no)).code in (RefusalCode.ALREADY_DONE, RefusalCode.OUT_OF_ORDER)


async def test_the_original_laboratory_takes_a_retest_over_with_a_supervisors_reason_alone(
    table: Table,
) -> None:
    """In principle another one; by name too, not by its code alone (§6)."""
    batch_no = await table.opened(RETESTED)
    original = {"code": "LAB-88", "name": "浙江省示例检验院", "registration": None}
    assert (await replaced(table, batch_no, **original)).code is RefusalCode.SUPERVISOR_NEEDED
    assert (await replaced(table, batch_no, SUPERVISOR, **original)).accepted


async def test_the_laboratory_that_drops_out_hears_of_it(table: Table) -> None:
    """A commission that was handed over is withdrawn by a letter to it, once."""
    batch_no = await table.opened((*SEALED, *posted("commission_letter", "laboratory")))
    assert (await replaced(table, batch_no)).accepted
    told = await letters(table, batch_no, DocumentKind.WITHDRAWAL_NOTICE, Recipient.LABORATORY)
    assert told == ["浙江省示例检验院"]
    (notice,) = [paper for paper in table.papers(batch_no) if paper.kind == "withdrawal_notice"]
    assert notice.fields["withdrawn"] == DOCUMENTS[DocumentKind.COMMISSION_LETTER]


async def test_the_applicant_gets_a_notice_in_place_of_the_one_that_names_the_other(table: Table) -> None:
    """It names the old one; the retest laboratory that drops out is told that its own is withdrawn."""
    batch_no = await table.opened((*RETEST_NOTIFIED,))
    assert (await replaced(table, batch_no)).accepted
    first, second = [
        d
        for d in (await table.snapshot(batch_no)).documents
        if (d.kind, d.recipient) == ("retest_lab_notice", Recipient.SELLER)
    ]
    assert second.replaces == first.document_id
    told = await letters(table, batch_no, DocumentKind.WITHDRAWAL_NOTICE, Recipient.RETEST_LABORATORY)
    assert told == ["国家示例产品质量检验检测中心"]


async def test_a_withdrawn_letter_that_was_posted_all_the_same_is_withdrawn_by_another(table: Table) -> None:
    """It lay in the queue when it was withdrawn, and a clerk had it in the bag: its addressee is told."""
    batch_no = await table.opened(RETEST_NOTIFIED[:-3])
    assert (await replaced(table, batch_no)).accepted
    notices = [d for d in (await table.snapshot(batch_no)).documents if d.kind == "retest_lab_notice"]
    old = next(d for d in notices if d.recipient is Recipient.SELLER)
    assert (old.status, old.sent_on) == (DocumentStatus.WITHDRAWN, None)
    assert not await letters(table, batch_no, DocumentKind.WITHDRAWAL_NOTICE, Recipient.SELLER)
    (late,) = posted("retest_lab_notice", "seller")
    decision = await table.example(
        batch_no, OFFICER, late.step, **late.changes | {"document_id": old.document_id}
    )
    assert decision.accepted
    assert await letters(table, batch_no, DocumentKind.WITHDRAWAL_NOTICE, Recipient.SELLER)
    documents = {d.document_id: d for d in (await table.snapshot(batch_no)).documents}
    assert documents[old.document_id].status is DocumentStatus.WITHDRAWN
    assert APPLICANTS not in await waits(table, batch_no)
