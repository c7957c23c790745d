"""Writing one change of a batch: decision, timeline, snapshot and waits, all or nothing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai
from law.counting import Deadline
from messages.records import RecordInput, TimelineEntry, TimelineKind
from messages.snapshot import Wait
from messages.storable import storable
from store.calendars import imports
from store.canonical import canonical, model_json, sha256
from store.direct import Connection, direct
from store.documents import papers
from store.documents.papers import Letter
from store.ledger import alerts, timeline
from store.ledger.lock import LockedBatch, lock_batch

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
    with filed as (
        insert into ledger
            (step_id, batch_no, step, body, body_sha256, actor, received_at, signalled_at)
        select :step_id, :batch_no, :step, cast(:body as jsonb), :body_sha256, cast(:actor as jsonb),
            :received_at, :clock
        where :unfiled
        on conflict (step_id) do nothing
        returning received_at
    ), {DECIDE}, appended as ({timeline.APPEND}
    ), head as (
        update batches set
            version = case when :newer then :version else version end,
            snapshot = case when :newer then cast(:snapshot as jsonb) else snapshot end,
            kept = case when :newer then cast(:kept as jsonb) else kept end,
            phase = case when :newer then :phase else phase end,
            outcome = case when :newer then :outcome else outcome end,
            laboratory = case when :newer then :laboratory else laboratory end,
            retest_laboratory = case when :newer then :retest_laboratory else retest_laboratory end,
            last_seq = :last_seq, last_hash = :last_hash, clock_ahead = :clock_ahead,
            last_stamp = greatest(last_stamp, (select received_at from filed))
        where batch_no = :batch_no
    ), ended as (
        update waits set state = 'ended', ended_at = :clock
        where :newer and batch_no = :batch_no and state = 'open' and wait_id <> all(:named_waits)
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
        where :newer
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
_NOTHING_DECIDED: dict[str, Any] = {
    "step_id": None, "step": None, "body": None, "body_sha256": None, "actor": None, "received_at": None,
    "unfiled": False, "accepted": None, "decision": None, "decided_at": None,
}  # fmt: skip


class AnotherDay(Exception):
    """Papers would leave on another day (Asia/Shanghai) than the change says; nothing has been written."""


class _WrittenBefore(Exception):
    """Some of the entries are on the timeline already: a local activity ran again."""


async def write(
    engine: AsyncEngine,
    change: RecordInput,
    letters: Sequence[Letter] = (),
    *,
    time_skipping: bool,
) -> dict[str, datetime]:
    """Write ``change``; each piece is idempotent by its own key, so writing it again is harmless.

    ``letters`` are its papers. Gives the moment at which each letter left; those that go by mail are not in
    it. Raises ``BatchUnknown`` and ``AnotherDay``.
    """
    try:
        async with direct(engine, transaction=True) as connection:
            return await _write(connection, change, letters, time_skipping=time_skipping, again=False)
    except _WrittenBefore:
        async with direct(engine, transaction=True) as connection:
            return await _write(connection, change, letters, time_skipping=time_skipping, again=True)


async def _write(
    connection: Connection,
    change: RecordInput,
    letters: Sequence[Letter],
    *,
    time_skipping: bool,
    again: bool,
) -> dict[str, datetime]:
    locked = await lock_batch(connection, change.snapshot.batch_no)
    batch = locked.advanced(change.now, time_skipping=time_skipping)
    issued = await papers.make_out(connection, batch, letters) if letters else {}
    _require_same_day(change, letters, issued)
    entries = timeline.distinct(papers.among_lines(change.lines, letters, issued, change.now))
    # An equal version is one whose workflow task was lost: what is written now is what it came to.
    newer = batch.version <= change.snapshot.version
    if again or not newer:
        entries = await timeline.unwritten(connection, batch.batch_no, entries)
    chained = timeline.chain(batch, entries)
    parameters = _decided(change, batch) | _standing(change) | chained.parameters
    parameters |= {
        "batch_no": batch.batch_no,
        "newer": newer,
        "clock": batch.clock,
        "clock_ahead": batch.clock_ahead,
    }
    written = (await connection.execute(_WRITE, parameters)).one()
    if written.appended != len(chained.rows):
        raise _WrittenBefore
    for wait_id, level in _reminders(entries):
        await connection.execute(_REMINDED, {"batch_no": batch.batch_no, "wait_id": wait_id, "level": level})
    if change.alerts:
        await alerts.note(connection, change.alerts)
    if change.recounts and newer:
        await imports.note(connection, batch.batch_no, change.recounts)
    if change.served and newer:
        await papers.note_service(connection, change.served)
    return {document_id: one.sent_at for document_id, one in issued.items() if one.sent_at is not None}


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
        "kept": None if change.kept is None else model_json(change.kept),
        "suspended": snapshot.suspended,
        "phase": snapshot.phase,
        "outcome": snapshot.outcome,
        "laboratory": snapshot.laboratory,
        "retest_laboratory": snapshot.retest_laboratory,
        "named_waits": [wait.id for wait in (*passed, *snapshot.waits)],
        "waits": f"[{','.join(rows)}]",
    }


def _decided(change: RecordInput, batch: LockedBatch) -> dict[str, Any]:
    """The parameters of the decided step; an operator's signal has no ledger row yet and gets one here."""
    if change.decided is None:
        return _NOTHING_DECIDED
    envelope, decision = change.decided
    body = canonical(storable(envelope.body))
    return {
        "step_id": envelope.step_id,
        "step": envelope.step,
        "body": body,
        "body_sha256": sha256(body),
        "actor": model_json(envelope.actor),
        "received_at": batch.clock,
        "unfiled": True,
        "accepted": decision.accepted,
        "decision": model_json(decision),
        "decided_at": decision.decided_at,
    }


def _reminders(entries: tuple[TimelineEntry, ...]) -> list[tuple[str, int]]:
    return [
        (str(entry.data["wait_id"]), int(entry.data.get("level", 0)))
        for entry in entries
        if entry.kind in (TimelineKind.REMINDED, TimelineKind.ESCALATED) and "wait_id" in entry.data
    ]


def _waits(state: str, waits: Iterable[Wait], deadlines: Mapping[str, Deadline]) -> Iterable[str]:
    """Each wait as a row of the statement, in JSON."""
    return (
        f'{{"id":{json.dumps(wait.id)},"state":"{state}","wait":{model_json(wait)},"trace":'
        f"{model_json(deadlines[wait.id]) if wait.id in deadlines else 'null'}}}"
        for wait in waits
    )
