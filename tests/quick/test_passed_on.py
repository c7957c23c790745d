"""A referral is followed wherever it goes: the authority that has it, and whom it passes it on to (§7)."""

from typing import Any

import pytest

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Outcome, Recipient, Role
from local.scenarios.courses import BOTH_SERVED, PRODUCER_ACCEPTS, Act, DaysAgo, Do, Pass
from messages.envelope import RefusalCode
from messages.steps import StepName
from tests.quick.table import Table

OFFICER, APPROVER = Role.OFFICER, Role.APPROVER
ACKNOWLEDGED, CONCLUDED = StepName.REFERRAL_ACKNOWLEDGED, StepName.REFERRAL_CONCLUDED
PASSED_ON = StepName.REFERRAL_PASSED_ON
BINJIANG, YUHANG = "杭州市滨江区市场监督管理局", "杭州市余杭区市场监督管理局"
LETTERED: tuple[Act, ...] = (
    *BOTH_SERVED,
    Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}),
    PRODUCER_ACCEPTS,
    Pass(2),
)
TAKEN: tuple[Act, ...] = (*LETTERED, Do(OFFICER, ACKNOWLEDGED), Pass(3))


async def test_the_other_authority_gets_the_letter_and_acknowledges_it_anew(table: Table) -> None:
    """What is awaited is its acknowledgement, and then its conclusion."""
    batch_no = await table.opened((*TAKEN, Do(OFFICER, PASSED_ON)))
    snapshot = await table.snapshot(batch_no)
    assert snapshot.referral_authority == YUHANG
    waits = {wait.id: wait for wait in snapshot.waits}
    assert CONCLUDED not in waits
    assert waits[ACKNOWLEDGED].starts_on == day_in_shanghai(await table.clock(batch_no))
    letters = [d for d in snapshot.documents if d.kind is DocumentKind.REFERRAL_LETTER]
    assert [d.recipient_name for d in letters if d.recipient is Recipient.AUTHORITY] == [BINJIANG, YUHANG]
    first = await table.example(batch_no, OFFICER, ACKNOWLEDGED, by=BINJIANG)
    assert first.code is RefusalCode.MISMATCH
    await table.at(batch_no, [Do(OFFICER, ACKNOWLEDGED, {"by": YUHANG}), Pass(20)])
    await table.at(batch_no, [Do(OFFICER, CONCLUDED, {"by": YUHANG})])
    ended = [line.text for line in table.timeline(batch_no) if line.data.get("wait_id") == CONCLUDED]
    assert any(f"移送{YUHANG}" in text for text in ended)


async def test_a_district_that_never_acknowledged_may_pass_it_on_too(table: Table) -> None:
    """And the next one after it."""
    batch_no = await table.opened((*LETTERED, Do(OFFICER, PASSED_ON), Pass(1)))
    third = {"passed_by": YUHANG, "passed_to": "杭州市临平区市场监督管理局"}
    assert (await table.example(batch_no, OFFICER, PASSED_ON, **third)).accepted
    assert (await table.snapshot(batch_no)).referral_authority == "杭州市临平区市场监督管理局"


@pytest.mark.parametrize(
    ("acts", "changes", "code"),
    [
        (BOTH_SERVED, {}, RefusalCode.OUT_OF_ORDER),
        (TAKEN, {"passed_by": "杭州市上城区市场监督管理局"}, RefusalCode.MISMATCH),
        (TAKEN, {"passed_to": BINJIANG}, RefusalCode.MISMATCH),
        (TAKEN, {"passed_on": DaysAgo(5)}, RefusalCode.DATE_BEFORE_EVENT),
        (TAKEN, {"passed_on": DaysAgo(-1)}, RefusalCode.DATE_IN_FUTURE),
    ],
)
async def test_who_does_not_have_it_does_not_pass_it_on(
    table: Table, acts: tuple[Act, ...], changes: dict[str, Any], code: RefusalCode
) -> None:
    batch_no = await table.opened(acts)
    assert (await table.example(batch_no, OFFICER, PASSED_ON, **changes)).code is code


@pytest.mark.parametrize("step", [ACKNOWLEDGED, CONCLUDED])
async def test_another_that_takes_it_over_is_recorded_as_such(table: Table, step: StepName) -> None:
    """It says why; the one it was referred to is named on the record, and has the case no longer (§7)."""
    batch_no = await table.opened(LETTERED if step is ACKNOWLEDGED else TAKEN)
    unexplained = await table.example(batch_no, OFFICER, step, by=YUHANG)
    assert unexplained.code is RefusalCode.MISMATCH
    assert unexplained.reason is not None
    assert BINJIANG in unexplained.reason
    why = "区划调整，案件由余杭区局接办"
    assert (await table.example(batch_no, OFFICER, step, takes_over=why)).code is RefusalCode.MISMATCH
    assert (await table.example(batch_no, OFFICER, step, by=YUHANG, takes_over=why)).accepted
    snapshot = await table.snapshot(batch_no)
    assert snapshot.referral_authority == YUHANG
    (ended,) = [
        line.text
        for line in table.timeline(batch_no)
        if line.kind == "wait_ended" and line.data["wait_id"] == step
    ]
    assert f"原交办{BINJIANG}" in ended
    if step is CONCLUDED:
        assert snapshot.outcome is Outcome.ACCEPTED_EXPRESSLY
