from datetime import date

import pytest

from law.calendar import WorkCalendar
from law.calendar_sources import builtin_calendar
from law.regulation import Regulation, in_force_on


@pytest.fixture(scope="session")
def reg() -> Regulation:
    return in_force_on(date(2026, 9, 1))


@pytest.fixture(scope="session")
def calendar() -> WorkCalendar:
    return builtin_calendar()
