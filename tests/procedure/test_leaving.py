"""What leaves without the mail leaves with a record, and what follows is recorded with it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Phase
from local.scenarios.courses import (
    BOTH_SERVED,
    BOUGHT,
    OFFICER,
    PRODUCER_ACCEPTS,
    SEALED,
    Do,
    delivered,
    posted,
)
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from store.reads import read_model
from store.reads.waits import waits

SENT = "document_sent"
SEALING = SEALED[len(BOUGHT) : len(BOUGHT) + 3]


async def test_what_follows_from_a_paper_is_on_the_timeline_right_after_it(table) -> None:
    """The notice is handed over, has left, and only then is its delivery awaited; all with the one record."""
    batch_no = await table.opened((*BOUGHT, *SEALING, *posted("inspection_notice", "seller")))
    lines = await read_model.timeline(table.engine, batch_no)
    notice = [
        place for place, line in enumerate(lines) if line.kind == SENT and "抽查检验通知书" in line.text
    ]
    tracked = [
        place
        for place, line in enumerate(lines)
        if line.kind == "wait_opened" and "登记送达情况" in line.text
    ]
    assert notice
    assert max(notice) < min(tracked)
    assert len({lines[place].recorded_at for place in (*notice, *tracked)}) == 1


async def test_a_paper_that_leaves_after_midnight_is_dated_by_the_ledger(table) -> None:
    """The workflow took it to leave today; the ledger's stamp was of tomorrow, and that holds."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    async with table.engine.begin() as connection:
        skipped = await table.clock(batch_no) - datetime.now(UTC) + timedelta(days=1)
        await connection.execute(
            text("update batches set clock_ahead = :skipped where batch_no = :no"),
            {"no": batch_no, "skipped": skipped},
        )
    await table.at(batch_no, [Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})])
    snapshot = await table.snapshot(batch_no)
    tomorrow = day_in_shanghai(await table.clock(batch_no) + timedelta(days=1))
    (publication,) = [d for d in snapshot.documents if d.kind is DocumentKind.PUBLICATION]
    assert snapshot.phase is Phase.REFERRAL
    assert (publication.status, publication.sent_on) == (DocumentStatus.SENT, tomorrow)
    lines = await read_model.timeline(table.engine, batch_no)
    assert len([line for line in lines if line.kind == SENT]) == len(snapshot.documents)


async def test_a_duty_to_send_is_done_with_the_last_letter(table) -> None:
    """One notice was given in person, one lies in the queue: the period runs until that one is posted."""
    batch_no = await table.opened((*BOUGHT, *SEALING, delivered("inspection_notice", "seller")))
    assert (await table.wait(batch_no, "inspection_notice_sent")).last_day is not None
    await table.at(batch_no, posted("inspection_notice", "platform"))
    listed = (await waits(table.engine, batch_no, limit=200)).items
    sent = next(wait for wait in listed if wait.wait.id == "inspection_notice_sent")
    assert sent.state == "ended"
    assert sent.trace is not None
    assert sent.trace.amount == 3
