"""Recording a change: all or nothing, harmless again, never backwards."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import SHANGHAI
from law.calendar_sources import builtin_calendar
from law.counting import count
from law.vocabulary import Outcome, Phase, Role, Term
from messages.base import Actor
from messages.records import TimelineKind
from messages.steps import StepName
from store.ledger import batches, filings, record, timeline
from store.ledger.record import Behind, StepNotFiledSo
from store.reads import read_model
from store.reads.wanted import WantedBatches
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


@pytest.mark.parametrize("version", [1, 2])
async def test_what_is_on_record_is_never_written_over(engine: AsyncEngine, version: int) -> None:
    """A record whose answer was lost, or a workflow of an older backup: told that it is behind."""
    opening = await open_one(engine)
    await write(engine, change(snapshot(opening.batch_no, 1), entry("one")))
    newest = snapshot(opening.batch_no, 2, wait("new"), phase=Phase.RETEST)
    await write(engine, change(newest, entry("two")))
    with pytest.raises(Behind):
        await write(engine, change(snapshot(opening.batch_no, version, wait("old")), entry("other")))
    assert (await read_model.batch(engine, opening.batch_no)).snapshot == newest
    assert set(await waits_of(engine, opening.batch_no)) == {"new"}
    assert [line.key for line in await read_model.timeline(engine, opening.batch_no)] == ["one", "two"]


async def test_a_line_that_is_on_the_timeline_is_not_written_twice(engine: AsyncEngine) -> None:
    """A fact has one key, and so one line, whichever change names it."""
    opening = await open_one(engine)
    await write(engine, change(snapshot(opening.batch_no, 1), entry("a"), entry("b")))
    await write(engine, change(snapshot(opening.batch_no, 2), entry("b"), entry("c")))
    assert [line.key for line in await read_model.timeline(engine, opening.batch_no)] == ["a", "b", "c"]
    assert await timeline.verify(engine) == []


@pytest.mark.parametrize(
    "forged",
    [
        {"body": {"party": "platform"}},
        {"actor": Actor(sub="u-1", name="李执法", role=Role.APPROVER)},
        {"received_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"position": 7},
        {"step": StepName.VOIDED},
        {"step_id": UUID(int=1)},
        {"body": {"grounds": "a\x00b"}},
        {"body": {"days": float("nan")}},
        {"body": {"days": 10**400}},
    ],
    ids=lambda forged: f"{forged}"[:40],
)
async def test_only_what_the_ledger_holds_is_recorded(engine: AsyncEngine, forged: dict[str, Any]) -> None:
    """Body, person, stamp, place: a step that differs from its row in any changes nothing."""
    opening = await open_one(engine)
    filed = (await filings.file_step(engine, step(opening.batch_no))).envelope
    signalled = filed.model_copy(update=forged)
    decided = change(snapshot(opening.batch_no, 1), entry("a"), envelope=signalled, decision=accepted(filed))
    with pytest.raises(StepNotFiledSo):
        await write(engine, decided)
    assert await read_model.timeline(engine, opening.batch_no) == ()
    await write(engine, replace(decided, step=filed))
    assert await filings.decision_of(engine, filed.step_id) == decided.decision


async def test_a_step_compares_by_its_value(engine: AsyncEngine) -> None:
    """Numbers that JSON writes in two ways, a stamp in another zone: the same step."""
    opening = await open_one(engine)
    filed = (await filings.file_step(engine, step(opening.batch_no, weight=1e25, count=2.0))).envelope
    assert filed.received_at is not None
    read = await filings.filed_step(engine, filed.step_id)
    assert read is not None
    elsewhere = read.envelope.model_copy(update={"received_at": filed.received_at.astimezone(SHANGHAI)})
    for version, same in enumerate((filed, read.envelope, elsewhere), 1):
        await write(engine, change(snapshot(opening.batch_no, version), envelope=same))


async def test_when_the_batch_acts_next_is_on_record(engine: AsyncEngine) -> None:
    """A batch that lets its own day pass is found, and so is one that leaves a step undecided."""
    opening = await open_one(engine)
    await batches.mark_started(engine, opening.batch_no)

    async def late() -> list[str]:
        return await batches.late(engine, 0, resting=[], limit=10)

    await write(engine, change(snapshot(opening.batch_no, 1), acts_at=datetime.now(UTC) + timedelta(days=1)))
    assert await late() == []
    await write(engine, change(snapshot(opening.batch_no, 2), acts_at=datetime.now(UTC) - timedelta(days=1)))
    assert await late() == [opening.batch_no]
    await write(engine, change(snapshot(opening.batch_no, 3)))
    assert await late() == []
    filed = (await filings.file_step(engine, step(opening.batch_no))).envelope
    assert await late() == [opening.batch_no]
    await write(engine, change(snapshot(opening.batch_no, 4), envelope=filed, decision=accepted(filed)))
    assert await late() == []


async def test_changes_at_once_keep_one_chain(engine: AsyncEngine) -> None:
    """Writers of one batch take turns; no link is lost, and who comes too late writes nothing."""
    opening = await open_one(engine)
    changes = [
        replace(change(snapshot(opening.batch_no, n), entry(f"k{n}")), puts_back=True) for n in range(1, 21)
    ]
    ended = await asyncio.gather(*(write(engine, one) for one in changes), return_exceptions=True)
    assert {type(one) for one in ended} <= {type(None), Behind}
    written = await read_model.timeline(engine, opening.batch_no)
    assert [line.key for line in written] == [f"k{n}" for n, one in enumerate(ended, 1) if one is None]
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
    for version, days in enumerate((20, 3), 1):
        now = datetime.now(UTC) + timedelta(days=days)
        await write(engine, change(snapshot(opening.batch_no, version), now=now), time_skipping=True)
    clock = (await read_model.batch(engine, opening.batch_no)).clock
    assert clock - datetime.now(UTC) > timedelta(days=19)


async def test_the_outcome_is_seen_in_the_list(engine: AsyncEngine) -> None:
    """Phase and outcome of the snapshot are what lists filter by."""
    opening = await open_one(engine)
    await write(engine, change(ended(opening.batch_no, 1, Outcome.CONFORMING)))
    page = await read_model.list_batches(
        engine, WantedBatches(outcome=Outcome.CONFORMING, phase=Phase.CLOSED)
    )
    assert [row.snapshot.batch_no for row in page.items] == [opening.batch_no]
