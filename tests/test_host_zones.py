"""A host's time zone, with or without daylight saving, changes nothing: the tests of the law run in each.

PostgreSQL and Temporal are started anew there and take over the host's zone.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# New York and Berlin change their clocks on different days; Kiritimati is a day ahead of Honolulu.
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati")
LAW = (
    "tests/law/test_calendar.py",
    "tests/law/test_counting.py",
    "tests/law/test_counting_by_hand.py",
    "tests/law/test_judgements.py",
)
SILENCE = (
    "tests/store/test_silence.py",
    "tests/store/test_closing_time.py",
    "tests/procedure/test_clocks.py::test_a_worker_an_hour_ahead_is_told_that_it_is_too_early",
    "tests/procedure/test_silence.py::test_nothing_filed_is_silence",
)


def _run(zone: str, *tests: str) -> None:
    """In a process of its own whose local time is that zone's."""
    plugins = ("-p", "no:cacheprovider", "-p", "no:schemathesis")  # whose loading takes longer than the law
    argv = [sys.executable, "-m", "pytest", "-q", "-x", *plugins, *tests]
    done = subprocess.run(
        argv,
        cwd=ROOT,
        env=os.environ | {"TZ": zone},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


@pytest.mark.parametrize("zone", ZONES)
def test_the_law_in_every_zone(zone: str) -> None:
    """Calendars, counting, every holiday by hand, judgements."""
    _run(zone, "--confcutdir=tests/law", *LAW)


@pytest.mark.parametrize("zone", [ZONES[1], pytest.param(ZONES[2], marks=pytest.mark.faults)])
def test_silence_in_zones_with_daylight_saving(zone: str) -> None:
    """Who is silent, with worker, server and database all in that zone."""
    _run(zone, *SILENCE)
