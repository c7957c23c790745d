"""A batch whose workflow was lost, overtaken or cut goes on from its record as if nothing had happened."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from law.vocabulary import Role
from local.scenarios.beside import BESIDE
from local.scenarios.courses import BOTH_SERVED, COURSES, OFFICER, SEALED, Course, Lapse, example_body
from messages.base import OPERATOR, Actor
from messages.envelope import StepEnvelope
from messages.records import TimelineKind
from messages.steps import StepName
from tests.quick.memory import PEOPLE
from tests.quick.played import InMemory, begun

SELLER_WINDOW = "objection_filed:seller"
LOST = "流程已不存在"


async def _through(course: Course) -> InMemory:
    batch = begun()
    await batch.play(course.acts)
    return batch


def _story(batch: InMemory) -> list[tuple[TimelineKind, str]]:
    return [(line.kind, line.text) for line in batch.world.lines if line.kind != TimelineKind.RESTORED]


@pytest.mark.parametrize("course", [*COURSES, *BESIDE], ids=lambda course: course.name)
async def test_a_batch_lost_after_every_act_ends_as_it_would_have(course: Course) -> None:
    """Terminated again and again, taken up from its record each time: the same lines, the same outcome."""
    undisturbed = await _through(course)
    batch = begun()
    await batch.settled()
    for act in course.acts:
        await batch.lose(LOST)
        await batch.play([act])
    assert batch.is_closed
    assert batch.case.outcome is course.outcome
    assert _story(batch) == _story(undisturbed)
    papers = [paper.document_id for change in batch.world.changes for paper in change.papers]
    assert len(papers) == len(set(papers))


@pytest.mark.parametrize("course", [*COURSES, *BESIDE], ids=lambda course: course.name)
async def test_a_history_cut_after_every_record_changes_nothing(course: Course) -> None:
    """A history is cut wherever it has grown too long, with steps waiting and letters on their way."""
    undisturbed = await _through(course)
    batch = begun()
    await batch.settled()
    for act in course.acts:
        batch.world.is_long = True
        await batch.play([act])
    assert batch.case.outcome is course.outcome
    # Letters leave each by itself: in which order nothing depends on.
    assert sorted(_story(batch)) == sorted(_story(undisturbed))


async def test_a_lost_batch_says_so_on_its_timeline() -> None:
    """Why it was taken up, and that no deadline moved."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    before = batch.case.waits
    await batch.lose(LOST)
    restored = [line for line in batch.world.lines if line.kind == TimelineKind.RESTORED]
    assert [line.text for line in restored] == [f"{LOST}，自记录所存案卷恢复办理，各项期限不变"]
    assert batch.case.waits == before
    batch.end()


async def test_what_was_filed_while_no_workflow_ran_is_decided() -> None:
    """Its signal met nobody: the ledger tells it to the workflow that takes the batch up."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    filed = batch.world.file(_step(batch, StepName.OBJECTION_FILED))
    await batch.lose(LOST)
    assert batch.world.decisions[filed.step_id].accepted
    batch.end()


async def test_a_workflow_behind_its_record_goes_on_from_the_record() -> None:
    """Restored from an older backup of Temporal's database: it writes nothing over what is on record."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    older = batch.world.on_record
    version = batch.world.version
    await batch.example(OFFICER, StepName.OBJECTION_FILED)
    batch.end()
    behind = InMemory(batch.world, older)
    behind.batch.compare_with_record()
    await behind.settled()
    assert behind.case.version > version
    assert behind.case.model_dump() == batch.case.model_dump()
    behind.end()


async def test_a_workflow_behind_its_record_that_is_not_told_notices_when_it_writes() -> None:
    """A step comes to it that the newer workflow had decided: there are no two decisions."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    older = batch.world.on_record
    await batch.example(OFFICER, StepName.OBJECTION_FILED)
    known = batch.world.ledger[-1]
    batch.end()
    behind = InMemory(batch.world, older)
    behind.batch._events.is_to_compare = False
    behind.batch.take(known)
    await behind.settled()
    decided = [change.decision for change in batch.world.changes if change.decision]
    assert [decision.step_id for decision in decided].count(known.step_id) == 1
    assert behind.case.version == batch.world.version
    behind.end()


async def test_a_record_behind_its_workflow_is_brought_up_to_it() -> None:
    """PostgreSQL was restored from an older backup: what the workflow knows is not lost, and is said."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    world = batch.world
    lost = world.changes.pop()
    batch.batch.compare_with_record()
    world.wake()
    await batch.settled()
    (line,) = [line for line in world.lines if line.kind == TimelineKind.RESTORED]
    assert f"记录只到第{lost.snapshot.version - 1}次变更" in line.text
    assert world.kept["version"] == batch.case.version == lost.snapshot.version + 1
    batch.end()


async def test_nobody_acts_through_a_signal() -> None:
    """An approver's signal that the ledger does not hold voids nothing, and is noted."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    body = example_body(StepName.VOIDED, batch.world.clock, {})
    before = batch.case.model_dump(exclude={"version", "recorded_at"})
    boss = Actor(sub="boss", name="冒名", role=Role.APPROVER)
    forged = _step(batch, StepName.VOIDED).model_copy(
        update={
            "body": body,
            "actor": boss,
            "received_at": batch.world.clock - timedelta(days=9),
            "position": len(batch.world.ledger) + 1,
        }
    )
    await _signalled(batch, forged)
    assert batch.case.outcome is None
    assert batch.case.model_dump(exclude={"version", "recorded_at"}) == before
    assert batch.world.lines[-1].text == "收到的信号与登记簿不符，未予采用"
    batch.end()


@pytest.mark.parametrize("position", [None, 2**31 - 1, 1])
async def test_a_signal_without_a_row_holds_nothing_up(position: int | None) -> None:
    """Whatever place it claims: the next true step is decided at once."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    forged = _step(batch, StepName.VOIDED).model_copy(
        update={"received_at": batch.world.clock, "position": position}
    )
    await _signalled(batch, forged)
    assert (await batch.example(OFFICER, StepName.OBJECTION_FILED)).accepted
    lost = batch.world.file(_step(batch, StepName.RESULT_ACCEPTED, party="producer"))
    await batch.example(OFFICER, StepName.OBJECTION_FILED)
    assert lost.step_id in batch.world.decisions
    batch.end()


async def test_a_step_is_judged_by_its_stamp_though_temporals_clock_is_days_behind() -> None:
    """Set back, or restored from a backup: the report came on the day that the ledger says."""
    batch = begun()
    await batch.play(SEALED)
    clock, later = batch.world.clock, batch.world.clock + timedelta(days=9)
    batch.world.clock = later
    report = batch.world.file(_step(batch, StepName.REPORT_RECEIVED))
    batch.world.clock = clock
    await _signalled(batch, report)
    assert batch.world.decisions[report.step_id].accepted
    batch.end()


async def test_a_stamp_beyond_all_calendars_holds_nothing_up() -> None:
    """No ledger gave it, so nothing is written; the next true step is decided."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    beyond = {"received_at": datetime.max.replace(tzinfo=UTC), "position": len(batch.world.ledger) + 1}
    await _signalled(batch, _step(batch, StepName.OBJECTION_FILED).model_copy(update=beyond))
    assert batch.world.lines[-1].text == "收到的信号与登记簿不符，未予采用"
    assert (await batch.example(OFFICER, StepName.OBJECTION_FILED)).accepted
    batch.end()


async def test_a_step_signalled_otherwise_than_filed_is_decided_as_filed() -> None:
    """Another body, another person, under the id of a genuine step: the row counts."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    filed = batch.world.file(_step(batch, StepName.OBJECTION_FILED))
    forged = filed.model_copy(update={"body": filed.body | {"party": "producer"}, "actor": PEOPLE[Role.LAB]})
    await _signalled(batch, forged)
    assert batch.world.decisions[filed.step_id].accepted
    (recorded,) = [one.step for one in batch.world.changes if one.step and one.step.step_id == filed.step_id]
    assert recorded == filed
    batch.end()


async def test_an_operators_signal_counts_where_the_installation_takes_them() -> None:
    """It is filed in the operator's name and at the ledger's time, and has an operator's rights only."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    batch.world.takes_operators = True
    await _signalled(batch, _step(batch, StepName.OBJECTION_FILED))
    filed = batch.world.ledger[-1]
    assert (filed.actor, filed.received_at) == (OPERATOR, batch.world.clock)
    assert not batch.world.decisions[filed.step_id].accepted
    batch.end()


async def test_a_request_to_cancel_is_declined() -> None:
    """One click in the Temporal pages ends no batch; the timeline says whom to ask."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    batch.batch.cancel_asked()
    batch.world.wake()
    await batch.settled()
    assert "未予采用" in batch.world.lines[-1].text
    await batch.play([Lapse(SELLER_WINDOW)])
    batch.end()


def _step(batch: InMemory, name: StepName, **changes: str) -> StepEnvelope:
    return StepEnvelope(
        step_id=uuid4(),
        batch_no=batch.case.batch_no,
        step=name,
        body=example_body(name, batch.world.clock, changes),
        actor=PEOPLE[OFFICER],
    )


async def _signalled(batch: InMemory, step: StepEnvelope) -> None:
    batch.batch.take(step)
    batch.world.wake()
    await batch.settled()
