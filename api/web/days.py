"""What day it is where the bureau is."""

from datetime import UTC, date, datetime

from law.calendar import day_in_shanghai


def today() -> date:
    return day_in_shanghai(datetime.now(UTC))
