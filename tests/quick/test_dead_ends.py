"""Nothing holds a batch up for ever: who stays away, drops out, mistypes or says nothing more (§6, §7)."""

from typing import Any

import pytest

from law.vocabulary import DocumentKind, Outcome, Phase, Recipient, Role, WaitKind
from local.scenarios.courses import (
    BOTH_SERVED,
    NONCONFORMING,
    OBJECTED,
    PRODUCER_ACCEPTS,
    REFERRED,
    RETEST_NOTIFIED,
    SEALED,
    Act,
    DaysAgo,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from messages.envelope import RefusalCode
from messages.steps import StepName
from tests.quick.table import Table

OFFICER, APPROVER, LAB = Role.OFFICER, Role.APPROVER, Role.LAB
APPROVED: tuple[Act, ...] = (*OBJECTED, Do(APPROVER, StepName.OBJECTION_DECIDED))
FORMALITIES = Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED)
TOLD = (
    *SEALED,
    Do(OFFICER, StepName.REPORT_RECEIVED),
    *posted("result_notice", "seller", "producer", "platform"),
)
SELLER_ACCEPTS = Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})
TO_BE_ACKNOWLEDGED: tuple[Act, ...] = (*BOTH_SERVED, SELLER_ACCEPTS, PRODUCER_ACCEPTS, Pass(2))
ANOTHER = {"laboratory": {"code": "LAB-03", "name": "另一检验检测中心"}}
APPLICANTS, LABORATORYS = "retest_formalities_completed:seller", "retest_laboratory_formalities"
PAPERS = "application_completed:seller"


async def waits(table: Table, batch_no: str) -> set[str]:
    return {wait.id for wait in (await table.snapshot(batch_no)).waits}


async def letters(table: Table, batch_no: str, recipient: Recipient) -> int:
    """How many notices of the retest laboratory have gone to somebody."""
    documents = (await table.snapshot(batch_no)).documents
    return sum(d.kind is DocumentKind.RETEST_LAB_NOTICE and d.recipient is recipient for d in documents)


async def test_a_referral_is_acknowledged_and_concluded_in_its_order(table: Table) -> None:
    """A year mistyped must not start a term before the letter, or before any calendar."""
    batch_no = await table.opened(TO_BE_ACKNOWLEDGED)
    for day in ("2006-10-20", "2025-10-20"):
        mistyped = await table.example(batch_no, OFFICER, StepName.REFERRAL_ACKNOWLEDGED, acknowledged_on=day)
        assert mistyped.code is RefusalCode.DATE_BEFORE_EVENT
    await table.at(batch_no, REFERRED[:2])
    early = await table.example(batch_no, OFFICER, StepName.REFERRAL_CONCLUDED, concluded_on="2025-11-01")
    assert early.code is RefusalCode.DATE_BEFORE_EVENT
    await table.at(batch_no, REFERRED[2:])
    await table.closed(batch_no)


@pytest.mark.parametrize(
    "acts",
    [APPROVED, RETEST_NOTIFIED, (*RETEST_NOTIFIED, FORMALITIES)],
    ids=["approved", "notified", "to be sealed"],
)
async def test_an_approved_application_withdrawn_gives_up_the_retest(
    table: Table, acts: tuple[Act, ...]
) -> None:
    """The applicant who does not come to the re-sealing, say: the first result stands, and is published."""
    batch_no = await table.opened(acts)
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_WITHDRAWN)).accepted
    snapshot = await table.snapshot(batch_no)
    assert (snapshot.outcome, snapshot.phase) == (Outcome.RETEST_ABANDONED, Phase.REFERRAL)
    assert not {wait.id for wait in snapshot.waits if wait.id.startswith("retest")}


async def test_what_was_given_up_is_not_taken_up_again(table: Table) -> None:
    """One of two applicants withdraws; the other's retest goes on, and the sample is sealed for it alone."""
    batch_no = await table.opened(
        (
            *BOTH_SERVED,
            Do(OFFICER, StepName.OBJECTION_FILED),
            Do(OFFICER, StepName.OBJECTION_FILED, {"party": "producer"}),
            Do(APPROVER, StepName.OBJECTION_DECIDED),
            Do(APPROVER, StepName.OBJECTION_DECIDED, {"party": "producer"}),
            Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
            delivered("retest_lab_notice", "seller"),
            delivered("retest_lab_notice", "producer"),
            Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, {"party": "seller"}),
            Do(OFFICER, StepName.OBJECTION_WITHDRAWN),
        )
    )
    again = await table.example(batch_no, OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, party="seller")
    assert again.code is RefusalCode.WAIVED
    assert StepName.RETEST_SEALED not in await waits(table, batch_no)
    await table.at(
        batch_no,
        [
            Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, {"party": "producer"}),
            Do(OFFICER, StepName.RETEST_SEALED),
        ],
    )
    too_late = await table.example(batch_no, OFFICER, StepName.OBJECTION_WITHDRAWN, party="producer")
    assert too_late.code is RefusalCode.ALREADY_DONE


async def test_a_second_applicants_retest_is_told_to_the_laboratory_too(table: Table) -> None:
    """The first gave it up; the laboratory that was told then has its seven days for the second (§6)."""
    batch_no = await table.opened(
        (
            *NONCONFORMING,
            Do(OFFICER, StepName.OBJECTION_FILED),
            Do(APPROVER, StepName.OBJECTION_DECIDED),
            Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
            delivered("retest_lab_notice", "seller"),
            delivered("retest_lab_notice", "retest_laboratory"),
            Lapse(APPLICANTS),
            delivered("result_notice", "producer"),
            Do(OFFICER, StepName.OBJECTION_FILED, {"party": "producer"}),
            Do(APPROVER, StepName.OBJECTION_DECIDED, {"party": "producer"}),
        )
    )
    assert await letters(table, batch_no, Recipient.RETEST_LABORATORY) == 2
    notices = [paper for paper in table.papers(batch_no) if paper.kind is DocumentKind.RETEST_LAB_NOTICE]
    assert {paper.facts["applicant"] for paper in notices[-2:]} == {"浙江示例制造有限公司"}
    assert LABORATORYS not in await waits(table, batch_no)
    await table.at(batch_no, [delivered("retest_lab_notice", "retest_laboratory")])
    assert LABORATORYS in await waits(table, batch_no)


@pytest.mark.parametrize("both", [False, True])
async def test_whose_formalities_are_meant_is_never_guessed(table: Table, both: bool) -> None:
    """It has to be said, or one of two would lose its right; for one alone the API says it, see there."""
    producers: tuple[Act, ...] = (
        Do(OFFICER, StepName.OBJECTION_FILED, {"party": "producer"}),
        Do(APPROVER, StepName.OBJECTION_DECIDED, {"party": "producer"}),
    )
    sellers = (Do(OFFICER, StepName.OBJECTION_FILED), Do(APPROVER, StepName.OBJECTION_DECIDED))
    batch_no = await table.opened(
        (
            *BOTH_SERVED,
            *(sellers if both else (SELLER_ACCEPTS,)),
            *producers,
            Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
            delivered("retest_lab_notice", "producer"),
        )
    )
    decision = await table.example(batch_no, OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, party=None)
    assert decision.code is RefusalCode.WRONG_PARTY
    assert "retest_formalities_completed:producer" in await waits(table, batch_no)


@pytest.mark.parametrize(
    ("acts", "wait_id"),
    [
        ((*RETEST_NOTIFIED, FORMALITIES), StepName.RETEST_SEALED),
        ((*BOTH_SERVED, Do(OFFICER, StepName.OBJECTION_FILED, {"documents": []})), PAPERS),
    ],
    ids=["re-sealing", "papers missing"],
)
async def test_what_only_people_can_move_is_remembered(
    table: Table, acts: tuple[Act, ...], wait_id: str
) -> None:
    """An internal term of the bureau's own: late, it climbs, and the batch goes on waiting."""
    batch_no = await table.opened(acts)
    wait = await table.wait(batch_no, wait_id)
    assert (wait.kind, wait.internal) == (WaitKind.DUTY, True)
    await table.at(batch_no, [Lapse(wait_id)])
    snapshot = await table.snapshot(batch_no)
    assert wait_id in {wait.id for wait in snapshot.waits}


@pytest.mark.parametrize(("received_days_ago", "late"), [(20, False), (29, True)])
async def test_an_objection_recorded_before_the_receipt_is_measured_by_it(
    table: Table, received_days_ago: int, late: bool
) -> None:
    """Recorded while no window ran: the receipt, recorded later, says whether it was in time (§6)."""
    batch_no = await table.opened(
        (*TOLD, Pass(30), Do(OFFICER, StepName.OBJECTION_FILED, {"filed_on": DaysAgo(8)}))
    )
    receipt: dict[str, Any] = {"delivered_on": DaysAgo(received_days_ago)}
    await table.at(batch_no, [Do(OFFICER, StepName.NOTICE_DELIVERED, receipt)])
    titles = [wait.title for wait in (await table.snapshot(batch_no)).waits]
    assert any("逾期提交" in title for title in titles) is late
    decision = await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED)
    assert decision.code is (RefusalCode.FILED_LATE if late else None)
    if late:
        refused = {"approved": False, "reasons": "逾期提交"}
        assert (await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED, **refused)).accepted


async def test_a_stay_holds_the_window_of_an_objection_recorded_before_the_receipt(table: Table) -> None:
    """In which order the officer enters the two makes no difference."""
    batch_no = await table.opened((*TOLD, Pass(5)))
    await table.at(batch_no, [Do(Role.SUPERVISOR, StepName.SUSPENDED), Pass(25)])
    await table.at(batch_no, [Do(OFFICER, StepName.OBJECTION_FILED)])
    await table.at(batch_no, [Do(OFFICER, StepName.NOTICE_DELIVERED, {"delivered_on": DaysAgo(26)})])
    await table.at(batch_no, [Do(Role.SUPERVISOR, StepName.RESUMED)])
    assert (await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED)).accepted


async def test_a_letter_to_a_laboratory_that_bounced_is_handed_over_in_person(table: Table) -> None:
    """Not by post only: that it arrived ends the officer's duty, from the first letter on."""
    batch_no = await table.open()
    letter = {"notice": "commission_letter", "recipient": "laboratory"}
    failed = {**letter, "cause": "email_bounced", "reason": "550 无此邮箱"}
    assert (await table.example(batch_no, OFFICER, StepName.DELIVERY_FAILED, **failed)).accepted
    assert any(wait_id.startswith("delivery_failed:") for wait_id in await waits(table, batch_no))
    handed = {**letter, "means": "in_person", "receipt": "签收单 1"}
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_DELIVERED, **handed)).accepted
    assert not any(wait_id.startswith("delivery_failed:") for wait_id in await waits(table, batch_no))
    others = await table.example(batch_no, OFFICER, StepName.NOTICE_DELIVERED)
    assert others.code is RefusalCode.OUT_OF_ORDER
