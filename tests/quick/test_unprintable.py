"""A document of which no letter can be made has not left: an officer sees to it, by hand."""

import pytest

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Recipient, Role
from local.scenarios.courses import NONCONFORMING, SEALED, Do, delivered
from messages.envelope import RefusalCode
from messages.records import TimelineKind
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.table import Table
from tests.quick.test_service import confirmations, letter, result_notice

OFFICER = Role.OFFICER
NOTICE = DocumentKind.RESULT_NOTICE
DUTY = "result_notice_sent"
BACK = {"recipient": "seller", "notice": "result_notice"}


async def untold(table: Table) -> str:
    """A batch whose result notices nobody can print."""
    batch_no = await table.opened(SEALED)
    table.cannot_print(batch_no, NOTICE)
    await table.at(batch_no, [Do(Role.OFFICER, StepName.REPORT_RECEIVED)])
    return batch_no


async def test_it_is_failing_from_the_first_and_ends_no_duty(table: Table) -> None:
    """Not sent: the duty to send goes on, an officer is asked, the report's own step is answered."""
    batch_no = await untold(table)
    snapshot = await table.snapshot(batch_no)
    notices = [d for d in snapshot.documents if d.kind is NOTICE]
    assert {(d.status, d.sent_on, d.unprintable) for d in notices} == {(DocumentStatus.TO_SEND, None, True)}
    assert all(d.failure and "没有字形" in d.failure for d in notices)
    assert [wait.step for wait in confirmations(snapshot)] == [StepName.NOTICE_POSTED] * len(notices)
    assert DUTY in [wait.id for wait in snapshot.waits]
    assert not [wait for wait in snapshot.waits if wait.id.startswith("notice_delivered:result_notice")]
    lines = table.timeline(batch_no)
    failed = [line for line in lines if line.kind is TimelineKind.DELIVERY_FAILED]
    assert len(failed) == len(notices)
    assert [paper.unprintable for paper in table.papers(batch_no) if paper.kind is NOTICE] == ["没有字形"] * 3


@pytest.mark.parametrize("by_post", [True, False])
async def test_people_make_it_by_hand_and_the_batch_goes_on(table: Table, *, by_post: bool) -> None:
    """Posted, or handed over at once: it has left then, its duty is done, its window runs from receipt."""
    batch_no = await untold(table)
    today = day_in_shanghai(await table.clock(batch_no))
    for recipient in ("producer", "platform"):
        said = {"notice": "result_notice", "recipient": recipient}
        assert (await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED, **said)).accepted
    assert DUTY in [wait.id for wait in (await table.snapshot(batch_no)).waits]
    if by_post:
        assert (await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED)).accepted
        seller = result_notice(await table.snapshot(batch_no))
        assert (seller.status, seller.sent_on, seller.failure) == (DocumentStatus.SENT, today, None)
    await table.at(batch_no, [delivered("result_notice", "seller")])
    snapshot = await table.snapshot(batch_no)
    waits = {wait.id for wait in snapshot.waits}
    assert DUTY not in waits
    assert "objection_filed:seller" in waits
    assert confirmations(snapshot) == []
    assert result_notice(snapshot).status is DocumentStatus.DELIVERED
    left = [line for line in table.timeline(batch_no) if "由人工另行制作" in line.text]
    assert [line.kind for line in left] == [TimelineKind.DOCUMENT_SENT] * 3


async def test_what_has_not_left_does_not_come_back(table: Table) -> None:
    """It can be neither returned nor lost on its way."""
    batch_no = await untold(table)
    for step in (StepName.NOTICE_RETURNED, StepName.DELIVERY_FAILED):
        refused = await table.example(batch_no, OFFICER, step, **BACK)
        assert (refused.accepted, refused.code) == (False, RefusalCode.NO_SUCH_NOTICE)


async def test_the_same_batch_with_every_letter_printable_leaves_as_ever(table: Table) -> None:
    """Of one kind no letter can be made, and the others leave with the record."""
    batch_no = await table.opened(SEALED)
    table.cannot_print(batch_no, DocumentKind.RETEST_REFUSAL)
    await table.at(batch_no, NONCONFORMING[len(SEALED) :])
    snapshot = await table.snapshot(batch_no)
    assert not any(document.unprintable for document in snapshot.documents)
    assert letter(snapshot, NOTICE, Recipient.SELLER).sent_on is not None
