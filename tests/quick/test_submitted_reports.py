"""A laboratory submits its report, an officer takes it in: nothing leaves on the laboratory's click (§6)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from law.calendar import day_in_shanghai
from law.vocabulary import Phase, Role, Term
from local.scenarios.courses import NONCONFORMING, SEALED, DaysAgo, Do, example_body
from messages.envelope import RefusalCode
from messages.steps import StepName
from messages.steps.report import REPORT_EXAMPLE, ReportReceived
from tests.quick.memory import REGULATION
from tests.quick.table import Table

OFFICER, LAB = Role.OFFICER, Role.LAB
SUBMITTED, RECEIVED = StepName.REPORT_SUBMITTED, StepName.REPORT_RECEIVED
SUBMISSION = (*SEALED, Do(LAB, SUBMITTED))


async def on_paper(table: Table, batch_no: str, role: Role, **changes: Any) -> Any:
    body = example_body(RECEIVED, await table.clock(batch_no), changes)
    return await table.do(batch_no, role, RECEIVED, body)


async def test_nothing_leaves_before_an_officer_has_taken_the_report_in(table: Table) -> None:
    """The laboratory has done its duty, by the ledger's stamp; an officer owes the next word."""
    batch_no = await table.opened(SUBMISSION)
    snapshot = await table.snapshot(batch_no)
    assert snapshot.phase is Phase.TESTING
    assert not [paper for paper in table.papers(batch_no) if paper.kind == "result_notice"]
    assert "report_submitted" not in {wait.id for wait in snapshot.waits}
    wait = await table.wait(batch_no, "report_received")
    assert (wait.term, wait.role, wait.internal) == (Term.REPORT_TAKEN_IN, OFFICER, True)
    ended = [line for line in table.timeline(batch_no) if line.data.get("wait_id") == "report_submitted"]
    assert ended[-1].data["how"] == "met"


async def test_the_day_of_taking_it_in_is_the_bureaus_receipt(table: Table) -> None:
    """The five working days for the result notices run from then."""
    batch_no = await table.opened(SUBMISSION)
    await table.fast_forward(batch_no, timedelta(days=2))
    taken_in_on = day_in_shanghai(await table.clock(batch_no))
    await table.at(batch_no, [Do(OFFICER, RECEIVED)])
    assert (await table.wait(batch_no, "result_notice_sent")).starts_on == taken_in_on
    assert (await table.snapshot(batch_no)).report_submitted is None


async def test_a_report_on_paper_is_entered_by_an_officer_alone(table: Table) -> None:
    """It meets the laboratory's duty on the day the bureau had it; a laboratory does not receive."""
    batch_no = await table.opened(SEALED)
    assert (await on_paper(table, batch_no, LAB)).code is RefusalCode.ROLE_NOT_ALLOWED
    assert (await on_paper(table, batch_no, OFFICER)).accepted
    waits = {wait.id for wait in (await table.snapshot(batch_no)).waits}
    assert not waits & {"report_submitted", "report_received"}


async def test_the_last_submission_counts_until_one_is_taken_in(table: Table) -> None:
    """The laboratory may mend its report meanwhile; what an officer takes in is what he has seen."""
    batch_no = await table.opened(SUBMISSION)
    seen = (await table.snapshot(batch_no)).report_submitted
    owed = await table.wait(batch_no, "report_received")
    await table.example(batch_no, LAB, SUBMITTED, report_no="JY-2026-0001-2")
    assert await table.wait(batch_no, "report_received") == owed
    today = str(day_in_shanghai(await table.clock(batch_no)))
    for other in (seen, uuid4()):
        body = {"submission": str(other), "received_on": today}
        assert (await table.do(batch_no, OFFICER, RECEIVED, body)).code is RefusalCode.NO_SUCH_STEP
    assert (await table.example(batch_no, OFFICER, RECEIVED)).accepted
    letter = next(paper for paper in table.papers(batch_no) if paper.kind == "result_notice")
    assert letter.facts["report_no"] == "JY-2026-0001-2"
    assert (await table.example(batch_no, LAB, SUBMITTED)).code is RefusalCode.OUT_OF_ORDER


async def test_what_was_not_submitted_cannot_be_taken_in(table: Table) -> None:
    """Nor before the day on which it was submitted."""
    batch_no = await table.opened(SEALED)
    today = str(day_in_shanghai(await table.clock(batch_no)))
    body = {"submission": str(uuid4()), "received_on": today}
    assert (await table.do(batch_no, OFFICER, RECEIVED, body)).code is RefusalCode.OUT_OF_ORDER
    await table.at(batch_no, [Do(LAB, SUBMITTED, {"issued_on": DaysAgo(3)})])
    yesterday = await table.example(batch_no, OFFICER, RECEIVED, received_on=DaysAgo(1))
    assert yesterday.code is RefusalCode.DATE_BEFORE_EVENT


def test_a_report_is_taken_in_or_entered_and_never_both() -> None:
    """A body that names a submission says nothing of its own; one on paper lacks nothing."""
    submission = {"submission": str(uuid4()), "received_on": "2026-09-17"}
    assert ReportReceived.model_validate(submission).on_paper is None
    assert ReportReceived.model_validate(REPORT_EXAMPLE).on_paper is not None
    with pytest.raises(ValidationError, match="不再填写报告内容"):
        ReportReceived.model_validate({**REPORT_EXAMPLE, **submission})
    with pytest.raises(ValidationError, match=r"缺少报告编号、报告文件"):
        ReportReceived.model_validate({**REPORT_EXAMPLE, "report_no": None, "file": None})


@pytest.fixture
async def trusting() -> AsyncIterator[Table]:
    """A bureau that has a submission count as its receipt."""
    readings = REGULATION.readings.model_copy(update={"laboratory_report_is_receipt": True})
    table = Table(REGULATION.model_copy(update={"readings": readings}))
    yield table
    table.clear()


async def test_where_the_reading_says_so_a_submission_is_the_receipt(trusting: Table) -> None:
    """The notices are made out at once, and the five working days run from the submission."""
    batch_no = await trusting.opened(SUBMISSION)
    snapshot = await trusting.snapshot(batch_no)
    assert snapshot.phase is Phase.NOTIFICATION
    submitted_on = day_in_shanghai(await trusting.clock(batch_no))
    assert (await trusting.wait(batch_no, "result_notice_sent")).starts_on == submitted_on
    await trusting.at(batch_no, NONCONFORMING[len(SEALED) + 2 :])
