"""What is said of a final result, and whose record it is in; what was said before stays."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text

from law.names import sought
from messages.quality import QualityEntry
from store.canonical import as_stored, canonical, sha256
from store.direct import Connection

# The batch's row is held by the caller: no other entry of it is written meanwhile.
_NOTE = text("""
    with last as (
        select no, sha256 from quality_entries where batch_no = :batch_no order by no desc limit 1
    ), entered as (
        insert into quality_entries (batch_no, no, content, sha256, rebuilt, at)
        select :batch_no, coalesce((select no from last), 0) + 1, cast(:content as jsonb), :sha256, :rebuilt,
            coalesce(cast(:at as timestamptz), clock_timestamp())
        where not exists (select from last where last.sha256 = :sha256)
        returning no
    ), holding as (
        select coalesce((select no from entered), (select no from last)) as no
    ), given as (
        select * from json_to_recordset(cast(:subjects as json))
            as one(kind text, key text, name text, sought text)
    ), gone as (
        update quality_subjects s set holds = false
        where s.batch_no = :batch_no and s.holds
            and not exists (select from given where given.kind = s.kind and given.key = s.key)
        returning 1
    ), known as (
        insert into quality_known (kind, key, sought, name) select kind, key, sought, name from given
        on conflict do nothing
    ), named as (
        insert into quality_subjects as old (kind, key, batch_no, no, holds, verdict, final_on)
        select given.kind, given.key, :batch_no, holding.no, true, :verdict, cast(:final_on as date)
        from given, holding
        on conflict (kind, key, batch_no) do update set no = excluded.no, holds = true,
            verdict = excluded.verdict, final_on = excluded.final_on
        where (old.no, old.holds, old.verdict, old.final_on)
            is distinct from (excluded.no, true, excluded.verdict, excluded.final_on)
        returning 1
    )
    select exists (select from entered) or exists (select from gone) or exists (select from named) as changed
""")


async def note(
    connection: Connection,
    batch_no: str,
    entry: QualityEntry,
    at: datetime | None,
    *,
    rebuilt: bool = False,
) -> bool:
    """Let this be what is said of the batch's result; whether something else was said before.

    ``at``: by the batch's clock; None for now.
    """
    content = canonical(as_stored(entry))
    subjects = {
        (one.kind, one.key): {
            **one.model_dump(mode="json"),
            # By its key as well: a code that somebody has in hand.
            "sought": f"{sought(one.name)} {sought(one.key)}",
        }
        for one in entry.subjects
    }
    parameters: dict[str, Any] = {
        "batch_no": batch_no,
        "content": content,
        "sha256": sha256(content),
        "rebuilt": rebuilt,
        "at": at,
        "subjects": json.dumps(list(subjects.values()), ensure_ascii=False),
        "verdict": entry.verdict,
        "final_on": entry.final_on,
    }
    written = (await connection.execute(_NOTE, parameters)).one()
    return bool(written.changed)
