"""The timeline against the ledger: what was written must be what was filed."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from messages.names import step_line
from messages.records import RecordInput, TimelineEntry, TimelineKind
from store.ledger import agreement, filings, record
from tests.store.builders import accepted, change, entry, open_one, snapshot, step

OTHER = Actor(sub="u-2", name="别人", role=Role.OFFICER)


async def _decided(engine: AsyncEngine) -> tuple[RecordInput, TimelineEntry]:
    opening = await open_one(engine)
    filed = (await filings.file_step(engine, step(opening.batch_no))).envelope
    said = filed.model_dump(mode="json", include={"step_id", "step", "body", "received_at", "position"})
    line = entry(step_line(filed.step_id), TimelineKind.STEP_ACCEPTED, **said).model_copy(
        update={"actor": filed.actor}
    )
    decided = change(
        snapshot(opening.batch_no, 1), line, entry("other"), envelope=filed, decision=accepted(filed)
    )
    return decided, line


async def test_a_timeline_that_tells_what_was_filed_agrees(engine: AsyncEngine) -> None:
    """Nothing is found where nothing is wrong."""
    decided, _ = await _decided(engine)
    await record.write(engine, decided, time_skipping=False)
    assert await agreement.disagreements(engine) == []
    assert await agreement.disagreements(engine, decided.snapshot.batch_no) == []


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("step_id", "00000000-0000-4000-8000-000000000001", "登记簿中没有"),
        ("step", "voided", "步骤"),
        ("body", {"party": "producer"}, "内容"),
        ("body_sha256", "00", "内容"),
        ("received_at", "2020-01-01T00:00:00Z", "登记时间"),
        ("position", 9, "登记次序"),
    ],
)
async def test_a_line_that_tells_otherwise_is_named(
    engine: AsyncEngine, field: str, value: object, found: str
) -> None:
    """Whoever wrote it, with a chain as whole as any: the ledger says otherwise."""
    decided, line = await _decided(engine)
    false = line.model_copy(update={"data": line.data | {field: value}})
    await record.write(engine, replace(decided, lines=(false,)), time_skipping=False)
    (sentence,) = await agreement.disagreements(engine)
    assert found in sentence
    assert f"{decided.snapshot.batch_no} 的时间线第 1 条" in sentence


async def test_another_person_or_answer_is_named(engine: AsyncEngine) -> None:
    """Who filed it and how it was answered, too."""
    decided, line = await _decided(engine)
    false = line.model_copy(update={"actor": OTHER, "kind": TimelineKind.STEP_REFUSED})
    await record.write(engine, replace(decided, lines=(false,)), time_skipping=False)
    (sentence,) = await agreement.disagreements(engine)
    assert sentence.endswith("经办人、答复")
