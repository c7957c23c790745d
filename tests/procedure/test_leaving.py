"""Papers that go without the mail leave with the record, and what follows is recorded with them."""

from datetime import timedelta

from sqlalchemy import text

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Phase, Recipient
from local.scenarios.courses import BOUGHT, SEALED
from messages.snapshot import DocumentStatus
from store.reads import read_model
from store.reads.waits import waits

SENT = "document_sent"
SEALING = SEALED[len(BOUGHT) : len(BOUGHT) + 3]


async def test_what_follows_from_a_paper_is_on_the_timeline_right_after_it(table) -> None:
    """The notice is made out, has left, and only then is its delivery awaited; all with the one record."""
    batch_no = await table.opened((*BOUGHT, *SEALING))
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
    batch_no = await table.opened((*BOUGHT, *SEALING[:-1]))
    async with table.engine.begin() as connection:
        # Three days have been skipped so far.
        await connection.execute(
            text("update batches set clock_ahead = interval '4 days' where batch_no = :no"),
            {"no": batch_no},
        )
    await table.at(batch_no, SEALING[-1:])
    snapshot = await table.snapshot(batch_no)
    tomorrow = day_in_shanghai(await table.clock(batch_no) + timedelta(days=1))
    notices = [d for d in snapshot.documents if d.kind is DocumentKind.INSPECTION_NOTICE]
    assert snapshot.phase is Phase.TESTING
    assert {d.recipient for d in notices} == {Recipient.SELLER, Recipient.PLATFORM}
    assert {(d.status, d.sent_on) for d in notices} == {(DocumentStatus.SENT, tomorrow)}
    delivery = [wait for wait in snapshot.waits if wait.id.startswith("notice_delivered")]
    assert {wait.starts_on for wait in delivery} == {tomorrow}
    lines = await read_model.timeline(table.engine, batch_no)
    assert len([line for line in lines if line.kind == SENT]) == len(snapshot.documents)


async def test_what_is_done_at_once_has_its_deadline_all_the_same(table) -> None:
    """The notice left with the sealing: its period is counted, on the timeline and kept as ended."""
    batch_no = await table.opened((*BOUGHT, *SEALING))
    listed = (await waits(table.engine, batch_no, limit=200)).items
    sent = next(wait for wait in listed if wait.wait.id == "inspection_notice_sent")
    assert sent.state == "ended"
    assert sent.trace is not None
    assert sent.trace.amount == 3
