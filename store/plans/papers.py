"""What was approved of the planning as papers: a number each, gapless in its series; the letter made once."""

import asyncio
import hashlib
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.calendar import day_in_shanghai
from messages.planning import PlanningFacts, PlanningLetter
from store.canonical import model_json
from store.documents.letters import Kept
from store.engine import autocommit
from store.errors import PaperUnknown

_NOW = text("select clock_timestamp() as now")
# The series is locked from here until the transaction ends: a number that is given is used.
_NUMBER = text("""
    insert into document_series (kind, year, last) values (:kind, :year, 1)
    on conflict (kind, year) do update set last = document_series.last + 1 returning last
""")
_MAKE_OUT = text("""
    insert into planned_papers (id, version, number, facts, made_out_at)
    values (:id, :version, :number, cast(:facts as json), :now)
""")
_PAPER = text("""
    select n.facts, n.number, n.made_out_at, (
        select o.number from planned_papers o
        where o.id = n.id and o.version < n.version or o.id = p.replaces
        order by o.version desc limit 1) as replaces
    from planned_papers n join planned p on p.id = n.id where n.id = :id and n.version = :version
""")
_KEPT = text("select sha256, pdf, made_at from planned_letters where id = :id and version = :version")
_KEEP = text("""
    insert into planned_letters (id, version, sha256, pdf, typeset_with)
    values (:id, :version, :sha256, :pdf, :typeset_with) on conflict do nothing
""")


class PaperMaker(Protocol):
    """Makes the letter of an approved plan, scheme or commission. Raises ``LetterFaulty``."""

    @property
    def version(self) -> str:
        """The digest of what decides the bytes beside the facts."""

    def planning(self, letter: PlanningLetter) -> bytes:
        """The PDF; the same bytes for the same facts."""


async def make_out(connection: AsyncConnection, facts: PlanningFacts, number_form: str) -> None:
    """Give an approved version its number, within the transaction that approves it."""
    now = (await connection.execute(_NOW)).scalar_one()
    year = day_in_shanghai(now).year
    last = (await connection.execute(_NUMBER, {"kind": facts.matter, "year": year})).scalar_one()
    row = {
        "id": facts.id,
        "version": facts.version,
        "number": number_form.format(year=year, number=last),
        "facts": model_json(facts),
        "now": now,
    }
    await connection.execute(_MAKE_OUT, row)


async def paper(engine: AsyncEngine, id_: str, version: int) -> PlanningLetter:
    """What the letter of an approved version says. Raises ``PaperUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_PAPER, {"id": id_, "version": version})).one_or_none()
    if row is None:
        raise PaperUnknown(id_, version)
    return PlanningLetter.model_validate(row._asdict())


async def opened(engine: AsyncEngine, id_: str, version: int, maker: PaperMaker, *, keep: bool) -> Kept:
    """The letter, made now if nobody has needed it before; of two that make it the first is kept.

    Without ``keep`` one that is made now is not kept. Raises ``PaperUnknown``, and ``LetterFaulty`` where no
    letter can be made of it.
    """
    named = {"id": id_, "version": version}
    async with autocommit(engine) as connection:
        kept = (await connection.execute(_KEPT, named)).one_or_none()
    if kept is not None:
        return Kept(kept.sha256, kept.pdf, kept.made_at)
    letter = await paper(engine, id_, version)
    pdf = await asyncio.to_thread(maker.planning, letter)
    sha256 = hashlib.sha256(pdf).hexdigest()
    if not keep:
        return Kept(sha256, pdf, letter.made_out_at)
    async with autocommit(engine) as connection:
        row = named | {"sha256": sha256, "pdf": pdf, "typeset_with": maker.version}
        await connection.execute(_KEEP, row)
        first = (await connection.execute(_KEPT, named)).one()
    return Kept(first.sha256, first.pdf, first.made_at)
