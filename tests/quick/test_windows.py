"""Windows of the parties: each has its own, silence and acceptance and objection apart (§6)."""

from datetime import timedelta

import pytest

from law.calendar import chinese_day, day_in_shanghai, end_of_day
from law.vocabulary import Outcome, Role
from local.scenarios.courses import (
    BOTH_SERVED,
    CONFORMING,
    NONCONFORMING,
    OBJECTED,
    PRODUCER_ACCEPTS,
    RETEST_NOTIFIED,
    SEALED,
    Lapse,
    delivered,
    posted,
)
from messages.envelope import RefusalCode
from messages.records import Paper
from messages.steps import StepName
from tests.quick.table import Table

OFFICER, APPROVER, SUPERVISOR = Role.OFFICER, Role.APPROVER, Role.SUPERVISOR
SELLER_WINDOW, PRODUCER_WINDOW = "objection_filed:seller", "objection_filed:producer"


async def test_seller_and_producer_keep_silence_separately(table) -> None:
    """The result is final only when the later of the two windows has lapsed."""
    batch_no = await table.opened(NONCONFORMING)
    await table.fast_forward(batch_no, timedelta(days=4))
    await table.example(batch_no, OFFICER, StepName.NOTICE_DELIVERED, recipient="producer")
    await table.at(batch_no, [Lapse(SELLER_WINDOW)])
    between = await table.snapshot(batch_no)
    assert {p.party: p.standing for p in between.parties}["seller"] == "silent"
    assert between.outcome is None
    await table.at(batch_no, [Lapse(PRODUCER_WINDOW)])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE


async def test_the_window_counts_fifteen_days_from_the_partys_own_receipt(table) -> None:
    """The day of receipt is not counted, and a last day that is a rest day moves to a working day."""
    batch_no = await table.opened(BOTH_SERVED)
    received = day_in_shanghai(await table.clock(batch_no))
    window = await table.wait(batch_no, SELLER_WINDOW)
    assert window.starts_on == received
    assert window.last_day is not None
    assert window.last_day >= received + timedelta(days=15)
    assert window.deadline == end_of_day(window.last_day)


async def test_one_objects_while_the_other_accepts(table) -> None:
    """An objection by the seller is decided although the producer accepted the result."""
    batch_no = await table.opened(OBJECTED)
    waits = {wait.id for wait in (await table.snapshot(batch_no)).waits}
    assert "objection_decided:seller" in waits
    assert PRODUCER_WINDOW not in waits


async def test_an_objection_keeps_the_batch_from_being_final_when_the_other_window_lapses(table) -> None:
    """The producer's silence does not end the seller's pending objection."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    await table.at(batch_no, [Lapse(PRODUCER_WINDOW)])
    snapshot = await table.snapshot(batch_no)
    assert snapshot.outcome is None
    assert "objection_decided:seller" in {wait.id for wait in snapshot.waits}


async def test_a_notice_that_comes_back_is_announced_and_the_window_runs_from_there(table) -> None:
    """The window of a party that cannot be reached runs from the announcement (§6)."""
    batch_no = await table.opened(NONCONFORMING)
    await table.fast_forward(batch_no, timedelta(days=3))
    await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED, recipient="producer")
    snapshot = await table.snapshot(batch_no)
    today = day_in_shanghai(await table.clock(batch_no))
    announced = next(d for d in snapshot.documents if d.kind == "announcement")
    notice = next(d for d in snapshot.documents if d.kind == "result_notice" and d.recipient == "producer")
    window = await table.wait(batch_no, PRODUCER_WINDOW)
    assert announced.sent_on == today == window.starts_on
    assert notice.status == "announced"
    assert next(p for p in snapshot.parties if p.party == "producer").by_announcement


async def test_the_announcement_names_the_last_day_for_objections(table) -> None:
    """What the public reads is the counted last day, with how it was counted."""
    batch_no = await table.opened(NONCONFORMING)
    await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED, recipient="producer")
    window = await table.wait(batch_no, PRODUCER_WINDOW)
    announcement = _announcement(table, batch_no)
    assert chinese_day(window.last_day) in announcement.fields["last_day"]
    assert announcement.field_titles["last_day"] == "申请复检的最后一日"


async def test_the_announcement_of_the_retest_laboratory_names_the_last_day_for_the_formalities(
    table,
) -> None:
    """Its last day is called what the notice calls it; where nothing runs, it is said so."""
    batch_no = await table.opened((*RETEST_NOTIFIED[:-2], *posted("retest_lab_notice", "seller")))
    await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED, notice="retest_lab_notice")
    window = await table.wait(batch_no, "retest_formalities_completed:seller")
    announced = _announcement(table, batch_no)
    assert announced.field_titles["last_day"] == "办理复检手续的最后一日"
    assert chinese_day(window.last_day) in announced.fields["last_day"]

    sampled = await table.opened((*SEALED[:-3], *posted("inspection_notice", "seller")))
    await table.example(sampled, OFFICER, StepName.NOTICE_RETURNED, notice="inspection_notice")
    announced = _announcement(table, sampled)
    assert announced.field_titles["last_day"] == "期限的最后一日"
    assert announced.fields["last_day"] == "本公告不涉及期限"


def _announcement(table: Table, batch_no: str) -> Paper:
    return next(paper for paper in table.papers(batch_no) if paper.kind == "announcement")


async def test_a_conforming_result_opens_a_window_for_the_seller_only(table) -> None:
    """The text says "异议" without distinction of the verdict; the producer was not notified."""
    batch_no = await table.opened(SEALED)
    await table.example(batch_no, OFFICER, StepName.REPORT_RECEIVED, **CONFORMING)
    await table.at(batch_no, [delivered("result_notice", "seller")])
    waits = {wait.id for wait in (await table.snapshot(batch_no)).waits}
    assert SELLER_WINDOW in waits
    refused = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, party="producer")
    assert refused.code is RefusalCode.WRONG_PARTY


async def test_a_withdrawn_objection_leaves_the_window_as_it_was(table) -> None:
    """After a withdrawal the party may object again, until the original last day."""
    batch_no = await table.opened(BOTH_SERVED)
    before = await table.wait(batch_no, SELLER_WINDOW)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_WITHDRAWN)
    after = await table.wait(batch_no, SELLER_WINDOW)
    assert after.last_day == before.last_day
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)).accepted


async def test_a_withdrawn_objection_does_not_stop_silence(table) -> None:
    """An application that was withdrawn is looked at and does not count."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.at(batch_no, [PRODUCER_ACCEPTS])
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_WITHDRAWN)
    await table.at(batch_no, [Lapse(SELLER_WINDOW)])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE


async def test_a_posted_application_counts_from_its_postmark(table) -> None:
    """A letter posted within the window and recorded within it is in time whatever the filing date says."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.fast_forward(batch_no, timedelta(days=4))
    posted = str(day_in_shanghai(await table.clock(batch_no)) - timedelta(days=2))
    decision = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, how="post", postmark=posted)
    assert decision.accepted


async def test_an_application_after_the_last_day_is_recorded_and_not_accepted(table) -> None:
    """A late objection is refused with the reason and stays on the timeline."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.at(batch_no, [Lapse(SELLER_WINDOW)])
    decision = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    assert decision.code is RefusalCode.FILED_LATE
    lines = table.timeline(batch_no)
    assert any(line.kind == "step_refused" and line.data["code"] == "filed_late" for line in lines)


async def test_waiving_twice_or_objecting_after_a_waiver_is_refused(table) -> None:
    """Who has accepted the result expressly has waived the rest of the window."""
    batch_no = await table.opened([*BOTH_SERVED, PRODUCER_ACCEPTS])
    again = await table.example(batch_no, OFFICER, StepName.RESULT_ACCEPTED, party="producer")
    objected = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, party="producer")
    assert again.code is RefusalCode.ALREADY_DONE
    assert objected.code is RefusalCode.WAIVED


async def test_one_retest_serves_both_applicants(table) -> None:
    """Seller and producer object, both are approved: one laboratory, one report, both told."""
    batch_no = await table.opened(BOTH_SERVED)
    for party in ("seller", "producer"):
        await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, party=party)
        await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED, party=party)
    await table.example(batch_no, OFFICER, StepName.RETEST_LAB_APPOINTED)
    for party in ("seller", "producer"):
        await table.example(
            batch_no, OFFICER, StepName.NOTICE_DELIVERED, notice="retest_lab_notice", recipient=party
        )
        await table.example(batch_no, OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, party=party)
    await table.example(batch_no, OFFICER, StepName.RETEST_SEALED)
    await table.example(batch_no, OFFICER, StepName.RETEST_REPORT_RECEIVED)
    snapshot = await table.snapshot(batch_no)
    told = {d.recipient for d in snapshot.documents if d.kind == "retest_result_notice"}
    assert snapshot.outcome is Outcome.RETEST_UPHELD
    assert {"seller", "producer"} <= told


async def test_only_one_of_two_applicants_completes_the_formalities(table) -> None:
    """The other's silence is abandonment of its own application; the retest goes on."""
    batch_no = await table.opened(BOTH_SERVED)
    for party in ("seller", "producer"):
        await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, party=party)
        await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED, party=party)
    await table.example(batch_no, OFFICER, StepName.RETEST_LAB_APPOINTED)
    for party in ("seller", "producer"):
        await table.example(
            batch_no, OFFICER, StepName.NOTICE_DELIVERED, notice="retest_lab_notice", recipient=party
        )
    await table.example(batch_no, OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, party="seller")
    await table.at(batch_no, [Lapse("retest_formalities_completed:producer")])
    await table.example(batch_no, OFFICER, StepName.RETEST_SEALED)
    await table.example(batch_no, OFFICER, StepName.RETEST_REPORT_RECEIVED)
    snapshot = await table.snapshot(batch_no)
    assert snapshot.outcome is Outcome.RETEST_UPHELD
    assert {p.party: p.standing for p in snapshot.parties}["producer"] == "abandoned"


async def test_late_formalities_are_recorded_and_not_accepted(table) -> None:
    """Seven days after the applicant's receipt the retest is given up (§6)."""
    batch_no = await table.opened(RETEST_NOTIFIED)
    await table.at(batch_no, [Lapse("retest_formalities_completed:seller")])
    late = await table.example(batch_no, OFFICER, StepName.RETEST_FORMALITIES_COMPLETED)
    assert not late.accepted
    assert (await table.snapshot(batch_no)).outcome is Outcome.RETEST_ABANDONED


@pytest.mark.parametrize("approved", [True, False])
async def test_an_application_through_the_superior_authority_stops_silence(table, approved: bool) -> None:
    """Its decision is then recorded as the approver's would be (procedure section 6)."""
    batch_no = await table.opened([*BOTH_SERVED, PRODUCER_ACCEPTS])
    await table.example(
        batch_no, OFFICER, StepName.OBJECTION_FILED, how="superior_authority", documents=[], agent=None
    )
    await table.fast_forward(batch_no, timedelta(days=40))
    assert (await table.snapshot(batch_no)).outcome is None
    decision = await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED, approved=approved)
    assert decision.accepted
