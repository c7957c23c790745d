"""By what a batch is found at the end of its course, and after what was entered wrongly was put right."""

from law.vocabulary import Outcome
from local.scenarios.courses import COURSES
from messages.found import FoundKind
from messages.steps import StepName
from tests.quick.played import InMemory, begun
from tests.quick.test_put_right import filed, put_right, served_too_early
from workflows.procedure.found import found_by


def by_kind(batch: InMemory) -> dict[FoundKind, set[str]]:
    found: dict[FoundKind, set[str]] = {}
    for one in found_by(batch.case):
        found.setdefault(one.kind, set()).add(one.said)
    return found


async def test_a_batch_is_found_by_all_that_its_course_left_in_somebodys_hand() -> None:
    """Order, parcels, seals, both reports, what was posted; a letter's number is the record's to add."""
    course = next(one for one in COURSES if one.outcome is Outcome.RETEST_UPHELD)
    batch = begun()
    await batch.play(course.acts)
    found = by_kind(batch)
    assert {*FoundKind} - {*found} <= {FoundKind.LETTER, FoundKind.COMMISSION}
    assert len(found[FoundKind.SEAL]) >= 2
    assert len(found[FoundKind.REPORT]) == 2


async def test_what_is_put_right_is_found_as_it_should_have_been() -> None:
    batch, _day = await served_too_early()
    purchase, report = filed(batch, StepName.PURCHASED), filed(batch, StepName.REPORT_SUBMITTED)
    await put_right(batch, purchase, order=purchase.body["order"] | {"order_no": "DD-42"})
    assert by_kind(batch)[FoundKind.PURCHASE] == {"DD-42"}
    await put_right(batch, report, report_no="JY-2026-9999")
    assert by_kind(batch)[FoundKind.REPORT] == {"JY-2026-9999"}
