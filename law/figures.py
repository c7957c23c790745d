"""What figures come to: a share with its interval, punctuality (procedure section 13)."""

from math import sqrt
from statistics import NormalDist

from pydantic import Field

from law.rules import LawValue

CONFIDENCE = 0.95


class Share(LawValue):
    """So many of so many, as a rate between 0 and 1 with the interval that it may have by chance.

    Where there is nothing to be counted, there is no rate.
    """

    count: int = Field(ge=0)
    of: int = Field(ge=0)
    rate: float | None = None
    low: float | None = None
    high: float | None = None


def share(count: int, of: int, confidence: float = CONFIDENCE) -> Share:
    """With Wilson's interval, which is right for small numbers and for rates near 0 and 1 as well.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
    """
    if of == 0:
        return Share(count=count, of=of)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate, spread = count / of, z * z / of
    middle = (rate + spread / 2) / (1 + spread)
    half = sqrt(rate * (1 - rate) * spread + spread * spread / 4) / (1 + spread)
    # Rounding puts the ends a little beside 0 and 1, where they are exactly.
    low = 0.0 if count == 0 else max(middle - half, 0.0)
    high = 1.0 if count == of else min(middle + half, 1.0)
    return Share(count=count, of=of, rate=rate, low=low, high=high)


class Punctuality(LawValue):
    """How often a duty was done by its last day, and how often after it."""

    on_time: int = Field(default=0, ge=0)
    late: int = Field(default=0, ge=0)

    def and_once(self, *, late: bool) -> "Punctuality":
        return Punctuality(on_time=self.on_time + (not late), late=self.late + late)

    def times(self, batches: int) -> "Punctuality":
        """Of so many batches alike."""
        return Punctuality(on_time=self.on_time * batches, late=self.late * batches)

    def __add__(self, other: "Punctuality") -> "Punctuality":
        return Punctuality(on_time=self.on_time + other.on_time, late=self.late + other.late)
