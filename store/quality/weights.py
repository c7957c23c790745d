"""How often candidates of a draw have failed: by this they are weighed (``law.quality.weight_of``)."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.quality import SubjectKind
from store.engine import autocommit

_FAILED = text("""
    select key, batch_no from quality_subjects
    where kind = :kind and key = any(:keys) and holds and verdict = 'nonconforming' and final_on >= :since
""")


async def nonconforming(
    engine: AsyncEngine, kind: SubjectKind, candidates: Mapping[str, Collection[str]], *, since: date
) -> dict[str, int]:
    """How many nonconforming final results each candidate has from that day on, by the candidate's id.

    ``candidates``: the keys by which each is known (``law.quality.person_key``, ``product_keys``); one batch
    counts once for a candidate, under however many keys it is there.
    """
    keys = sorted({key for of in candidates.values() for key in of})
    found: dict[str, set[str]] = {}
    async with autocommit(engine) as connection:
        for row in await connection.execute(_FAILED, {"kind": kind, "keys": keys, "since": since}):
            found.setdefault(row.key, set()).add(row.batch_no)
    return {id_: len(set().union(*(found.get(key, set()) for key in of))) for id_, of in candidates.items()}
