"""A batch closes once nothing is owed: what has become of each letter is on record (procedure 3.12)."""

from datetime import timedelta

import pytest

from law.vocabulary import Outcome, Phase, Recipient, Role
from local.scenarios.courses import CONFORMING, SEALED, Act, Do, Lapse, delivered, posted
from messages.envelope import RefusalCode
from messages.records import TimelineKind
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.table import Table

OFFICER, LAB, SUPERVISOR = Role.OFFICER, Role.LAB, Role.SUPERVISOR
TO_PLATFORM = "notice_delivered:result_notice:platform"
TO_PLATFORMS_POST = posted("result_notice", "platform")
# Final and published; whether the platform has its result notice nobody has said.
PUBLISHED: tuple[Act, ...] = (
    *SEALED,
    Do(OFFICER, StepName.REPORT_RECEIVED, CONFORMING),
    *TO_PLATFORMS_POST,
    delivered("result_notice", "seller"),
    Lapse("objection_filed:seller"),
)


async def given_up(table: Table, batch_no: str, role: Role = SUPERVISOR) -> RefusalCode | None:
    decision = await table.example(batch_no, role, StepName.DELIVERY_GIVEN_UP)
    return decision.code


async def test_a_batch_waits_for_what_became_of_its_last_letter(table) -> None:
    """The result is public; the delivery that is not recorded is late, climbs, and keeps the batch open."""
    batch_no = await table.opened(PUBLISHED)
    snapshot = await table.snapshot(batch_no)
    assert (snapshot.outcome, snapshot.phase) == (Outcome.CONFORMING, Phase.PUBLICATION)
    assert [wait.id for wait in snapshot.waits] == [TO_PLATFORM]
    await table.fast_forward(batch_no, timedelta(days=30))
    kinds = {line.kind for line in table.timeline(batch_no) if line.data.get("wait_id") == TO_PLATFORM}
    assert TimelineKind.ESCALATED in kinds
    await table.at(batch_no, [delivered("result_notice", "platform")])
    await table.closed(batch_no)


async def test_a_supervisor_gives_a_delivery_up_with_a_reason(table) -> None:
    """Then the batch closes; the timeline has the reason, and the letter's end can still be recorded."""
    batch_no = await table.opened(PUBLISHED)
    assert await given_up(table, batch_no) is None
    await table.closed(batch_no)
    (letter,) = [
        one
        for one in (await table.snapshot(batch_no)).documents
        if (one.kind, one.recipient) == ("result_notice", Recipient.PLATFORM)
    ]
    assert letter.status is DocumentStatus.GIVEN_UP
    assert letter.proof is not None
    assert letter.proof.startswith("不再跟踪：平台已停止运营")


async def test_nobody_gives_up_what_a_period_runs_from(table) -> None:
    """Before the result is final it matters whether a letter arrived, or came back and is announced."""
    batch_no = await table.opened(PUBLISHED[:-2])
    assert await given_up(table, batch_no) is RefusalCode.OUT_OF_ORDER
    assert TO_PLATFORM in {wait.id for wait in (await table.snapshot(batch_no)).waits}


@pytest.mark.parametrize("role", [OFFICER, LAB])
async def test_giving_up_is_the_supervisors(table, role: Role) -> None:
    """Whoever owes the record does not excuse himself."""
    batch_no = await table.opened(PUBLISHED)
    assert await given_up(table, batch_no, role) is RefusalCode.ROLE_NOT_ALLOWED


async def test_what_is_answered_is_not_given_up(table) -> None:
    """The seller has its letter already."""
    batch_no = await table.opened(PUBLISHED)
    decision = await table.example(batch_no, SUPERVISOR, StepName.DELIVERY_GIVEN_UP, recipient="seller")
    assert decision.code is RefusalCode.ALREADY_DONE


async def test_a_letter_that_nobody_handed_over_is_withdrawn_from_the_post_queue(table) -> None:
    """Nobody need send it any more: the supervisor withdraws it with a reason, and the batch closes."""
    batch_no = await table.opened(tuple(act for act in PUBLISHED if act not in TO_PLATFORMS_POST))
    letter = next(
        one
        for one in (await table.snapshot(batch_no)).documents
        if (one.kind, one.recipient) == ("result_notice", Recipient.PLATFORM)
    )
    assert letter.sent_on is None
    assert await given_up(table, batch_no) is None
    await table.closed(batch_no)
    snapshot = await table.snapshot(batch_no)
    (withdrawn,) = [one for one in snapshot.documents if one.document_id == letter.document_id]
    assert withdrawn.status is DocumentStatus.WITHDRAWN
    (line,) = [one for one in table.timeline(batch_no) if one.kind is TimelineKind.DOCUMENT_WITHDRAWN]
    assert "平台已停止运营" in line.text
