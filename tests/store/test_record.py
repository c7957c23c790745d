"""Recording a change: all or nothing, harmless again, never backwards."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar_sources import builtin_calendar
from law.counting import count
from law.vocabulary import Outcome, Phase, Term
from messages.records import TimelineKind
from store.errors import BatchUnknown
from store.ledger import filings, record, timeline
from store.reads import read_model
from tests.store.builders import (
    REGULATION,
    accepted,
    change,
    ended,
    entry,
    open_one,
    snapshot,
    step,
    wait,
)

DEADLINE = count(REGULATION.terms[Term.OBJECTION], date(2026, 9, 18), builtin_calendar())


async def write(engine, what, deadlines=None, *, time_skipping=False) -> None:
    counted = replace(what, deadlines=deadlines or {})
    await record.write(engine, counted, time_skipping=time_skipping)


async def waits_of(engine: AsyncEngine, batch_no: str) -> dict[str, dict[str, object]]:
    statement = text("select * from waits where batch_no = :batch_no")
    async with engine.connect() as connection:
        rows = await connection.execute(statement, {"batch_no": batch_no})
        return {row.wait_id: row._asdict() for row in rows}


async def test_a_change_is_seen_whole(engine: AsyncEngine) -> None:
    """Decision, timeline, snapshot and waits are there together."""
    opening = await open_one(engine)
    envelope = (await filings.file_step(engine, step(opening.batch_no))).envelope
    to = snapshot(opening.batch_no, 1, wait(), title="新标题", outcome=None)
    await write(engine, change(to, entry("a"), entry("b"), envelope=envelope, decision=accepted(envelope)))
    assert (await read_model.batch(engine, opening.batch_no)).snapshot == to
    assert [line.key for line in await read_model.timeline(engine, opening.batch_no)] == ["a", "b"]
    assert set(await waits_of(engine, opening.batch_no)) == {to.waits[0].id}
    assert await filings.decision_of(engine, envelope.step_id) is not None
    assert await timeline.verify(engine) == []


@pytest.mark.parametrize("version", [1, 2, 7])
async def test_writing_again_is_harmless(engine: AsyncEngine, version: int) -> None:
    """A local activity that runs again, under any number, adds nothing twice."""
    opening = await open_one(engine)
    envelope = (await filings.file_step(engine, step(opening.batch_no))).envelope
    first = change(
        snapshot(opening.batch_no, 2, wait()),
        entry("a"),
        entry("b"),
        envelope=envelope,
        decision=accepted(envelope),
    )
    await write(engine, first)
    lines = (*first.lines, entry("c"))
    again = replace(first, snapshot=snapshot(opening.batch_no, version, wait()), lines=lines)
    await write(engine, again)
    await write(engine, again)
    assert [line.key for line in await read_model.timeline(engine, opening.batch_no)] == ["a", "b", "c"]
    assert await timeline.verify(engine) == []


async def test_an_older_snapshot_changes_nothing(engine: AsyncEngine) -> None:
    """The read model never goes back; what is new on the timeline is kept all the same."""
    opening = await open_one(engine)
    newest = snapshot(opening.batch_no, 5, wait("new"), phase=Phase.RETEST)
    await write(engine, change(newest, entry("five")))
    await write(engine, change(snapshot(opening.batch_no, 4, wait("old")), entry("four")))
    assert (await read_model.batch(engine, opening.batch_no)).snapshot == newest
    assert set(await waits_of(engine, opening.batch_no)) == {"new"}
    assert [line.key for line in await read_model.timeline(engine, opening.batch_no)] == ["five", "four"]


async def test_an_operators_signal_gets_its_ledger_row(engine: AsyncEngine) -> None:
    """A step that came past the API is written into the ledger, with the ledger's own stamp."""
    opening = await open_one(engine)
    forged = step(opening.batch_no).model_copy(update={"received_at": datetime(2020, 1, 1, tzinfo=UTC)})
    await write(engine, change(snapshot(opening.batch_no, 1), envelope=forged, decision=accepted(forged)))
    filed = await filings.filed_step(engine, forged.step_id)
    assert filed is not None
    assert filed.decision is not None
    assert filed.envelope.received_at is not None
    assert filed.envelope.received_at.year > 2020
    assert await filings.unsignalled(engine, -1, 10) == []


async def test_an_unstorable_signal_is_kept_as_far_as_it_can_be(engine: AsyncEngine) -> None:
    """A NUL in an operator's signal does not wedge the batch; it is replaced."""
    opening = await open_one(engine)
    envelope = step(opening.batch_no, grounds="a\x00b")
    await write(
        engine,
        change(
            snapshot(opening.batch_no, 1, title="t\x00"),
            entry("nul", body=envelope.body),
            envelope=envelope,
            decision=accepted(envelope),
        ),
    )
    filed = await filings.filed_step(engine, envelope.step_id)
    assert filed is not None
    assert filed.envelope.body["grounds"] == "a\ufffdb"
    assert await timeline.verify(engine) == []


async def test_a_change_of_no_batch_is_refused(engine: AsyncEngine) -> None:
    """There is nothing to write to."""
    with pytest.raises(BatchUnknown):
        await write(engine, change(snapshot("CJ1999-000001", 1)))


async def test_changes_at_once_keep_one_chain(engine: AsyncEngine) -> None:
    """Writers of one batch take turns; no link is lost."""
    opening = await open_one(engine)
    changes = [change(snapshot(opening.batch_no, n), entry(f"k{n}")) for n in range(1, 21)]
    await asyncio.gather(*(write(engine, one) for one in changes))
    assert len(await read_model.timeline(engine, opening.batch_no)) == 20
    assert (await read_model.batch(engine, opening.batch_no)).snapshot.version == 20
    assert await timeline.verify(engine) == []


async def test_waits_end_and_keep_their_account(engine: AsyncEngine) -> None:
    """The account of a deadline stays while its wait runs on, and after it has ended."""
    opening = await open_one(engine)
    counted = wait("a", last_day=DEADLINE.last_day, deadline=DEADLINE.closes_at, starts_on=DEADLINE.start)
    await write(engine, change(snapshot(opening.batch_no, 1, counted, wait("b"))), {"a": DEADLINE})
    reminded = entry("r", TimelineKind.ESCALATED, wait_id="a", level=2)
    await write(engine, change(snapshot(opening.batch_no, 2, counted, wait("b", title="别的")), reminded))
    waits = await waits_of(engine, opening.batch_no)
    assert (waits["a"]["state"], waits["a"]["due"], waits["a"]["reminded"]) == ("open", DEADLINE.closes_at, 2)
    await write(engine, change(snapshot(opening.batch_no, 3, wait("b"))))
    waits = await waits_of(engine, opening.batch_no)
    assert (waits["a"]["state"], waits["b"]["state"]) == ("ended", "open")
    assert waits["a"]["ended_at"] is not None
    assert waits["a"]["trace"] == DEADLINE.model_dump(mode="json")
    assert waits["b"]["trace"] is None


async def test_a_wait_that_opens_again_starts_afresh(engine: AsyncEngine) -> None:
    """The same wait opened anew is open, and nobody has been reminded of it."""
    opening = await open_one(engine)
    reminded = entry("r", TimelineKind.REMINDED, wait_id="a", level=0)
    await write(engine, change(snapshot(opening.batch_no, 1, wait("a"))))
    await write(engine, change(snapshot(opening.batch_no, 2, wait("a")), reminded))
    await write(engine, change(snapshot(opening.batch_no, 3)))
    await write(engine, change(snapshot(opening.batch_no, 4, wait("a"))))
    held = (await waits_of(engine, opening.batch_no))["a"]
    assert (held["state"], held["reminded"], held["ended_at"]) == ("open", None, None)


@pytest.mark.parametrize(
    ("time_skipping", "ahead", "followed"),
    [
        (True, timedelta(days=20), True),
        (True, timedelta(hours=11), False),
        (True, timedelta(days=-1), False),
        (False, timedelta(days=20), False),
    ],
)
async def test_only_a_fast_forward_moves_the_ledgers_clock(
    engine: AsyncEngine, time_skipping: bool, ahead: timedelta, followed: bool
) -> None:
    """With time skipping stamps follow a batch's own clock; in production no other clock counts."""
    opening, other = await open_one(engine), await open_one(engine)
    now = datetime.now(UTC)
    what = change(snapshot(opening.batch_no, 1, wait()), now=now + ahead)
    await write(engine, what, time_skipping=time_skipping)
    stamped = (await filings.file_step(engine, step(opening.batch_no))).envelope.received_at
    elsewhere = (await filings.file_step(engine, step(other.batch_no))).envelope.received_at
    assert stamped is not None
    assert elsewhere is not None
    expected = now + ahead if followed else now
    assert abs(stamped - expected) < timedelta(minutes=1)
    assert abs(elsewhere - now) < timedelta(minutes=1)


async def test_a_fast_forward_is_never_undone(engine: AsyncEngine) -> None:
    """A later change from an earlier clock leaves the batch's clock where it is."""
    opening = await open_one(engine)
    for days in (20, 3):
        now = datetime.now(UTC) + timedelta(days=days)
        await write(engine, change(snapshot(opening.batch_no, 30 - days), now=now), time_skipping=True)
    clock = (await read_model.batch(engine, opening.batch_no)).clock
    assert clock - datetime.now(UTC) > timedelta(days=19)


async def test_the_outcome_is_seen_in_the_list(engine: AsyncEngine) -> None:
    """Phase and outcome of the snapshot are what lists filter by."""
    opening = await open_one(engine)
    await write(engine, change(ended(opening.batch_no, 1, Outcome.CONFORMING)))
    page = await read_model.list_batches(engine, outcome=Outcome.CONFORMING, phase=Phase.CLOSED)
    assert [row.snapshot.batch_no for row in page.items] == [opening.batch_no]
