"""Reading quality records: who has one, what it comes to, its results with all that was said of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.quality import SubjectKind, keys_sought, person_keys
from law.vocabulary import Verdict
from messages.quality import QualityEntry
from store.engine import autocommit
from store.reads import search
from store.reads.exports import MOST_ROWS
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

# Those that failed most often come first: of most records nothing but their key is read.
_LISTED = """
    k.key, k.name, coalesce(f.failed, 0) as failed, f.last_failed_on, (
        select count(*) from quality_subjects s
        where s.kind = :kind and s.key = k.key and s.holds and s.verdict is not null) as results
    from (select key, min(name) as name from quality_known s where s.kind = :kind {found} group by key) k
    left join (
        select key, count(*) as failed, max(final_on) as last_failed_on from quality_subjects
        where kind = :kind and holds and verdict = 'nonconforming' group by key
    ) f using (key)
"""
_NAMES = text("""
    select distinct name from quality_known where kind = :kind and key = any(:keys) order by name
""")
# Of one legal person the registers may know a code, of which goods say nothing, and other names.
_ENTERED = text("""
    with named as (
        select register, code from register_entries where register = :register and code_key = any(:keys)
        union select register, code from register_versions
            where register = :register and registration_key = any(:keys)
        union select register, code from register_versions
            where register = :register and name_key = any(:keys)
    )
    select distinct v.name, v.registration,
        coalesce(cast(v.entry ->> 'natural_person' as boolean), false) as natural_person
    from named join register_versions v using (register, code)
""")
_REGISTERS = {
    SubjectKind.SELLER: "businesses",
    SubjectKind.PRODUCER: "businesses",
    SubjectKind.PLATFORM: "platforms",
}
_RESULTS = """
    s.batch_no, s.key, s.no, s.holds, e.content, e.at
    from quality_subjects s join quality_entries e using (batch_no, no)
"""
_LINES = "s.key, s.batch_no, e.content from quality_subjects s join quality_entries e using (batch_no, no)"
_TOTALS = text("""
    select count(*) filter (where verdict is not null) as results,
        count(*) filter (where verdict = 'nonconforming') as failed,
        count(*) filter (where verdict is null) as open_again
    from quality_subjects where kind = :kind and key = any(:keys) and holds
""")
_SAID = text("""
    select batch_no, no, content, at, rebuilt from quality_entries
    where batch_no = any(:batch_nos) order by batch_no, no
""")


@dataclass(frozen=True)
class RecordSummary:
    """A record in a list: results that hold, how many of them nonconforming, when the last of these was."""

    key: str
    name: str
    results: int
    failed: int
    last_failed_on: date | None


@dataclass(frozen=True)
class RecordHead:
    """Whose record it is, under all its keys, and what it comes to."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    results: int
    failed: int
    open_again: int


@dataclass(frozen=True)
class RecordedResult:
    """A batch's result in a record; ``holds``: whether the batch still names whoever's record it is."""

    batch_no: str
    no: int
    holds: bool
    entry: QualityEntry
    at: datetime


@dataclass(frozen=True)
class ResultLine:
    """A result that holds, in one line of somebody's record."""

    key: str
    name: str
    batch_no: str
    entry: QualityEntry


@dataclass(frozen=True)
class SaidBefore:
    """One of the things that were said of a result, the first one first."""

    no: int
    entry: QualityEntry
    at: datetime
    rebuilt: bool


async def listed(
    engine: AsyncEngine, kind: SubjectKind, *, q: str = "", limit: int, cursor: str | None
) -> Page[RecordSummary]:
    """Those with most nonconforming results first. Raises ``CursorInvalid``."""
    found = f"and ({search.holds(q, 's')})" if search.is_sought(q) else ""
    position = after(cursor, "failed", "key")
    conditions = {
        "(coalesce(f.failed, 0) < :failed or (coalesce(f.failed, 0) = :failed and k.key > :key))": (
            cursor is not None
        )
    }
    failed = position["failed"]
    parameters: dict[str, Any] = {
        "kind": kind,
        "key": position["key"],
        "failed": int(failed) if failed is not None and failed.isdecimal() else 0,
        **search.asked(q),
    }
    statement = select(_LISTED.format(found=found), conditions, "coalesce(f.failed, 0) desc, k.key")
    rows = await rows_of(engine, statement, parameters, limit)
    return page_of(
        rows, limit, lambda row: RecordSummary(**row._asdict()), lambda row: [str(row.failed), row.key]
    )


async def head(engine: AsyncEngine, kind: SubjectKind, said: str) -> RecordHead | None:
    """The record that is meant by a key, a code of the registers or of the licence, or a name.

    None where nothing is known of anybody so called, in records and registers alike.
    """
    async with autocommit(engine) as connection:
        keys = set(keys_sought(said, kind))
        entered = await _entered(connection, kind, keys)
        keys |= entered
        of = {"kind": kind, "keys": sorted(keys)}
        names = tuple((await connection.execute(_NAMES, of)).scalars())
        if not names and not entered:
            return None
        totals = (await connection.execute(_TOTALS, of)).one()
    return RecordHead(tuple(sorted(keys)), names, totals.results, totals.failed, totals.open_again)


async def _entered(connection: AsyncConnection, kind: SubjectKind, keys: Collection[str]) -> set[str]:
    """All keys of the register's entries that have one of these."""
    register = _REGISTERS.get(kind)
    if register is None:
        return set()
    rows = await connection.execute(_ENTERED, {"register": register, "keys": sorted(keys)})
    return {
        key for row in rows for key in person_keys(row.name, row.registration, natural=row.natural_person)
    }


async def results(
    engine: AsyncEngine,
    kind: SubjectKind,
    keys: Collection[str],
    *,
    verdict: Verdict | None = None,
    limit: int,
    cursor: str | None,
) -> Page[RecordedResult]:
    """The newest batches first, those too that were in the record by mistake. Raises ``CursorInvalid``."""
    conditions = {
        "s.kind = :kind and s.key = any(:keys)": True,
        "s.holds and s.verdict = :verdict": verdict is not None,
        "(s.batch_no, s.key) < (:batch_no, :last_key)": cursor is not None,
    }
    # A batch may stand under two keys of one person: the one from before its registration was put right.
    position = after(cursor, "batch_no", "last_key")
    parameters = {"kind": kind, "keys": list(keys), "verdict": verdict, **position}
    statement = select(_RESULTS, conditions, "s.batch_no desc, s.key desc")
    rows = await rows_of(engine, statement, parameters, limit)
    return page_of(rows, limit, _result, lambda row: [row.batch_no, row.key])


async def lines(
    engine: AsyncEngine,
    kind: SubjectKind,
    keys: Collection[str] | None,
    *,
    verdict: Verdict | None,
    final_from: date | None,
    final_to: date | None,
) -> list[ResultLine]:
    """Of all records of a kind or of one, the newest first; one more than ``MOST_ROWS`` if there are more."""
    conditions = {
        "s.kind = :kind and s.holds and s.verdict is not null": True,
        "s.key = any(:keys)": keys is not None,
        "s.verdict = :verdict": verdict is not None,
        "s.final_on >= :final_from": final_from is not None,
        "s.final_on <= :final_to": final_to is not None,
    }
    asked: dict[str, Any] = {"kind": kind, "keys": list(keys or ()), "verdict": verdict}
    asked |= {"final_from": final_from, "final_to": final_to}
    rows = await rows_of(engine, select(_LINES, conditions, "s.batch_no desc, s.key"), asked, MOST_ROWS)
    found = []
    for row in rows:
        entry = QualityEntry.model_validate(row.content)
        name = next(one.name for one in entry.subjects if (one.kind, one.key) == (kind, row.key))
        found.append(ResultLine(row.key, name, row.batch_no, entry))
    return found


async def said(engine: AsyncEngine, batch_nos: Sequence[str]) -> dict[str, tuple[SaidBefore, ...]]:
    """All that was said of the results of these batches."""
    found: dict[str, tuple[SaidBefore, ...]] = {}
    async with autocommit(engine) as connection:
        for row in await connection.execute(_SAID, {"batch_nos": list(batch_nos)}):
            entry = QualityEntry.model_validate(row.content)
            before = found.get(row.batch_no, ())
            found[row.batch_no] = (*before, SaidBefore(row.no, entry, row.at, row.rebuilt))
    return found


def _result(row: Any) -> RecordedResult:
    entry = QualityEntry.model_validate(row.content)
    return RecordedResult(row.batch_no, row.no, row.holds, entry, row.at)
