"""Each outcome of the procedure, played from order to closing in memory."""

import pytest

from local.scenarios.beside import BESIDE, UNFINISHED
from local.scenarios.courses import COURSES, Course
from tests.quick.played import begun


@pytest.mark.parametrize("course", [*COURSES, *BESIDE], ids=lambda course: course.name)
async def test_a_batch_reaches_every_outcome(course: Course) -> None:
    """From order to closing, the course ends in the outcome the regulation gives it."""
    batch = begun()
    await batch.play(course.acts)
    assert batch.case.outcome is course.outcome
    assert batch.is_closed


@pytest.mark.parametrize("course", UNFINISHED, ids=lambda course: course.name)
async def test_a_batch_goes_on_waiting(course: Course) -> None:
    """A batch inside a window, or with a late duty, stays open."""
    batch = begun()
    await batch.play(course.acts)
    assert batch.case.outcome is None
    assert batch.case.waits
