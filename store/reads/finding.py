"""Searching: the batches that a number or a name in hand leads to."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Outcome, Phase
from messages.found import FoundKind
from store.reads import search
from store.reads.pages import Page, after, page_of
from store.reads.part import EVERYTHING, SeenPart
from store.reads.read_model import rows_of, select

MOST_WORDS = 6
_FOUND = """
    s.batch_no, s.kind, s.sought, s.document_id, s.said, b.snapshot ->> 'title' as title, b.phase, b.outcome
    from batch_search s join batches b on b.batch_no = s.batch_no
"""


@dataclass(frozen=True)
class Hit:
    """A batch that was found, and by what of it."""

    batch_no: str
    title: str
    phase: Phase
    outcome: Outcome | None
    kind: FoundKind
    said: str
    document_id: str | None


async def find(
    engine: AsyncEngine, q: str, *, part: SeenPart = EVERYTHING, limit: int = 50, cursor: str | None = None
) -> Page[Hit]:
    """The newest batches first: what holds all of ``q``, or else each of its words somewhere.

    Raises ``CursorInvalid``.
    """
    whole = [q]
    words = [word for word in q.split() if search.is_sought(word)][:MOST_WORDS]
    if len(words) > 1 and not await _rows(engine, whole, part, 1, None):
        whole = words
    rows = await _rows(engine, whole, part, limit, cursor)
    return page_of(rows, limit, _hit, lambda row: [row.batch_no, row.kind, row.sought, row.document_id])


async def _rows(
    engine: AsyncEngine, words: list[str], part: SeenPart, limit: int, cursor: str | None
) -> list[Row[Any]]:
    position = after(cursor, "batch_no", "kind", "sought", "document_id")
    holds = [search.holds(word, "s", nth) for nth, word in enumerate(words)]
    shown = " and s.kind <> all(:hidden)" if part.laboratory is not None else ""
    several = len(words) > 1
    conditions = {
        "(s.batch_no, s.kind, s.sought, s.document_id) < (:batch_no, :kind, :sought, :document_id)": (
            cursor is not None
        ),
        f"({' or '.join(holds)})": True,
        "s.batch_no in (select batch_no from in_all)": several,
        **part.conditions,
        "s.kind <> all(:hidden)": part.laboratory is not None,
    }
    statement = select(_FOUND, conditions, "s.batch_no desc, s.kind desc, s.sought desc, s.document_id desc")
    if several:
        # Once for each word, whatever the planner thinks of them: together they are never as rare as it says.
        each = " intersect ".join(
            f"select s.batch_no from batch_search s where {one}{shown}" for one in holds
        )
        statement = text(f"with in_all as materialized ({each}) {statement.text}")
    parameters = {**position, **part.parameters, "hidden": search.hidden_from(part.laboratory)}
    for nth, word in enumerate(words):
        parameters |= search.asked(word, nth)
    return await rows_of(engine, statement, parameters, limit)


def _hit(row: Row[Any]) -> Hit:
    return Hit(
        batch_no=row.batch_no,
        title=row.title,
        phase=Phase(row.phase),
        outcome=None if row.outcome is None else Outcome(row.outcome),
        kind=FoundKind(row.kind),
        said=row.said,
        document_id=row.document_id or None,
    )
