"""PostgreSQL was restored from a backup older than the batch, or than its last steps: what is known stays."""

from uuid import uuid4

import pytest

from local.scenarios.courses import BOTH_SERVED, COURSES, OFFICER, Course, Do, example_body
from messages.base import OPERATOR
from messages.envelope import RefusalCode, StepEnvelope
from messages.records import TimelineEntry, TimelineKind
from messages.steps import STEPS, StepName
from tests.quick.memory import PEOPLE, NumberLeft
from tests.quick.played import InMemory, begun


async def _played() -> InMemory:
    batch = begun()
    await batch.play(BOTH_SERVED)
    return batch


async def _compared(batch: InMemory) -> None:
    batch.batch.compare_with_record()
    batch.world.wake()
    await batch.settled()


def _told(batch: InMemory) -> list[TimelineEntry]:
    return [line for line in batch.world.lines if line.kind == TimelineKind.RESTORED]


async def test_a_batch_that_the_record_does_not_hold_is_put_on_record_again() -> None:
    """As it stands, with one line that says what is lost; nothing of that is made up again."""
    batch = await _played()
    before, steps = batch.case, [step.step for step in batch.world.ledger]
    batch.world.restore(changes=0, steps=0)
    await _compared(batch)
    (line,) = batch.world.lines
    assert line.kind == TimelineKind.RESTORED
    assert f"记录中没有本批次，流程已到第{before.version}次" in line.text
    assert all(STEPS[name].TITLE in line.text for name in steps)
    assert [lost["step"] for lost in line.data["lost_steps"].values()] == steps
    (change,) = batch.world.changes
    assert (change.puts_back, change.papers, change.decision) == (True, (), None)
    assert change.snapshot.waits == tuple(running.wait for running in before.waits.values())
    assert batch.world.kept["version"] == before.version + 1
    batch.end()


async def test_it_is_put_on_record_once() -> None:
    """However often it is told to compare itself."""
    batch = await _played()
    batch.world.restore(changes=0, steps=0)
    for _ in range(3):
        await _compared(batch)
    assert len(batch.world.changes) == 1
    batch.end()


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
@pytest.mark.parametrize("kept", [0, 1], ids=["no row", "an older row"])
async def test_a_batch_whose_record_is_lost_goes_on_by_itself(course: Course, kept: int) -> None:
    """It notices when it next acts, or is found where nobody can file anything, and ends as it would have."""
    batch = begun()
    half = len(course.acts) // 2
    await batch.play(course.acts[:half])
    batch.world.restore(changes=kept, steps=0)
    if kept == 0 and isinstance(course.acts[half], Do):
        await _compared(batch)
    await batch.play(course.acts[half:])
    assert batch.is_closed
    assert batch.case.outcome is course.outcome
    assert len(_told(batch)) == 1


async def test_a_step_filed_after_the_restoring_is_decided_in_a_place_given_out_again() -> None:
    """The ledger counts from where the backup ends; what was lost had the same place."""
    batch = await _played()
    world = batch.world
    world.restore(changes=len(world.changes) - 3, steps=len(world.ledger) - 2)
    filed = world.file(_step(batch, StepName.OBJECTION_FILED))
    assert filed.position is not None
    assert filed.position <= batch.case.position
    await _compared(batch)
    assert world.decisions[filed.step_id].accepted
    batch.end()


async def test_a_step_whose_answer_was_lost_is_not_decided_twice() -> None:
    """The ledger holds it, the answer is gone: it is given again as far as it is known."""
    batch = await _played()
    world = batch.world
    accepted = world.ledger[-1]
    await batch.example(OFFICER, StepName.REPORT_RECEIVED)  # refused: there is one
    refused = world.ledger[-1]
    at = next(n for n, change in enumerate(world.changes) if change.step == accepted)
    world.restore(changes=at, steps=len(world.ledger))
    await _compared(batch)
    assert world.decisions[accepted.step_id].accepted
    answer = world.decisions[refused.step_id]
    assert (answer.accepted, answer.code) == (False, RefusalCode.ANSWER_LOST)
    lines = [line.kind for line in world.lines if line.data.get("step_id") == str(accepted.step_id)]
    assert lines == [TimelineKind.STEP_ACCEPTED]
    await _compared(batch)
    assert len(_told(batch)) == 1
    batch.end()


async def test_a_step_that_was_under_way_when_its_row_was_lost_is_noted() -> None:
    """Its signal came, its row did not come back: it changes nothing, and the timeline says so."""
    batch = await _played()
    filed = batch.world.file(_step(batch, StepName.OBJECTION_FILED))
    batch.world.restore(changes=0, steps=0)
    batch.batch.take(filed)
    batch.world.wake()
    await batch.settled()
    assert filed.step_id not in batch.world.decisions
    assert [line.kind for line in batch.world.lines] == [TimelineKind.RESTORED, TimelineKind.STEP_REFUSED]
    assert batch.world.lines[-1].actor == OPERATOR
    batch.end()


def _step(batch: InMemory, name: StepName) -> StepEnvelope:
    return StepEnvelope(
        step_id=uuid4(),
        batch_no=batch.case.batch_no,
        step=name,
        body=example_body(name, batch.world.clock, {}),
        actor=PEOPLE[OFFICER],
    )


async def test_a_batch_whose_number_is_anothers_ends_and_writes_nothing() -> None:
    """Whether it is told to compare itself, or acts by itself; all that is known of it is handed over."""
    for tell in (True, False):
        batch = await _played()
        known = batch.case
        batch.world.restore(changes=0, steps=0)
        batch.world.is_anothers = True
        if tell:
            batch.batch.compare_with_record()
        else:
            batch.batch.take(batch.world.file(_step(batch, StepName.OBJECTION_FILED)))
            batch.batch.cancel_asked()
        batch.world.wake()
        with pytest.raises(NumberLeft) as left:
            await batch.settled()
        assert left.value.case == known
        assert batch.world.changes == []


async def test_a_batch_that_has_lost_steps_is_not_judged_anew() -> None:
    """What the ledger has lost would be taken not to have happened."""
    batch = await _played()
    world = batch.world
    kept = world.ledger[0]
    world.restore(changes=1, steps=1)
    await _compared(batch)
    body = example_body(StepName.RECORD_CORRECTED, world.clock, {})
    body |= {"corrects": str(kept.step_id), "body": kept.body}
    decision = await batch.do(OFFICER, StepName.RECORD_CORRECTED, body)
    assert (decision.code, "丢失" in str(decision.reason)) == (RefusalCode.NOT_CORRECTABLE, True)
    batch.end()
