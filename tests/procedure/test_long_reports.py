"""A report of three hundred items goes through ledger, signal and record, and so does its retest."""

from typing import Any

from law.vocabulary import Role
from local.scenarios.courses import RETESTED, Act, Do
from messages.order import MOST_ITEMS
from messages.steps import StepName
from tests.procedure.conftest import Table

ITEM = {"standard": "GB/T 29606-2013", "measured": "符合", "verdict": "conforming"}


def long_report() -> dict[str, Any]:
    """With a requirement of a thousand characters, near to what a report may hold."""
    names = [f"检验项目之{number}号" for number in range(MOST_ITEMS - 2)]
    items = [{**ITEM, "name": name, "requirement": "应符合附录B的规定，" * 22} for name in ("标志", *names)]
    items[1]["requirement"] = "应" * 1000
    return {"items": [{**items[0], "name": "耐热冲击", "verdict": "nonconforming"}, *items]}


def _long(act: Act) -> Act:
    is_report = isinstance(act, Do) and act.step is StepName.REPORT_RECEIVED
    return Do(act.role, act.step, long_report()) if isinstance(act, Do) and is_report else act


async def test_a_report_of_three_hundred_items_is_taken_in_twice(table: Table) -> None:
    """First result and retest are both in the case when the batch goes on."""
    batch_no = await table.opened(tuple(map(_long, RETESTED)))
    again = await table.example(batch_no, Role.OFFICER, StepName.RETEST_REPORT_RECEIVED, **long_report())
    assert again.accepted
    waits = {wait.id for wait in (await table.snapshot(batch_no)).waits}
    assert any("retest_result_notice" in wait for wait in waits)
