"""An event is written in the transaction that makes what it tells of."""

from datetime import datetime

from sqlalchemy import text

from law.quality import key_in_full
from messages.base import Message
from messages.quality import QualityEntry, Tally
from messages.told import ResultTold, TaskTold, ToldKind
from store.canonical import as_stored, canonical, sha256
from store.direct import Connection

# The source's row is held by the caller, or is new: no other event of it is numbered meanwhile.
_NOTE = text("""
    insert into told (source, sequence, kind, content, sha256, line, at, spread)
    select :source,
        coalesce((select max(t.sequence) from told t where t.source = :source), 0) + 1,
        cast(:kind as text), cast(:content as jsonb), :sha256, cast(:line as integer),
        coalesce(cast(:at as timestamptz), clock_timestamp()), false
    where cast(:sha256 as text) is distinct from (
        select t.sha256 from told t where t.source = :source and t.kind = :kind
        order by t.sequence desc limit 1
    ) and not exists (
        -- The sample bureau is there to be tried out.
        select from planned p left join scheme_uses u on u.scheme_id = p.id and u.batch_no = :source
        where p.sample and (p.id = :source or u.batch_no is not null)
    )
""")


async def note(
    connection: Connection,
    source: str,
    kind: ToldKind,
    told: Message,
    line: int | None,
    at: datetime | None,
) -> None:
    """Let this be told of ``source``, unless the same was told of it last. ``at``: None for now."""
    content = canonical(as_stored(told))
    await connection.execute(
        _NOTE,
        {
            "source": source,
            "kind": kind,
            "content": content,
            "sha256": sha256(content),
            "line": line,
            "at": at,
        },
    )


async def note_batch(
    connection: Connection,
    batch_no: str,
    tally: Tally | None,
    entry: QualityEntry | None,
    line: int | None = None,
    at: datetime | None = None,
) -> None:
    """Let be told what a batch counts for and says now; None: as before."""
    if tally is not None:
        said = tally.model_dump(exclude={"duties"})
        await note(connection, batch_no, ToldKind.TASK, TaskTold(batch_no=batch_no, **said), line, at)
    if entry is not None:
        whose = [one.model_copy(update={"key": key_in_full(one.key)}) for one in entry.subjects]
        said = entry.model_dump(exclude={"subjects"}) | {"subjects": whose}
        await note(connection, batch_no, ToldKind.RESULT, ResultTold(batch_no=batch_no, **said), line, at)
