"""Filed in time and recorded late, or truly late (§6): nothing accepted is lost, nothing erased."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from law.calendar import chinese_day, day_in_shanghai
from law.vocabulary import Outcome, Phase, Role, Verdict
from local.scenarios.courses import (
    BOTH_SERVED,
    CONFORMING,
    NONCONFORMING,
    PRODUCER_ACCEPTS,
    REFERRED,
    RETEST_NOTIFIED,
    SEALED,
    Act,
    Do,
    Lapse,
    Pass,
    delivered,
    example_body,
)
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.steps import StepName
from store.documents import published
from store.ledger import filings, timeline
from store.reads import read_model, tasks
from store.reads.wanted import WantedBatches
from tests.procedure.conftest import PEOPLE

OFFICER, LAB, APPROVER, SUPERVISOR = Role.OFFICER, Role.LAB, Role.APPROVER, Role.SUPERVISOR
SELLER_WINDOW, PRODUCER_WINDOW = "objection_filed:seller", "objection_filed:producer"
SILENT: tuple[Act, ...] = (*BOTH_SERVED, PRODUCER_ACCEPTS, Lapse(SELLER_WINDOW))
LATER: tuple[Act, ...] = (*NONCONFORMING, Pass(5), delivered("result_notice", "producer"))
RETEST: tuple[Act, ...] = (
    Do(APPROVER, StepName.OBJECTION_DECIDED),
    Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
    delivered("retest_lab_notice", "seller"),
    Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED),
    Do(OFFICER, StepName.RETEST_SEALED),
)
OVERTURNED = Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, CONFORMING)
UPHELD = Do(OFFICER, StepName.RETEST_REPORT_RECEIVED)
APPROVED = Do(APPROVER, StepName.REOPENING_DECIDED)
REFUSED = Do(APPROVER, StepName.REOPENING_DECIDED, {"approved": False, "reasons": "邮戳系变造"})
# Category (3): referred as the province instructs.
OUTSIDE = {
    "seller": {"place": {"province": "浙江省", "city": "宁波市", "district": "海曙区", "detail": "某路1号"}},
    "platform": {
        "place": {"province": "北京市", "city": "北京市", "district": "大兴区", "detail": "某街2号"}
    },
}


async def posted(table, batch_no: str, day: date, party: str = "seller") -> Decision:
    """An application in an envelope stamped on ``day``, recorded today."""
    return await table.example(
        batch_no, OFFICER, StepName.OBJECTION_FILED, how="post", postmark=str(day), party=party
    )


async def silent(table, acts: tuple[Act, ...] = SILENT, **changes: Any) -> tuple[str, date]:
    """A batch in which the seller kept silent, and a day on which it might have posted."""
    batch_no = await table.opened(acts[:-1], **changes)
    last_day = (await table.wait(batch_no, SELLER_WINDOW)).last_day
    await table.at(batch_no, acts[-1:])
    return batch_no, last_day


async def documents(table, batch_no: str, kind: str) -> list[read_model.DocumentRow]:
    await table.snapshot(batch_no)  # what follows from a step is recorded before
    return [d for d in (await read_model.batch(table.engine, batch_no)).documents if d.kind == kind]


async def waits(table, batch_no: str) -> set[str]:
    return {wait.id for wait in (await table.snapshot(batch_no)).waits}


async def test_recorded_late_but_posted_in_time_is_examined_and_the_result_waits(table) -> None:
    """The producer's window still runs: the seller's application is kept, and nothing is published before."""
    batch_no, last_day = await silent(table, (*LATER, Lapse(SELLER_WINDOW)))
    assert (await posted(table, batch_no, last_day)).accepted
    examined = await table.wait(batch_no, "reopening_decided:seller")
    assert (examined.internal, examined.role, examined.term) == (True, APPROVER, "reopening")
    await table.at(batch_no, [PRODUCER_ACCEPTS])
    assert (await table.snapshot(batch_no)).outcome is None
    assert not await documents(table, batch_no, "publication")
    await table.at(batch_no, [APPROVED, *RETEST, OVERTURNED])
    assert (await table.snapshot(batch_no)).outcome is Outcome.RETEST_OVERTURNED
    assert len(await documents(table, batch_no, "publication")) == 1


@pytest.mark.parametrize("report", [OVERTURNED, UPHELD], ids=["overturned", "upheld"])
async def test_after_referral_the_result_is_corrected_beside_the_first(table, report: Do) -> None:
    """Published and referred: corrected at once and when it is final; the authority is told each time."""
    batch_no, last_day = await silent(table)
    first = (await documents(table, batch_no, "publication"))[0]
    assert (await posted(table, batch_no, last_day)).accepted
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE
    await table.at(batch_no, [APPROVED])
    snapshot = await table.snapshot(batch_no)
    assert (snapshot.phase, snapshot.outcome, snapshot.final_verdict) == (Phase.OBJECTION, None, None)
    assert await waits(table, batch_no) & {"referral_acknowledged", "referral_concluded"} == set()
    (correction,) = await documents(table, batch_no, "publication_correction")
    assert correction.corrects == first.document_id
    assert "正在复核" in correction.fields["conclusion"]
    on_hold = await documents(table, batch_no, "referral_correction")
    assert on_hold
    assert all("暂缓" in letter.fields["handling"] and letter.corrects for letter in on_hold)
    assert (await table.example(batch_no, APPROVER, StepName.VOIDED)).code is RefusalCode.OUT_OF_ORDER

    await table.at(batch_no, [*RETEST, report])
    again = (await documents(table, batch_no, "publication"))[-1]
    assert again.corrects == first.document_id
    assert "复核重新确定" in again.fields["correction"]
    told = (await documents(table, batch_no, "referral_correction"))[len(on_hold) :]
    assert len(told) == len(on_hold)
    if report is OVERTURNED:
        assert again.fields["conclusion"].startswith("合格")
        assert all("撤回交办" in letter.fields["handling"] for letter in told)
    else:
        assert all("维持交办" in letter.fields["handling"] for letter in told)
        await table.at(batch_no, REFERRED)
    await table.closed(batch_no)
    public = {d.document_id for d in (await published.results(table.engine)).items}
    assert {first.document_id, correction.document_id, again.document_id} <= public
    lines = await read_model.timeline(table.engine, batch_no)
    kinds = [line.kind for line in lines]
    assert "silence" in kinds
    assert "set_aside" in kinds
    assert next(line.text for line in lines if line.kind == "set_aside").count(f"{last_day}邮戳")
    assert len([line for line in lines if line.kind == "phase" and "公示" in line.text]) == 2
    assert await timeline.verify(table.engine, batch_no) == []


async def test_what_the_authority_does_during_the_review_is_kept(table) -> None:
    """Its acknowledgement crosses the letter that stays it: accepted, and not asked for again."""
    batch_no, last_day = await silent(table)
    await posted(table, batch_no, last_day)
    await table.at(batch_no, [APPROVED])
    too_early = await table.example(batch_no, OFFICER, StepName.REFERRAL_CONCLUDED)
    assert too_early.code is RefusalCode.OUT_OF_ORDER
    assert (await table.example(batch_no, OFFICER, StepName.REFERRAL_ACKNOWLEDGED)).accepted
    again = await table.example(batch_no, OFFICER, StepName.REFERRAL_ACKNOWLEDGED)
    assert again.code is RefusalCode.OUT_OF_ORDER
    assert "referral_concluded" not in await waits(table, batch_no)
    await table.at(batch_no, [*RETEST, UPHELD])
    assert await waits(table, batch_no) & {"referral_acknowledged", "referral_concluded"} == {
        "referral_concluded"
    }
    await table.at(batch_no, REFERRED[-1:])
    await table.closed(batch_no)


@pytest.mark.parametrize("decision", [REFUSED, APPROVED], ids=["refused", "approved"])
async def test_while_it_is_examined_no_referral_letter_goes_out(table, decision: Do) -> None:
    """The province has instructed: the letter waits for the approver, and goes only if all stands."""
    batch_no, last_day = await silent(table, **OUTSIDE)
    await posted(table, batch_no, last_day)
    directed = await table.example(
        batch_no, OFFICER, StepName.REFERRAL_DIRECTED, route="instruction", authority="宁波市市场监督管理局"
    )
    assert directed.accepted, directed.reason
    assert not await documents(table, batch_no, "referral_letter")
    await table.at(batch_no, [decision])
    if decision is APPROVED:
        assert not await documents(table, batch_no, "referral_letter")
        await table.at(batch_no, [*RETEST, UPHELD])
    assert (await documents(table, batch_no, "referral_letter"))[0].recipient_name == "宁波市市场监督管理局"
    await table.at(batch_no, REFERRED)
    await table.closed(batch_no)


async def test_refused_the_applicant_is_told_why_and_everything_stands(table) -> None:
    """No correction, no letter to the authority; the refusal goes to the applicant with its last day."""
    batch_no, last_day = await silent(table)
    await posted(table, batch_no, last_day)
    await table.at(batch_no, [REFUSED])
    (letter,) = await documents(table, batch_no, "reopening_refusal")
    assert letter.fields["reasons"] == "邮戳系变造"
    assert chinese_day(last_day) in letter.fields["last_day"]
    assert len(letter.fields["last_day"]) > 30  # how it was counted, too
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE
    assert not await documents(table, batch_no, "publication_correction")
    await table.at(batch_no, REFERRED)
    await table.closed(batch_no)


async def test_handed_in_at_the_counter_it_takes_the_bureaus_own_receipt(table) -> None:
    """Whoever stamps for itself proves by its numbered receipt, by nothing else (a reading)."""
    batch_no, last_day = await silent(table)
    counter = {"filed_on": str(last_day)}
    bare = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, **counter)
    assert bare.code is RefusalCode.RECORDED_AFTER_SILENCE
    with_receipt = await table.example(
        batch_no, OFFICER, StepName.OBJECTION_FILED, **counter, receipt="SJ-2026-7"
    )
    assert with_receipt.accepted
    twice = await posted(table, batch_no, last_day)
    assert twice.code is RefusalCode.ALREADY_DONE


async def test_a_truly_late_one_is_told_once(table) -> None:
    """Recorded and not accepted; the applicant learns its last day, how it was counted, the filing day."""
    batch_no, last_day = await silent(table)
    for _ in range(2):
        late = await posted(table, batch_no, last_day + timedelta(days=1))
        assert late.code is RefusalCode.FILED_LATE
    (letter,) = await documents(table, batch_no, "late_filing_notice")
    assert chinese_day(last_day) in letter.fields["last_day"]
    assert len(letter.fields["last_day"]) > 30
    assert chinese_day(last_day + timedelta(days=1)) in letter.fields["filed_on"]
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE


async def test_both_parties_posted_in_time_and_one_retest_serves_them(table) -> None:
    """Each is examined on its own; the result is corrected once."""
    batch_no, last_day = await silent(table, (*BOTH_SERVED, Lapse(SELLER_WINDOW)))
    if PRODUCER_WINDOW in await waits(table, batch_no):
        await table.at(batch_no, [Lapse(PRODUCER_WINDOW)])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE
    for party in ("seller", "producer"):
        assert (await posted(table, batch_no, last_day, party)).accepted
    await table.example(batch_no, APPROVER, StepName.REOPENING_DECIDED)
    await table.example(batch_no, APPROVER, StepName.REOPENING_DECIDED, party="producer")
    assert len(await documents(table, batch_no, "publication_correction")) == 1
    await table.example(
        batch_no, APPROVER, StepName.OBJECTION_DECIDED, party="producer", approved=False, reasons="不成立"
    )
    await table.at(batch_no, [*RETEST, OVERTURNED])
    assert (await table.snapshot(batch_no)).outcome is Outcome.RETEST_OVERTURNED


async def test_formalities_done_in_time_and_recorded_late_bring_the_retest_back(table) -> None:
    """Taken for abandoned; the retest laboratory's receipt shows otherwise."""
    batch_no = await table.opened(RETEST_NOTIFIED)
    last_day = (await table.wait(batch_no, "retest_formalities_completed:seller")).last_day
    await table.at(batch_no, [Lapse("retest_formalities_completed:seller")])
    assert (await table.snapshot(batch_no)).outcome is Outcome.RETEST_ABANDONED
    filed = {"completed_on": str(last_day), "receipt": "FJ-7"}
    done = await table.example(batch_no, OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, **filed)
    assert done.accepted, done.reason
    await table.at(batch_no, [APPROVED])
    assert (await table.snapshot(batch_no)).phase is Phase.RETEST
    await table.at(batch_no, [Do(OFFICER, StepName.RETEST_SEALED), OVERTURNED])
    assert (await table.snapshot(batch_no)).final_verdict is Verdict.CONFORMING


async def test_withdrawn_after_the_way_back_it_is_silence_again(table) -> None:
    """The window's last day has long passed; the first result is published anew, beside its correction."""
    batch_no, last_day = await silent(table)
    await posted(table, batch_no, last_day)
    await table.at(batch_no, [APPROVED, Do(OFFICER, StepName.OBJECTION_WITHDRAWN), Pass(2)])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE
    silences = [line for line in await read_model.timeline(table.engine, batch_no) if line.kind == "silence"]
    assert len(silences) == 2
    assert len(await documents(table, batch_no, "publication")) == 2


async def closed(table) -> tuple[str, date]:
    """A conforming result, silent and published: the batch has closed."""
    acts = (*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED, CONFORMING), delivered("result_notice", "seller"))
    batch_no, last_day = await silent(table, (*acts, Lapse(SELLER_WINDOW)))
    await table.closed(batch_no)
    return batch_no, last_day


async def taken_up(table, batch_no: str, day: date, **changes: Any) -> Decision:
    """Filed for a closed batch and brought to Temporal by the relay, twice."""
    now = (await read_model.batch(table.engine, batch_no)).clock
    body = example_body(StepName.OBJECTION_FILED, now, {"how": "post", "postmark": str(day), **changes})
    envelope = StepEnvelope(
        step_id=uuid4(), batch_no=batch_no, step=StepName.OBJECTION_FILED, body=body, actor=PEOPLE[OFFICER]
    )
    envelope = (await filings.file_step(table.engine, envelope)).envelope
    relay = table.relaying()
    assert await relay._send(envelope)
    decision = await table.decision(envelope.step_id)
    assert await relay._send(envelope)
    if decision.accepted:
        await _at_its_own_time(table, batch_no, now)
    return decision


async def _at_its_own_time(table, batch_no: str, now: datetime) -> None:
    """A batch's clock is moved on to where it was while it starts again."""
    async with asyncio.timeout(20):
        while await table.clock(batch_no) < now - timedelta(minutes=1):  # noqa: ASYNC110 (the server's doing)
            await asyncio.sleep(0.05)


async def test_a_closed_batch_is_taken_up_again_from_what_it_kept(table) -> None:
    """From PostgreSQL, not from a history: the application is examined, and the retest changes the result."""
    batch_no, last_day = await closed(table)
    assert (await taken_up(table, batch_no, last_day)).accepted
    snapshot = await table.snapshot(batch_no)
    assert snapshot.phase is Phase.PUBLICATION
    assert snapshot.outcome is Outcome.CONFORMING
    await table.at(batch_no, [APPROVED, *RETEST, UPHELD, *REFERRED])
    await table.closed(batch_no)
    snapshot = await table.snapshot(batch_no)
    assert (snapshot.outcome, snapshot.phase) == (Outcome.RETEST_OVERTURNED, Phase.CLOSED)
    assert len(await documents(table, batch_no, "publication")) == 2
    lines = await read_model.timeline(table.engine, batch_no)
    assert [line.text for line in lines if line.kind == "phase"].count("公示抽检结果") == 2
    days = [day_in_shanghai(line.at) for line in lines]
    assert days == sorted(days)
    assert await timeline.verify(table.engine, batch_no) == []


async def test_a_letter_still_being_mailed_at_closing_has_left_when_the_batch_is_taken_up_again(
    table,
) -> None:
    """The kept case was written before it left: its record tells, and it does not leave twice."""
    batch_no, last_day = await closed(table)
    (publication,) = await documents(table, batch_no, "publication")
    parameters = {"path": ["documents", publication.document_id], "batch_no": batch_no}
    async with table.engine.begin() as connection:
        await connection.execute(
            text("""
                update batches set kept = jsonb_set(cast(kept as jsonb), cast(:path as text[]),
                    cast(kept as jsonb) #> cast(:path as text[])
                        || '{"status": "to_send", "sent_on": null}')
                where batch_no = :batch_no
            """),
            parameters,
        )
    assert (await taken_up(table, batch_no, last_day)).accepted
    snapshot = await table.snapshot(batch_no)
    (state,) = [one for one in snapshot.documents if one.document_id == publication.document_id]
    assert (state.status, state.sent_on) == ("sent", day_in_shanghai(publication.sent_at))
    assert (await documents(table, batch_no, "publication"))[0].sent_at == publication.sent_at


async def test_a_closed_batch_whose_application_is_refused_closes_again(table) -> None:
    """Examined, refused, told; the batch closes a second time and may be asked a third."""
    batch_no, last_day = await closed(table)
    assert (await taken_up(table, batch_no, last_day)).accepted
    await table.at(batch_no, [REFUSED])
    await table.closed(batch_no)
    assert (await read_model.batch(table.engine, batch_no)).snapshot.phase is Phase.CLOSED
    lines = await read_model.timeline(table.engine, batch_no)
    assert len([line for line in lines if line.kind == "closed"]) == 2


async def test_a_truly_late_application_for_a_closed_batch_is_told_and_changes_nothing(table) -> None:
    """409, a letter, and the batch is as closed as before; other steps get their line too."""
    batch_no, last_day = await closed(table)
    late = await taken_up(table, batch_no, last_day + timedelta(days=1))
    assert late.code is RefusalCode.FILED_LATE
    await table.closed(batch_no)
    (letter,) = await documents(table, batch_no, "late_filing_notice")
    assert chinese_day(last_day) in letter.fields["last_day"]
    assert (await read_model.batch(table.engine, batch_no)).snapshot.phase is Phase.CLOSED
    body = example_body(StepName.SUSPENDED, await table.clock(batch_no))
    other = await table.file(batch_no, SUPERVISOR, StepName.SUSPENDED, body)
    refused = await filings.refuse_closed(table.engine, other)
    assert refused.code is RefusalCode.BATCH_CLOSED
    assert await filings.refuse_closed(table.engine, other) == refused
    last = (await read_model.timeline(table.engine, batch_no))[-1]
    assert (last.kind, last.data["code"]) == ("step_refused", "batch_closed")
    assert await timeline.verify(table.engine, batch_no) == []


async def test_a_worker_killed_in_between_changes_nothing(table, crew) -> None:
    """Filed, decided and gone on with by workers that come and go: the same end."""
    batch_no, last_day = await silent(table)
    await posted(table, batch_no, last_day)
    await crew.leave()
    await crew.come()
    await table.at(batch_no, [APPROVED])
    await crew.leave()
    await crew.come()
    await table.at(batch_no, [*RETEST, OVERTURNED])
    await table.closed(batch_no)
    assert len(await documents(table, batch_no, "publication_correction")) == 1


async def test_during_a_stay_no_duty_is_overdue(table) -> None:
    """The old deadline passes while the court is asked: nothing is late, in lists, tasks and Temporal."""
    batch_no = await table.opened(SEALED)
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=60))
    await table.example(batch_no, SUPERVISOR, StepName.DEADLINE_EXTENDED)  # refused: only its clock matters
    late = await tasks.tasks(table.engine, overdue=True)
    assert batch_no not in {row.batch_no for row in late.items}
    assert not list((await read_model.list_batches(table.engine, WantedBatches(overdue=True))).items)
    metadata = await table.handle(batch_no).query("__temporal_workflow_metadata")
    assert "已逾期" not in metadata.current_details
    await table.example(batch_no, SUPERVISOR, StepName.RESUMED, reason="法院已裁定")
    lines = await read_model.timeline(table.engine, batch_no)
    moved = [line for line in lines if line.kind == "deadline_moved"]
    assert moved
    assert all("法院已裁定" in line.text and line.actor.role is SUPERVISOR for line in moved)
