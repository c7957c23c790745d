"""Records and figures made anew from what each batch has on record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.opening import Opening
from messages.quality import QualityEntry, Tally
from store.direct import direct
from store.engine import autocommit
from store.quality import entries, tallies
from store.told import noting

_AT_ONCE = 500
_NUMBERS = text("select batch_no from batches where batch_no > :past order by batch_no limit :limit")
# Held, so that the batch records nothing meanwhile.
_KEPT = text("select opening, kept from batches where batch_no = :batch_no for no key update")

# What a batch counts for and says, from its opening and its case as it was kept; None: nothing recorded yet.
Judging = Callable[[Opening, dict[str, Any] | None], tuple[Tally, QualityEntry | None]]


@dataclass(frozen=True)
class Rebuilt:
    """How many batches were looked at, and of how many tally or entry were not as they should be."""

    batches: int
    tallies: int
    entries: int


async def rebuild(engine: AsyncEngine, judging: Judging) -> Rebuilt:
    """Put right what is not as each batch's record has it; where all is, nothing is written.

    An entry that was said is not taken back: another one follows it.
    """
    past, batches, wrong_tallies, wrong_entries = "", 0, 0, 0
    while numbers := await _numbers(engine, past):
        for batch_no in numbers:
            tally, entry = await _one(engine, batch_no, judging)
            wrong_tallies += tally
            wrong_entries += entry
        batches, past = batches + len(numbers), numbers[-1]
    return Rebuilt(batches, wrong_tallies, wrong_entries)


async def _numbers(engine: AsyncEngine, past: str) -> list[str]:
    async with autocommit(engine) as connection:
        return list((await connection.execute(_NUMBERS, {"past": past, "limit": _AT_ONCE})).scalars())


async def _one(engine: AsyncEngine, batch_no: str, judging: Judging) -> tuple[bool, bool]:
    async with direct(engine, transaction=True) as connection:
        row = (await connection.execute(_KEPT, {"batch_no": batch_no})).one()
        tally, entry = judging(Opening.model_validate(row.opening), row.kept)
        counted = await tallies.put_right(connection, batch_no, tally)
        entered = entry is not None and await entries.note(connection, batch_no, entry, None, rebuilt=True)
        await noting.note_batch(connection, batch_no, tally, entry)
    return counted, entered
