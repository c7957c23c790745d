"""From which day an application counts: an illegible postmark, an application made orally (section 4)."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from law.calendar import day_in_shanghai
from law.vocabulary import Phase, Role
from local.scenarios.courses import BOTH_SERVED, PRODUCER_ACCEPTS, Do, Lapse, example_body
from messages.envelope import RefusalCode
from messages.steps import StepName
from messages.steps.result import ObjectionFiled
from tests.quick.memory import BEGAN, REGULATION
from tests.quick.table import Table

OFFICER, SUPERVISOR, APPROVER = Role.OFFICER, Role.SUPERVISOR, Role.APPROVER
FILED, WINDOW = StepName.OBJECTION_FILED, "objection_filed:seller"
SERVED = (*BOTH_SERVED, PRODUCER_ACCEPTS)
ILLEGIBLE: dict[str, Any] = {"how": "post", "postmark_illegible": True}
ESTIMATED = {**ILLEGIBLE, "supervisor_reason": "邮戳被水浸，寄递企业无收寄记录"}
USUAL = timedelta(days=REGULATION.readings.usual_postal_days)


async def at_the_last_day(table: Table, later: int) -> tuple[str, date]:
    """A batch so many days after the last day of the seller's window; that day."""
    batch_no = await table.opened(SERVED)
    wait = await table.wait(batch_no, WINDOW)
    assert wait.deadline is not None
    assert wait.last_day is not None
    ahead = wait.deadline - await table.clock(batch_no) + timedelta(days=later - 1, hours=1)
    await table.fast_forward(batch_no, ahead)
    assert day_in_shanghai(await table.clock(batch_no)) == wait.last_day + timedelta(days=later)
    return batch_no, wait.last_day


async def test_the_carriers_record_counts_where_the_postmark_cannot_be_read(table: Table) -> None:
    """It was accepted on the last day and came after it."""
    batch_no, last_day = await at_the_last_day(table, 2)
    late = await table.example(
        batch_no, OFFICER, FILED, **ILLEGIBLE, accepted_on=str(last_day + timedelta(days=1))
    )
    assert late.code is RefusalCode.FILED_LATE
    assert (await table.example(batch_no, OFFICER, FILED, **ILLEGIBLE, accepted_on=str(last_day))).accepted


async def test_without_a_record_the_day_is_the_receipt_less_the_usual_time(table: Table) -> None:
    """In favour of the applicant, and by a supervisor alone."""
    batch_no, last_day = await at_the_last_day(table, 2)
    assert (await table.example(batch_no, OFFICER, FILED, **ESTIMATED)).code is RefusalCode.SUPERVISOR_NEEDED
    assert (await table.example(batch_no, SUPERVISOR, FILED, **ESTIMATED)).accepted
    again, last_day = await at_the_last_day(table, USUAL.days + 1)
    late = await table.example(again, SUPERVISOR, FILED, **ESTIMATED)
    assert late.code is RefusalCode.FILED_LATE
    assert late.reason is not None
    assert str(last_day + timedelta(days=1)) in late.reason


async def test_an_estimate_may_lie_before_the_notice(table: Table) -> None:
    """It favours the applicant, so that it never keeps an application out."""
    batch_no = await table.opened(SERVED)
    assert (await table.example(batch_no, SUPERVISOR, FILED, **ESTIMATED)).accepted


async def test_an_oral_application_counts_from_the_day_it_was_written_down(table: Table) -> None:
    """The record stands for the written application."""
    batch_no = await table.opened(SERVED)
    documents = [{"kind": "applicant_qualification", "reference": "ZG-1"}]
    oral = {"how": "oral", "written_record": "BL-2026-0001", "documents": documents, "agent": None}
    assert (await table.example(batch_no, OFFICER, FILED, **oral)).accepted
    assert (await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED)).accepted


async def test_what_was_written_down_in_time_is_examined_after_silence(table: Table) -> None:
    """The record proves the day, as a postmark does."""
    batch_no = await table.opened(SERVED)
    last_day = (await table.wait(batch_no, WINDOW)).last_day
    await table.at(batch_no, [Lapse(WINDOW)])
    oral = {"how": "oral", "written_record": "BL-2026-0001", "filed_on": str(last_day)}
    assert (await table.example(batch_no, OFFICER, FILED, **oral)).accepted
    await table.at(batch_no, [Do(APPROVER, StepName.REOPENING_DECIDED)])
    assert (await table.snapshot(batch_no)).phase is Phase.OBJECTION


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"how": "post"}, "应当填写邮戳日期"),
        ({"postmark": "2026-09-01"}, "不填写邮戳日期"),
        ({"postmark_illegible": True}, "仅限邮寄提交"),
        ({"how": "post", "postmark": "2026-09-01", "accepted_on": "2026-09-01"}, "仅在邮戳无法辨认时填写"),
        (ILLEGIBLE, "应当由处室负责人说明理由"),
        ({**ESTIMATED, "accepted_on": "2026-09-01"}, "其他情形不填写"),
        ({"how": "oral"}, "应当填写笔录编号"),
        ({"written_record": "BL-1"}, "其他方式不填写"),
    ],
)
def test_what_tells_the_day_fits_how_it_came(changes: dict[str, Any], why: str) -> None:
    """A field that says nothing about this way of filing is not filled in, and none is missing."""
    with pytest.raises(ValidationError, match=why):
        ObjectionFiled.model_validate(example_body(FILED, BEGAN, changes))
