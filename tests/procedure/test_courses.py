"""Each outcome of the procedure, played from order to closing on the real server."""

import gzip
import os
from pathlib import Path

import pytest

from law.vocabulary import Outcome
from local.scenarios.beside import BESIDE, UNFINISHED
from local.scenarios.courses import COURSES, Course
from local.scenarios.player import play

HISTORIES = Path(__file__).parents[1] / "replay" / "histories"


@pytest.mark.parametrize("course", [*COURSES, *BESIDE], ids=lambda course: course.name)
async def test_a_batch_reaches_every_outcome(table, course: Course) -> None:
    """From order to closing, the course ends in the outcome the regulation gives it."""
    batch_no = await table.open()
    snapshot = await play(table, batch_no, course, print)
    result = await table.handle(batch_no).result()
    assert result["outcome"] == course.outcome == snapshot.outcome
    await keep_history(table, batch_no, course.name)


async def keep_history(table, batch_no: str, name: str) -> None:
    """Where a new set of histories is asked for, keep this one for the replay tests."""
    version = os.environ.get("CHOUJIAN_RECORD_HISTORIES")
    if version:
        history = await table.handle(batch_no).fetch_history()
        HISTORIES.mkdir(exist_ok=True)
        file = HISTORIES / f"{name}@{version}.json.gz"
        file.write_bytes(gzip.compress(history.to_json().encode(), mtime=0))


@pytest.mark.parametrize("course", UNFINISHED, ids=lambda course: course.name)
async def test_a_batch_goes_on_waiting(table, course: Course) -> None:
    """A batch inside a window, or with a late duty, stays open."""
    batch_no = await table.open()
    snapshot = await play(table, batch_no, course, print)
    assert snapshot.outcome is None
    assert snapshot.waits
    await keep_history(table, batch_no, course.name)


def test_there_is_a_course_for_every_outcome() -> None:
    """The courses cover the nine outcomes, once each."""
    assert sorted(course.outcome for course in COURSES) == sorted(Outcome)
