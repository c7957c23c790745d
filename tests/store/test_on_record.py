"""What is on record is found by an index."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.reads import on_record
from tests.databases import tamper
from tests.proof.builders import batch_with, counted, due
from tests.store.builders import duty


async def test_deadlines_on_record_are_found_by_an_index(engine: AsyncEngine) -> None:
    """Not by reading the timeline of every batch there ever was."""
    batch_no = await batch_with(engine, *(counted(duty(f"d{n}"), -n) for n in range(40)))
    async with engine.begin() as connection:
        await connection.execute(
            text("""
            insert into timeline select batch_no, n, '', '', at, kind, text, rests_on, actor, data, key || n,
                recorded_at
            from timeline, generate_series(1000, 60000) n where batch_no = :batch_no and seq = 30
            """),
            {"batch_no": batch_no},
        )
    await tamper(engine, "analyze timeline")
    async with engine.connect() as connection:
        days = {"first": str(due(-2)[0]), "last": str(due(0)[0])}
        plan = await connection.execute(text(f"explain {on_record._BATCHES.text}"), days)
        assert "ix_timeline_last_day" in "\n".join(row[0] for row in plan)
