"""The shell in memory: what is under way is never lost, and what is thrown away leaves nothing behind."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from law.calendar import CalendarYear, day_in_shanghai
from law.calendar_sources import builtin_calendar
from local.scenarios.courses import (
    APPROVER,
    BOTH_SERVED,
    BOUGHT,
    NONCONFORMING,
    OFFICER,
    PRODUCER_ACCEPTS,
    SEALED,
    Do,
    Lapse,
    delivered,
    example_body,
)
from messages.envelope import RefusalCode, StepEnvelope
from messages.opening import CalendarInForce
from messages.records import RecordInput, RecordResult, TimelineKind
from messages.steps import STEPS, StepName
from tests.quick.memory import CALENDAR, PEOPLE, Memory, opening
from tests.quick.played import InMemory, begun
from workflows.procedure import deciding
from workflows.procedure.case import Case
from workflows.procedure.change import Moment
from workflows.procedure.deciding import decide

NEXT_YEAR = CalendarYear(
    year=2027, version="国办2027", announced=True, holidays={date(2027, 1, day): "元旦" for day in (1, 4)}
)
ANNOUNCED = CalendarInForce(revision=1, calendar=builtin_calendar([NEXT_YEAR]))
SELLER_WINDOW = "objection_filed:seller"


class Busy(Memory):
    """While a record is being written something else comes in."""

    meanwhile: Any = None

    async def record(self, change: RecordInput) -> RecordResult:
        if self.meanwhile is not None and any(line.kind == TimelineKind.PHASE for line in change.lines):
            come, self.meanwhile = self.meanwhile, None
            come()
        return await super().record(change)


def envelope(batch: InMemory, step: StepName, body: dict[str, Any]) -> StepEnvelope:
    return StepEnvelope(
        step_id=uuid4(),
        batch_no=batch.case.batch_no,
        step=step,
        body=body,
        actor=PEOPLE[OFFICER],
        received_at=batch.world.clock,
    )


async def test_a_record_over_midnight_is_written_as_of_the_next_day() -> None:
    """The publication leaves on another day than was taken for given: the same, a day later."""
    batch = begun()
    await batch.play((*BOTH_SERVED, PRODUCER_ACCEPTS))
    batch.world.another_day = 1
    await batch.play([Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})])
    assert batch.world.another_day == 0
    keys = [line.key for line in batch.world.lines]
    assert len(keys) == len(set(keys))
    assert batch.case.published_on == day_in_shanghai(batch.world.clock)
    batch.end()


@pytest.mark.parametrize("another_day", [0, 1])
async def test_what_comes_while_a_record_is_under_way_is_not_lost(another_day: int) -> None:
    """An unreadable signal, noted while the record falls over midnight, is on the timeline afterwards."""
    world = Busy(opening())
    batch = InMemory(world)
    await batch.play((*BOTH_SERVED, PRODUCER_ACCEPTS))
    world.another_day = another_day
    world.meanwhile = lambda: batch.batch.take_unreadable(uuid4(), "nonsense", "no such step")
    await batch.play([Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})])
    assert world.another_day == 0
    assert [line for line in world.lines if "nonsense" in line.text]
    batch.end()


async def test_deadlines_are_counted_on_the_calendar_in_force() -> None:
    """A year was announced meanwhile: what the record turns back is decided again, on the new calendar."""
    world = Memory(opening(datetime(2026, 12, 1, 2, tzinfo=UTC)), clock=datetime(2026, 12, 1, 2, tzinfo=UTC))
    batch = InMemory(world)
    await batch.play((*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED)))
    world.in_force = ANNOUNCED
    await batch.play([delivered("result_notice", "seller")])
    window = batch.case.waits[SELLER_WINDOW].wait
    assert (window.provisional, window.calendar_version) != (True, None)
    assert "国办2027" in str(window.calendar_version) or window.last_day < date(2027, 1, 1)
    held = [running.wait for running in batch.case.waits.values() if running.wait.provisional]
    assert all(wait.last_day and wait.last_day.year != 2027 for wait in held)
    batch.end()


async def test_a_refused_step_changes_nothing_but_its_answer() -> None:
    """What a handler had begun before it refused is thrown away."""
    batch = begun()
    await batch.play(NONCONFORMING)
    before = batch.case.model_dump(exclude={"version", "position", "recorded_at"})
    refused = await batch.example(OFFICER, StepName.RETEST_SEALED)
    assert refused.code is RefusalCode.OUT_OF_ORDER
    assert batch.case.model_dump(exclude={"version", "position", "recorded_at"}) == before
    batch.end()


async def test_a_defect_of_ours_refuses_the_step_and_the_batch_goes_on(monkeypatch) -> None:
    """Whatever it had changed before it broke."""

    def broken(change: Any, step: Any, _actor: Any) -> None:
        change.case.purchased = step
        raise ZeroDivisionError

    whole = deciding.COURSE[StepName.PURCHASED]
    monkeypatch.setitem(deciding.COURSE, StepName.PURCHASED, replace(whole, handle=broken))
    batch = begun()
    await batch.settled()
    decision = await batch.example(OFFICER, StepName.PURCHASED)
    assert (decision.code, batch.case.purchased) == (RefusalCode.DEFECT, None)
    monkeypatch.setitem(deciding.COURSE, StepName.PURCHASED, whole)
    await batch.play(BOUGHT)
    batch.end()


async def test_deciding_leaves_the_case_as_it_was() -> None:
    """A case is a value: a decision gives another one."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    case = batch.case
    before = case.model_dump_json()
    moment = Moment(batch.world.clock, CALENDAR.calendar)
    for name, model in STEPS.items():
        body = model.model_json_schema()["example"]
        for role in model.ROLES:
            step = envelope(batch, name, body).model_copy(update={"actor": PEOPLE[role]})
            decide(case, step, moment, batch.world.clock)
    assert case.model_dump_json() == before
    batch.end()


async def test_steps_are_decided_in_the_order_of_the_ledger() -> None:
    """One whose signal was lost is fetched before the one that was filed after it."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    world = batch.world
    body = example_body(StepName.RESULT_ACCEPTED, world.clock, {"party": "seller"})
    lost = envelope(batch, StepName.RESULT_ACCEPTED, body)
    world.ledger.append(lost.model_copy(update={"position": len(world.ledger) + 1}))
    late = await batch.example(OFFICER, StepName.OBJECTION_FILED)
    assert late.code is RefusalCode.WAIVED
    assert world.decisions[lost.step_id].accepted
    batch.end()


async def test_silence_is_asked_of_the_ledger() -> None:
    """Filed on the last day, its signal lost: the window does not lapse, the objection counts."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    world = batch.world
    deadline = batch.case.waits[SELLER_WINDOW].wait.deadline
    assert deadline is not None
    await batch.go_to(deadline - timedelta(minutes=5))
    body = STEPS[StepName.OBJECTION_FILED].model_json_schema()["example"]
    day = str((deadline - timedelta(minutes=5)).date())
    filed = envelope(batch, StepName.OBJECTION_FILED, body | {"filed_on": day})
    world.ledger.append(filed.model_copy(update={"position": len(world.ledger) + 1}))
    await batch.play([Lapse(SELLER_WINDOW)])
    assert world.decisions[filed.step_id].accepted
    assert [
        line for line in world.lines if line.kind == TimelineKind.SILENCE and "网络商品" in line.text
    ] == []
    batch.end()


async def test_silence_is_asked_again_where_the_ledgers_clock_is_behind() -> None:
    """The timer rings on the stroke: by the ledger the day is not over yet."""
    batch = begun()
    await batch.play(BOTH_SERVED)
    batch.world.late = timedelta(0)
    await batch.play([Lapse(SELLER_WINDOW)])
    assert SELLER_WINDOW not in batch.case.waits
    batch.end()


async def test_a_step_waits_for_the_letter_it_follows_from() -> None:
    """The result notice is being mailed: its delivery is decided once it has left, not refused."""
    world = Memory(opening(), mails=True)
    batch = InMemory(world)
    await batch.play((*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED), delivered("result_notice", "seller")))
    assert SELLER_WINDOW in batch.case.waits
    batch.end()


async def test_a_kept_case_is_the_case() -> None:
    """What is kept of a batch, read back beside its opening, is the same case."""
    batch = begun()
    await batch.play(
        (*BOTH_SERVED, Do(OFFICER, StepName.OBJECTION_FILED), Do(APPROVER, StepName.OBJECTION_DECIDED))
    )
    kept = Case.taken_up(batch.world.opening, batch.case.model_dump(mode="json"))
    assert kept == batch.case
    assert len(Case.model_fields) <= 30
    batch.end()
