"""What must hold of batches after whatever happened, asked of the database itself."""

import asyncio
import time
from collections import Counter
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from local.scenarios.courses import Course
from store.ledger import timeline
from tests.quick.played import begun


async def history(engine: AsyncEngine, batch_no: str) -> dict[str, Any]:
    """What happened to a batch, without its number, its moments and its ids: two equal courses are equal."""
    async with engine.connect() as connection:
        kinds = await connection.execute(
            text("select kind, count(*) from timeline where batch_no = :no group by kind order by kind"),
            {"no": batch_no},
        )
        papers = await connection.execute(
            text("""
            select kind, recipient, o.state, o.channel, count(*) from documents d
            join outbox o using (document_id) where batch_no = :no group by 1, 2, 3, 4 order by 1, 2, 3, 4
            """),
            {"no": batch_no},
        )
        alerts = await connection.execute(
            text("select title, level, count(*) from alerts where batch_no = :no group by 1, 2 order by 1"),
            {"no": batch_no},
        )
        return {
            "timeline": [tuple(row) for row in kinds],
            "documents": [tuple(row) for row in papers],
            "alerts": [tuple(row) for row in alerts],
        }


# What may not be found, and the question that finds it: batch, and what it is about.
_QUESTIONS = {
    "filed and never decided": """
        select l.batch_no, l.step || ' ' || l.step_id from ledger l left join decisions d using (step_id)
        where l.batch_no = any(:numbers) and d.step_id is null
    """,
    "not once on record": """
        select l.batch_no, l.step || ' ' || l.step_id || ' ' || count(t.key) from ledger l
        left join timeline t on t.batch_no = l.batch_no and t.data ->> 'step_id' = cast(l.step_id as text)
            and t.kind in ('step_accepted', 'step_refused') and t.key like 'step:%'
        where l.batch_no = any(:numbers) group by l.step_id, l.batch_no, l.step having count(t.key) <> 1
    """,
    "twice on record": """
        select batch_no, key from timeline where batch_no = any(:numbers)
        group by batch_no, key having count(*) > 1
    """,
    "not once in the outbox": """
        select batch_no, document_id from documents d left join outbox o using (document_id)
        where batch_no = any(:numbers) group by batch_no, document_id having count(o.no) <> 1
    """,
}


async def faults_of(engine: AsyncEngine, *batch_nos: str) -> list[str]:
    """Steps of these batches not decided once or not on record once, and breaks of the record's chain."""
    numbers = {"numbers": list(batch_nos)}
    found = []
    async with engine.connect() as connection:
        for what, question in _QUESTIONS.items():
            rows = await connection.execute(text(question), numbers)
            found += [f"{batch_no}: {about}: {what}" for batch_no, about in rows]
    if not await _signalled_soon(engine, numbers):
        found.append("the relay has left something")
    for batch_no in batch_nos:
        found += await timeline.verify(engine, batch_no)
    return found


async def assert_whole(engine: AsyncEngine, *batch_nos: str) -> None:
    """Every step of these batches is decided once and on record once, and the record's chain is intact."""
    assert await faults_of(engine, *batch_nos) == []


async def papers_of(engine: AsyncEngine, batch_no: str) -> Counter[tuple[str, str]]:
    """How many documents of each kind were made out to each recipient."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("select kind, recipient from documents where batch_no = :no"), {"no": batch_no}
        )
        return Counter((row.kind, row.recipient) for row in rows)


async def papers_in_memory(course: Course) -> Counter[tuple[str, str]]:
    """The same of the course played by the pure procedure, where nothing dies."""
    batch = begun()
    await batch.play(course.acts)
    batch.end()
    papers = (paper for change in batch.world.changes for paper in change.papers)
    return Counter((str(paper.kind), str(paper.recipient)) for paper in papers)


async def _signalled_soon(engine: AsyncEngine, numbers: dict[str, list[str]]) -> bool:
    """A step whose signal was not noted is signalled again by the relay, which changes nothing."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        async with engine.connect() as connection:
            left = await connection.execute(
                text("select 1 from ledger where batch_no = any(:numbers) and signalled_at is null"), numbers
            )
            if left.first() is None:
                return True
        await asyncio.sleep(0.5)
    return False
