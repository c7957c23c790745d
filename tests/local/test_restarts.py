"""How often, and when, a part that dies is started again."""

from local.embedded.restarts import Restarts


def died(restarts: Restarts, now: float) -> float | None:
    """A part dies; the pause before it is started again, which is then noted."""
    pause = restarts.pause("worker", now)
    if pause is not None:
        restarts.note("worker", now + pause)
    return pause


def test_three_times_within_ten_minutes() -> None:
    """At once, then after pauses that let its cause pass; a fourth time never."""
    restarts = Restarts()
    assert [died(restarts, 60.0 * n) for n in range(5)] == [0.0, 5.0, 30.0, None, None]
    assert died(restarts, 601) == 30.0


def test_what_dies_seldom_is_started_again_for_ever() -> None:
    restarts = Restarts()
    assert [died(restarts, 601.0 * n) for n in range(9)] == [0.0] * 9


def test_each_part_is_counted_for_itself_and_by_hand_afresh() -> None:
    restarts = Restarts()
    for _ in range(3):
        died(restarts, 0)
    assert restarts.pause("API", 0) == 0.0
    restarts.forget("worker")
    assert died(restarts, 0) == 0.0
