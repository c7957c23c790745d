"""The retest laboratory's part: a duty of its own, and never the applicant's loss (§6)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from law.calendar import day_in_shanghai
from law.vocabulary import Outcome, Phase, Role, WaitKind
from local.scenarios.courses import RETEST_NOTIFIED, Do, Lapse, delivered, example_body
from messages.base import Actor
from messages.envelope import Decision, RefusalCode
from messages.steps import StepName
from tests.quick import memory
from tests.quick.table import Table

OFFICER, APPROVER, LAB = Role.OFFICER, Role.APPROVER, Role.LAB
APPLICANTS, LABORATORYS = "retest_formalities_completed:seller", "retest_laboratory_formalities"


@pytest.fixture
def at_the_retest_laboratory(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on it is its clerk who enters what a laboratory enters."""
    clerk = Actor(sub="lab-02", name="孙复检", role=LAB, laboratory="LAB-02")
    return lambda: monkeypatch.setitem(memory.PEOPLE, LAB, clerk)


async def completed(table: Table, batch_no: str, role: Role, **changes: Any) -> Decision:
    step = StepName.RETEST_FORMALITIES_COMPLETED
    return await table.do(batch_no, role, step, example_body(step, await table.clock(batch_no), changes))


async def waits(table: Table, batch_no: str) -> set[str]:
    return {wait.id for wait in (await table.snapshot(batch_no)).waits}


async def test_it_has_seven_days_of_its_own_from_its_own_receipt(table: Table) -> None:
    """A duty: late, it climbs, and the applicant's own period is another one."""
    batch_no = await table.opened(RETEST_NOTIFIED[:-1])
    await table.fast_forward(batch_no, timedelta(days=2))
    assert LABORATORYS not in await waits(table, batch_no)
    await table.at(batch_no, [delivered("retest_lab_notice", "retest_laboratory")])
    received = day_in_shanghai(await table.clock(batch_no))
    wait = await table.wait(batch_no, LABORATORYS)
    assert (wait.kind, wait.role, wait.owed_by_title, wait.starts_on) == (
        WaitKind.DUTY,
        LAB,
        "复检机构",
        received,
    )
    assert wait.last_day is not None
    assert wait.last_day >= received + timedelta(days=7)
    assert (await table.wait(batch_no, APPLICANTS)).starts_on == received - timedelta(days=2)


async def test_its_part_ends_with_the_applicants(table: Table) -> None:
    """Done when the formalities are; without object when the applicant gives the retest up."""
    batch_no = await table.opened(RETEST_NOTIFIED)
    assert LABORATORYS in await waits(table, batch_no)
    assert (await completed(table, batch_no, OFFICER)).accepted
    assert LABORATORYS not in await waits(table, batch_no)
    given_up = await table.opened(RETEST_NOTIFIED)
    await table.at(given_up, [Lapse(APPLICANTS)])
    assert LABORATORYS not in await waits(table, given_up)
    assert (await table.snapshot(given_up)).outcome is Outcome.RETEST_ABANDONED


async def test_told_after_the_formalities_it_owes_nothing_more(table: Table) -> None:
    """Its receipt is recorded when everything is done already."""
    batch_no = await table.opened(RETEST_NOTIFIED[:-1])
    assert (await table.snapshot(batch_no)).phase is Phase.RETEST
    await completed(table, batch_no, OFFICER)
    await table.at(batch_no, [delivered("retest_lab_notice", "retest_laboratory")])
    assert LABORATORYS not in await waits(table, batch_no)


async def test_its_own_late_entry_is_not_the_applicants_loss(
    table: Table, at_the_retest_laboratory: Callable[[], None]
) -> None:
    """Completed there in time and entered after silence: examined, and the retest goes on."""
    batch_no = await table.opened(RETEST_NOTIFIED)
    last_day = (await table.wait(batch_no, APPLICANTS)).last_day
    await table.at(batch_no, [Lapse(APPLICANTS)])
    by_an_officer = await completed(table, batch_no, OFFICER, completed_on=str(last_day))
    assert by_an_officer.code is RefusalCode.RECORDED_AFTER_SILENCE
    at_the_retest_laboratory()
    entered = await completed(table, batch_no, LAB, completed_on=str(last_day))
    assert entered.accepted, entered.reason
    titles = [wait.title for wait in (await table.snapshot(batch_no)).waits]
    assert any("复检机构国家示例产品质量检验检测中心登记" in title for title in titles), titles
    await table.at(batch_no, [Do(APPROVER, StepName.REOPENING_DECIDED)])
    assert (await table.snapshot(batch_no)).phase is Phase.RETEST


async def test_what_it_enters_as_done_too_late_stays_too_late(
    table: Table, at_the_retest_laboratory: Callable[[], None]
) -> None:
    """Its word proves the day, and the day is after the last one."""
    batch_no = await table.opened(RETEST_NOTIFIED)
    await table.at(batch_no, [Lapse(APPLICANTS)])
    at_the_retest_laboratory()
    entered = await completed(table, batch_no, LAB)
    assert entered.code is RefusalCode.FILED_LATE
