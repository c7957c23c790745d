"""What a batch has come to is a function of its ledger: played anew it stands as it stands (law 2)."""

import pytest

from judging.play import played
from local.scenarios.beside import BESIDE
from local.scenarios.courses import COURSES, Course
from tests.quick.played import InMemory, begun
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


async def stands_as_played(batch: InMemory) -> None:
    """The ledger alone, played anew, comes to the same."""
    again = await played(batch.world.played_from(batch.world.clock), batch.world.clock)
    assert standing(again.case) == standing(batch.case)


@pytest.mark.parametrize("mails", [False, True], ids=["by-hand", "mailed"])
@pytest.mark.parametrize("course", [*COURSES, *BESIDE], ids=lambda course: course.name)
async def test_played_anew_a_batch_stands_as_it_stands(course: Course, mails: bool) -> None:
    """After every act of every course: waits, last days, letters, standings, outcome."""
    batch = begun()
    batch.world.mails = mails
    await batch.settled()
    for act in course.acts:
        await batch.play([act])
        await stands_as_played(batch)
    batch.end()
