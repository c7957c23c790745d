"""Counting batches: how far they have come, what came of them, how punctually; for a plan or for a period."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.figures import Punctuality
from law.vocabulary import OVER, Term
from messages.order import OrderKind
from store.engine import autocommit

# Of each dimension: those with most batches; a sheet for more is the list of batches itself.
MOST_LINES = 200


class Dimension(StrEnum):
    """By what batches are counted apart."""

    SCHEME = "scheme"
    LABORATORY = "laboratory"
    BUREAU = "bureau"
    PLATFORM = "platform"
    PRODUCT = "product"
    DISTRICT = "district"


_COLUMN = {one: "scheme_id" if one is Dimension.SCHEME else one.value for one in Dimension}
_BY = (*_COLUMN.values(), "duties")
_NAMES = ", ".join(_BY)
# What is counted of batches, and on what condition.
_COUNTS = {
    "ordered": "true",
    "bought": "bought",
    "sealed": "sealed",
    "tested": "tested",
    "final": "final",
    "ended": "outcome in ({})".format(", ".join(f"'{one}'" for one in OVER)),
    "first_nonconforming": "first_verdict = 'nonconforming'",
    "nonconforming": "verdict = 'nonconforming'",
    "retested": "retested",
    "overturned": "outcome = 'retest_overturned'",
}
# One stands for all that count alike: of its kind there may be thousands.
_COUNTED = f"""
    with alike as (
        select t.*, of.batches
        from (
            select min(batch_no) as batch_no, count(*) as batches from tallies t where {{of}} group by alike
        ) of join tallies t using (batch_no) where {{qualities}}
    )
    select grouping({_NAMES}) as which, {_NAMES}, min(laboratory_name) as laboratory_name,
        coalesce(sum(cost * batches), 0) as spent,
        {", ".join(f"sum(batches) filter (where {so}) as {name}" for name, so in _COUNTS.items())}
    from alike group by grouping sets ({", ".join(f"({column})" for column in _BY)}, ())
"""
_LATE = """
    select w.wait ->> 'term' as term, count(*) as n
    from waits w join tallies t using (batch_no) where {of} and {qualities} and w.state = 'open'
        and w.overdue_from <= statement_timestamp() and w.wait ->> 'term' is not null
    group by w.wait ->> 'term'
"""
_TITLES = text("""
    select p.id, v.content ->> 'title' as title, cast(v.content ->> 'budget' as numeric) as budget, (
        select sum(cast(kind ->> 'batches' as int))
        from jsonb_array_elements(v.content -> 'product_kinds') as kind) as planned,
        exists (select from planned_ends e where e.id = p.id) as ended
    from planned p cross join lateral (
        select w.content from planned_versions w join planned_papers n using (id, version)
        where w.id = p.id order by w.version desc limit 1) v
    where p.plan_id = :plan_id or p.id = any(:ids)
""")
_PARSED: TypeAdapter[dict[Term, Punctuality]] = TypeAdapter(dict[Term, Punctuality])


@dataclass(frozen=True)
class Counted:
    """So many batches; ``ended``: abandoned or voided. ``spent`` in yuan, by the schemes that know it."""

    ordered: int = 0
    bought: int = 0
    sealed: int = 0
    tested: int = 0
    final: int = 0
    ended: int = 0
    first_nonconforming: int = 0
    nonconforming: int = 0
    retested: int = 0
    overturned: int = 0
    spent: Decimal = Decimal(0)


@dataclass(frozen=True)
class CountedLine:
    """Those of one laboratory, platform and so on; ``key`` None: of none, or the bureau itself."""

    key: str | None
    name: str | None
    counted: Counted


@dataclass(frozen=True)
class DutyCounted:
    """How punctually a duty was done, and how often it is late and not done now."""

    term: Term
    done: Punctuality
    late_now: int


@dataclass(frozen=True)
class CountedScheme:
    """A scheme, or the plan itself, as it is in force: budget in yuan, and how many batches it plans.

    ``ended``: nothing more is ordered under it.
    """

    id: str
    title: str
    budget: Decimal | None
    planned: int | None
    ended: bool


@dataclass(frozen=True)
class CountedFigures:
    """All figures of the batches that were chosen."""

    total: Counted
    lines: Mapping[Dimension, Sequence[CountedLine]]
    duties: Sequence[DutyCounted]
    schemes: Mapping[str, CountedScheme]


@dataclass(frozen=True)
class Chosen:
    """Which batches are counted: by the day of ordering, the rest as their record stands."""

    plan_id: str | None = None
    ordered_from: date | None = None
    ordered_to: date | None = None
    district: str | None = None
    platform: str | None = None
    product: str | None = None
    laboratory: str | None = None
    kind: OrderKind | None = None

    def asked(self, statement: str) -> TextClause:
        """The statement, of these batches: ``{of}`` in it, and ``{qualities}``, which those alike share."""
        of = {
            "t.scheme_id in (select id from planned where plan_id = :plan_id)": self.plan_id,
            "t.ordered_on >= :ordered_from": self.ordered_from,
            "t.ordered_on <= :ordered_to": self.ordered_to,
        }
        qualities = {
            "t.district = :district": self.district,
            "t.platform = :platform": self.platform,
            "t.product = :product": self.product,
            "t.laboratory = :laboratory": self.laboratory,
            "t.kind = :kind": self.kind,
        }
        return text(statement.format(of=_all(of), qualities=_all(qualities)))

    def parameters(self) -> dict[str, Any]:
        asked = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in asked.items() if value is not None}


def _all(wanted: Mapping[str, object]) -> str:
    return " and ".join(condition for condition, value in wanted.items() if value is not None) or "true"


async def counted(engine: AsyncEngine, chosen: Chosen) -> CountedFigures:
    """The figures of the batches that are chosen, as of now."""
    rows, late = await asyncio.gather(_rows(engine, chosen, _COUNTED), _rows(engine, chosen, _LATE))
    total, lines = _apart(rows)
    async with autocommit(engine) as connection:
        ids = [line.key for line in lines[Dimension.SCHEME] if line.key] + [chosen.plan_id or ""]
        schemes = await connection.execute(_TITLES, {"plan_id": chosen.plan_id, "ids": ids})
        known = {row.id: CountedScheme(**row._asdict()) for row in schemes}
    late_now = {Term(row.term): row.n for row in late}
    return CountedFigures(total, lines, _duties(rows, late_now), known)


async def _rows(engine: AsyncEngine, chosen: Chosen, statement: str) -> Sequence[Row[Any]]:
    async with autocommit(engine) as connection:
        return (await connection.execute(chosen.asked(statement), chosen.parameters())).all()


def _by(row: Row[Any]) -> str | None:
    """By which column a row is grouped; None: it is the total."""
    # A bit is 0 for the column; the first has the highest.
    return next((name for at, name in enumerate(reversed(_BY)) if not row.which >> at & 1), None)


def _counted(row: Row[Any]) -> Counted:
    sums = {name: int(getattr(row, name) or 0) for name in _COUNTS}
    return Counted(**sums, spent=Decimal(row.spent))


def _apart(rows: Sequence[Row[Any]]) -> tuple[Counted, dict[Dimension, list[CountedLine]]]:
    """The total, and each dimension's lines, those with most batches first."""
    total, lines = Counted(), {column: list[CountedLine]() for column in _COLUMN.values()}
    for row in rows:
        by = _by(row)
        if by is None:
            total = _counted(row)
        elif by in lines:
            key = getattr(row, by)
            name = row.laboratory_name if by == Dimension.LABORATORY else key
            lines[by].append(CountedLine(key, name, _counted(row)))
    for of_one in lines.values():
        of_one.sort(key=lambda line: (-line.counted.ordered, line.key is None, line.key or ""))
        del of_one[MOST_LINES:]
    return total, {one: lines[column] for one, column in _COLUMN.items()}


def _duties(rows: Sequence[Row[Any]], late_now: Mapping[Term, int]) -> list[DutyCounted]:
    """In the order of the procedure."""
    done: dict[Term, Punctuality] = {}
    for row in rows:
        if _by(row) == "duties":
            for term, kept in _PARSED.validate_json(row.duties).items():
                done[term] = done.get(term, Punctuality()) + kept.times(int(row.ordered))
    return [
        DutyCounted(term, done.get(term, Punctuality()), late_now.get(term, 0))
        for term in Term
        if term in done or term in late_now
    ]
