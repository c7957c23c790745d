"""Writing one change of a batch: decision, timeline, snapshot and waits, all or nothing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai
from law.counting import Deadline
from messages.envelope import Decision
from messages.found import FoundBy, FoundKind
from messages.records import RecordInput, Sampled, TimelineEntry, TimelineKind
from messages.snapshot import Wait
from store.calendars import imports
from store.canonical import model_json
from store.direct import Connection, direct
from store.documents import papers
from store.documents.papers import Letter
from store.errors import BatchUnknown
from store.ledger import alerts, batches, goods, timeline
from store.ledger.lock import LockedBatch, lock_batch, lock_for_step
from store.quality import entries, tallies
from store.reads import search
from store.told import noting

CHANNEL = "choujian_decisions"

# Parts of a statement: the decision, written once, and whoever waits for it told.
DECIDE = f"""
    decided as (
        insert into decisions (step_id, batch_no, accepted, decision, decided_at)
        select :step_id, :batch_no, :accepted, cast(:decision as jsonb), :decided_at
        where cast(:step_id as uuid) is not null
        on conflict (step_id) do nothing
        returning step_id, cast(decision as text) as decision
    ), told as materialized (
        select pg_notify('{CHANNEL}', cast(step_id as text)
            || case when octet_length(decision) < 7900 then ' ' || decision else '' end)
        from decided
    )
"""

# One statement, so that a step costs four round trips. Each part writes its own table or its own rows; the
# batch's row is locked before, so nothing here races with another writer of the batch.
_WRITE = text(f"""
    with {DECIDE}, appended as ({timeline.APPEND}
    ), tallied as ({tallies.KEEP}
    ), head as (
        update batches set
            version = :version, snapshot = cast(:snapshot as jsonb), kept = cast(:kept as json),
            acts_at = coalesce(cast(:acts_at as timestamptz) - cast(:clock_ahead as interval), 'infinity'),
            phase = :phase, outcome = :outcome, laboratory = :laboratory,
            retest_laboratory = :retest_laboratory, last_seq = :last_seq, last_hash = :last_hash,
            clock_ahead = :clock_ahead, decided_to = :position,
            last_position = greatest(last_position, :position)
        where batch_no = :batch_no
    ), ended as (
        update waits set state = 'ended', ended_at = :clock
        where batch_no = :batch_no and state = 'open' and wait_id <> all(:named_waits)
    ), opened as (
        insert into waits
            (batch_no, wait_id, state, wait, step, kind, owed_by, role, party, last_day, due, overdue_from,
             provisional, rests_on, trace, counted_on, opened_at, ended_at)
        select :batch_no, w.id, w.state, w.wait, w.wait ->> 'step', w.wait ->> 'kind', w.wait ->> 'owed_by',
            w.wait ->> 'role', w.wait ->> 'party', cast(w.wait ->> 'last_day' as date),
            coalesce(cast(w.wait ->> 'deadline' as timestamptz), 'infinity'),
            case when w.wait ->> 'kind' = 'duty' and w.wait ->> 'deadline' is not null and not :suspended
                then cast(w.wait ->> 'deadline' as timestamptz) - cast(:clock_ahead as interval)
                else 'infinity' end,
            cast(w.wait ->> 'provisional' as boolean), w.wait ->> 'rests_on', w.trace,
            array(select a ->> 'digest' from json_array_elements(w.trace -> 'arrangements') as a), :clock,
            case when w.state = 'ended' then cast(:clock as timestamptz) end
        from json_to_recordset(cast(:waits as json)) as w(id text, state text, wait jsonb, trace json)
        where w.id is not null  -- all of them: without a "where" SQL would take "on" for a join's
        on conflict (batch_no, wait_id) do update set
            state = excluded.state, wait = excluded.wait, step = excluded.step, kind = excluded.kind,
            owed_by = excluded.owed_by, role = excluded.role, party = excluded.party,
            last_day = excluded.last_day, due = excluded.due, overdue_from = excluded.overdue_from,
            provisional = excluded.provisional, rests_on = excluded.rests_on,
            trace = coalesce(excluded.trace, waits.trace),
            counted_on = case when excluded.trace is null then waits.counted_on else excluded.counted_on end,
            reminded = case when waits.state = 'open' then waits.reminded end,
            opened_at = case when waits.state = 'open' then waits.opened_at else excluded.opened_at end,
            ended_at = excluded.ended_at
        where waits.state <> 'open' or waits.wait <> excluded.wait or excluded.trace is not null
            or waits.overdue_from <> excluded.overdue_from
    )
    select (select count(*) from appended) as appended, (select count(*) from told) as told
""")
_REMINDED = text("""
    update waits set reminded = greatest(reminded, cast(:level as smallint))
    where batch_no = :batch_no and wait_id = :wait_id
""")
_ANSWERED = text("""
    insert into decisions (step_id, batch_no, accepted, decision, decided_at)
    select l.step_id, l.batch_no, cast(r.decision ->> 'accepted' as boolean), r.decision,
        cast(r.decision ->> 'decided_at' as timestamptz)
    from json_to_recordset(cast(:rows as json)) as r(decision jsonb)
        join ledger l on l.step_id = cast(r.decision ->> 'step_id' as uuid)
    on conflict (step_id) do nothing
""")
_NOTHING_DECIDED: dict[str, Any] = {
    "step_id": None, "accepted": None, "decision": None, "decided_at": None,
}  # fmt: skip


class AnotherDay(Exception):
    """Papers would leave on another day (Asia/Shanghai) than the change says; nothing has been written."""


class Behind(Exception):
    """The record holds a change of this version already: the batch does not know of it."""


class Lacking(Exception):
    """The record does not hold what the change follows on: it was restored from an older backup.

    Changes before it are missing, or the batch's row is missing or is another's.
    """


class _SaidBefore(Exception):
    """Some of the lines are on the timeline already: a fact is told once, by its key."""


class SampledOtherwise(Exception):
    """The goods were sampled another number of times than the change was judged on; nothing is written."""

    def __init__(self, sampled: Sampled) -> None:
        super().__init__()
        self.sampled = sampled


class StepNotFiledSo(Exception):
    """The change follows from a step that the ledger does not hold, or holds otherwise."""


async def write(
    engine: AsyncEngine,
    change: RecordInput,
    letters: Sequence[Letter] = (),
    *,
    time_skipping: bool,
) -> dict[str, datetime]:
    """Write ``change``, once: a version that is on record is never written over.

    ``letters`` are its papers. Gives the moment at which each letter left; those that go by mail are not in
    it. Raises ``AnotherDay``, ``Behind``, ``Lacking``, ``SampledOtherwise`` and ``StepNotFiledSo``; nothing
    is then written.
    """
    try:
        return await _write(engine, change, letters, time_skipping=time_skipping, again=False)
    except _SaidBefore:
        return await _write(engine, change, letters, time_skipping=time_skipping, again=True)


async def _write(
    engine: AsyncEngine,
    change: RecordInput,
    letters: Sequence[Letter],
    *,
    time_skipping: bool,
    again: bool,
) -> dict[str, datetime]:
    async with direct(engine, transaction=True) as connection:
        locked = await _locked(connection, change)
        if change.step is not None and not locked.is_as_filed:
            raise StepNotFiledSo
        # Before the papers' numbers: whoever waits for the goods' lock holds nothing that others wait for.
        if change.goods is not None:
            times = await goods.claim(connection, locked.batch_no, change.goods)
            if change.goods.judged_on not in (None, times):
                raise SampledOtherwise(Sampled(goods=change.goods.goods, times=times))
        batch = locked.advanced(change.now, time_skipping=time_skipping)
        issued = await papers.make_out(connection, batch, letters) if letters else {}
        _require_same_day(change, letters, issued)
        lines = timeline.distinct(papers.among_lines(change.lines, letters, issued, change.now))
        if again:
            lines = await timeline.unwritten(connection, batch.batch_no, lines)
        last = await _append(connection, change, batch, lines)
        await _let_be_found(connection, change, issued)
        if change.quality is not None:
            await entries.note(connection, batch.batch_no, change.quality, batch.clock)
        await noting.note_batch(connection, batch.batch_no, change.tally, change.quality, last, batch.clock)
        if change.answered:
            await _answer(connection, change.answered)
        if change.alerts:
            await alerts.note(connection, change.alerts)
        if change.recounts:
            await imports.note(connection, batch.batch_no, change.recounts)
        if change.served:
            await papers.note_service(connection, change.served, batch.clock)
    return {document_id: one.sent_at for document_id, one in issued.items() if one.sent_at is not None}


async def _locked(connection: Connection, change: RecordInput) -> LockedBatch:
    """The batch's row, held: the one that this change follows on, or put back by it."""
    batch_no, version = change.snapshot.batch_no, change.snapshot.version
    if change.puts_back and change.opening is not None:
        await batches.put_back(connection, change.opening, change.snapshot)
    try:
        locked = (
            await lock_batch(connection, batch_no)
            if change.step is None
            else await lock_for_step(connection, change.step)
        )
    except BatchUnknown:
        raise Lacking from None
    if change.opening is not None and locked.opened_at != change.opening.opened_at:
        raise Lacking
    if locked.version >= version:
        raise Behind
    if locked.version + 1 < version and not change.puts_back:
        raise Lacking
    return locked


async def _append(
    connection: Connection, change: RecordInput, batch: LockedBatch, lines: tuple[TimelineEntry, ...]
) -> int:
    """Gives the number of the timeline's last line."""
    chained = timeline.chain(batch, lines)
    parameters = _decided(change) | _standing(change) | chained.parameters
    parameters |= {
        "batch_no": batch.batch_no,
        "clock": batch.clock,
        "clock_ahead": batch.clock_ahead,
        "tally": tallies.parameter(change.tally),
    }
    written = (await connection.execute(_WRITE, parameters)).one()
    if written.appended != len(chained.rows):
        raise _SaidBefore
    for wait_id, level in _reminders(lines):
        await connection.execute(_REMINDED, {"batch_no": batch.batch_no, "wait_id": wait_id, "level": level})
    return chained.last_seq


async def _let_be_found(
    connection: Connection, change: RecordInput, issued: Mapping[str, papers.Issued]
) -> None:
    letters = [
        FoundBy(kind=FoundKind.LETTER, said=one.number, document_id=document_id)
        for document_id, one in issued.items()
    ]
    if letters or change.found_by is not None:
        found = (*(change.found_by or ()), *letters)
        await search.keep(connection, change.snapshot.batch_no, found, whole=change.found_by is not None)


async def _answer(connection: Connection, decisions: Sequence[Decision]) -> None:
    rows = [{"decision": decision.model_dump(mode="json")} for decision in decisions]
    await connection.execute(_ANSWERED, {"rows": json.dumps(rows, ensure_ascii=False)})


def _require_same_day(
    change: RecordInput, letters: Sequence[Letter], issued: Mapping[str, papers.Issued]
) -> None:
    today = day_in_shanghai(change.now)
    for letter in letters:
        sent_at = issued[letter.paper.document_id].sent_at
        if letter.paper.leaves and sent_at is not None and day_in_shanghai(sent_at) != today:
            raise AnotherDay


def _standing(change: RecordInput) -> dict[str, Any]:
    """The parameters of the snapshot and its waits."""
    snapshot, passed = change.snapshot, change.passed
    rows = (
        *_waits("ended", passed, change.deadlines),
        *_waits("open", snapshot.waits, change.deadlines),
    )
    return {
        "version": snapshot.version,
        "snapshot": model_json(snapshot),
        "kept": model_json(change.kept),
        "acts_at": change.acts_at,
        "position": change.position,
        "suspended": snapshot.suspended,
        "phase": snapshot.phase,
        "outcome": snapshot.outcome,
        "laboratory": snapshot.laboratory,
        "retest_laboratory": snapshot.retest_laboratory,
        "named_waits": [wait.id for wait in (*passed, *snapshot.waits)],
        "waits": f"[{','.join(rows)}]",
    }


def _decided(change: RecordInput) -> dict[str, Any]:
    """The parameters of the decision that is given with the change."""
    decision = change.decision
    if decision is None:
        return _NOTHING_DECIDED
    return {
        "step_id": decision.step_id,
        "accepted": decision.accepted,
        "decision": model_json(decision),
        "decided_at": decision.decided_at,
    }


def _reminders(lines: tuple[TimelineEntry, ...]) -> list[tuple[str, int]]:
    return [
        (str(entry.data["wait_id"]), int(entry.data.get("level", 0)))
        for entry in lines
        if entry.kind in (TimelineKind.REMINDED, TimelineKind.ESCALATED) and "wait_id" in entry.data
    ]


def _waits(state: str, waits: Iterable[Wait], deadlines: Mapping[str, Deadline]) -> Iterable[str]:
    """Each wait as a row of the statement, in JSON."""
    return (
        f'{{"id":{json.dumps(wait.id)},"state":"{state}","wait":{model_json(wait)},"trace":'
        f"{model_json(deadlines[wait.id]) if wait.id in deadlines else 'null'}}}"
        for wait in waits
    )
