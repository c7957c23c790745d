"""Silence is declared by asking the ledger, also where a record was put right after the period had ended."""

from datetime import timedelta

from law.calendar import day_in_shanghai
from law.judgements import PartyStanding
from law.vocabulary import Outcome, Party
from local.scenarios.courses import OFFICER, Do, Lapse
from messages.records import TimelineKind
from messages.steps import StepName
from tests.quick.on_record import certificates
from tests.quick.played import InMemory
from tests.quick.test_put_right import SELLER_WINDOW, filed, put_right, served_too_early, undone
from verify.certificate import verify


def of_the_window(batch: InMemory, kind: TimelineKind) -> list[str]:
    lines = [line for line in batch.world.lines if line.kind is kind]
    return [line.text for line in lines if line.data.get("wait_id") == SELLER_WINDOW]


async def accepted_then_undone() -> InMemory:
    """The acceptance was another batch's; that comes to light when the window is long over."""
    batch, _ = await served_too_early()
    await batch.play([Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})])
    await batch.go_to(batch.world.clock + timedelta(days=60))
    await undone(batch, filed(batch, StepName.RESULT_ACCEPTED, party="seller"))
    return batch


async def test_who_had_not_spoken_after_all_is_asked_for_as_anybody() -> None:
    """The window is over since long; the ledger is asked all the same before silence is declared."""
    batch = await accepted_then_undone()
    window = batch.case.waits[SELLER_WINDOW].wait
    assert window.last_day is not None
    assert window.last_day < day_in_shanghai(batch.world.clock)
    assert batch.case.parties[Party.SELLER].standing is None
    await batch.play([Lapse(SELLER_WINDOW)])
    assert batch.case.parties[Party.SELLER].standing is PartyStanding.SILENT
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    assert len(of_the_window(batch, TimelineKind.SILENCE)) == 1
    assert verify(certificates(batch.world)[SELLER_WINDOW])[-1].startswith("结论：届满未行使")
    batch.end()


async def test_what_was_on_its_way_meanwhile_is_heard() -> None:
    """A letter of the last day arrives while the ledger is still to be asked."""
    batch = await accepted_then_undone()
    day = str(batch.case.waits[SELLER_WINDOW].wait.last_day)
    assert (await batch.example(OFFICER, StepName.OBJECTION_FILED, how="post", postmark=day)).accepted
    assert batch.case.parties[Party.SELLER].objection is not None
    batch.end()


async def test_a_silence_that_stands_on_another_day_is_told() -> None:
    """Served some days later than was typed, and silent all the same: the result stays as it is."""
    batch, true_day = await served_too_early(2)
    await batch.play([Lapse(SELLER_WINDOW)])
    await batch.go_to(batch.world.clock + timedelta(days=30))
    documents = set(batch.case.documents)
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    await put_right(batch, wrong, delivered_on=str(true_day))
    assert batch.case.outcome is Outcome.ACCEPTED_BY_SILENCE
    assert set(batch.case.documents) == documents
    (told,) = [one for one in of_the_window(batch, TimelineKind.OUTCOME) if "逾期的认定不变" in one]
    assert str(batch.case.parties[Party.SELLER].window.wait.last_day) in told  # type: ignore[union-attr]
    batch.end()
