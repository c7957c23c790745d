"""Shares with their intervals and punctuality, beside values counted by hand or known from the books."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.figures import Punctuality, share


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # Newcombe (1998), table I: the score method without continuity correction.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_an_interval_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_of_nothing_there_is_no_rate() -> None:
    found = share(0, 0)
    assert (found.rate, found.low, found.high) == (None, None, None)


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_rate_lies_in_its_interval(counted: tuple[int, int]) -> None:
    """Which is turned round where the others are counted."""
    count, of = counted
    found, others = share(count, of), share(of - count, of)
    assert found.low is not None
    assert found.high is not None
    assert found.rate is not None
    assert others.low is not None
    assert 0 <= found.low <= found.rate <= found.high <= 1
    assert found.high == pytest.approx(1 - others.low)


def test_punctuality_adds_up() -> None:
    """Three batches alike, each with one in time and one late, and one that was in time."""
    each = Punctuality().and_once(late=False).and_once(late=True)
    assert each.times(3) + Punctuality(on_time=1) == Punctuality(on_time=4, late=3)
