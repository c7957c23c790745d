"""What a batch has come to is a function of its ledger: played anew it stands as it stands (law 2)."""

import pytest

from local.scenarios.beside import BESIDE
from local.scenarios.courses import COURSES, Course
from tests.quick.memory import InMemory, begun
from workflows.judging.play import Ledger, played
from workflows.judging.world import Letters
from workflows.procedure.case import Case


def standing(case: Case) -> dict[str, object]:
    """All but when it was recorded."""
    waits = {
        wait_id: (one.wait.title, one.wait.starts_on, one.wait.last_day, one.wait.heard_until)
        for wait_id, one in case.waits.items()
    }
    letters = {key: one.model_dump(exclude={"failure", "made_out_on"}) for key, one in case.documents.items()}
    parties = {
        party: file.model_dump(
            exclude={"window": {"opened_at", "alarms"}, "formalities": {"opened_at", "alarms"}}
        )
        for party, file in case.parties.items()
    }
    rest = case.model_dump(
        exclude={"version", "recorded_at", "waits", "documents", "parties", "owed", "position", "accepted"}
    )
    return {"waits": waits, "letters": letters, "parties": parties, **rest}


def ledger_of(batch: InMemory) -> Ledger:
    world = batch.world
    left_at = {
        one.document_id: world.left_at[one.document_id]
        for one in batch.case.documents.values()
        if not one.by_hand and one.document_id in world.left_at
    }
    letters = Letters.of(batch.case.documents.values(), left_at, world.clock)
    calendar = world.in_force.for_batch_of(world.opening.order.regulation_date)
    return Ledger(world.opening, tuple(world.ledger), calendar, letters)


@pytest.mark.parametrize("mails", [False, True], ids=["by-hand", "mailed"])
@pytest.mark.parametrize("course", [*COURSES, *BESIDE], ids=lambda course: course.name)
async def test_played_anew_a_batch_stands_as_it_stands(course: Course, mails: bool) -> None:
    """After every act of every course: waits, last days, letters, standings, outcome."""
    batch = begun()
    batch.world.mails = mails
    await batch.settled()
    for act in course.acts:
        await batch.play([act])
        again = await played(ledger_of(batch), batch.world.clock)
        assert standing(again.case) == standing(batch.case), act
    batch.end()
