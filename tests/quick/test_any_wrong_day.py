"""Any one wrong day in any course, put right at any later moment: the end is as if it had been right."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from law.vocabulary import DocumentKind, Party, Recipient, Role
from local.scenarios.beside import BESIDE
from local.scenarios.courses import COURSES, Act, Course, Do, example_body
from messages.snapshot import DocumentState, DocumentStatus
from messages.steps import StepName
from tests.quick.on_record import certificates
from tests.quick.played import InMemory, begun
from tests.quick.quality import assert_as_rebuilt
from tests.quick.test_put_right import confirm, propose
from verify.certificate import verify

# The day of the fact that each of these tells of.
DAY = {
    StepName.NOTICE_POSTED: "posted_on",
    StepName.NOTICE_DELIVERED: "delivered_on",
    StepName.NOTICE_RETURNED: "returned_on",
    StepName.RESULT_ACCEPTED: "accepted_on",
    StepName.OBJECTION_FILED: "filed_on",
    StepName.OBJECTION_DECIDED: "decided_on",
    StepName.RETEST_FORMALITIES_COMPLETED: "completed_on",
    StepName.REFERRAL_ACKNOWLEDGED: "acknowledged_on",
    StepName.REFERRAL_PASSED_ON: "passed_on",
    StepName.REFERRAL_CONCLUDED: "concluded_on",
}
WITH_DAYS = [
    course for course in (*COURSES, *BESIDE) if any(isinstance(a, Do) and a.step in DAY for a in course.acts)
]
# What tells of the correction itself, and is not in a course entered rightly.
OF_THE_CORRECTION = (
    DocumentKind.WITHDRAWAL_NOTICE,
    DocumentKind.PUBLICATION,
    DocumentKind.PUBLICATION_CORRECTION,
    DocumentKind.REFERRAL_LETTER,
    DocumentKind.REFERRAL_CORRECTION,
)


@dataclass(frozen=True)
class Filed:
    """A step as it was entered, at its time."""

    at: datetime
    role: Role
    step: StepName
    body: dict[str, Any]


async def entered(acts: Sequence[Act]) -> tuple[list[Filed], InMemory]:
    """The steps of a course as they were entered, and the batch that it came to."""
    batch, steps = begun(), []
    await batch.settled()
    for act in acts:
        if isinstance(act, Do):
            now = batch.world.clock
            steps.append(Filed(now, act.role, act.step, example_body(act.step, now, act.changes)))
        await batch.play([act])
    await batch.go_to(batch.world.clock + timedelta(days=60))
    batch.end()
    return steps, batch


async def entered_wrongly(
    steps: Sequence[Filed], wrong: int, day: date, put_right_after: int, until: datetime
) -> InMemory | None:
    """The same course with a wrong day, put right later; None where the wrong day was refused."""
    batch, name = begun(), DAY[steps[wrong].step]
    await batch.settled()
    for place, one in enumerate(steps):
        await batch.go_to(one.at)
        body = one.body | {name: str(day)} if place == wrong else one.body
        batch = again(batch)
        decision = await batch.do(one.role, one.step, body)
        if place == wrong:
            if not decision.accepted:
                return None
            mistaken = batch.world.ledger[-1]
        if place == put_right_after:
            batch = again(batch)
            proposed = await propose(batch, mistaken, steps[wrong].body)
            assert proposed.accepted, proposed.reason
            confirmed = await confirm(batch, proposed)
            assert confirmed.accepted, confirmed.reason
    await batch.go_to(until)
    batch.end()
    return batch


def again(batch: InMemory) -> InMemory:
    """A batch that has closed is taken up from its record for what may still come."""
    return InMemory(batch.world, batch.world.on_record) if batch.is_closed else batch


def standing_letters(batch: InMemory) -> dict[tuple[DocumentKind, Recipient], DocumentState]:
    return {
        (one.kind, one.recipient): one
        for one in batch.case.documents.values()
        if one.kind not in OF_THE_CORRECTION and one.status is not DocumentStatus.WITHDRAWN
    }


def replaced(batch: InMemory) -> set[tuple[DocumentKind, Recipient]]:
    """Letters that replace another tell their period as it really runs: in other words than the first."""
    return {key for key, one in standing_letters(batch).items() if one.replaces}


def end_of(batch: InMemory, in_other_words: set[tuple[DocumentKind, Recipient]]) -> dict[str, Any]:
    """What the law has come to: the result, each party's standing, the letters that stand."""
    case = batch.case
    letters = {
        key: None if key in in_other_words else one.content for key, one in standing_letters(batch).items()
    }
    standings = {
        party: (file.standing, file.received_on, file.objection and file.objection.approved)
        for party, file in case.parties.items()
        if party is not Party.PLATFORM
    }
    return {
        "outcome": case.outcome,
        "verdict": case.final_verdict,
        "standings": standings,
        "letters": letters,
        "referred": (case.referral.acknowledged_on, case.referral.is_concluded),
    }


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(course=st.sampled_from(WITH_DAYS), data=st.data())
def test_the_end_is_as_if_the_day_had_been_right(course: Course, data: st.DataObject) -> None:
    asyncio.run(_one_wrong_day(course, data))


async def _one_wrong_day(course: Course, data: st.DataObject) -> None:
    steps, right = await entered(course.acts)
    wrong = data.draw(st.sampled_from([place for place, one in enumerate(steps) if one.step in DAY]))
    days = data.draw(st.integers(min_value=1, max_value=3))
    later = data.draw(st.integers(min_value=wrong, max_value=len(steps) - 1))
    day = date.fromisoformat(steps[wrong].body[DAY[steps[wrong].step]]) - timedelta(days=days)
    note(f"{course.name}: {steps[wrong].step} {steps[wrong].body}, typed {day}")
    note(f"put right after {steps[later].step}")
    batch = await entered_wrongly(steps, wrong, day, later, right.world.clock)
    if batch is not None:
        assert_as_rebuilt(batch)
        assert end_of(batch, replaced(batch)) == end_of(right, replaced(batch))
        for wait_id, certificate in certificates(batch.world).items():
            note(wait_id)
            verify(certificate)
